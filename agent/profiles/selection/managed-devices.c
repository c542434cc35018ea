/* managed-devices.c - which devices NetworkManager is told to leave alone, and what may come up on the others */
#include "managed-devices.h"

#include <NetworkManager.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "manager-configuration.h"
#include "profiles/static-address.h"

/* Only Debian has it, in a folder of multiarch. */
#define IFUPDOWN_PLUGIN "/usr/lib/*-linux-*/NetworkManager/*/libnm-settings-plugin-ifupdown.so*"

/* What a [device*] section says of the devices that it matches. */
typedef struct {
  char **specs; /* NULL: it matches all */
  char *managed;
  char **allowed; /* of allowed-connections; NULL: it says nothing of them */
  gboolean stops; /* what comes after it does not count for them */
} Section;

struct ManagedDevices {
  char **unmanaged;    /* of unmanaged-devices= and of ifupdown: one list, so that an "except:" is one for both */
  GPtrArray *sections; /* Section*, the first that matches and says something counts */
};

static void section_free(Section *section) {
  g_strfreev(section->specs);
  g_free(section->managed);
  g_strfreev(section->allowed);
  g_free(section);
}

void managed_devices_free(ManagedDevices *devices) {
  if (devices == NULL)
    return;
  g_strfreev(devices->unmanaged);
  g_ptr_array_unref(devices->sections);
  g_free(devices);
}

/* An older NetworkManager passes over allowed-connections. Its library is of the same version. */
static gboolean knows_allowed(void) {
  return nm_utils_version() >= NM_ENCODE_VERSION(1, 34, 0);
}

static void add_section(ManagedDevices *devices, GKeyFile *merged, const char *group) {
  g_autofree char *match = g_key_file_get_value(merged, group, "match-device", NULL);
  g_autofree char *allowed = g_key_file_get_value(merged, group, "allowed-connections", NULL);
  g_autofree char *stop = g_key_file_get_string(merged, group, "stop-match", NULL);
  Section *section = g_new0(Section, 1);

  section->specs = match != NULL ? device_specs_split(match) : NULL;
  section->managed = g_key_file_get_string(merged, group, "managed", NULL);
  section->allowed = allowed != NULL && knows_allowed() ? device_specs_split(allowed) : NULL;
  section->stops = manager_configuration_truth(stop) == 1;
  g_ptr_array_add(devices->sections, section);
}

/* The one that is called just [device] comes last. */
static void add_sections(ManagedDevices *devices, GKeyFile *merged, const GPtrArray *order) {
  for (guint i = 0; i < order->len; i++)
    if (strcmp(g_ptr_array_index(order, i), "device") != 0)
      add_section(devices, merged, g_ptr_array_index(order, i));
  if (g_key_file_has_group(merged, "device"))
    add_section(devices, merged, "device");
}

/* NetworkManager reads /etc/network/interfaces, and leaves alone what it finds there. */
static gboolean heeds_ifupdown(const Root *root, GKeyFile *merged, gboolean *heeds, GError **error) {
  g_auto(GStrv) plugins = g_key_file_get_string_list(merged, "main", "plugins", NULL, NULL);
  g_autofree char *managed = g_key_file_get_string(merged, "ifupdown", "managed", NULL);
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(root, IFUPDOWN_PLUGIN, files, error))
    return FALSE;
  *heeds = files->len > 0 && manager_configuration_truth(managed) != 1 &&
           (plugins == NULL || g_strv_contains((const char *const *)plugins, "ifupdown"));
  return TRUE;
}

static const char *name_here(const NicMap *map, const char *name) {
  const NicSuccession *item = map != NULL ? nic_map_by_name(map, name) : NULL;

  return item != NULL && item->present != NULL ? item->present->name : name;
}

static gboolean add_ifupdown(const Root *root, const NicMap *map, GKeyFile *merged, GPtrArray *specs, GError **error) {
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iterator;
  gpointer name;
  gboolean heeds;

  if (!heeds_ifupdown(root, merged, &heeds, error))
    return FALSE;
  if (heeds && !ifupdown_interfaces(root, names, error))
    return FALSE;
  g_hash_table_iter_init(&iterator, names);
  while (g_hash_table_iter_next(&iterator, &name, NULL))
    g_ptr_array_add(specs, g_strconcat("interface-name:=", name_here(map, name), NULL));
  return TRUE;
}

static gboolean fill(const Root *root, const NicMap *map, ManagedDevices *devices, GError **error) {
  g_autoptr(GKeyFile) merged = NULL;
  g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) unmanaged = NULL;

  merged = manager_configuration_read(root, order, error);
  if (merged == NULL || !add_ifupdown(root, map, merged, specs, error))
    return FALSE;
  g_autofree char *value = g_key_file_get_value(merged, "keyfile", "unmanaged-devices", NULL);
  unmanaged = device_specs_split(value);
  for (char **spec = unmanaged; *spec != NULL; spec++)
    g_ptr_array_add(specs, g_strdup(*spec));
  devices->unmanaged = list_strv(g_steal_pointer(&specs));
  add_sections(devices, merged, order);
  return TRUE;
}

ManagedDevices *managed_devices_read(const Root *root, const NicMap *map, GError **error) {
  g_autoptr(ManagedDevices) devices = g_new0(ManagedDevices, 1);

  devices->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
  return fill(root, map, devices, error) ? g_steal_pointer(&devices) : NULL;
}

static gboolean says_managed(const Section *section) {
  return section->managed != NULL;
}

static gboolean says_allowed(const Section *section) {
  return section->allowed != NULL;
}

/* The section that counts for DEVICE: one that says nothing of the matter is passed over, unless it stops there. NULL:
 * none does. */
static const Section *section_for(const ManagedDevices *devices, const NetDevice *device,
                                  gboolean (*says)(const Section *section)) {
  list_each (const Section *, section, devices->sections) {
    if (!says(section) && !section->stops)
      continue;
    if (section->specs == NULL ||
        device_specs_match((const char *const *)section->specs, device) == DEVICE_SPEC_MATCHES)
      return section;
  }
  return NULL;
}

static gboolean is_switched_off_by_section(const ManagedDevices *devices, const NetDevice *device) {
  const Section *section = section_for(devices, device, says_managed);

  return section != NULL && manager_configuration_truth(section->managed) == 0;
}

gboolean managed_devices_allow(const ManagedDevices *devices, const NetDevice *device,
                               const NetConnection *connection) {
  const Section *section = devices != NULL ? section_for(devices, device, says_allowed) : NULL;

  return section == NULL || section->allowed == NULL ||
         device_specs_match_connection((const char *const *)section->allowed, connection) == DEVICE_SPEC_MATCHES;
}

gboolean managed_devices_has(const ManagedDevices *devices, const NetDevice *device) {
  if (devices == NULL)
    return TRUE;
  return device_specs_match((const char *const *)devices->unmanaged, device) != DEVICE_SPEC_MATCHES &&
         !is_switched_off_by_section(devices, device);
}
