/* yaml-edit.c on every file of tests/corpus/netplan: each scalar set, each entry removed, each list and mapping added
 * to; what the text says afterwards differs in that only, and no comment outside of it is lost. */
#include <string.h>

#include "fixture.h"
#include "profiles/text/yaml-edit.h"
#include "yaml-fixture.h"

static const char corpus[] = "tests/corpus/netplan";

static const char set_value[] = "changed 0";

/* What a text says: a line for each scalar, and for each list or mapping that has nothing. */
static void say(const YamlNode *node, const char *way, GString *out) {
  if (node == NULL)
    return;
  if (node->children == NULL) {
    g_string_append_printf(out, "%s = %s%s\n", way, node->kind == YAML_KIND_ALIAS ? "*" : "", node->text);
    return;
  }
  if (node->children->len == 0)
    g_string_append_printf(out, "%s = %s\n", way, node->kind == YAML_KIND_LIST ? "[]" : "{}");
  for (guint i = 0; i < node->children->len; i++) {
    const YamlNode *child = yaml_node_child(node, i);
    g_autofree char *below =
        child->key != NULL ? g_strdup_printf("%s/%s", way, child->key->text) : g_strdup_printf("%s/-", way);

    say(child, below, out);
  }
}

static char *said(const YamlText *text) {
  GString *out = g_string_new(NULL);

  say(yaml_text_root(text), "", out);
  return g_string_free(out, FALSE);
}

/* The same tree, changed by hand, to be compared with. */
typedef enum { SET, DROP, ADD } Kind;

typedef struct {
  Kind kind;
  const YamlNode *node;
} Wanted;

static void say_wanted(const YamlNode *node, const char *way, const Wanted *wanted, GString *out) {
  guint left = 0;

  if (wanted->kind == SET && node == wanted->node) {
    g_string_append_printf(out, "%s = %s\n", way, set_value);
    return;
  }
  for (guint i = 0; node->children != NULL && i < node->children->len; i++) {
    const YamlNode *child = yaml_node_child(node, i);
    const char *name = child->key == NULL ? "-" : child->key == wanted->node ? set_value : child->key->text;
    g_autofree char *below = g_strdup_printf("%s/%s", way, name);

    if (wanted->kind == DROP && child == wanted->node)
      continue;
    left++;
    say_wanted(child, below, wanted, out);
  }
  if (wanted->kind == ADD && node == wanted->node) {
    g_string_append_printf(out, "%s/%s = %s\n", way, node->kind == YAML_KIND_LIST ? "-" : "added", set_value);
    left++;
  }
  if (left == 0)
    node->children == NULL ? say(node, way, out)
                           : g_string_append_printf(out, "%s = %s\n", way, node->kind == YAML_KIND_LIST ? "[]" : "{}");
}

/* Comment lines, but those of NODE's own lines. */
static char *comments(GBytes *bytes, gsize start, gsize end) {
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);
  GString *out = g_string_new(NULL);

  for (gsize at = 0; at < size;) {
    const char *newline = memchr(data + at, '\n', size - at);
    const gsize next = newline != NULL ? (gsize)(newline - data) + 1 : size;
    gsize first = at;

    while (first < next && strchr(" \t", data[first]) != NULL)
      first++;
    if (first < next && data[first] == '#' && (first < start || first >= end))
      g_string_append_len(out, data + at, (gssize)(next - at));
    at = next;
  }
  return g_string_free(out, FALSE);
}

static void collect(const YamlNode *node, gpointer data) {
  g_array_append_val((GArray *)data, node);
}

static gboolean change(YamlText *text, const YamlNode *node, Kind kind, GError **error) {
  g_autoptr(YamlValue) value = yaml_value_text(set_value);

  if (kind == SET)
    return yaml_text_set(text, node, set_value, error);
  if (kind == DROP)
    return yaml_text_remove(text, node, error);
  return yaml_text_add(text, node, node->kind == YAML_KIND_LIST ? NULL : "added", value, error);
}

static gboolean is_for(const YamlNode *node, Kind kind) {
  if (kind == SET)
    return node->kind == YAML_KIND_SCALAR;
  if (kind == DROP)
    return node->parent != NULL && !node->is_key;
  return node->children != NULL;
}

/* Outside of the scalar itself every byte is the same; a scalar that says nothing has no bytes yet. */
static void assert_rest_is_the_same(GBytes *before, GBytes *after, gsize start, gsize end) {
  gsize size, new_size;
  const char *old_data = g_bytes_get_data(before, &size);
  const char *new_data = g_bytes_get_data(after, &new_size);

  g_assert_cmpmem(old_data, start, new_data, start);
  g_assert_cmpuint(new_size, >=, size - end);
  g_assert_cmpmem(old_data + end, size - end, new_data + new_size - (size - end), size - end);
}

/* Of the NUMBER-th node. FALSE: there are not so many. */
static gboolean check_node(GBytes *bytes, const char *path, guint number, Kind kind, guint *changed) {
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlText) text = yaml_text_parse(bytes, path, &error);
  g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(const YamlNode *));
  g_autoptr(GBytes) after = NULL;
  g_autoptr(GString) wanted = g_string_new(NULL);
  g_autofree char *old_comments = NULL;
  g_autofree char *new_comments = NULL;
  g_autofree char *result = NULL;
  gsize start, end;

  g_assert_no_error(error);
  yaml_node_foreach(yaml_text_root(text), collect, nodes);
  if (number >= nodes->len)
    return FALSE;
  const YamlNode *node = g_array_index(nodes, const YamlNode *, number);
  if (!is_for(node, kind))
    return TRUE;
  start = kind == DROP && node->key != NULL ? node->key->start : node->start;
  end = node->end;
  const gboolean is_nothing = yaml_node_is_nothing(node);
  old_comments = comments(bytes, kind == DROP ? start : 0, kind == DROP ? end : 0);
  say_wanted(yaml_text_root(text), "", &(Wanted){kind, node}, wanted);
  if (!change(text, node, kind, &error)) {
    g_test_message("%s", error->message);
    g_assert_true(strstr(error->message, "stands for more") != NULL || strstr(error->message, "is not edited") != NULL);
    return TRUE;
  }
  ++*changed;
  assert_is_as_read_anew(text);
  result = said(text);
  g_assert_cmpstr(result, ==, wanted->str);
  after = yaml_text_bytes(text);
  new_comments = comments(after, 0, 0);
  g_assert_cmpstr(new_comments, ==, old_comments);
  if (kind == SET && !is_nothing)
    assert_rest_is_the_same(bytes, after, start, end);
  return TRUE;
}

static void check_file(const char *name, Kind kind, guint *changed) {
  g_autofree char *path = g_build_filename(corpus, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr(GError) error = NULL;
  gsize size;

  g_file_get_contents(path, &data, &size, &error);
  g_assert_no_error(error);
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);
  for (guint number = 0; check_node(bytes, path, number, kind, changed); number++)
    continue;
}

static void check_corpus(gconstpointer data) {
  g_autoptr(GError) error = NULL;
  GDir *directory = g_dir_open(corpus, 0, &error);
  const char *name;
  guint files = 0;
  guint changed = 0;

  g_assert_no_error(error);
  while ((name = g_dir_read_name(directory)) != NULL) {
    if (g_str_has_prefix(name, "malformed-") || g_str_has_prefix(name, "other-"))
      continue;
    check_file(name, (Kind)GPOINTER_TO_INT(data), &changed);
    files++;
  }
  g_dir_close(directory);
  g_assert_cmpuint(files, >=, 90);
  g_assert_cmpuint(changed, >=, 500);
}

static void what_is_left_alone_is_refused(void) {
  static const char *const names[] = {"other-two-documents", "other-double-key", "other-lone-cr", "malformed-tab",
                                      "malformed-bracket",   "malformed-alias",  "malformed-key", "malformed-control"};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_strdup_printf("%s/%s.yaml", corpus, names[i]);
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize size;

    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(YamlText) text = yaml_text_parse(bytes, path, &error);
    g_assert_null(text);
    g_assert_true(g_str_has_prefix(error->message, path));
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/yaml-corpus/each-scalar-is-set", GINT_TO_POINTER(SET), check_corpus);
  g_test_add_data_func("/yaml-corpus/each-entry-is-removed", GINT_TO_POINTER(DROP), check_corpus);
  g_test_add_data_func("/yaml-corpus/each-list-and-mapping-is-added-to", GINT_TO_POINTER(ADD), check_corpus);
  g_test_add_func("/yaml-corpus/what-is-left-alone-is-refused", what_is_left_alone_is_refused);
  return g_test_run();
}
