/* own-entries.c - entries for one NIC under both its names */
#include "own-entries.h"

#include <string.h>

#include "base/each.h"

static gboolean is_entry(const ProfileFormat *format, const Profile *profile) {
  return profile->format == format && profile->id != NULL && g_strcmp0(profile->id, profile->interface_name) == 0;
}

/* What its device is called here, where that is another name than the entry's: of a NIC, or of a VLAN over one. */
static const char *name_here(const Profile *profile, const NicMap *map) {
  if (profile->child != NULL)
    return profile->child->name;
  return profile->nic != NULL && nic_map_by_name(map, profile->id) != NULL ? profile->nic->name : profile->id;
}

void own_entries_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  g_autoptr(GHashTable) own = g_hash_table_new(g_str_hash, g_str_equal);

  (void)present;
  list_each (Profile *, profile, profiles->items)
    if (is_entry(format, profile) && strcmp(profile->id, name_here(profile, map)) == 0)
      g_hash_table_insert(own, profile->id, profile);
  list_each (Profile *, profile, profiles->items) {
    const char *name = is_entry(format, profile) ? name_here(profile, map) : NULL;
    Profile *here = name != NULL ? g_hash_table_lookup(own, name) : NULL;

    if (here == NULL || here == profile)
      continue;
    profile->yields_to = here;
    profile->nic = NULL;
    if (here->child == NULL)
      here->child = g_steal_pointer(&profile->child);
  }
}
