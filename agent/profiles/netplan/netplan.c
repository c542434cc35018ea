/* netplan.c - static addresses in netplan's files, wherever they lie */
#include <string.h>

#include "base/each.h"
#include "netplan-files.h"
#include "profiles/static-address.h"

/* The template's address goes to a wire: an interface that is hardware or lies over some. */
static gboolean lies_over_hardware(const NetplanInterface *interface) {
  static const char *const sections[] = {"ethernets", "wifis", "modems", "vlans", NULL};
  g_autoptr(GPtrArray) ports = netplan_items(interface, "interfaces");

  if (strcmp(interface->section, "bonds") == 0 || strcmp(interface->section, "bridges") == 0)
    return ports->len > 0;
  return g_strv_contains(sections, interface->section);
}

static gboolean starts(const NetplanInterface *interface) {
  return netplan_text(interface, "activation-mode") == NULL;
}

typedef struct {
  const NetplanInterface *interface;
  const NetplanFile *file;
  gboolean idle;
  GPtrArray *found;
} Listing;

static void take(const Listing *listing, const YamlNode *node, const char *text) {
  static_addresses_add(listing->found, listing->file->path, node->line, listing->interface->id, text, listing->idle);
}

/* NetworkManager's "ipv4.address1", handed through. */
static void take_passed(const Listing *listing, const YamlNode *mapping) {
  const YamlNode *all = yaml_node_resolve(yaml_node_find(mapping, "networkmanager", "passthrough", NULL));

  for (guint i = 0; all != NULL && all->kind == YAML_KIND_MAPPING && i < all->children->len; i++) {
    const YamlNode *value = yaml_node_child(all, i);
    const char *text = yaml_node_text(value);
    if (text != NULL &&
        (g_str_has_prefix(value->key->text, "ipv4.address") || g_str_has_prefix(value->key->text, "ipv6.address")))
      take(listing, value, text);
  }
}

static void take_interface(const NetplanInterface *interface, GPtrArray *found) {
  Listing listing = {
      .interface = interface, .idle = !lies_over_hardware(interface) || !starts(interface), .found = found};

  for (guint i = 0; i < interface->nodes->len; i++) {
    const YamlNode *list = yaml_node_resolve(yaml_node_get(interface->nodes->pdata[i], "addresses"));
    listing.file = interface->files->pdata[i];
    for (guint j = 0; list != NULL && list->kind == YAML_KIND_LIST && j < list->children->len; j++) {
      const YamlNode *item = yaml_node_child(list, j);
      if (netplan_address(item) != NULL)
        take(&listing, item, netplan_address(item));
    }
    take_passed(&listing, interface->nodes->pdata[i]);
  }
}

static int compare_places(gconstpointer a, gconstpointer b) {
  const StaticAddress *left = *(const StaticAddress *const *)a;
  const StaticAddress *right = *(const StaticAddress *const *)b;
  const int order = strcmp(left->path, right->path);

  return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

gboolean netplan_read(const Root *root, GPtrArray *found, GError **error) {
  g_autoptr(GPtrArray) files = netplan_files_read(root, error);
  g_autoptr(GPtrArray) interfaces = NULL;

  if (files == NULL)
    return FALSE;
  interfaces = netplan_interfaces(files);
  for (guint i = 0; i < interfaces->len; i++)
    take_interface(interfaces->pdata[i], found);
  list_each (const NetplanFile *, file, files)
    if (file->text == NULL)
      static_addresses_add_words(found, file->path, file->bytes);
  g_ptr_array_sort(found, compare_places);
  return TRUE;
}
