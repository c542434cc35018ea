/* bound-nics.c - the wired NICs that the profiles of a disk are bound to */
#include "bound-nics.h"

#include <string.h>

#include "base/each.h"
#include "profiles.h"

static Nic *known(const GArray *nics, const char *mac) {
  array_each (Nic *, nic, nics)
    if (strcmp(nic->mac, mac) == 0)
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

gboolean bound_nics_read(const Root *root, GArray *nics, GError **error) {
  static const char *const wired[] = {"802-3-ethernet", "infiniband", NULL};
  static const NicList none = {NULL, 0};
  g_autoptr(NicMap) map = nic_map_new(&none, &none);
  g_autoptr(Profiles) profiles = profiles_read(root, map, &none, error);

  if (profiles == NULL)
    return FALSE;
  list_each (const Profile *, profile, profiles->items)
    if (profile->mac_address != NULL && profile->type != NULL && g_strv_contains(wired, profile->type))
      add(nics, profile);
  return TRUE;
}
