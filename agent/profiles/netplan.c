/* netplan.c - static addresses in netplan's files, wherever they lie */
#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "netplan-files.h"
#include "static-address.h"
#include "tokens.h"

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

/* A/P is a host's address, and not a network's: some bit behind the prefix is set, or there is none. */
static gboolean is_host(const char *word) {
  g_auto(GStrv) parts = g_strsplit(word, "/", 2);
  guint8 bytes[16] = {0};
  const int family = netplan_family(word);
  const guint bits = family == AF_INET ? 32 : 128;
  guint64 prefix;

  if (parts[0] == NULL || parts[1] == NULL || inet_pton(family, parts[0], bytes) != 1 ||
      !g_ascii_string_to_unsigned(parts[1], 10, 0, bits, &prefix, NULL))
    return FALSE;
  for (guint bit = (guint)prefix; bit < bits; bit++)
    if ((bytes[bit / 8] & (0x80 >> bit % 8)) != 0)
      return TRUE;
  return prefix == bits;
}

typedef struct {
  const NetplanFile *file;
  GPtrArray *found;
} Words;

static void take_words(const Token *token, gpointer data) {
  const Words *words = data;
  g_autofree char *line = g_strndup(token->value, token->size);
  g_auto(GStrv) items = NULL;

  line[strcspn(line, "#")] = '\0';
  items = g_strsplit_set(line, " \t,[]{}\"'", -1);
  for (char **item = items; *item != NULL; item++) {
    (*item)[strlen(*item) - (g_str_has_suffix(*item, ":") ? 1 : 0)] = '\0';
    if (is_host(*item))
      static_addresses_add(words->found, words->file->path, token->line, NULL, *item, FALSE);
  }
}

/* A file that cannot be read as what it is: whatever looks like an address in it. */
static void take_unread(const NetplanFile *file, GPtrArray *found) {
  Words words = {file, found};
  gsize size = 0;
  const char *text = bytes_text(file->bytes, &size);

  tokens_of_lines(text, size, take_words, &words);
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
  for (guint i = 0; i < files->len; i++)
    if (((const NetplanFile *)files->pdata[i])->text == NULL)
      take_unread(files->pdata[i], found);
  g_ptr_array_sort(found, compare_places);
  return TRUE;
}
