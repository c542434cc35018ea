/* netplan-files.c - netplan's files in the order in which netplan reads them, and what they define */
#include "netplan-files.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "base/each.h"
#include "base/tree.h"

static void file_free(NetplanFile *file) {
  g_free(file->name);
  g_free(file->path);
  g_bytes_unref(file->bytes);
  yaml_text_free(file->text);
  g_free(file->refused);
  g_free(file);
}

static gboolean read_file(const Root *root, const char *path, GPtrArray *files, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) refusal = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(root, path, &bytes, &resolved, error))
    return FALSE;
  if (bytes == NULL)
    return TRUE;
  NetplanFile *file = g_new0(NetplanFile, 1);
  *file = (NetplanFile){.name = g_path_get_basename(path),
                        .path = g_steal_pointer(&resolved),
                        .bytes = g_steal_pointer(&bytes),
                        .is_ours = g_str_has_prefix(path, NETPLAN_DIR "/")};
  file->text = yaml_text_parse(file->bytes, file->path, &refusal);
  file->refused = refusal != NULL ? g_strdup(refusal->message) : NULL;
  g_ptr_array_add(files, file);
  return TRUE;
}

static int compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NAMES: char*, in the order in which they are read; PATHS: the file that each one means. */
static gboolean collect(const Root *root, GPtrArray *names, GHashTable *paths, GError **error) {
  static const char *const directories[] = {NETPLAN_DIR, "/run/netplan", "/usr/lib/netplan"};

  for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
    g_auto(GStrv) entries = tree_list(root, directories[i], error);
    if (entries == NULL)
      return FALSE;
    for (char **entry = entries; *entry != NULL; entry++) {
      if (!g_str_has_suffix(*entry, ".yaml") || **entry == '.' || g_hash_table_contains(paths, *entry))
        continue;
      char *name = g_strdup(*entry);
      g_hash_table_insert(paths, name, g_build_filename(directories[i], name, NULL));
      g_ptr_array_add(names, name);
    }
  }
  g_ptr_array_sort(names, compare_names);
  return TRUE;
}

GPtrArray *netplan_files_read(const Root *root, GError **error) {
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

  if (!collect(root, names, paths, error))
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (!read_file(root, g_hash_table_lookup(paths, names->pdata[i]), files, error))
      return NULL;
  return g_steal_pointer(&files);
}

NetplanFile *netplan_files_add(GPtrArray *files, const char *path, GBytes *bytes) {
  NetplanFile *file = g_new0(NetplanFile, 1);

  *file = (NetplanFile){.name = g_path_get_basename(path),
                        .path = g_strdup(path),
                        .bytes = g_bytes_ref(bytes),
                        .text = yaml_text_parse(bytes, path, NULL),
                        .is_ours = TRUE,
                        .is_new = TRUE};
  g_ptr_array_add(files, file);
  return file;
}

/* What they define ------------------------------------------------------------------------------------------------*/

gboolean netplan_section_has_interfaces(const char *section) {
  static const char *const sections[] = {"ethernets",  "wifis",   "modems", "bonds",         "bridges",
                                         "vlans",      "tunnels", "vrfs",   "dummy-devices", "virtual-ethernets",
                                         "nm-devices", NULL};

  return g_strv_contains(sections, section);
}

void netplan_interface_free(NetplanInterface *interface) {
  g_ptr_array_unref(interface->nodes);
  g_ptr_array_unref(interface->files);
  g_free(interface);
}

static void add_definition(GPtrArray *interfaces, GHashTable *by_id, NetplanFile *file, const char *section,
                           YamlNode *node) {
  NetplanInterface *interface = g_hash_table_lookup(by_id, node->key->text);

  if (interface == NULL) {
    interface = g_new0(NetplanInterface, 1);
    *interface = (NetplanInterface){
        .id = node->key->text, .section = section, .nodes = g_ptr_array_new(), .files = g_ptr_array_new()};
    g_hash_table_insert(by_id, node->key->text, interface);
    g_ptr_array_add(interfaces, interface);
  }
  g_ptr_array_add(interface->nodes, node);
  g_ptr_array_add(interface->files, file);
}

/* Beside them stands `renderer`, of all of a kind. */
static gboolean is_definition(const YamlNode *node) {
  return yaml_node_resolve(node)->kind == YAML_KIND_MAPPING || yaml_node_is_nothing(node);
}

/* ONLY: NULL: all. */
static void add_section(GPtrArray *interfaces, GHashTable *by_id, NetplanFile *file, const YamlNode *section,
                        const char *only) {
  const YamlNode *mapping = yaml_node_resolve(section);

  if (!netplan_section_has_interfaces(section->key->text) || mapping->kind != YAML_KIND_MAPPING)
    return;
  for (guint i = 0; i < mapping->children->len; i++)
    if ((only == NULL || strcmp(yaml_node_child(mapping, i)->key->text, only) == 0) &&
        is_definition(yaml_node_child(mapping, i)))
      add_definition(interfaces, by_id, file, section->key->text, mapping->children->pdata[i]);
}

static GPtrArray *find_interfaces(const GPtrArray *files, const char *only) {
  GPtrArray *interfaces = g_ptr_array_new_with_free_func((GDestroyNotify)netplan_interface_free);
  g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);

  list_each (NetplanFile *, file, files) {
    const YamlNode *network = file->text != NULL ? yaml_node_get(yaml_text_root(file->text), "network") : NULL;

    network = yaml_node_resolve(network);
    for (guint j = 0; network != NULL && network->kind == YAML_KIND_MAPPING && j < network->children->len; j++)
      add_section(interfaces, by_id, file, yaml_node_child(network, j), only);
  }
  return interfaces;
}

GPtrArray *netplan_interfaces(const GPtrArray *files) {
  return find_interfaces(files, NULL);
}

NetplanInterface *netplan_interface(const GPtrArray *files, const char *id) {
  g_autoptr(GPtrArray) interfaces = find_interfaces(files, id);

  return interfaces->len > 0 ? g_ptr_array_steal_index(interfaces, 0) : NULL;
}

gboolean netplan_is_manager(const GPtrArray *files, const NetplanInterface *interface) {
  const char *renderer = netplan_text(interface, "renderer");
  const char *of_section = NULL, *of_all = NULL;

  list_each (const NetplanFile *, file, files) {
    const YamlNode *network = file->text != NULL ? yaml_node_get(yaml_text_root(file->text), "network") : NULL;
    const char *section = yaml_node_text(yaml_node_find(network, interface->section, "renderer", NULL));
    const char *all = yaml_node_text(yaml_node_get(network, "renderer"));

    of_section = section != NULL ? section : of_section;
    of_all = all != NULL ? all : of_all;
  }
  renderer = renderer != NULL ? renderer : of_section != NULL ? of_section : of_all;
  return g_strcmp0(renderer, "NetworkManager") == 0;
}

const YamlNode *netplan_value(const NetplanInterface *interface, const char *key, ...) {
  const YamlNode *found = NULL;

  for (guint i = interface->nodes->len; found == NULL && i > 0; i--) {
    va_list keys;
    const char *next = key;

    va_start(keys, key);
    for (found = interface->nodes->pdata[i - 1]; found != NULL && next != NULL; next = va_arg(keys, const char *))
      found = yaml_node_get(found, next);
    va_end(keys);
  }
  return found;
}

const char *netplan_text(const NetplanInterface *interface, const char *key) {
  return yaml_node_text(netplan_value(interface, key, NULL));
}

GPtrArray *netplan_items(const NetplanInterface *interface, const char *key) {
  GPtrArray *items = g_ptr_array_new();

  for (guint i = 0; i < interface->nodes->len; i++) {
    const YamlNode *list = yaml_node_resolve(yaml_node_get(interface->nodes->pdata[i], key));

    for (guint j = 0; list != NULL && list->kind == YAML_KIND_LIST && j < list->children->len; j++)
      g_ptr_array_add(items, list->children->pdata[j]);
  }
  return items;
}

gboolean netplan_is_true(const char *text) {
  static const char *const words[] = {"true", "on", "yes", "y", NULL};

  for (gsize i = 0; text != NULL && words[i] != NULL; i++)
    if (g_ascii_strcasecmp(text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

const char *netplan_address(const YamlNode *item) {
  const YamlNode *node = yaml_node_resolve(item);

  if (node != NULL && node->kind == YAML_KIND_MAPPING)
    return node->children->len > 0 ? yaml_node_child(node, 0)->key->text : NULL;
  return yaml_node_text(node);
}

int netplan_family(const char *text) {
  return strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
}

gboolean netplan_is_default(const YamlNode *route, int family) {
  const char *to = yaml_node_text(yaml_node_get(route, "to"));
  const char *via = yaml_node_text(yaml_node_get(route, "via"));
  const char *table = yaml_node_text(yaml_node_get(route, "table"));

  if (to == NULL || (table != NULL && strcmp(table, "254") != 0))
    return FALSE;
  if (strcmp(to, "default") == 0)
    return (via != NULL ? netplan_family(via) : AF_INET) == family;
  return strcmp(to, family == AF_INET ? "0.0.0.0/0" : "::/0") == 0;
}
