/* yaml-fixture.h - a text that was edited against the same bytes read from the start. */
#pragma once

#include "fixture.h"
#include "profiles/text/yaml-text.h"

static inline void describe_node(const YamlNode *node, gpointer data) {
  g_string_append_printf(data, "%u: %d %d%d%d %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT " %s in %s\n", node->line,
                         node->kind, node->is_flow, node->is_key, node->is_tagged, node->start, node->end,
                         node->text != NULL ? node->text : "-",
                         node->parent != NULL && node->parent->key != NULL ? node->parent->key->text : "-");
}

/* Each node of it, with its place. The caller frees. */
static inline char *described(const YamlText *text) {
  GString *out = g_string_new(NULL);

  yaml_node_foreach(yaml_text_root(text), describe_node, out);
  return g_string_free(out, FALSE);
}

static inline void assert_is_as_read_anew(const YamlText *text) {
  g_autoptr(GBytes) bytes = yaml_text_bytes(text);
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlText) again = yaml_text_parse(bytes, yaml_text_path(text), &error);
  g_autofree char *edited = described(text);
  g_autofree char *anew = NULL;

  g_assert_no_error(error);
  anew = described(again);
  g_assert_cmpstr(edited, ==, anew);
}
