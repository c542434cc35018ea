/* yaml-change.c - one change of a YAML text: where things stand in its lines, and the bytes that become others */
#include "yaml-change.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"

static void patch_clear(gpointer data) {
  g_free(((YamlPatch *)data)->text);
}

void change_replace(YamlChange *change, gsize start, gsize end, const char *text) {
  const YamlPatch patch = {start, end, g_strdup(text)};

  g_array_append_val(change->patches, patch);
}

gboolean change_carry_out(YamlChange *change, GError **error) {
  g_autoptr(GString) out = g_string_sized_new(change->size);
  g_autoptr(GBytes) bytes = NULL;
  gsize copied = 0;

  array_each (const YamlPatch *, patch, change->patches) {
    g_string_append_len(out, change->data + copied, (gssize)(patch->start - copied));
    g_string_append(out, patch->text);
    copied = patch->end;
  }
  g_string_append_len(out, change->data + copied, (gssize)(change->size - copied));
  bytes = g_bytes_new(out->str, out->len);
  return yaml_text_reread(change->text, bytes, g_array_index(change->patches, YamlPatch, 0).start, copied, error);
}

/* Lines and columns ------------------------------------------------------------------------------------------------*/

gsize change_line_start(const YamlChange *change, gsize at) {
  const gsize first = yaml_byte_order_mark(change->data, change->size);

  while (at > first && change->data[at - 1] != '\n')
    at--;
  return at;
}

guint change_column(const YamlChange *change, gsize at) {
  return (guint)(at - change_line_start(change, at));
}

gsize change_line_end(const YamlChange *change, gsize at) {
  const char *newline = at < change->size ? memchr(change->data + at, '\n', change->size - at) : NULL;

  return newline != NULL ? (gsize)(newline - change->data) + 1 : change->size;
}

/* A block scalar ends there already. */
gsize change_lines_end(const YamlChange *change, const YamlNode *node) {
  const gsize end = node->key != NULL ? MAX(node->end, node->key->end) : node->end;

  return end > node->start && end > 0 && change->data[end - 1] == '\n' ? end : change_line_end(change, end);
}

gsize change_skip_blanks(const YamlChange *change, gsize at) {
  while (at < change->size && (change->data[at] == ' ' || change->data[at] == '\t'))
    at++;
  return at;
}

gsize change_skip_blanks_back(const YamlChange *change, gsize at) {
  while (at > 0 && (change->data[at - 1] == ' ' || change->data[at - 1] == '\t'))
    at--;
  return at;
}

gboolean change_is_first_of_line(const YamlChange *change, gsize at) {
  const gsize start = change_skip_blanks_back(change, at);

  return start == change_line_start(change, at);
}

gboolean change_is_last_of_line(const YamlChange *change, gsize at) {
  const gsize next = change_skip_blanks(change, at);

  return next == change->size || strchr("\r\n", change->data[next]) != NULL || (change->data[next] == '#' && next > at);
}

gboolean change_is_on_one_line(const YamlChange *change, gsize start, gsize end) {
  return memchr(change->data + start, '\n', end - start) == NULL;
}

gsize change_find_mark(const YamlChange *change, gsize at, char byte) {
  while (at < change->size && change->data[at] != byte) {
    if (change->data[at] == '#')
      at = change_line_end(change, at);
    else if (strchr(" \t\r\n", change->data[at]) != NULL)
      at++;
    else
      return change->size;
  }
  return at;
}

/* Where the first one begins. */
guint change_column_of_children(const YamlChange *change, const YamlNode *node) {
  return change_column(change, node->start);
}

gsize change_entry_start(const YamlChange *change, const YamlNode *node) {
  gsize line;

  if (node->key != NULL)
    return node->key->start;
  if (node->parent->is_flow)
    return node->start;
  if (yaml_node_index(node) == 0)
    return node->parent->start;
  guint column = change_column_of_children(change, node->parent);
  for (line = change_line_start(change, node->start); line > 0; line = change_line_start(change, line - 1))
    if (line + column < node->start && change->data[line + column] == '-' &&
        change_is_first_of_line(change, line + column))
      break;
  return line + column;
}

gsize change_entry_end(const YamlNode *node) {
  return node->key != NULL ? MAX(node->end, node->key->end) : node->end;
}

/* Layout -----------------------------------------------------------------------------------------------------------*/

typedef struct {
  const YamlChange *change;
  YamlLayout *layout;
  gboolean has_step, has_list_step, has_list;
} Measuring;

static void measure(const YamlNode *node, gpointer data) {
  Measuring *measuring = data;
  const gboolean is_block = node->children != NULL && node->children->len > 0 && !node->is_flow && node->key != NULL &&
                            node->anchor == NULL && !node->is_tagged;
  const YamlNode *first = node->children != NULL && node->children->len > 0 ? node->children->pdata[0] : NULL;

  if (measuring->has_step && measuring->has_list_step && measuring->has_list)
    return;
  if (node->kind == YAML_KIND_LIST && first != NULL && first->kind == YAML_KIND_SCALAR && !measuring->has_list) {
    measuring->has_list = TRUE;
    measuring->layout->flow_lists = node->is_flow;
  }
  if (!is_block || change_column(measuring->change, node->start) < change_column(measuring->change, node->key->start))
    return;
  const guint step = change_column(measuring->change, node->start) - change_column(measuring->change, node->key->start);
  if (node->kind == YAML_KIND_LIST && !measuring->has_list_step) {
    measuring->has_list_step = TRUE;
    measuring->layout->list_step = step;
  } else if (node->kind == YAML_KIND_MAPPING && !measuring->has_step && step > 0) {
    measuring->has_step = TRUE;
    measuring->layout->step = step;
  }
}

static YamlLayout layout_of(const YamlChange *change) {
  const char *newline = memchr(change->data, '\n', change->size);
  YamlLayout layout = {.newline = newline != NULL && newline > change->data && newline[-1] == '\r' ? "\r\n" : "\n",
                       .step = 2,
                       .list_step = 2};
  Measuring measuring = {.change = change, .layout = &layout};

  yaml_node_foreach(yaml_text_root(change->text), measure, &measuring);
  if (!measuring.has_list_step)
    layout.list_step = layout.step;
  return layout;
}

void change_clear(YamlChange *change) {
  g_array_unref(change->patches);
}

YamlChange change_begin(YamlText *text, GBytes *bytes) {
  YamlChange change = {.text = text, .patches = g_array_new(FALSE, FALSE, sizeof(YamlPatch))};

  g_array_set_clear_func(change.patches, patch_clear);
  change.data = bytes_text(bytes, &change.size);
  change.layout = layout_of(&change);
  return change;
}

gsize change_behind_colon(const YamlChange *change, const YamlNode *key) {
  const gsize colon = change_find_mark(change, key->end, ':');

  return colon < change->size ? colon + 1 : 0;
}
