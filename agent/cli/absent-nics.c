/* absent-nics.c - profiles that are bound to a NIC which is not here */
#include "absent-nics.h"

#include <string.h>

#include "base/each.h"
#include "profiles/profiles.h"

static gboolean is_wired(const Profile *profile) {
  static const char *const wired[] = {"802-3-ethernet", "infiniband", NULL};

  return profile->type != NULL && g_strv_contains(wired, profile->type);
}

static gboolean counts(const Profile *profile) {
  return profile_is_loaded(profile) && profile->hidden_by == NULL && is_wired(profile);
}

static gboolean names_mac(const Profile *profile, const char *mac) {
  const char *const *macs = profile->plain != NULL ? (const char *const *)profile->plain->macs : NULL;

  return (macs != NULL && g_strv_contains(macs, mac)) ||
         (profile->mac_address != NULL && mac_equal(profile->mac_address, mac));
}

static gboolean has_profile(const Profiles *profiles, const Nic *nic) {
  list_each (const Profile *, profile, profiles->items)
    if (counts(profile) && (names_mac(profile, nic->mac) ||
                            (profile->mac_address == NULL && g_strcmp0(profile->interface_name, nic->name) == 0)))
      return TRUE;
  return FALSE;
}

/* The NICs without a profile of their own; *ONE: the first. */
static guint count_without(const Profiles *profiles, const NicList *nics, const Nic **one) {
  guint n = 0;

  for (size_t i = 0; i < nics->count; i++)
    if (!has_profile(profiles, &nics->items[i]) && n++ == 0)
      *one = &nics->items[i];
  return n;
}

static char *warning(const Profile *profile, const Nic *only) {
  g_autofree char *lead =
      g_strdup_printf("%s: the profile %s is bound to the MAC address %s, which no NIC here has", profile->path,
                      profile->id != NULL ? profile->id : profile->uuid, profile->mac_address);

  return only != NULL ? g_strdup_printf("%s. If %s took the place of that NIC, write its MAC address there: %s.", lead,
                                        only->name, only->mac)
                      : g_strdup_printf("%s. Write the MAC address of the NIC there that took its place.", lead);
}

void absent_nics_warn(const Machine *machine, GPtrArray *warnings) {
  const NicList *nics = &machine->facts.nics;
  g_autoptr(NicMap) map = nic_map_new(nics, nics);
  g_autoptr(GError) error = NULL;
  const Nic *one = NULL;

  g_autoptr(Profiles) profiles = profiles_read(&machine->root, map, nics, &error);
  if (profiles == NULL) {
    g_ptr_array_add(warnings, g_strdup(error->message));
    return;
  }
  const guint without = count_without(profiles, nics, &one);
  list_each (const Profile *, profile, profiles->items)
    if (without > 0 && counts(profile) && profile->mac_address != NULL &&
        nics_find_mac(nics, profile->mac_address) == NULL)
      g_ptr_array_add(warnings, warning(profile, without == 1 ? one : NULL));
}
