/* yaml-text.c: nodes as libyaml reads them, each with the bytes in which it stands. */
#include <string.h>

#include "fixture.h"
#include "profiles/text/yaml-text.h"

static YamlText *parse(const char *data, GError **error) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, strlen(data));

  return yaml_text_parse(bytes, "/etc/netplan/a.yaml", error);
}

static YamlText *parsed(const char *data) {
  g_autoptr(GError) error = NULL;
  YamlText *text = parse(data, &error);

  g_assert_no_error(error);
  return text;
}

typedef struct {
  GString *seen;
  const char *data;
} Listing;

static void list(const YamlNode *node, gpointer data) {
  static const char kinds[] = "slma";
  const Listing *listing = data;

  g_string_append_printf(listing->seen, "%u%c%s<%.*s>\n", node->line, kinds[node->kind], node->is_key ? "k" : "",
                         (int)(node->end - node->start), listing->data + node->start);
}

static void assert_nodes(const char *data, const char *expected) {
  g_autoptr(YamlText) text = parsed(data);
  g_autoptr(GString) seen = g_string_new(NULL);
  Listing listing = {seen, data};

  yaml_node_foreach(yaml_text_root(text), list, &listing);
  g_assert_cmpstr(seen->str, ==, expected);
}

static void nodes_have_their_bytes(void) {
  assert_nodes("", "");
  assert_nodes("# nothing\n", "");
  assert_nodes("a: b # c\n", "1m<a: b>\n1sk<a>\n1s<b>\n");
  assert_nodes("a:\n", "1m<a:>\n1sk<a>\n1s<>\n");
  assert_nodes("a:\n  - 'x'\n  # y\n  - \"z\"\n# end\n",
               "1m<a:\n  - 'x'\n  # y\n  - \"z\">\n1sk<a>\n2l<- 'x'\n  # y\n  - \"z\">\n2s<'x'>\n4s<\"z\">\n");
  assert_nodes("a: {b: [c, d]}\n", "1m<a: {b: [c, d]}>\n1sk<a>\n1m<{b: [c, d]}>\n1sk<b>\n1l<[c, d]>\n1s<c>\n1s<d>\n");
}

static void bytes_are_not_letters(void) {
  assert_nodes("\xef\xbb\xbf"
               "a: \"\xc3\xa4\xf0\x9d\x84\x9e\" # \xe2\x80\x9e\nb: c\n",
               "1m<a: \"\xc3\xa4\xf0\x9d\x84\x9e\" # \xe2\x80\x9e\nb: c>\n1sk<a>\n1s<\"\xc3\xa4\xf0\x9d\x84\x9e\">\n"
               "2sk<b>\n2s<c>\n");
}

static void values_are_found_down_a_way(void) {
  g_autoptr(YamlText) text = parsed("network:\n  ethernets: &all\n    ens3: {mtu: '9000', dhcp4: }\n  more: *all\n");
  const YamlNode *root = yaml_text_root(text);
  const YamlNode *more = yaml_node_find(root, "network", "more", NULL);

  g_assert_cmpstr(yaml_node_text(yaml_node_find(root, "network", "ethernets", "ens3", "mtu", NULL)), ==, "9000");
  g_assert_true(yaml_node_is_nothing(yaml_node_find(root, "network", "ethernets", "ens3", "dhcp4", NULL)));
  g_assert_null(yaml_node_find(root, "network", "bonds", "bond0", NULL));
  g_assert_null(yaml_node_text(root));
  g_assert_cmpint(more->kind, ==, YAML_KIND_ALIAS);
  g_assert_true(yaml_node_resolve(more) == yaml_node_find(root, "network", "ethernets", NULL));
  g_assert_cmpstr(yaml_node_text(yaml_node_find(more, "ens3", "mtu", NULL)), ==, "9000");
}

static void assert_refused(const char *data, const char *expected) {
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlText) text = parse(data, &error);

  g_assert_null(text);
  g_assert_nonnull(error);
  g_assert_cmpstr(error->message, ==, expected);
}

static void what_is_no_such_document_is_refused_with_its_line(void) {
  assert_refused("a:\n\tb: c\n", "/etc/netplan/a.yaml:2: not YAML: found character that cannot start any token");
  assert_refused("a: [b\n", "/etc/netplan/a.yaml:2: not YAML: did not find expected ',' or ']'");
  assert_refused("a: b\n\x01\n", "/etc/netplan/a.yaml:2: not YAML: control characters are not allowed");
  assert_refused("a: \xff\n", "/etc/netplan/a.yaml:1: not YAML: invalid leading UTF-8 octet");
  assert_refused("a: b\n---\nc: d\n", "/etc/netplan/a.yaml:2: a second document begins here");
  assert_refused("a:\n  b: 1\n  c: 2\n  b: 3\n", "/etc/netplan/a.yaml:4: the key b is there a second time");
  assert_refused("? [a]\n: b\n", "/etc/netplan/a.yaml:1: a key that is not a plain word is not understood");
  assert_refused("? a\n: b\n", "/etc/netplan/a.yaml:1: a key that is not a plain word is not understood");
  assert_refused(
      "a: *b\n",
      "/etc/netplan/a.yaml:1: nothing has the anchor that is meant by \"*\": a word that begins so stands in quotes");
  assert_refused("a: &b\n  - *b\n", "/etc/netplan/a.yaml:2: *b stands in what it means");
  assert_refused("a: b\rc: d\n", "/etc/netplan/a.yaml:1: a line ends here with neither LF nor CR LF");
  assert_refused("a: b\nc: \xe2\x80\xa8\n", "/etc/netplan/a.yaml:2: a line ends here with neither LF nor CR LF");
}

static void what_is_nested_too_deep_is_refused(void) {
  g_autofree char *opened = g_strnfill(65, '[');
  g_autofree char *closed = g_strnfill(65, ']');
  g_autofree char *deep = g_strconcat(opened, closed, NULL);
  g_autofree char *just = g_strndup(deep + 1, 128);
  g_autoptr(YamlText) text = parsed(just);

  g_assert_nonnull(text);
  assert_refused(deep, "/etc/netplan/a.yaml:1: lists and mappings are nested too deep");
}

static void a_later_anchor_of_one_name_counts_from_there_on(void) {
  g_autoptr(YamlText) text = parsed("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
  const YamlNode *root = yaml_text_root(text);

  g_assert_cmpstr(yaml_node_text(yaml_node_get(root, "b")), ==, "1");
  g_assert_cmpstr(yaml_node_text(yaml_node_get(root, "d")), ==, "2");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/yaml-text/nodes-have-their-bytes", nodes_have_their_bytes);
  g_test_add_func("/yaml-text/bytes-are-not-letters", bytes_are_not_letters);
  g_test_add_func("/yaml-text/values-are-found-down-a-way", values_are_found_down_a_way);
  g_test_add_func("/yaml-text/what-is-no-such-document-is-refused-with-its-line",
                  what_is_no_such_document_is_refused_with_its_line);
  g_test_add_func("/yaml-text/what-is-nested-too-deep-is-refused", what_is_nested_too_deep_is_refused);
  g_test_add_func("/yaml-text/a-later-anchor-of-one-name-counts-from-there-on",
                  a_later_anchor_of_one_name_counts_from_there_on);
  return g_test_run();
}
