/* own-entries.c - entries for one NIC under both its names */
#include "own-entries.h"

#include <string.h>

#include "base/each.h"

/* What its device is called here, where that is another name than the entry's: of a NIC, or of a VLAN over one. */
static const char *name_here(const Profile *profile, const NicMap *map) {
  char *name = profile_bound_name(profile);
  const NicSuccession *followed = nic_map_by_name(map, name);

  if (profile->child != NULL)
    return profile->child->name;
  if (followed == NULL)
    return name;
  if (profile->interface_name == NULL)
    return followed->present != NULL ? followed->present->name : name;
  return profile->nic != NULL ? profile->nic->name : name;
}

typedef gboolean (*EntryTest)(const Profile *profile);

/* Of those that are entries, the ones that count must also pass MAY_COUNT. */
static void settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, EntryTest is_entry,
                   EntryTest may_count) {
  g_autoptr(GHashTable) own = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) others = g_ptr_array_new();

  list_each (Profile *, profile, profiles->items) {
    char *name = profile_bound_name(profile);

    if (profile->format != format || name == NULL || !is_entry(profile))
      continue;
    if (strcmp(name, name_here(profile, map)) != 0)
      g_ptr_array_add(others, profile);
    else if (may_count(profile))
      g_hash_table_insert(own, name, profile);
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
  settle(format, profiles, map, is_called_so, is_called_so);
}

/* Of Wi-Fi's several are for one NIC, and the network that is there decides. */
static gboolean comes_up(const Profile *profile) {
  return profile_is_loaded(profile) && g_strcmp0(profile->type, "802-11-wireless") != 0 &&
         profile_autoconnects(profile) && profile->hidden_by == NULL;
}

/* A keyfile's, for some users alone or for some kernel command lines: perhaps it never comes up. */
static gboolean has_condition(const Profile *profile) {
  const KeyfileText *text = profile->text;
  g_autofree char *users = text != NULL ? keyfile_text_get(text, "connection", "permissions") : NULL;
  g_autofree char *words = text != NULL ? keyfile_text_get(text, "match", "kernel-command-line") : NULL;

  return (users != NULL && *users != '\0') || (words != NULL && *words != '\0');
}

/* What somebody else makes (ip= on the kernel command line, netplan) takes nothing away from the admin's files. */
static gboolean can_count(const Profile *profile) {
  return profile->why_not == NULL && !has_condition(profile);
}

void own_files_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  (void)present;
  settle(format, profiles, map, comes_up, can_count);
}

/* An entry is called as its NIC is, or says in its match what that is called. */
static gboolean is_by_name(const Profile *profile) {
  return is_called_so(profile) ||
         (comes_up(profile) && profile->plain->only_name != NULL && profile->mac_address == NULL);
}

void own_matches_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  (void)present;
  settle(format, profiles, map, is_by_name, is_by_name);
}
