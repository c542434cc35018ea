/* managed-devices.c - which devices NetworkManager is told to leave alone, and what may come up on the others */
#include "managed-devices.h"

#include <NetworkManager.h>
#include <string.h>

#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "static-address.h"

#define LIB_DIRECTORY "/usr/lib/NetworkManager/conf.d"
#define RUN_DIRECTORY "/run/NetworkManager/conf.d"
#define ETC_DIRECTORY "/etc/NetworkManager/conf.d"
#define MAIN_FILE "/etc/NetworkManager/NetworkManager.conf"
#define IFUPDOWN_PLUGIN "/usr/lib/*/NetworkManager/*/libnm-settings-plugin-ifupdown.so*"

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

static void section_free(gpointer data) {
  Section *section = data;

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

/* 1, 0, or -1 where TEXT is no truth value (nm-shared-utils.c, _nm_utils_ascii_str_to_bool). */
static int truth(const char *text) {
  static const char *const yes[] = {"true", "yes", "on", "1"};
  static const char *const no[] = {"false", "no", "off", "0"};
  g_autofree char *word = text != NULL ? g_strstrip(g_strdup(text)) : NULL;

  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS(yes); i++) {
    if (g_ascii_strcasecmp(word, yes[i]) == 0)
      return 1;
    if (g_ascii_strcasecmp(word, no[i]) == 0)
      return 0;
  }
  return -1;
}

static gboolean is_device_section(const char *group) {
  return g_str_has_prefix(group, "device");
}

static char **with(char **old, char **more) {
  GPtrArray *all = g_ptr_array_new();

  for (char **item = old; *item != NULL; item++)
    g_ptr_array_add(all, *item);
  for (char **item = more; *item != NULL; item++)
    if (!g_strv_contains((const char *const *)old, *item))
      g_ptr_array_add(all, *item);
  return list_strv(all);
}

static char **without(char **old, char **less) {
  GPtrArray *rest = g_ptr_array_new();

  for (char **item = old; *item != NULL; item++)
    if (!g_strv_contains((const char *const *)less, *item))
      g_ptr_array_add(rest, *item);
  return list_strv(rest);
}

/* KEY+ adds to a list, KEY- takes away from it. */
static void change_list(GKeyFile *merged, GKeyFile *file, const char *group, const char *key) {
  g_autofree char *base = g_strndup(key, strlen(key) - 1);
  g_autofree char *old_value = g_key_file_get_value(merged, group, base, NULL);
  g_autofree char *value = g_key_file_get_value(file, group, key, NULL);
  g_auto(GStrv) old = device_specs_split(old_value);
  g_auto(GStrv) items = device_specs_split(value);
  g_autofree char **list = g_str_has_suffix(key, "+") ? with(old, items) : without(old, items);
  g_autofree char *joined = device_specs_join((const char *const *)list);

  g_key_file_set_value(merged, group, base, joined);
}

static void merge_group(GKeyFile *merged, GKeyFile *file, const char *group) {
  g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

  for (char **key = keys; key != NULL && *key != NULL; key++) {
    g_autofree char *value = g_key_file_get_value(file, group, *key, NULL);

    if (strlen(*key) > 1 && (g_str_has_suffix(*key, "+") || g_str_has_suffix(*key, "-")))
      change_list(merged, file, group, *key);
    else
      g_key_file_set_value(merged, group, *key, value);
  }
}

/* A drop-in may switch itself off. Whether it is for this version of NetworkManager cannot be seen: then it counts. */
static gboolean is_switched_off(GKeyFile *file) {
  g_autofree char *enable = g_key_file_get_string(file, ".config", "enable", NULL);

  return truth(enable) == 0;
}

/* Sections of one file in their order; those of a file that comes later stand in front. */
static gboolean merge_file(const Root *root, const char *path, GKeyFile *merged, GPtrArray *order, GError **error) {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GBytes) content = NULL;
  guint at = 0;

  if (!tree_read(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL || !g_key_file_load_from_bytes(file, content, G_KEY_FILE_NONE, NULL) ||
      (strcmp(path, MAIN_FILE) != 0 && is_switched_off(file)))
    return TRUE;
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (char **group = groups; *group != NULL; group++) {
    if (is_device_section(*group) && !g_key_file_has_group(merged, *group))
      g_ptr_array_insert(order, (gint)at++, g_strdup(*group));
    merge_group(merged, file, *group);
  }
  return TRUE;
}

static gboolean merge_directory(const Root *root, const char *directory, GHashTable *hidden, GKeyFile *merged,
                                GPtrArray *order, GError **error) {
  g_auto(GStrv) names = tree_list(root, directory, error);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *path = g_build_filename(directory, *name, NULL);

    if (!g_str_has_suffix(*name, ".conf") || strcmp(path, RI_ISOLATION_FILE) == 0 ||
        g_hash_table_contains(hidden, *name))
      continue;
    if (!merge_file(root, path, merged, order, error))
      return FALSE;
  }
  return names != NULL;
}

static gboolean add_names(const Root *root, const char *directory, GHashTable *names, GError **error) {
  g_auto(GStrv) list = tree_list(root, directory, error);

  for (char **name = list; name != NULL && *name != NULL; name++)
    g_hash_table_add(names, g_strdup(*name));
  return list != NULL;
}

static gboolean merge_all(const Root *root, GKeyFile *merged, GPtrArray *order, GError **error) {
  g_autoptr(GHashTable) in_etc = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) in_both = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);

  return add_names(root, ETC_DIRECTORY, in_etc, error) && add_names(root, ETC_DIRECTORY, in_both, error) &&
         add_names(root, RUN_DIRECTORY, in_both, error) &&
         merge_directory(root, LIB_DIRECTORY, in_both, merged, order, error) &&
         merge_directory(root, RUN_DIRECTORY, in_etc, merged, order, error) &&
         merge_file(root, MAIN_FILE, merged, order, error) &&
         merge_directory(root, ETC_DIRECTORY, none, merged, order, error);
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
  section->stops = truth(stop) == 1;
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
  *heeds = files->len > 0 && truth(managed) != 1 &&
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
  g_autoptr(GKeyFile) merged = g_key_file_new();
  g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) specs = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *value = NULL;
  g_auto(GStrv) unmanaged = NULL;

  g_key_file_set_list_separator(merged, ',');
  if (!merge_all(root, merged, order, error) || !add_ifupdown(root, map, merged, specs, error))
    return FALSE;
  value = g_key_file_get_value(merged, "keyfile", "unmanaged-devices", NULL);
  unmanaged = device_specs_split(value);
  for (char **spec = unmanaged; *spec != NULL; spec++)
    g_ptr_array_add(specs, g_strdup(*spec));
  devices->unmanaged = list_strv(g_steal_pointer(&specs));
  add_sections(devices, merged, order);
  return TRUE;
}

ManagedDevices *managed_devices_read(const Root *root, const NicMap *map, GError **error) {
  g_autoptr(ManagedDevices) devices = g_new0(ManagedDevices, 1);

  devices->sections = g_ptr_array_new_with_free_func(section_free);
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
  for (guint i = 0; i < devices->sections->len; i++) {
    const Section *section = g_ptr_array_index(devices->sections, i);

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

  return section != NULL && truth(section->managed) == 0;
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
