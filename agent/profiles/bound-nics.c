/* bound-nics.c - the wired NICs that the profiles of a disk are bound to */
#include "bound-nics.h"

#include "base/each.h"
#include "profiles.h"

static Nic *known(const GArray *nics, const char *mac) {
  array_each (Nic *, nic, nics)
    if (mac_equal(nic->mac, mac))
      return nic;
  return NULL;
}

static void add(GArray *nics, const Profile *profile) {
  Nic *nic = known(nics, profile->mac_address);

  if (nic == NULL) {
    const Nic empty = {.position = 0};

    g_array_append_val(nics, empty);
    nic = &g_array_index(nics, Nic, nics->len - 1);
    (void)g_strlcpy(nic->mac, profile->mac_address, sizeof nic->mac);
  }
  if (*nic->name == '\0' && profile->interface_name != NULL)
    (void)g_strlcpy(nic->name, profile->interface_name, sizeof nic->name);
}

static gboolean is_wired(const Profile *profile) {
  static const char *const wired[] = {"802-3-ethernet", "infiniband", NULL};

  return profile->type != NULL && g_strv_contains(wired, profile->type);
}

/* It says in another way which NIC is its own: the clone's may be that one. */
static gboolean is_for_another(const GArray *nics, const Profile *profile) {
  if (profile->mac_address != NULL || profile->hidden_by != NULL)
    return FALSE;
  array_each (const Nic *, nic, nics)
    if (g_strcmp0(nic->name, profile->interface_name) == 0)
      return FALSE;
  return TRUE;
}

gboolean bound_nics_read(const Root *root, GArray *nics, gboolean *all, GError **error) {
  static const NicList none = {NULL, 0};
  g_autoptr(NicMap) map = nic_map_new(&none, &none);
  g_autoptr(Profiles) profiles = profiles_read(root, map, &none, error);

  if (profiles == NULL)
    return FALSE;
  list_each (const Profile *, profile, profiles->items)
    if (profile->mac_address != NULL && is_wired(profile))
      add(nics, profile);
  *all = TRUE;
  list_each (const Profile *, profile, profiles->items)
    if (is_wired(profile) && is_for_another(nics, profile))
      *all = FALSE;
  return TRUE;
}
