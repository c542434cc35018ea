/* yaml-text.c - a YAML document as a tree of nodes, each with the bytes in which it stands */
#include "yaml-text.h"

#include <string.h>

#include "base/bytes.h"
#include "yaml-read.h"

struct YamlText {
  GBytes *bytes;
  char *path;
  YamlNode *root;
  gboolean has_anchors;
};

YamlText *yaml_text_parse(GBytes *bytes, const char *path, GError **error) {
  YamlNode *root = NULL;
  gboolean has_anchors;

  if (!yaml_read(bytes, path, &root, &has_anchors, error))
    return NULL;
  YamlText *text = g_new0(YamlText, 1);
  *text = (YamlText){.bytes = g_bytes_ref(bytes), .path = g_strdup(path), .root = root, .has_anchors = has_anchors};
  return text;
}

void yaml_text_free(YamlText *text) {
  if (text == NULL)
    return;
  yaml_node_free(text->root);
  g_bytes_unref(text->bytes);
  g_free(text->path);
  g_free(text);
}

/* Reading again -----------------------------------------------------------------------------------------------------*/

/* The bytes from START to END became others, and the text BYTES. */
typedef struct {
  GBytes *bytes;
  gsize start, end;
} Change;

static guint count_lines(const char *data, gsize size) {
  guint lines = 0;

  for (const char *newline = data; (newline = memchr(newline, '\n', size - (gsize)(newline - data))) != NULL; newline++)
    lines++;
  return lines;
}

/* By what may be less than nothing. */
static void move(YamlNode *node, gsize bytes, guint lines) {
  node->start += bytes;
  node->end += bytes;
  node->line += lines;
  if (node->key != NULL)
    move(node->key, bytes, lines);
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    move(node->children->pdata[i], bytes, lines);
}

/* What stands behind NODE moves, and what it stands in ends where its last child does. */
static void move_rest(const YamlNode *node, gsize bytes, guint lines) {
  for (YamlNode *around = node->parent; around != NULL; node = around, around = around->parent) {
    for (guint i = yaml_node_index(node) + 1; i < around->children->len; i++)
      move(around->children->pdata[i], bytes, lines);
    const YamlNode *last = yaml_node_child(around, around->children->len - 1);
    around->end = MAX(last->end, last->key->end);
  }
}

/* The only entry of ROOT, which is block style; taken out of it. */
static YamlNode *take_only_entry(YamlNode *root) {
  if (root == NULL || root->kind != YAML_KIND_MAPPING || root->is_flow || root->is_tagged || root->children->len != 1)
    return NULL;
  return g_ptr_array_steal_index(root->children, 0);
}

/* ENTRY, the value of a key, with all of its lines, from START to END. FALSE: they are no longer that entry alone. */
static gboolean reread_entry(YamlText *text, YamlNode *entry, gsize start, gsize end, const Change *change) {
  const gsize more = g_bytes_get_size(change->bytes) - g_bytes_get_size(text->bytes);
  g_autoptr(GBytes) part = g_bytes_new_from_bytes(change->bytes, start, end - start + more);
  g_autoptr(YamlNode) root = NULL;
  gboolean has_anchors;

  if (!yaml_read(part, text->path, &root, &has_anchors, NULL))
    return FALSE;
  g_autoptr(YamlNode) made = take_only_entry(root);
  if (made == NULL || has_anchors || strcmp(made->key->text, entry->key->text) != 0 ||
      made->key->start + start != entry->key->start)
    return FALSE;
  move(made, start, entry->key->line - 1);
  made->parent = made->key->parent = entry->parent;
  entry->parent->children->pdata[yaml_node_index(entry)] = made;
  move_rest(g_steal_pointer(&made), more,
            count_lines(bytes_text(part, NULL), g_bytes_get_size(part)) -
                count_lines(bytes_text(text->bytes, NULL) + start, end - start));
  yaml_node_free(entry);
  return TRUE;
}

/* *START: of its line. FALSE: something stands before it there. */
static gboolean begins_line(const YamlText *text, const YamlNode *entry, gsize *start) {
  const char *data = bytes_text(text->bytes, NULL);

  for (*start = entry->key->start; *start > 0 && data[*start - 1] == ' ';)
    --*start;
  return *start == 0 || data[*start - 1] == '\n';
}

/* The innermost entry of MAPPING, which ends at END, around the change. FALSE: there is none that can be read alone. */
static gboolean reread_in(YamlText *text, const YamlNode *mapping, gsize end, const Change *change) {
  if (mapping == NULL || mapping->kind != YAML_KIND_MAPPING || mapping->is_flow)
    return FALSE;
  for (guint i = 0; i < mapping->children->len; i++) {
    YamlNode *entry = mapping->children->pdata[i];
    gsize start, next = end;

    if (!begins_line(text, entry, &start) ||
        (i + 1 < mapping->children->len && !begins_line(text, yaml_node_child(mapping, i + 1), &next)))
      return FALSE;
    if (start <= change->start && change->end <= next)
      return reread_in(text, entry, next, change) || reread_entry(text, entry, start, next, change);
  }
  return FALSE;
}

static gboolean reread_all(YamlText *text, GBytes *bytes, GError **error) {
  YamlNode *root = NULL;

  if (!yaml_read(bytes, text->path, &root, &text->has_anchors, error))
    return FALSE;
  yaml_node_free(text->root);
  text->root = root;
  return TRUE;
}

/* A file of some hundred interfaces is edited some hundred times: only the interface is read again. */
gboolean yaml_text_reread(YamlText *text, GBytes *bytes, gsize start, gsize end, GError **error) {
  const Change change = {bytes, start, end};

  if ((text->has_anchors || !reread_in(text, text->root, g_bytes_get_size(text->bytes), &change)) &&
      !reread_all(text, bytes, error))
    return FALSE;
  g_bytes_unref(text->bytes);
  text->bytes = g_bytes_ref(bytes);
  return TRUE;
}

/* Questions --------------------------------------------------------------------------------------------------------*/

GBytes *yaml_text_bytes(const YamlText *text) {
  return g_bytes_ref(text->bytes);
}

const char *yaml_text_path(const YamlText *text) {
  return text->path;
}

const YamlNode *yaml_text_root(const YamlText *text) {
  return text->root;
}
