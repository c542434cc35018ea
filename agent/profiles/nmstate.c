/* nmstate.c - static addresses in the files that nmstate.service makes profiles of NetworkManager from at boot */
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/text/yaml-text.h"
#include "static-address.h"

static gboolean is_state(const char *name) {
  return *name != '.' && (g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".yaml"));
}

/* nmstate.service(8): one that keep_state_file_after_apply leaves is not applied again, and what was made of it is a
 * profile like any other. */
static gboolean is_applied(const Root *root, const char *path, GBytes *bytes) {
  g_autofree char *start = g_strndup(path, (gsize)(strrchr(path, '.') - path));
  g_autofree char *twin = g_strconcat(start, ".applied", NULL);
  g_autoptr(GBytes) applied = NULL;

  return tree_means_regular_file(root, twin) && tree_read(root, twin, &applied, NULL, NULL) && applied != NULL &&
         g_bytes_equal(applied, bytes);
}

static gboolean says(const YamlNode *node, const char *key, const char *value) {
  return g_strcmp0(yaml_node_text(yaml_node_resolve(yaml_node_get(node, key))), value) == 0;
}

static guint count(const YamlNode *list) {
  return list != NULL && list->children != NULL ? list->children->len : 0;
}

static void take_family(GPtrArray *found, const char *path, const YamlNode *interface, const char *family) {
  const YamlNode *section = yaml_node_resolve(yaml_node_get(interface, family));
  const YamlNode *addresses = yaml_node_resolve(yaml_node_get(section, "address"));
  const gboolean idle = says(interface, "state", "absent") || says(interface, "state", "down");

  for (guint i = 0; !says(section, "enabled", "false") && i < count(addresses); i++) {
    const YamlNode *ip = yaml_node_resolve(yaml_node_get(yaml_node_child(addresses, i), "ip"));
    if (yaml_node_text(ip) != NULL)
      static_addresses_add(found, path, ip->line, yaml_node_text(yaml_node_resolve(yaml_node_get(interface, "name"))),
                           ip->text, idle);
  }
}

static gboolean read_state(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_autoptr(GBytes) bytes = NULL;

  if (!tree_means_regular_file(root, path))
    return TRUE;
  if (!tree_read(root, path, &bytes, NULL, error))
    return FALSE;
  if (bytes == NULL || is_applied(root, path, bytes))
    return TRUE;
  g_autoptr(YamlText) text = yaml_text_parse(bytes, path, NULL);
  if (text == NULL)
    static_addresses_add_words(found, path, bytes);
  const YamlNode *interfaces =
      text == NULL ? NULL : yaml_node_resolve(yaml_node_get(yaml_text_root(text), "interfaces"));
  for (guint i = 0; i < count(interfaces); i++) {
    const YamlNode *interface = yaml_node_resolve(yaml_node_child(interfaces, i));
    take_family(found, path, interface, "ipv4");
    take_family(found, path, interface, "ipv6");
  }
  return TRUE;
}

gboolean nmstate_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, "/etc/nmstate", is_state, error);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!read_state(root, *path, found, error))
      return FALSE;
  return paths != NULL;
}
