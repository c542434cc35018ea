/* yaml-edit.c: what changes is what was asked for, in the file's own way of writing. */
#include <string.h>

#include "fixture.h"
#include "profiles/text/yaml-edit.h"
#include "yaml-fixture.h"

/* WAY: keys with dots between them; a number is an item of a list; "key!" is the key itself. */
static const YamlNode *node_at(const YamlText *text, const char *way) {
  g_auto(GStrv) steps = g_strsplit(way, ".", -1);
  const YamlNode *node = yaml_text_root(text);

  for (char **step = steps; *step != NULL && **step != '\0'; step++) {
    const gboolean key = g_str_has_suffix(*step, "!");

    if (key)
      (*step)[strlen(*step) - 1] = '\0';
    node = node->kind == YAML_KIND_LIST ? yaml_node_child(node, (guint)atoi(*step)) : yaml_node_get(node, *step);
    g_assert_nonnull(node);
    node = key ? node->key : node;
  }
  return node;
}

typedef gboolean (*Verb)(YamlText *text, const YamlNode *node, gconstpointer data, GError **error);

static gboolean set(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  return yaml_text_set(text, node, data, error);
}

static gboolean drop(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  return yaml_text_remove(text, node, error);
}

static gboolean add_item(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  g_autoptr(YamlValue) value = yaml_value_text(data);

  return yaml_text_add(text, node, NULL, value, error);
}

/* DATA: the key; its value is true. */
static gboolean add_true(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  g_autoptr(YamlValue) value = yaml_value_bare("true");

  return yaml_text_add(text, node, data, value, error);
}

static gboolean add_addresses(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  g_autoptr(YamlValue) value = yaml_value_list();

  yaml_value_add(value, NULL, yaml_value_text("10.0.0.5/24"));
  yaml_value_add(value, NULL, yaml_value_text("fd00::5/64"));
  return yaml_text_add(text, node, "addresses", value, error);
}

static YamlValue *default_route(void) {
  YamlValue *route = yaml_value_mapping();

  yaml_value_add(route, "to", yaml_value_text("default"));
  yaml_value_add(route, "via", yaml_value_text("10.0.0.1"));
  return route;
}

static gboolean add_routes(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  g_autoptr(YamlValue) value = yaml_value_list();

  yaml_value_add(value, NULL, default_route());
  return yaml_text_add(text, node, "routes", value, error);
}

static gboolean add_route(YamlText *text, const YamlNode *node, gconstpointer data, GError **error) {
  g_autoptr(YamlValue) value = default_route();

  return yaml_text_add(text, node, NULL, value, error);
}

static void assert_edit(Verb verb, const char *before, const char *way, const char *data, const char *after) {
  g_autoptr(GBytes) bytes = g_bytes_new(before, strlen(before));
  g_autoptr(GBytes) expected = g_bytes_new(after, strlen(after));
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlText) text = yaml_text_parse(bytes, "f", &error);
  g_autoptr(GBytes) result = NULL;
  gsize size;

  g_assert_no_error(error);
  g_assert_true(verb(text, node_at(text, way), data, &error));
  g_assert_no_error(error);
  assert_is_as_read_anew(text);
  result = yaml_text_bytes(text);
  if (!g_bytes_equal(result, expected)) {
    const char *got = g_bytes_get_data(result, &size);
    g_autofree char *copy = g_strndup(got, size);

    g_assert_cmpstr(copy, ==, after);
  }
}

static void assert_refused(Verb verb, const char *before, const char *way, const char *data, const char *message) {
  g_autoptr(GBytes) bytes = g_bytes_new(before, strlen(before));
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlText) text = yaml_text_parse(bytes, "f", &error);
  g_autoptr(GBytes) result = NULL;

  g_assert_no_error(error);
  g_assert_false(verb(text, node_at(text, way), data, &error));
  g_assert_nonnull(error);
  g_assert_cmpstr(error->message, ==, message);
  result = yaml_text_bytes(text);
  g_assert_true(g_bytes_equal(result, bytes));
}

static void sets_a_value_in_its_quotes(void) {
  assert_edit(set, "a: b # c\n", "a", "d", "a: d # c\n");
  assert_edit(set, "a: 'b'  # c\n", "a", "it's", "a: 'it''s'  # c\n");
  assert_edit(set, "a: \"b\"\n", "a", "x\"\\y", "a: \"x\\\"\\\\y\"\n");
  assert_edit(set, "a: [b, 'c']", "a.1", "d", "a: [b, 'd']");
  assert_edit(set, "a: [b, c]", "a.1", "d, e", "a: [b, \"d, e\"]");
  assert_edit(set, "a: b\n", "a", "d: e", "a: \"d: e\"\n");
  assert_edit(set, "a: b\n", "a", "#x", "a: \"#x\"\n");
  assert_edit(set, "a: 'b'\n", "a", "x\ty", "a: \"x\\x09y\"\n");
  assert_edit(set, "a:\n  b\n", "a", "c", "a:\n  c\n");
}

static void sets_a_key(void) {
  assert_edit(set, "n:\n  ens3:\n    x: 1\n", "n.ens3!", "enp1s0", "n:\n  enp1s0:\n    x: 1\n");
  assert_edit(set, "n: {\"ens3\": {x: 1}}\n", "n.ens3!", "enp1s0", "n: {\"enp1s0\": {x: 1}}\n");
}

static void a_string_does_not_become_a_number(void) {
  assert_edit(set, "m: aa:bb:cc:dd:ee:ff\n", "m", "52:54:00:11:22:33", "m: \"52:54:00:11:22:33\"\n");
  assert_edit(set, "m: 52:54:00:11:22:33\n", "m", "52:54:00:11:22:34", "m: 52:54:00:11:22:34\n");
  assert_edit(set, "m: b\n", "m", "yes", "m: \"yes\"\n");
  assert_edit(set, "m: no\n", "m", "true", "m: true\n");
  assert_edit(set, "m: b\n", "m", "1e3", "m: \"1e3\"\n");
  assert_edit(set, "m: b\n", "m", "0x1f", "m: \"0x1f\"\n");
  assert_edit(set, "m: b\n", "m", "", "m: \"\"\n");
  assert_edit(set, "m: 10.0.0.4/24\n", "m", "10.0.0.5", "m: 10.0.0.5\n");
  assert_edit(set, "m: fd00::1\n", "m", "fd00:1::", "m: \"fd00:1::\"\n");
}

static void sets_what_says_nothing(void) {
  assert_edit(set, "a:\nb: c\n", "a", "d", "a: d\nb: c\n");
  assert_edit(set, "a: # x\n", "a", "d", "a: d # x\n");
  assert_edit(set, "a:", "a", "d", "a: d");
  assert_edit(set, "{a: , b: c}", "a", "d", "{a: d , b: c}");
  assert_refused(set, "{a, b: c}", "a", "d", "f:1: written in a way that is not edited here: write \"key: value\"");
}

static void sets_block_scalars(void) {
  assert_edit(set, "a: >-\n  b\n  c\nd: e\n", "a", "f", "a: f\nd: e\n");
  assert_edit(set, "a: |\n  b", "a", "f", "a: f");
}

static void removes_whole_lines(void) {
  assert_edit(drop, "a: 1\nb: 2 # x\nc: 3\n", "b", NULL, "a: 1\nc: 3\n");
  assert_edit(drop, "a: 1\n# of b\nb:\n  # in b\n  - x\n  - y # z\n# of c\nc: 3\n", "b", NULL,
              "a: 1\n# of b\n# of c\nc: 3\n");
  assert_edit(drop, "a:\n  - x\n  - y\n  - z\n", "a.1", NULL, "a:\n  - x\n  - z\n");
  assert_edit(drop, "a:\n- x:\n    l: 1\n- y\n", "a.0", NULL, "a:\n- y\n");
  assert_edit(drop, "a:\n  -\n    x\n  - # c\n    y\n  - z\n", "a.1", NULL, "a:\n  -\n    x\n  - z\n");
  assert_edit(drop, "a:\n  - |\n    x\n\n  - y\n", "a.0", NULL, "a:\n  - y\n");
  assert_edit(drop, "a: 1\nb: 2", "b", NULL, "a: 1");
  assert_edit(drop, "a: 1\r\nb: 2", "b", NULL, "a: 1");
  assert_edit(drop, "a: 1\r\nb: 2\r\nc: 3\r\n", "b", NULL, "a: 1\r\nc: 3\r\n");
}

static void removes_from_a_line_that_it_shares(void) {
  assert_edit(drop, "a:\n- to: x\n  via: y\n", "a.0.to", NULL, "a:\n- via: y\n");
  assert_edit(drop, "a:\n- to: x\n  via: y # z\n  m: 1\n", "a.0.via", NULL, "a:\n- to: x\n  m: 1\n");
  assert_edit(drop, "a:\n- - x\n  - y\n- z\n", "a.0.0", NULL, "a:\n- - y\n- z\n");
}

static void the_last_child_leaves_brackets(void) {
  assert_edit(drop, "a: # x\n  b: 1 # y\nc: 2\n", "a.b", NULL, "a: {} # x\nc: 2\n");
  assert_edit(drop, "a:\n  - b\n", "a.0", NULL, "a: []\n");
  assert_edit(drop, "a:\n  b: 1", "a.b", NULL, "a: {}");
  assert_edit(drop, "a: 1\n", "a", NULL, "{}\n");
  assert_edit(drop, "a:\n- to: x # y\n", "a.0.to", NULL, "a:\n- {} # y\n");
  assert_edit(drop, "a: [b]\n", "a.0", NULL, "a: []\n");
  assert_edit(drop, "a: {b: c, }\n", "a.b", NULL, "a: {}\n");
}

static void removes_in_brackets(void) {
  assert_edit(drop, "a: [b, c, d]\n", "a.0", NULL, "a: [c, d]\n");
  assert_edit(drop, "a: [b, c, d]\n", "a.1", NULL, "a: [b, d]\n");
  assert_edit(drop, "a: [b, c, d]\n", "a.2", NULL, "a: [b, c]\n");
  assert_edit(drop, "a: [b, c, ]\n", "a.1", NULL, "a: [b, ]\n");
  assert_edit(drop, "a: {b: 1,c: 2,d: {e: f}}\n", "a.d", NULL, "a: {b: 1,c: 2}\n");
  assert_edit(drop, "a: {b: 1,c: 2,d: {e: f}}\n", "a.b", NULL, "a: {c: 2,d: {e: f}}\n");
  assert_edit(drop, "a: [\n  b, # 1\n  c, # 2\n  d # 3\n]\n", "a.0", NULL, "a: [\n  c, # 2\n  d # 3\n]\n");
  assert_edit(drop, "a: [\n  b, # 1\n  c, # 2\n  d # 3\n]\n", "a.2", NULL, "a: [\n  b, # 1\n  c # 2\n]\n");
  assert_edit(drop, "a: [\n  b,\n  c,\n]\n", "a.1", NULL, "a: [\n  b,\n]\n");
  assert_edit(drop, "a: [b, c,\n  d]\n", "a.1", NULL, "a: [b,\n  d]\n");
  assert_edit(drop, "a: [b,\n  c]\n", "a.1", NULL, "a: [b\n  ]\n");
}

static void adds_items_like_the_others(void) {
  assert_edit(add_item, "a:\n  - x\n  - y # z\nb: 1\n", "a", "w", "a:\n  - x\n  - y # z\n  - w\nb: 1\n");
  assert_edit(add_item, "a:\n- x", "a", "w", "a:\n- x\n- w");
  assert_edit(add_item, "a:\r\n- x\r\nb: 1\r\n", "a", "w", "a:\r\n- x\r\n- w\r\nb: 1\r\n");
  assert_edit(add_item, "a:\n  - |\n    x\n\nb: 1\n", "a", "w", "a:\n  - |\n    x\n\n  - w\nb: 1\n");
  assert_edit(add_item, "a: [x, y]\n", "a", "w", "a: [x, y, w]\n");
  assert_edit(add_item, "a: [x, y, ]\n", "a", "w", "a: [x, y, w, ]\n");
  assert_edit(add_item, "a: []\n", "a", "w", "a: [w]\n");
  assert_edit(add_item, "a: [ ]\n", "a", "w", "a: [w]\n");
  assert_edit(add_item, "a: [\n  x, # 1\n  y # 2\n]\n", "a", "w", "a: [\n  x, # 1\n  y, # 2\n  w\n]\n");
  assert_edit(add_item, "a: [\n  x,\n  y,\n]\n", "a", "w", "a: [\n  x,\n  y,\n  w,\n]\n");
  assert_edit(add_item, "a:\nb: 1\n", "a", "w", "a:\n  - w\nb: 1\n");
  assert_edit(add_item, "a:\nb: [x]\n", "a", "w", "a: [w]\nb: [x]\n");
  assert_edit(add_route, "a:\n  - to: x\n    via: y\n", "a", NULL,
              "a:\n  - to: x\n    via: y\n  - to: default\n    via: 10.0.0.1\n");
  assert_edit(add_route, "a: [{to: x}]\n", "a", NULL, "a: [{to: x}, {to: default, via: 10.0.0.1}]\n");
}

static void adds_keys_like_the_others(void) {
  assert_edit(add_true, "n:\n    e:\n        x: 1 # y\n    # f\n    f: {}\n", "n.e", "dhcp4",
              "n:\n    e:\n        x: 1 # y\n        dhcp4: true\n    # f\n    f: {}\n");
  assert_edit(add_true, "n: {e: {x: 1}}\n", "n.e", "dhcp4", "n: {e: {x: 1, dhcp4: true}}\n");
  assert_edit(add_true, "n:\n  e: {}\n", "n.e", "dhcp4", "n:\n  e: {dhcp4: true}\n");
  assert_edit(add_true, "n:\n    e:\n    f: 1\n", "n.e", "dhcp4", "n:\n    e:\n        dhcp4: true\n    f: 1\n");
  assert_edit(add_true, "n:\n  e:", "n.e", "dhcp4", "n:\n  e:\n    dhcp4: true");
  assert_edit(add_true, "n: {e: }\n", "n.e", "dhcp4", "n: {e: {dhcp4: true} }\n");
  assert_edit(add_true, "a:\n- to: x\n", "a.0", "on-link", "a:\n- to: x\n  on-link: true\n");
}

static void adds_lists_in_the_files_own_style(void) {
  assert_edit(add_addresses, "e:\n  x: 1\n", "e", NULL,
              "e:\n  x: 1\n  addresses:\n    - 10.0.0.5/24\n    - fd00::5/64\n");
  assert_edit(add_addresses, "e:\n   x: 1\n   l:\n   - y\n", "e", NULL,
              "e:\n   x: 1\n   l:\n   - y\n   addresses:\n   - 10.0.0.5/24\n   - fd00::5/64\n");
  assert_edit(add_addresses, "e:\n  l: [y]\n", "e", NULL, "e:\n  l: [y]\n  addresses: [10.0.0.5/24, fd00::5/64]\n");
  assert_edit(add_addresses, "e: {l: 1}\n", "e", NULL, "e: {l: 1, addresses: [10.0.0.5/24, fd00::5/64]}\n");
  assert_edit(add_routes, "e:\n  l: [y]\n", "e", NULL,
              "e:\n  l: [y]\n  routes:\n    - to: default\n      via: 10.0.0.1\n");
  assert_edit(add_routes, "e:\r\n    l:\r\n    - y\r\n", "e", NULL,
              "e:\r\n    l:\r\n    - y\r\n    routes:\r\n    - to: default\r\n      via: 10.0.0.1\r\n");
  assert_edit(add_routes, "{e: {}}", "e", NULL, "{e: {routes: [{to: default, via: 10.0.0.1}]}}");
}

static void adds_in_the_quotes_of_the_neighbours(void) {
  assert_edit(add_item, "a: [\"x\"]\n", "a", "w", "a: [\"x\", \"w\"]\n");
  assert_edit(add_item, "a:\n- 'x'\n", "a", "w", "a:\n- 'x'\n- 'w'\n");
  assert_edit(add_routes, "{\"e\": {\"x\": 1}}", "e", NULL,
              "{\"e\": {\"x\": 1, \"routes\": [{\"to\": \"default\", \"via\": \"10.0.0.1\"}]}}");
  assert_edit(add_true, "{\"e\": {}}", "e", "dhcp4", "{\"e\": {\"dhcp4\": true}}");
}

static void keeps_a_byte_order_mark(void) {
  assert_edit(add_true,
              "\xef\xbb\xbf"
              "n:\n  x: 1\n",
              "", "dhcp4",
              "\xef\xbb\xbf"
              "n:\n  x: 1\ndhcp4: true\n");
}

static void what_means_more_is_refused_by_name(void) {
  assert_refused(set, "a: &x b\nc: *x\n", "a", "d",
                 "f:1: the anchor &x stands for more than what has to change here: write it out");
  assert_refused(set, "a: &x b\nc: *x\n", "c", "d",
                 "f:2: the alias *x stands for more than what has to change here: write it out");
  assert_refused(set, "a: &x\n  b: c\nd: *x\n", "a.b", "d",
                 "f:1: the anchor &x stands for more than what has to change here: write it out");
  assert_refused(set, "a: !!str b\n", "a", "d",
                 "f:1: a tag stands for more than what has to change here: write it out");
  assert_refused(add_true, "d: &x {}\na:\n  b: 1\n  <<: *x\n", "a", "dhcp4",
                 "f:4: the merge key << stands for more than what has to change here: write it out");
  assert_refused(drop, "a:\n  b: [&x c]\n  d: *x\n", "a.b", NULL,
                 "f:2: the anchor &x stands for more than what has to change here: write it out");
  /* Beside of what changes they may stand. */
  assert_edit(add_true, "a:\n  b: &x [c]\n  d: *x\n", "a", "e", "a:\n  b: &x [c]\n  d: *x\n  e: true\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/yaml-edit/sets-a-value-in-its-quotes", sets_a_value_in_its_quotes);
  g_test_add_func("/yaml-edit/sets-a-key", sets_a_key);
  g_test_add_func("/yaml-edit/a-string-does-not-become-a-number", a_string_does_not_become_a_number);
  g_test_add_func("/yaml-edit/sets-what-says-nothing", sets_what_says_nothing);
  g_test_add_func("/yaml-edit/sets-block-scalars", sets_block_scalars);
  g_test_add_func("/yaml-edit/removes-whole-lines", removes_whole_lines);
  g_test_add_func("/yaml-edit/removes-from-a-line-that-it-shares", removes_from_a_line_that_it_shares);
  g_test_add_func("/yaml-edit/the-last-child-leaves-brackets", the_last_child_leaves_brackets);
  g_test_add_func("/yaml-edit/removes-in-brackets", removes_in_brackets);
  g_test_add_func("/yaml-edit/adds-items-like-the-others", adds_items_like_the_others);
  g_test_add_func("/yaml-edit/adds-keys-like-the-others", adds_keys_like_the_others);
  g_test_add_func("/yaml-edit/adds-lists-in-the-files-own-style", adds_lists_in_the_files_own_style);
  g_test_add_func("/yaml-edit/adds-in-the-quotes-of-the-neighbours", adds_in_the_quotes_of_the_neighbours);
  g_test_add_func("/yaml-edit/keeps-a-byte-order-mark", keeps_a_byte_order_mark);
  g_test_add_func("/yaml-edit/what-means-more-is-refused-by-name", what_means_more_is_refused_by_name);
  return g_test_run();
}
