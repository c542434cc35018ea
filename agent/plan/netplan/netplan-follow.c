/* netplan-follow.c - what in netplan's files is the template's follows to the clone */
#include "netplan-follow.h"

#include <fnmatch.h>
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "plan/fixed-identity.h"
#include "plan/renames/scanner.h"
#include "plan/yielding-entries.h"
#include "profiles/mac-notation.h"
#include "profiles/text/yaml-edit.h"
#include "profiles/text/yaml-tokens.h"

/* netplan(5); nm-settings-keyfile(5) for what is handed through. */
static const FollowedKey table[] = {
    {"network.*", "macaddress", RENAME_MAC, NULL},
    {"network.*.match", "name", RENAME_NIC, NULL},
    {"network", "ethernets|wifis|modems", RENAME_NIC, NULL},
    {"network.*", "set-name|interfaces|link|ports|peer", RENAME_NIC, NULL},
    {"network.*.parameters", "primary|path-cost|port-priority", RENAME_NIC, NULL},
    {"network.*", "local", RENAME_ADDRESS, NULL},
    {"network.*.nameservers", "addresses", RENAME_ADDRESS, NULL},
    {"network.*.routes|network.*.routing-policy", "from", RENAME_ADDRESS, NULL},
    {"network.*-overrides", "hostname", RENAME_HOST, NULL},
    {"network.*.auth", "identity|anonymous-identity", RENAME_HOST, "host/"},
    {"network.*.networkmanager", "uuid", RENAME_UUID, NULL},
    {"network.*.passthrough", "*", RENAME_UUID, NULL},
    {"network.*.passthrough", "*mac-address*", RENAME_MAC, NULL},
    {"network.*.passthrough", "*interface-name|*.parent|connection.master|connection.controller", RENAME_NIC, NULL},
    {"network.*.passthrough", "match.path", RENAME_BUS_PATH, NULL},
    {"network.*.passthrough", "*.local|ipv?.dns", RENAME_ADDRESS, NULL},
    {"network.*.passthrough", "ipv?.route*_options", RENAME_ADDRESS, "src="},
    {"network.*.passthrough", "ipv?.routing-rule*", RENAME_ADDRESS, "from "},
    {"network.*.passthrough", "ipv?.dhcp-*", RENAME_HOST | RENAME_MAC, NULL},
    {"network.*.passthrough", "802-1x.*identity", RENAME_HOST, "host/"},
};

/* NetworkManager's ids in netplan's files. */
#define MANAGER_ID "NM-"

typedef struct {
  NetplanEdit *edit;
  NetplanFile *file;
} Following;

static void say(const Token *token, const char *word, const Mention *mention, gpointer data) {
  const Following *following = data;

  netplan_edit_say(following->edit, following->file, "%s %s becomes %s", token->key, word, mention->replacement);
}

/* "NM-UUID"; NULL: it is none whose UUID changes. */
static char *followed_id(const Renames *renames, const char *text) {
  const Rename *rename =
      g_str_has_prefix(text, MANAGER_ID) ? renames_lookup(renames, RENAME_UUID, text + strlen(MANAGER_ID)) : NULL;

  return rename != NULL && rename->new_value != NULL ? g_strconcat(MANAGER_ID, rename->new_value, NULL) : NULL;
}

static char *followed_text(Following *following, const YamlNode *node) {
  g_autoptr(GString) group = g_string_new(NULL);
  const Token token = yaml_token(node, group);
  char *id = followed_id(following->edit->context->renames, node->text);

  return id != NULL
             ? id
             : scanner_value(following->edit->context->renames, table, G_N_ELEMENTS(table), &token, say, following);
}

static gboolean is_match_name(const YamlNode *node) {
  return !node->is_key && node->key != NULL && strcmp(node->key->text, "name") == 0 && node->parent->key != NULL &&
         strcmp(node->parent->key->text, "match") == 0 && strpbrk(node->text, "*?[") != NULL;
}

/* A pattern that fitted one NIC, and does not fit what took its place, becomes the name of that. Of several, or where
 * it goes on to fit others, netplan has no word for both. */
static char *followed_pattern(const Following *following, const YamlNode *node) {
  const NicMap *map = following->edit->context->nic_map;
  const NicSuccession *lost = NULL;
  guint fitted = 0;

  for (guint i = 0; map != NULL && is_match_name(node) && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);
    if (item->present == NULL || fnmatch(node->text, item->recorded->name, 0) != 0)
      continue;
    fitted++;
    if (fnmatch(node->text, item->present->name, 0) != 0)
      lost = item;
  }
  if (lost == NULL)
    return NULL;
  if (fitted > 1) {
    plan_warn(following->edit->plan,
              "%s:%u: match.name %s fitted %s, which is called %s now and does not come up by it; this line is not "
              "changed: check it.",
              following->file->path, node->line, node->text, lost->recorded->name, lost->present->name);
    return NULL;
  }
  netplan_edit_say(following->edit, following->file, "match.name %s fitted %s, which is %s now", node->text,
                   lost->recorded->name, lost->present->name);
  return g_strdup(lost->present->name);
}

/* An address that it sends from and that no NIC has had or has; what it matches is asked of elsewhere. */
static void warn_of_strange_mac(const Following *following, const YamlNode *node) {
  const char *key = !node->is_key && node->key != NULL ? node->key->text : "";
  const YamlNode *above = node->parent != NULL ? node->parent->key : NULL;

  if ((strcmp(key, "macaddress") != 0 && !g_str_has_suffix(key, "cloned-mac-address")) ||
      (above != NULL && strcmp(above->text, "match") == 0) || following->edit->context->verdict != VERDICT_CLONE ||
      !strange_mac(following->edit->context, node->text))
    return;
  plan_warn(following->edit->plan, "%s:%u: %s %s" EVERY_CLONES_MAC, following->file->path, node->line, key, node->text);
}

/* The key of the mapping that NODE is in; NULL: it has none. */
static const YamlNode *key_above(const YamlNode *node) {
  return node->parent != NULL ? node->parent->key : NULL;
}

/* The key of an entry for no NIC, or what that matches: it keeps its name. */
static gboolean is_of_nobody(const Following *following, const YamlNode *node) {
  const YamlNode *above = key_above(node);
  const gboolean is_match = !node->is_key && above != NULL && strcmp(above->text, "match") == 0;
  const YamlNode *id = node->is_key ? node : is_match ? key_above(node->parent) : NULL;
  const YamlNode *section = node->is_key ? above : id != NULL ? key_above(node->parent->parent) : NULL;

  return section != NULL && netplan_section_has_interfaces(section->text) &&
         yielding_entry(following->edit->context, "netplan", id->text) != NULL;
}

/* A list that has the NIC under its name here too, VALUE (scanner.c, has_own). */
static gboolean has_own(const Following *following, const YamlNode *node, const char *value) {
  const Renames *renames = following->edit->context->renames;
  const GPtrArray *items = node->parent != NULL && node->parent->kind == YAML_KIND_LIST ? node->parent->children : NULL;

  if (renames_lookup(renames, RENAME_NIC, node->text) == NULL || renames_lookup(renames, RENAME_NIC, value) != NULL)
    return FALSE;
  for (guint i = 0; items != NULL && i < items->len; i++)
    if (g_strcmp0(yaml_node_text(items->pdata[i]), value) == 0)
      return TRUE;
  return FALSE;
}

typedef struct {
  Following *following;
  GArray *settings;  /* YamlSetting */
  GPtrArray *values; /* char*, theirs */
} Collecting;

static void collect(const YamlNode *node, gpointer data) {
  Collecting *collecting = data;

  if (node->kind == YAML_KIND_SCALAR && is_of_nobody(collecting->following, node))
    return;
  char *value = node->kind == YAML_KIND_SCALAR ? followed_pattern(collecting->following, node) : NULL;

  if (value == NULL && node->kind == YAML_KIND_SCALAR)
    value = followed_text(collecting->following, node);
  if (value == NULL && node->kind == YAML_KIND_SCALAR)
    warn_of_strange_mac(collecting->following, node);
  if (value == NULL)
    return;
  const YamlSetting setting = {node, value};
  g_ptr_array_add(collecting->values, value);
  if (strcmp(value, node->text) != 0 && !has_own(collecting->following, node, value))
    g_array_append_val(collecting->settings, setting);
}

typedef struct {
  const Renames *renames;
  const NetplanFile *file;
  gboolean may_change; /* only what can be changed */
  const YamlNode *found;
} Search;

/* routes: [{to: ..., from: ADDRESS}]. */
static void look_for_lost_source(const YamlNode *node, gpointer data) {
  Search *search = data;
  const YamlNode *list = node->parent != NULL ? node->parent->parent : NULL;

  if (search->found == NULL && node->kind == YAML_KIND_SCALAR && !node->is_key && node->key != NULL &&
      strcmp(node->key->text, "from") == 0 && list != NULL && list->key != NULL &&
      strcmp(list->key->text, "routes") == 0 && renames_is_gone(search->renames, node->text) &&
      (!search->may_change || yaml_text_may_change(search->file->text, node, NULL)))
    search->found = node;
}

static const YamlNode *lost_source(const NetplanEdit *edit, const NetplanFile *file, gboolean may_change) {
  Search search = {.renames = edit->context->renames, .file = file, .may_change = may_change};

  yaml_node_foreach(yaml_text_root(file->text), look_for_lost_source, &search);
  return search.found;
}

/* systemd-networkd would wait for the address (networkd-follow.c). */
static gboolean drop_lost_sources(const Following *following, GError **error) {
  const YamlNode *node;

  while ((node = lost_source(following->edit, following->file, TRUE)) != NULL) {
    netplan_edit_say(following->edit, following->file, "a route's from %s removed: this machine does not have it",
                     node->text);
    if (!yaml_text_remove(following->file->text, node, error))
      return FALSE;
  }
  return TRUE;
}

/* All at once: two NICs may have each other's names. */
static gboolean follow_file(Following *following, GError **error) {
  YamlText *text = following->file->text;
  g_autoptr(GArray) settings = g_array_new(FALSE, FALSE, sizeof(YamlSetting));
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  Collecting collecting = {following, settings, values};

  yaml_node_foreach(yaml_text_root(text), collect, &collecting);
  return settings->len == 0 ||
         yaml_text_set_all(text, (const YamlSetting *)(gpointer)settings->data, settings->len, error);
}

gboolean netplan_follow(NetplanEdit *edit, GError **error) {
  for (guint i = 0; i < edit->files->len; i++) {
    Following following = {edit, edit->files->pdata[i]};
    if (following.file->is_ours && !following.file->is_new && following.file->text != NULL &&
        !(follow_file(&following, error) && drop_lost_sources(&following, error)))
      return FALSE;
  }
  return TRUE;
}

typedef struct {
  const NetplanEdit *edit;
  const NetplanFile *file;
  const char *final; /* the whole text as it will be; NULL: as it is */
} Leftover;

static gboolean is_followed_id(const Leftover *leftover, const Token *token) {
  g_autofree char *text = g_strndup(token->value, token->size);
  g_autofree char *id = leftover->final != NULL ? followed_id(leftover->edit->context->renames, text) : NULL;

  return id != NULL;
}

/* The addresses of an interface: what becomes of them is not for here. */
static gboolean is_own_address(const Token *token) {
  return token->key != NULL && strcmp(token->key, "addresses") == 0 && token->group != NULL &&
         !g_str_has_suffix(token->group, ".nameservers");
}

/* A route's source that went: what else says the address says it elsewhere. */
static gboolean is_dropped_source(const Leftover *leftover, const Token *token) {
  g_autofree char *text = g_strndup(token->value, token->size);

  return leftover->final != NULL && g_strcmp0(token->key, "from") == 0 && token->group != NULL &&
         g_str_has_suffix(token->group, ".routes") && renames_is_gone(leftover->edit->context->renames, text) &&
         lost_source(leftover->edit, leftover->file, FALSE) == NULL;
}

/* tunnels: key: KEY, or its private half. A peer's keys are no identity of this machine's. */
static gboolean is_private_key(const Token *token) {
  const char *group = token->group != NULL ? token->group : "";

  return token->key != NULL && token->size > 0 && g_str_has_prefix(group, "network.tunnels.") &&
         ((strcmp(token->key, "key") == 0 && strchr(group + strlen("network.tunnels."), '.') == NULL) ||
          (strcmp(token->key, "private") == 0 && g_str_has_suffix(group, ".key")));
}

static gboolean is_wireguard(const Leftover *leftover, const Token *token) {
  const YamlNode *root = leftover->file->text != NULL ? yaml_text_root(leftover->file->text) : NULL;
  g_auto(GStrv) way = g_strsplit(token->group, ".", 4);

  return root != NULL && g_strv_length(way) > 2 &&
         g_strcmp0(yaml_node_text(yaml_node_find(root, "network", "tunnels", way[2], "mode", NULL)), "wireguard") == 0;
}

static void warn_of_token(const Token *token, gpointer data) {
  const Leftover *leftover = data;
  const gsize rows = leftover->final != NULL ? G_N_ELEMENTS(table) : 0;

  if (!is_followed_id(leftover, token) && !is_dropped_source(leftover, token) &&
      (leftover->final == NULL || !is_own_address(token)))
    scanner_warn(leftover->edit->context->renames, table, rows, leftover->file->path, token, leftover->final,
                 leftover->edit->plan);
  if (leftover->edit->context->verdict == VERDICT_CLONE && is_private_key(token) && is_wireguard(leftover, token))
    plan_warn_wireguard_key(leftover->edit->plan, leftover->file->path, token->line);
}

static void warn_of_file(const NetplanEdit *edit, const NetplanFile *file, const char *final) {
  Leftover leftover = {edit, file, final};

  tokens_read(file->bytes, tokens_of_yaml, warn_of_token, &leftover);
}

void netplan_follow_warn_file(const NetplanEdit *edit, const NetplanFile *file) {
  warn_of_file(edit, file, NULL);
}

void netplan_follow_warn(const NetplanEdit *edit) {
  list_each (const NetplanFile *, file, edit->files) {
    g_autoptr(GBytes) bytes = file->is_ours && file->text != NULL ? yaml_text_bytes(file->text) : NULL;
    g_autofree char *final = bytes != NULL ? bytes_dup(bytes) : NULL;

    if (final != NULL)
      warn_of_file(edit, file, final);
  }
}
