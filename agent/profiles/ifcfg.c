/* ifcfg.c - static addresses in ifcfg files: of RHEL's network scripts and NetworkManager, of SUSE's wicked */
#include <string.h>

#include "static-address.h"

/* What NetworkManager and the scripts pass over (nms-ifcfg-rh-utils.c). */
static gboolean is_ifcfg(const char *name) {
  static const char *const endings[] = {"~", ".bak", ".orig", ".rej", ".rpmnew", ".rpmorig", ".old", NULL};

  for (gsize i = 0; endings[i] != NULL; i++)
    if (g_str_has_suffix(name, endings[i]))
      return FALSE;
  return g_str_has_prefix(name, "ifcfg-") && strcmp(name, "ifcfg-lo") != 0;
}

static gboolean is_address_key(const char *key) {
  return g_str_has_prefix(key, "IPADDR") || strcmp(key, "IPV6ADDR") == 0 || strcmp(key, "IPV6ADDR_SECONDARIES") == 0;
}

static char *unquoted(const char *value) {
  const char *start = value + strspn(value, "\"'");

  return g_strndup(start, strcspn(start, "\"'#"));
}

/* The last value of KEY, or NULL. */
static char *value_of(char **lines, const char *key) {
  char *found = NULL;

  for (char **line = lines; *line != NULL; line++) {
    const char *value;
    g_autofree char *name = text_file_key(*line, &value);
    if (g_strcmp0(name, key) != 0)
      continue;
    g_free(found);
    found = g_strstrip(unquoted(value));
  }
  return found;
}

static gboolean comes_up(char **lines) {
  g_autofree char *onboot = value_of(lines, "ONBOOT");
  g_autofree char *mode = value_of(lines, "STARTMODE");

  return (onboot == NULL || g_ascii_strcasecmp(onboot, "no") != 0) &&
         (mode == NULL || (strcmp(mode, "off") != 0 && strcmp(mode, "manual") != 0));
}

static gboolean read_file(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;

  if (!text_file_lines(root, path, &lines, error))
    return FALSE;
  if (lines == NULL)
    return TRUE;
  g_autofree char *device = value_of(lines, "DEVICE");
  const char *interface = device != NULL ? device : strstr(path, "ifcfg-") + strlen("ifcfg-");
  gboolean idle = !comes_up(lines);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *value;
    g_autofree char *key = text_file_key(lines[i], &value);
    if (key == NULL || !is_address_key(key))
      continue;
    g_autofree char *list = unquoted(value);
    g_auto(GStrv) words = g_strsplit_set(list, " \t", -1);
    for (char **word = words; *word != NULL; word++)
      static_addresses_add(found, path, i + 1, interface, *word, idle);
  }
  return TRUE;
}

gboolean ifcfg_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, "/etc/sysconfig/network-scripts", is_ifcfg, error);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!read_file(root, *path, found, error))
      return FALSE;
  return paths != NULL;
}

static gboolean is_xml(const char *name) {
  return g_str_has_suffix(name, ".xml");
}

/* wicked's own files: the addresses stand in <local>. */
static gboolean read_xml(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *interface = NULL;

  if (!text_file_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *name = strstr(lines[i], "<name>");
    const char *local = strstr(lines[i], "<local>");
    if (name != NULL) {
      name += strlen("<name>");
      g_free(interface);
      interface = g_strndup(name, strcspn(name, "<"));
    }
    if (local != NULL) {
      local += strlen("<local>");
      g_autofree char *address = g_strndup(local, strcspn(local, "<"));
      static_addresses_add(found, path, i + 1, interface, address, FALSE);
    }
  }
  return TRUE;
}

gboolean wicked_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) ifcfgs = text_files_in(root, "/etc/sysconfig/network", is_ifcfg, error);
  g_auto(GStrv) xmls = ifcfgs != NULL ? text_files_in(root, "/etc/wicked/ifconfig", is_xml, error) : NULL;

  for (char **path = ifcfgs; xmls != NULL && *path != NULL; path++)
    if (!read_file(root, *path, found, error))
      return FALSE;
  for (char **path = xmls; path != NULL && *path != NULL; path++)
    if (!read_xml(root, *path, found, error))
      return FALSE;
  return xmls != NULL;
}
