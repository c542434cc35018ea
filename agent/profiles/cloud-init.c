/* cloud-init.c - static addresses that cloud-init has on this disk and renders into a network file */
#include "cloud-init.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/netplan/netplan-files.h"
#include "profiles/text/yaml-text.h"
#include "static-address.h"

static const char *const seeds[] = {"/var/lib/cloud/seed/nocloud", "/var/lib/cloud/seed/nocloud-net"};

typedef struct {
  const char *path;
  GPtrArray *found;
} Listing;

static void take(const Listing *listing, const YamlNode *node, const char *interface, const char *text) {
  if (node != NULL && text != NULL)
    static_addresses_add(listing->found, listing->path, node->line, interface, text, FALSE);
}

static guint count(const YamlNode *list) {
  return list != NULL && list->children != NULL ? list->children->len : 0;
}

/* Version 2, as netplan has it. */
static void take_sections(const Listing *listing, const YamlNode *network) {
  for (guint i = 0; i < count(network); i++) {
    const YamlNode *section = yaml_node_child(network, i);
    const YamlNode *interfaces = yaml_node_resolve(section);
    if (section->key == NULL || !netplan_section_has_interfaces(section->key->text))
      continue;
    for (guint j = 0; j < count(interfaces); j++) {
      const YamlNode *interface = yaml_node_child(interfaces, j);
      const YamlNode *addresses = yaml_node_resolve(yaml_node_get(interface, "addresses"));
      for (guint k = 0; interface->key != NULL && k < count(addresses); k++)
        take(listing, yaml_node_child(addresses, k), interface->key->text,
             netplan_address(yaml_node_child(addresses, k)));
    }
  }
}

/* Version 1: items with `subnets`; those without are name servers and routes. */
static void take_items(const Listing *listing, const YamlNode *items) {
  for (guint i = 0; i < count(items); i++) {
    const YamlNode *item = yaml_node_child(items, i);
    const char *name = yaml_node_text(yaml_node_get(item, "name"));
    const YamlNode *subnets = yaml_node_resolve(yaml_node_get(item, "subnets"));
    for (guint j = 0; j < count(subnets); j++) {
      const YamlNode *address = yaml_node_get(yaml_node_child(subnets, j), "address");
      take(listing, address, name, yaml_node_text(address));
    }
  }
}

/* NETWORK: with the key `network` around it or without. */
static void take_network(const Listing *listing, const YamlNode *network) {
  const YamlNode *inner = yaml_node_get(network, "network");
  const YamlNode *node = yaml_node_resolve(inner != NULL ? inner : network);

  if (node == NULL || node->kind != YAML_KIND_MAPPING)
    return;
  take_sections(listing, node);
  take_items(listing, yaml_node_resolve(yaml_node_get(node, "config")));
}

/* *TEXT is NULL where the file is not there, and where it is no such YAML: then what looks like an address in it
 * counts.
 */
static gboolean read_yaml(const Root *root, const char *path, YamlText **text, GPtrArray *found, GError **error) {
  g_autoptr(GBytes) bytes = NULL;

  *text = NULL;
  if (!tree_read(root, path, &bytes, NULL, error))
    return FALSE;
  if (bytes == NULL)
    return TRUE;
  *text = yaml_text_parse(bytes, path, NULL);
  g_autofree char *content = bytes_dup(bytes);
  if (*text == NULL && strstr(content, "addresses") != NULL)
    static_addresses_add_words(found, path, bytes);
  return TRUE;
}

/* The configuration, read in the order in which the later one counts. */

typedef struct {
  GPtrArray *texts; /* YamlText* */
  gboolean is_off;  /* `network: {config: disabled}` */
  gboolean again;   /* `updates`: the network may be rendered anew without a new instance */
} Configuration;

static void configuration_clear(Configuration *configuration) {
  g_clear_pointer(&configuration->texts, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Configuration, configuration_clear)

static gboolean add_configuration(const Root *root, const char *path, Configuration *configuration, GPtrArray *found,
                                  GError **error) {
  YamlText *text = NULL;

  if (!read_yaml(root, path, &text, found, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  const YamlNode *config = yaml_node_resolve(yaml_node_find(yaml_text_root(text), "network", "config", NULL));
  if (config != NULL)
    configuration->is_off = g_strcmp0(yaml_node_text(config), "disabled") == 0;
  if (yaml_node_find(yaml_text_root(text), "updates", "network", NULL) != NULL)
    configuration->again = TRUE;
  g_ptr_array_add(configuration->texts, text);
  return TRUE;
}

static gboolean read_configuration(const Root *root, Configuration *configuration, GPtrArray *found, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  configuration->texts = g_ptr_array_new_with_free_func((GDestroyNotify)yaml_text_free);
  g_ptr_array_add(paths, g_strdup("/etc/cloud/cloud.cfg"));
  if (!tree_glob(root, "/etc/cloud/cloud.cfg.d/*.cfg", paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!add_configuration(root, paths->pdata[i], configuration, found, error))
      return FALSE;
  return TRUE;
}

/* Instances */

/* The one that was set up here; NULL: none, or nobody can say. */
static char *recorded_instance(const Root *root) {
  g_autoptr(GBytes) bytes = NULL;

  if (!tree_read(root, "/var/lib/cloud/data/instance-id", &bytes, NULL, NULL) || bytes == NULL)
    return NULL;
  char *id = g_strstrip(bytes_dup(bytes));
  if (*id != '\0' && strcmp(id, "NO_PREVIOUS_INSTANCE_ID") != 0)
    return id;
  g_free(id);
  return NULL;
}

typedef struct {
  gboolean is_there; /* user-data and meta-data are: it is looked at */
  gboolean is_known; /* its instance is the one that was set up here */
  gboolean is_given; /* it is another than the one that was set up here */
} Seed;

static gboolean look_at_seed(const Root *root, const char *directory, YamlText *meta_data, Seed *seed, GError **error) {
  g_autoptr(GBytes) user_data = NULL;
  g_autofree char *path = g_build_filename(directory, "user-data", NULL);
  g_autofree char *recorded = recorded_instance(root);
  const char *id = meta_data != NULL ? yaml_node_text(yaml_node_get(yaml_text_root(meta_data), "instance-id")) : NULL;

  if (!tree_read(root, path, &user_data, NULL, error))
    return FALSE;
  seed->is_there = meta_data != NULL && user_data != NULL;
  seed->is_known = recorded != NULL && g_strcmp0(id, recorded) == 0;
  seed->is_given = recorded != NULL && id != NULL && !seed->is_known;
  return TRUE;
}

/* ENI in `network-interfaces`, as the oldest seeds have it. */
static void take_interfaces(const Listing *listing, const YamlNode *text) {
  g_auto(GStrv) lines = g_strsplit(yaml_node_text(text) != NULL ? yaml_node_text(text) : "", "\n", -1);

  for (char **line = lines; *line != NULL; line++) {
    g_strstrip(*line);
    if (g_str_has_prefix(*line, "address "))
      take(listing, text, NULL, *line + strlen("address "));
  }
}

static gboolean read_seed(const Root *root, const char *directory, Seed *seed, GPtrArray *found, GError **error) {
  g_autofree char *meta_path = g_build_filename(directory, "meta-data", NULL);
  g_autofree char *path = g_build_filename(directory, "network-config", NULL);
  g_autoptr(YamlText) meta_data = NULL, network = NULL;
  const guint first = found->len;

  if (!read_yaml(root, meta_path, &meta_data, found, error) || !read_yaml(root, path, &network, found, error) ||
      !look_at_seed(root, directory, meta_data, seed, error))
    return FALSE;
  if (!seed->is_there)
    return TRUE;
  if (network != NULL)
    take_network(&(Listing){path, found}, yaml_text_root(network));
  else
    take_interfaces(&(Listing){meta_path, found}, yaml_node_get(yaml_text_root(meta_data), "network-interfaces"));
  for (guint i = first; i < found->len; i++)
    ((StaticAddress *)found->pdata[i])->is_given = seed->is_given;
  return TRUE;
}

static void are_known(GPtrArray *found) {
  list_each (StaticAddress *, item, found) {
    item->idle = TRUE;
    item->why_idle = "it does not apply it to the instance that it has set up already, but will after `cloud-init "
                     "clean` or with another instance-id";
  }
}

static gboolean is_disabled(const Root *root) {
  return tree_means_regular_file(root, "/etc/cloud/cloud-init.disabled");
}

GPtrArray *cloud_init_networks(const Root *root, GError **error) {
  g_autoptr(GPtrArray) unread = static_addresses_new();
  g_autoptr(GPtrArray) networks = g_ptr_array_new_with_free_func((GDestroyNotify)yaml_text_free);
  g_auto(Configuration) configuration = {0};

  if (is_disabled(root))
    return g_steal_pointer(&networks);
  if (!read_configuration(root, &configuration, unread, error))
    return NULL;
  /* What is no YAML may be read by cloud-init all the same, and then nobody knows which counts. */
  while (!configuration.is_off && unread->len == 0 && configuration.texts->len > 0) {
    YamlText *text = g_ptr_array_steal_index(configuration.texts, 0);
    const YamlNode *config = yaml_node_find(yaml_text_root(text), "network", "config", NULL);
    g_ptr_array_add(networks, text);
    /* A list there would count, and not what the file before it says. */
    if (config != NULL && strcmp(yaml_text_path(text), CLOUD_INIT_OFF) > 0)
      g_ptr_array_set_size(networks, 0);
  }
  return g_steal_pointer(&networks);
}

gboolean cloud_init_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(Configuration) configuration = {0};
  Seed seed = {0};

  if (is_disabled(root))
    return TRUE;
  if (!read_configuration(root, &configuration, found, error))
    return FALSE;
  if (configuration.is_off) {
    g_ptr_array_set_size(found, 0);
    return TRUE;
  }
  list_each (YamlText *, text, configuration.texts) {
    const YamlNode *own = yaml_node_get(yaml_text_root(text), "network");
    const YamlNode *seeded = yaml_node_find(yaml_text_root(text), "datasource", "NoCloud", "network-config", NULL);
    take_network(&(Listing){yaml_text_path(text), found}, own);
    take_network(&(Listing){yaml_text_path(text), found}, seeded);
  }
  /* The second is for those that have no first. */
  for (gsize i = 0; i < G_N_ELEMENTS(seeds) && !seed.is_there; i++)
    if (!read_seed(root, seeds[i], &seed, found, error))
      return FALSE;
  if (seed.is_there && seed.is_known && !configuration.again)
    are_known(found);
  return TRUE;
}
