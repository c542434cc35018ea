/* instance-files.c - static addresses in files each of which an instance of a unit is started for: netctl, wg-quick */
#include <string.h>

#include "base/tree-entry.h"
#include "static-address.h"

static gboolean is_profile(const char *name) {
  return *name != '.' && !g_str_has_suffix(name, "~");
}

static gboolean is_conf(const char *name) {
  return *name != '.' && g_str_has_suffix(name, ".conf");
}

/* Each item of a list, in a shell's brackets and quotes or behind commas. */
static void add_items(GPtrArray *found, const char *path, unsigned line, const char *interface, const char *list,
                      gboolean idle) {
  g_auto(GStrv) items = g_strsplit_set(list, " \t()'\",", -1);

  for (char **item = items; *item != NULL && **item != '#'; item++)
    static_addresses_add(found, path, line, interface, *item, idle);
}

/* netctl.profile(5): KEY=VALUE as bash(1) has it. */
static char *value_of(char *const *lines, const char *name) {
  char *found = NULL;

  for (char *const *line = lines; line != NULL && *line != NULL; line++) {
    const char *value;
    g_autofree char *key = text_file_key(*line, &value);
    if (g_strcmp0(key, name) != 0)
      continue;
    value += strspn(value, "'\"");
    g_free(found);
    found = g_strndup(value, strcspn(value, "'\" \t#"));
  }
  return found;
}

/* A list may go on until its bracket is closed. */
static void read_list(GPtrArray *found, const char *path, char *const *lines, const char *name, const char *interface) {
  gboolean open = FALSE;

  for (guint i = 0; lines[i] != NULL; i++) {
    const char *value = lines[i];
    g_autofree char *key = open ? NULL : text_file_key(lines[i], &value);
    if (!open && g_strcmp0(key, name) != 0)
      continue;
    open = (open || *value == '(') && strchr(value, ')') == NULL;
    add_items(found, path, i + 1, interface, value, FALSE);
  }
}

static gboolean read_netctl(const Root *root, const char *path, GPtrArray *found, GError **error) {
  static const char *const keys[][2] = {{"IP", "Address"}, {"IP6", "Address6"}};
  g_auto(GStrv) lines = NULL;

  if (tree_means_regular_file(root, path) && !text_file_lines(root, path, &lines, error))
    return FALSE;
  g_autofree char *interface = value_of(lines, "Interface");
  for (gsize i = 0; lines != NULL && i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *method = value_of(lines, keys[i][0]);
    if (g_strcmp0(method, "static") == 0)
      read_list(found, path, lines, keys[i][1], interface);
  }
  return TRUE;
}

gboolean netctl_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, "/etc/netctl", is_profile, error);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!read_netctl(root, *path, found, error))
      return FALSE;
  return paths != NULL;
}

/* wg-quick(8): the interface has the file's name, and lies over no NIC. */
static gboolean read_wg_quick(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *interface = g_path_get_basename(path);

  interface[strlen(interface) - strlen(".conf")] = '\0';
  if (tree_means_regular_file(root, path) && !text_file_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *value;
    g_autofree char *key = text_file_key(lines[i], &value);
    if (key != NULL && g_ascii_strcasecmp(key, "Address") == 0)
      add_items(found, path, i + 1, interface, value, TRUE);
  }
  return TRUE;
}

gboolean wg_quick_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, "/etc/wireguard", is_conf, error);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!read_wg_quick(root, *path, found, error))
      return FALSE;
  return paths != NULL;
}
