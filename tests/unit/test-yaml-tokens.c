/* yaml-tokens.c: what a YAML text says, place by place, and without its secrets. */
#include <string.h>

#include "profiles/text/yaml-tokens.h"

static void list(const Token *token, gpointer data) {
  g_string_append_printf(data, "%u|%s|%s|%.*s\n", token->line, token->group != NULL ? token->group : "-",
                         token->key != NULL ? token->key : "-", (int)token->size, token->value);
}

static void assert_tokens(const char *text, const char *expected) {
  g_autoptr(GString) seen = g_string_new(NULL);

  tokens_of_yaml(text, strlen(text), list, seen);
  g_assert_cmpstr(seen->str, ==, expected);
}

static void values_have_their_way(void) {
  assert_tokens("a:\n  b: 'c'\n  d: [e, {f: \"g\"}] # h\n",
                "1||-|a\n2||a|b\n2|a|b|c\n3||a|d\n3|a|d|e\n3|a|d|f\n3|a.d|f|g\n");
}

static void what_is_no_yaml_is_read_by_lines(void) {
  assert_tokens("a: [\n# no\n\tb: c\n", "1|-|a:|a: [\n3|-|b:|b: c\n");
}

static void assert_masked(const char *text, const char *expected) {
  gsize size = 0;
  g_autofree char *masked = yaml_mask_secrets(text, strlen(text), &size);

  g_assert_cmpstr(masked, ==, expected);
  g_assert_cmpuint(size, ==, strlen(expected));
}

static void secrets_are_hidden(void) {
  assert_masked("n:\n  password: \"x: y\" # z\n  mtu: 9\n", "n:\n  password: <hidden> # z\n  mtu: 9\n");
  assert_masked("n: {password: x, mtu: 9}", "n: {password: <hidden>, mtu: 9}");
  assert_masked("wg0:\n  key: K\n  peers:\n  - keys: {public: P, shared: S}\n",
                "wg0:\n  key: <hidden>\n  peers:\n  - keys: {public: P, shared: <hidden>}\n");
  assert_masked("p:\n  wifi-security.psk: x\n  password: |\n    two\n    lines\n  mtu: 9\n",
                "p:\n  wifi-security.psk: <hidden>\n  password: <hidden>\n  mtu: 9\n");
  assert_masked("a: 1\n# password: x\n  # - \"key\": y\n# see also: z\n",
                "a: 1\n# password: <hidden>\n  # - \"key\": <hidden>\n# see also: z\n");
  assert_masked("a: 1\n# auth: {identity: i, password: x}\n# wg: {a: b, key: K}\n# at: b\n",
                "a: 1\n# auth: {identity: i, password: <hidden>\n# wg: {a: b, key: <hidden>\n# at: b\n");
}

static void of_what_is_no_yaml_nothing_is_shown(void) {
  assert_masked("n: {password: x}\n bad\n: [\n", "<hidden>\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/yaml-tokens/values-have-their-way", values_have_their_way);
  g_test_add_func("/yaml-tokens/what-is-no-yaml-is-read-by-lines", what_is_no_yaml_is_read_by_lines);
  g_test_add_func("/yaml-tokens/secrets-are-hidden", secrets_are_hidden);
  g_test_add_func("/yaml-tokens/of-what-is-no-yaml-nothing-is-shown", of_what_is_no_yaml_nothing_is_shown);
  return g_test_run();
}
