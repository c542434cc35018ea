/* own-entries.c - entries for one NIC under both its names */
#include "own-entries.h"

#include <string.h>

#include "base/each.h"

/* What its device is called here, where that is another name than the entry's: of a NIC, or of a VLAN over one. */
static const char *name_here(const Profile *profile, const NicMap *map) {
  const char *name = profile->interface_name;

  if (profile->child != NULL)
    return profile->child->name;
  return profile->nic != NULL && nic_map_by_name(map, name) != NULL ? profile->nic->name : name;
}

typedef gboolean (*EntryTest)(const Profile *profile);

static void settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, EntryTest is_entry) {
  g_autoptr(GHashTable) own = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) others = g_ptr_array_new();

  list_each (Profile *, profile, profiles->items) {
    if (profile->format != format || profile->interface_name == NULL || !is_entry(profile))
      continue;
    if (strcmp(profile->interface_name, name_here(profile, map)) == 0)
      g_hash_table_insert(own, profile->interface_name, profile);
    else
      g_ptr_array_add(others, profile);
  }
  list_each (Profile *, profile, others) {
    Profile *here = g_hash_table_lookup(own, name_here(profile, map));

    if (here == NULL)
      continue;
    profile->yields_to = here;
    profile->nic = NULL;
    if (here->child == NULL)
      here->child = g_steal_pointer(&profile->child);
  }
}

static gboolean is_called_so(const Profile *profile) {
  return g_strcmp0(profile->id, profile->interface_name) == 0;
}

void own_entries_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  (void)present;
  settle(format, profiles, map, is_called_so);
}

static gboolean comes_up(const Profile *profile) {
  return profile_is_loaded(profile) && profile_autoconnects(profile);
}

void own_files_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  (void)present;
  settle(format, profiles, map, comes_up);
}
