/* child-names.c - devices that are called after what they lie over: "eth0.9" over eth0 */
#include "child-names.h"

#include <string.h>

#include "base/each.h"
#include "observe/nics.h"
#include "profiles/text/keyfile-text.h"

char *child_name(const char *parent, const char *id) {
  g_autofree char *name = g_strdup_printf("%s.%s", parent, id);

  return strlen(name) < NIC_NAME ? g_steal_pointer(&name) : NULL;
}

char *child_parent(const char *name) {
  const char *dot = name != NULL ? strrchr(name, '.') : NULL;

  return dot != NULL ? g_strndup(name, (gsize)(dot - name)) : NULL;
}

/* The name that stands for NIC in what was written for the recorded NICs. */
static const char *written_name(const NicMap *map, const Nic *nic) {
  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);

    if (item->present == nic)
      return item->recorded->name;
  }
  return nic->name;
}

static const char *name_by_mac(const NicMap *map, const char *mac) {
  const NicSuccession *item = mac != NULL && map != NULL ? nic_map_by_mac(map, mac) : NULL;

  return item != NULL ? item->recorded->name : NULL;
}

static const char *device_of(const Profile *profile, const NicMap *map) {
  if (profile->interface_name != NULL)
    return profile->interface_name;
  return profile->nic != NULL ? written_name(map, profile->nic) : name_by_mac(map, profile->mac_address);
}

/* PARENT is a connection's UUID or an interface; NULL: the NIC that has the VLAN's MAC address. */
static const char *parent_device(const Profiles *profiles, const NicMap *map, const Profile *vlan, const char *parent) {
  if (parent == NULL)
    return name_by_mac(map, vlan->mac_address);
  list_each (const Profile *, profile, profiles->items)
    if (profile != vlan && profile->hidden_by == NULL && profile->uuid != NULL &&
        g_ascii_strcasecmp(profile->uuid, parent) == 0)
      return device_of(profile, map);
  return parent;
}

/* nm-device-vlan.c, get_connection_iface. */
static void name_vlan(const Profiles *profiles, const NicMap *map, Profile *profile) {
  g_autofree char *id = keyfile_text_get(profile->text, "vlan", "id");
  const char *parent = profile_parent(profile);
  const char *device = parent_device(profiles, map, profile, parent != NULL && *parent != '\0' ? parent : NULL);

  if (device == NULL || id == NULL)
    return;
  profile->interface_name = child_name(device, g_strstrip(id));
  profile->named_after = profile->interface_name != NULL ? g_strdup(device) : NULL;
}

/* Its device is called PARENT.PKEY, and libnm insists on it. */
static void find_partition(Profile *profile) {
  g_autofree char *parent = keyfile_text_get(profile->text, "infiniband", "parent");
  const gsize size = parent != NULL ? strlen(parent) : 0;

  if (size > 0 && profile->interface_name != NULL && strncmp(profile->interface_name, parent, size) == 0 &&
      profile->interface_name[size] == '.')
    profile->named_after = g_steal_pointer(&parent);
}

static const Profile *called_after(const Profiles *profiles, const char *name) {
  list_each (const Profile *, profile, profiles->items)
    if (profile->named_after != NULL && g_strcmp0(profile->interface_name, name) == 0 &&
        strlen(profile->named_after) < strlen(name))
      return profile;
  return NULL;
}

/* What NAME, of the template's, is called here: a NIC that took its place, and what is called after one ("eth0.12").
 * The caller frees. */
static char *name_here(const Profiles *profiles, const NicMap *map, const char *name) {
  const Profile *child = called_after(profiles, name);

  if (child != NULL) {
    g_autofree char *stem = name_here(profiles, map, child->named_after);
    g_autofree char *here = g_strconcat(stem, name + strlen(child->named_after), NULL);
    /* One that no device can have is not given. */
    return strlen(here) < NIC_NAME ? g_steal_pointer(&here) : g_strdup(name);
  }
  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);
    if (item->present != NULL && strcmp(item->recorded->name, name) == 0)
      return g_strdup(item->present->name);
  }
  return g_strdup(name);
}

static void find_child(const Profiles *profiles, const NicMap *map, Profile *profile) {
  g_autofree char *here = name_here(profiles, map, profile->interface_name);

  if (strcmp(here, profile->interface_name) == 0)
    return;
  profile->child = g_new0(Nic, 1);
  g_strlcpy(profile->child->name, here, sizeof profile->child->name);
  g_strlcpy(profile->child->former, profile->interface_name, sizeof profile->child->former);
}

void child_names_find(Profiles *profiles, const NicMap *map) {
  list_each (Profile *, profile, profiles->items) {
    if (profile->text == NULL)
      continue;
    if (g_strcmp0(profile->type, "vlan") == 0 && profile->interface_name == NULL)
      name_vlan(profiles, map, profile);
    else if (g_strcmp0(profile->type, "infiniband") == 0)
      find_partition(profile);
  }
  list_each (Profile *, profile, profiles->items)
    if (profile->named_after != NULL && profile->interface_name != NULL)
      find_child(profiles, map, profile);
}
