/* manager-configuration.c - NetworkManager's configuration, merged as NetworkManager does it */
#include "manager-configuration.h"

#include <string.h>

#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "device-spec.h"
#include "profiles/keyfile/profile-groups.h"

#define LIB_DIRECTORY "/usr/lib/NetworkManager/conf.d"
#define RUN_DIRECTORY "/run/NetworkManager/conf.d"
#define ETC_DIRECTORY "/etc/NetworkManager/conf.d"
#define MAIN_FILE "/etc/NetworkManager/NetworkManager.conf"

int manager_configuration_truth(const char *text) {
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

  return manager_configuration_truth(enable) == 0;
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

GKeyFile *manager_configuration_read(const Root *root, GPtrArray *order, GError **error) {
  g_autoptr(GKeyFile) merged = g_key_file_new();

  g_key_file_set_list_separator(merged, ',');
  return merge_all(root, merged, order, error) ? g_steal_pointer(&merged) : NULL;
}

static char *value_of(const Root *root, const char *group, const char *key) {
  g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GKeyFile) merged = manager_configuration_read(root, order, NULL);

  return merged != NULL ? g_key_file_get_value(merged, group, key, NULL) : NULL;
}

char **manager_configuration_plugins(const Root *root) {
  g_autofree char *value = value_of(root, "main", "plugins");

  return value != NULL ? g_strsplit_set(value, ",; \t", -1) : NULL;
}

char *manager_configuration_profiles(const Root *root) {
  g_autofree char *path = value_of(root, "keyfile", "path");

  if (path == NULL || g_strstrip(path)[0] != '/')
    return g_strdup(PROFILES_DIR);
  return g_canonicalize_filename(path, "/");
}
