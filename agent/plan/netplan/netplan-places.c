/* netplan-places.c - where in netplan's files an interface says something, and the verbs that change it there */
#include "netplan-places.h"

#include <netinet/in.h>
#include <string.h>

#include "base/each.h"

/* The mapping of the interface in FILE; NULL: it does not define it, or is nobody's to edit. */
static const YamlNode *definition(const NetplanPlaces *places, const NetplanFile *file) {
  const YamlNode *network = file->text != NULL ? yaml_node_get(yaml_text_root(file->text), "network") : NULL;
  const YamlNode *mapping = yaml_node_resolve(network);

  for (guint i = 0; mapping != NULL && mapping->kind == YAML_KIND_MAPPING && i < mapping->children->len; i++) {
    const YamlNode *section = yaml_node_child(mapping, i);
    const YamlNode *found =
        netplan_section_has_interfaces(section->key->text) ? yaml_node_get(section, places->profile->id) : NULL;
    if (found != NULL)
      return found;
  }
  return NULL;
}

typedef const YamlNode *(*MappingIn)(const NetplanPlaces *places, const NetplanFile *file);

gboolean places_are_in(const NetplanPlaces *places, const char *section) {
  for (guint i = 0; i < places->edit->files->len; i++) {
    const YamlNode *node = definition(places, places->edit->files->pdata[i]);
    if (node != NULL && strcmp(node->parent->key->text, section) == 0)
      return TRUE;
  }
  return FALSE;
}

static NetplanFile *file_at(const NetplanPlaces *places, guint index) {
  NetplanFile *file = places->edit->files->pdata[index];

  return file->is_ours && file->text != NULL ? file : NULL;
}

/* Of the profile itself, where new things go. */
static NetplanFile *own_file(const NetplanPlaces *places) {
  for (guint i = 0; i < places->edit->files->len; i++) {
    NetplanFile *file = file_at(places, i);
    if (file != NULL && strcmp(file->path, places->profile->path) == 0)
      return file;
  }
  g_assert_not_reached();
}

static void touch(NetplanPlaces *places, NetplanFile *file) {
  if (!g_ptr_array_find(places->touched, file, NULL))
    g_ptr_array_add(places->touched, file);
}

static gboolean set_node(NetplanPlaces *places, NetplanFile *file, const YamlNode *node, const char *value,
                         GError **error) {
  if (strcmp(node->text, value) == 0)
    return TRUE;
  touch(places, file);
  return yaml_text_set(file->text, node, value, error);
}

/* NODE goes, and what would be left empty by it, up to the interface's own mapping. */
static gboolean remove_node(NetplanPlaces *places, NetplanFile *file, const YamlNode *node, GError **error) {
  const YamlNode *top = definition(places, file);

  while (node->parent != top && node->parent->children->len == 1 && node->parent->parent != NULL)
    node = node->parent;
  touch(places, file);
  return yaml_text_remove(file->text, node, error);
}

/* Lists ------------------------------------------------------------------------------------------------------------*/

static const YamlNode *list_in(const NetplanPlaces *places, const NetplanFile *file, ListName name) {
  const YamlNode *mapping = definition(places, file);

  if (name.mapping != NULL)
    mapping = yaml_node_get(mapping, name.mapping);
  return yaml_node_get(mapping, name.key);
}

/* The item number AT of those that are meant; NULL: there are not so many. */
static const YamlNode *item_at(const YamlNode *list, ItemText text, int family, guint at) {
  const YamlNode *items = yaml_node_resolve(list);

  for (guint i = 0; items != NULL && items->kind == YAML_KIND_LIST && i < items->children->len; i++) {
    const YamlNode *item = yaml_node_child(items, i);
    if (text(item, family) != NULL && at-- == 0)
      return item;
  }
  return NULL;
}

/* An alias of a list cannot be edited: it is named. */
static gboolean may_change_list(const NetplanFile *file, const YamlNode *list, GError **error) {
  return list == NULL || yaml_text_may_change(file->text, list, error);
}

static gboolean set_item(NetplanPlaces *places, NetplanFile *file, const YamlNode *item, const char *value,
                         GError **error) {
  if (item->kind == YAML_KIND_MAPPING)
    item = yaml_node_child(item, 0)->key;
  if (item->kind == YAML_KIND_ALIAS)
    return yaml_text_may_change(file->text, item, error);
  return set_node(places, file, item, value, error);
}

/* In one file; *VALUES moves on. */
static gboolean replace_in(NetplanPlaces *places, NetplanFile *file, ListName name, ItemText text, int family,
                           const char *const **values, GError **error) {
  guint at = 0;

  for (;;) {
    const YamlNode *list = list_in(places, file, name);
    const YamlNode *item = item_at(list, text, family, at);

    if (item == NULL)
      return TRUE;
    if (!may_change_list(file, list, error))
      return FALSE;
    if (**values == NULL) {
      if (!remove_node(places, file, item, error))
        return FALSE;
      continue;
    }
    if (!set_item(places, file, item, **values, error))
      return FALSE;
    ++*values;
    at++;
  }
}

static YamlValue *list_of(const char *const *values) {
  YamlValue *list = yaml_value_list();

  for (; *values != NULL; values++)
    yaml_value_add(list, NULL, yaml_value_text(*values));
  return list;
}

/* KEY with VALUE into the mapping of the interface, or into its mapping MAPPING. */
static gboolean add_key(NetplanPlaces *places, NetplanFile *file, const char *mapping, const char *key,
                        YamlValue *value, GError **error) {
  const YamlNode *top = definition(places, file);
  const YamlNode *node = mapping != NULL ? yaml_node_get(top, mapping) : top;
  g_autoptr(YamlValue) whole = NULL;

  touch(places, file);
  if (node != NULL) {
    g_autoptr(YamlValue) owned = value;
    return yaml_text_add(file->text, node, key, owned, error);
  }
  whole = yaml_value_mapping();
  yaml_value_add(whole, key, value);
  return yaml_text_add(file->text, top, mapping, whole, error);
}

static gboolean add_items(NetplanPlaces *places, ListName name, const char *const *values, GError **error) {
  NetplanFile *file = own_file(places);
  const YamlNode *list = list_in(places, file, name);

  if (list == NULL)
    return add_key(places, file, name.mapping, name.key, list_of(values), error);
  for (; *values != NULL; values++) {
    g_autoptr(YamlValue) value = yaml_value_text(*values);
    touch(places, file);
    if (!yaml_text_add(file->text, list_in(places, file, name), NULL, value, error))
      return FALSE;
  }
  return TRUE;
}

gboolean places_replace(NetplanPlaces *places, ListName name, ItemText text, int family, const char *const *values,
                        GError **error) {
  for (guint i = 0; i < places->edit->files->len; i++)
    if (file_at(places, i) != NULL && !replace_in(places, file_at(places, i), name, text, family, &values, error))
      return FALSE;
  return *values == NULL || add_items(places, name, values, error);
}

gboolean places_has(const NetplanPlaces *places, ListName name, ItemText text, int family) {
  for (guint i = 0; i < places->edit->files->len; i++)
    if (item_at(list_in(places, places->edit->files->pdata[i], name), text, family, 0) != NULL)
      return TRUE;
  return FALSE;
}

/* Keys -------------------------------------------------------------------------------------------------------------*/

/* The last file's word counts. */
static const char *last_text(const NetplanPlaces *places, MappingIn mapping_in, const char *key) {
  const char *text = NULL;

  for (guint i = 0; i < places->edit->files->len; i++) {
    const char *own = yaml_node_text(yaml_node_get(mapping_in(places, places->edit->files->pdata[i]), key));
    text = own != NULL ? own : text;
  }
  return text;
}

const char *places_text(const NetplanPlaces *places, const char *key) {
  return last_text(places, definition, key);
}

gboolean places_set(NetplanPlaces *places, const char *key, const char *bare, gboolean add, GError **error) {
  for (guint i = places->edit->files->len; i > 0; i--) {
    NetplanFile *file = file_at(places, i - 1);
    const YamlNode *node = file != NULL ? yaml_node_get(definition(places, file), key) : NULL;
    if (node != NULL && node->kind != YAML_KIND_SCALAR)
      return yaml_text_may_change(file->text, node, error);
    if (node != NULL)
      return set_node(places, file, node, bare, error);
  }
  return !add || add_key(places, own_file(places), NULL, key, yaml_value_bare(bare), error);
}

static const YamlNode *word_in(const YamlNode *list, const char *word) {
  for (guint i = 0; list != NULL && list->kind == YAML_KIND_LIST && i < list->children->len; i++)
    if (g_strcmp0(yaml_node_text(yaml_node_child(list, i)), word) == 0)
      return yaml_node_child(list, i);
  return NULL;
}

/* What is left of a list stays a list, be it empty: a key that is not there says something else. */
static gboolean set_word(NetplanPlaces *places, NetplanFile *file, const YamlNode *list, const char *word, gboolean on,
                         GError **error) {
  const YamlNode *item = word_in(yaml_node_resolve(list), word);
  g_autoptr(YamlValue) value = NULL;

  if ((item != NULL) == on)
    return TRUE;
  touch(places, file);
  if (!on)
    return yaml_text_remove(file->text, item, error);
  value = yaml_value_text(word);
  return yaml_text_add(file->text, list, NULL, value, error);
}

gboolean places_set_word(NetplanPlaces *places, const char *key, const char *word, gboolean on, GError **error) {
  for (guint i = places->edit->files->len; i > 0; i--) {
    NetplanFile *file = file_at(places, i - 1);
    const YamlNode *list = file != NULL ? yaml_node_get(definition(places, file), key) : NULL;
    if (list != NULL)
      return set_word(places, file, list, word, on, error);
  }
  return on || places_add(places, key, yaml_value_list(), error);
}

gboolean places_add(NetplanPlaces *places, const char *key, YamlValue *value, GError **error) {
  return add_key(places, own_file(places), NULL, key, value, error);
}

gboolean places_remove(NetplanPlaces *places, const char *key, GError **error) {
  for (guint i = 0; i < places->edit->files->len; i++) {
    NetplanFile *file = file_at(places, i);
    const YamlNode *node = file != NULL ? yaml_node_get(definition(places, file), key) : NULL;
    if (node != NULL && !remove_node(places, file, node, error))
      return FALSE;
  }
  return TRUE;
}

/* Default routes ---------------------------------------------------------------------------------------------------*/

static const char *default_route(const YamlNode *item, int family) {
  return netplan_is_default(item, family) ? "default" : NULL;
}

static gboolean set_via(NetplanPlaces *places, NetplanFile *file, const YamlNode *route, const char *gateway,
                        GError **error) {
  const YamlNode *via = yaml_node_get(route, "via");
  g_autoptr(YamlValue) value = NULL;

  if (via != NULL)
    return via->kind == YAML_KIND_SCALAR ? set_node(places, file, via, gateway, error)
                                         : yaml_text_may_change(file->text, via, error);
  value = yaml_value_text(gateway);
  touch(places, file);
  return yaml_text_add(file->text, route, "via", value, error);
}

static gboolean set_on_link(NetplanPlaces *places, NetplanFile *file, const YamlNode *route, GError **error) {
  const YamlNode *node = yaml_node_get(route, "on-link");
  g_autoptr(YamlValue) value = NULL;

  if (netplan_is_true(yaml_node_text(node)))
    return TRUE;
  if (node != NULL)
    return node->kind == YAML_KIND_SCALAR ? set_node(places, file, node, "true", error)
                                          : yaml_text_may_change(file->text, node, error);
  value = yaml_value_bare("true");
  touch(places, file);
  return yaml_text_add(file->text, route, "on-link", value, error);
}

static const ListName routes = {NULL, "routes"};

/* The default route number AT gets GATEWAY, which is ON_LINK outside of every prefix: netplan's back end refuses it
 * else. */
static gboolean set_route(NetplanPlaces *places, NetplanFile *file, int family, guint at, const char *gateway,
                          gboolean on_link, GError **error) {
  if (!set_via(places, file, item_at(list_in(places, file, routes), default_route, family, at), gateway, error))
    return FALSE;
  return !on_link ||
         set_on_link(places, file, item_at(list_in(places, file, routes), default_route, family, at), error);
}

gboolean places_default_route(NetplanPlaces *places, int family, const char *gateway, gboolean on_link, gboolean *found,
                              GError **error) {

  *found = FALSE;
  for (guint i = 0; i < places->edit->files->len; i++) {
    NetplanFile *file = file_at(places, i);
    guint at = 0;

    while (file != NULL) {
      const YamlNode *item = item_at(list_in(places, file, routes), default_route, family, at);
      const gboolean keep = gateway != NULL && !*found;

      if (item == NULL)
        break;
      if (!may_change_list(file, list_in(places, file, routes), error) ||
          !(keep ? set_route(places, file, family, at, gateway, on_link, error)
                 : remove_node(places, file, item, error)))
        return FALSE;
      at += keep ? 1 : 0;
      *found = TRUE;
    }
  }
  return TRUE;
}

/* How the files say a default route. Where none does: as every netplan reads it, which knows the word since 0.103. */
static const char *word_for_default(const NetplanPlaces *places, int family) {
  static const char *const words[] = {"to: default", "to: \"default\"", "to: 'default'"};

  list_each (const NetplanFile *, file, places->edit->files) {
    gsize size = 0;
    const char *text = g_bytes_get_data(file->bytes, &size);
    for (gsize w = 0; text != NULL && w < G_N_ELEMENTS(words); w++)
      if (g_strstr_len(text, (gssize)size, words[w]) != NULL)
        return "default";
  }
  return family == AF_INET ? "0.0.0.0/0" : "::/0";
}

gboolean places_add_route(NetplanPlaces *places, int family, const char *gateway, gboolean on_link, GError **error) {
  NetplanFile *file = own_file(places);
  const YamlNode *list = list_in(places, file, routes);
  YamlValue *route = yaml_value_mapping();
  g_autoptr(YamlValue) owned = NULL;

  yaml_value_add(route, "to", yaml_value_text(word_for_default(places, family)));
  yaml_value_add(route, "via", yaml_value_text(gateway));
  if (on_link)
    yaml_value_add(route, "on-link", yaml_value_bare("true"));
  touch(places, file);
  if (list != NULL) {
    owned = route;
    return yaml_text_add(file->text, list, NULL, owned, error);
  }
  owned = yaml_value_list();
  yaml_value_add(owned, NULL, route);
  return yaml_text_add(file->text, definition(places, file), "routes", owned, error);
}

/* NetworkManager's own keys ---------------------------------------------------------------------------------------*/

static const YamlNode *passthrough_in(const NetplanPlaces *places, const NetplanFile *file) {
  return yaml_node_find(definition(places, file), "networkmanager", "passthrough", NULL);
}

const char *places_passed(const NetplanPlaces *places, const char *key) {
  return last_text(places, passthrough_in, key);
}

gboolean places_pass(NetplanPlaces *places, const char *key, const char *value, gboolean add, GError **error) {
  for (guint i = places->edit->files->len; i > 0; i--) {
    NetplanFile *file = file_at(places, i - 1);
    const YamlNode *mapping = file != NULL ? passthrough_in(places, file) : NULL;
    const YamlNode *node = yaml_node_get(mapping, key);
    g_autoptr(YamlValue) added = NULL;

    if (node != NULL)
      return value != NULL ? set_node(places, file, node, value, error) : remove_node(places, file, node, error);
    if (mapping == NULL || value == NULL || !add)
      continue;
    added = yaml_value_text(value);
    touch(places, file);
    return yaml_text_add(file->text, mapping, key, added, error);
  }
  return TRUE;
}
