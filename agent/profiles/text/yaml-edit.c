/* yaml-edit.c - change what a YAML text says and leave every other byte as it is */
#include "yaml-edit.h"

#include <string.h>

#include "base/error.h"
#include "yaml-change.h"

/* What must not be changed by halves ------------------------------------------------------------------------------*/

static gboolean refuse(const YamlText *text, const YamlNode *node, GError **error, const char *what, const char *name) {
  return ri_error(error, RI_ERROR_FAILED, "%s:%u: %s%s stands for more than what has to change here: write it out",
                  yaml_text_path(text), node->line, what, name);
}

/* NODE itself: nothing in it means, or is meant by, another place. */
static gboolean is_simple(const YamlText *text, const YamlNode *node, GError **error) {
  if (node->anchor != NULL)
    return refuse(text, node, error, "the anchor &", node->anchor);
  if (node->kind == YAML_KIND_ALIAS)
    return refuse(text, node, error, "the alias *", node->text);
  if (node->is_tagged)
    return refuse(text, node, error, "a tag", "");
  return TRUE;
}

static gboolean is_simple_below(const YamlText *text, const YamlNode *node, GError **error) {
  if (!is_simple(text, node, error) || (node->key != NULL && !is_simple(text, node->key, error)))
    return FALSE;
  for (guint i = 0; node->children != NULL && i < node->children->len; i++)
    if (!is_simple_below(text, node->children->pdata[i], error))
      return FALSE;
  return TRUE;
}

gboolean yaml_text_may_change(const YamlText *text, const YamlNode *node, GError **error) {
  for (const YamlNode *around = node; around != NULL; around = around->parent) {
    const YamlNode *merge = around->kind == YAML_KIND_MAPPING ? yaml_node_get(around, "<<") : NULL;

    if (!is_simple(text, around, error) || (around->key != NULL && !is_simple(text, around->key, error)))
      return FALSE;
    if (merge != NULL)
      return refuse(text, merge->key, error, "the merge key <<", "");
  }
  return TRUE;
}

static gboolean is_in_flow(const YamlNode *node) {
  for (const YamlNode *around = node->parent; around != NULL; around = around->parent)
    if (around->is_flow)
      return TRUE;
  return FALSE;
}

static gboolean has_no_place(const YamlText *text, const YamlNode *node, GError **error) {
  return ri_error(error, RI_ERROR_FAILED, "%s:%u: written in a way that is not edited here: write \"key: value\"",
                  yaml_text_path(text), node->line);
}

/* Set --------------------------------------------------------------------------------------------------------------*/

/* NODE says VALUE in what CHANGE makes of the text. */
static gboolean set_node(YamlChange *change, const YamlNode *node, const char *value, GError **error) {
  if (!yaml_text_may_change(change->text, node, error))
    return FALSE;
  g_autofree char *word =
      yaml_spell(value, node->quoting, is_in_flow(node), node->quoting == YAML_PLAIN && yaml_is_typed(node->text));
  if (yaml_node_is_nothing(node)) {
    g_autofree char *behind = g_strconcat(" ", word, NULL);
    const gsize at = node->key != NULL ? change_behind_colon(change, node->key) : node->start;

    if (at == 0)
      return has_no_place(change->text, node, error);
    change_replace(change, at, at, behind);
  } else if (node->quoting == YAML_BLOCK_SCALAR) {
    g_autofree char *line = g_strconcat(word, change->layout.newline, NULL);

    change_replace(change, node->start, node->end, change->data[node->end - 1] == '\n' ? line : word);
  } else {
    change_replace(change, node->start, node->end, word);
  }
  return TRUE;
}

gboolean yaml_text_set_all(YamlText *text, const YamlSetting *settings, guint count, GError **error) {
  g_autoptr(GBytes) bytes = yaml_text_bytes(text);
  g_auto(YamlChange) change = change_begin(text, bytes);

  for (guint i = 0; i < count; i++)
    if (!set_node(&change, settings[i].node, settings[i].value, error))
      return FALSE;
  return change_carry_out(&change, error);
}

gboolean yaml_text_set(YamlText *text, const YamlNode *node, const char *value, GError **error) {
  const YamlSetting setting = {node, value};

  return yaml_text_set_all(text, &setting, 1, error);
}

/* Remove -----------------------------------------------------------------------------------------------------------*/

/* A comma behind the entry that ends at END; 0: none. */
static gsize comma_behind(const YamlChange *change, gsize end) {
  const gsize comma = change_find_mark(change, end, ',');

  return comma < change->size ? comma : 0;
}

static void remove_from_flow(YamlChange *change, const YamlNode *node) {
  const guint index = yaml_node_index(node);
  const gsize start = change_entry_start(change, node);
  const gsize end = change_entry_end(node);
  const gsize own_comma = comma_behind(change, end);
  const gsize behind = own_comma != 0 ? own_comma + 1 : end;
  const YamlNode *before = index > 0 ? yaml_node_child(node->parent, index - 1) : NULL;
  const gsize comma = before != NULL && own_comma == 0 ? comma_behind(change, change_entry_end(before)) : 0;

  if (change_is_first_of_line(change, start) && change_is_last_of_line(change, behind)) {
    if (comma != 0)
      change_replace(change, comma, comma + 1, "");
    change_replace(change, change_line_start(change, start), change_line_end(change, behind), "");
  } else if (comma != 0 && change_is_on_one_line(change, comma, start)) {
    change_replace(change, comma, end, "");
  } else {
    if (comma != 0)
      change_replace(change, comma, comma + 1, "");
    if (change_is_last_of_line(change, behind))
      change_replace(change, change_skip_blanks_back(change, start), behind, "");
    else
      change_replace(change, start, own_comma != 0 ? change_skip_blanks(change, behind) : behind, "");
  }
}

/* The only child of block style: its parent becomes EMPTY, behind the key where it has one. */
static void remove_only_child(YamlChange *change, const YamlNode *node) {
  const YamlNode *parent = node->parent;
  const char *empty = parent->kind == YAML_KIND_LIST ? "[]" : "{}";
  const gsize start = change_entry_start(change, node);
  const gsize colon = parent->key != NULL ? change_behind_colon(change, parent->key) : 0;
  g_autofree char *behind = g_strconcat(" ", empty, NULL);

  if (colon != 0 && change_is_first_of_line(change, start)) {
    change_replace(change, colon, colon, behind);
    change_replace(change, change_line_start(change, start), change_lines_end(change, node), "");
  } else {
    change_replace(change, start, change_entry_end(node), empty);
  }
}

static void remove_from_block(YamlChange *change, const YamlNode *node) {
  const gsize start = change_entry_start(change, node);

  if (change_is_first_of_line(change, start))
    change_replace(change, change_line_start(change, start), change_lines_end(change, node), "");
  else
    change_replace(change, start, change_entry_start(change, yaml_node_child(node->parent, yaml_node_index(node) + 1)),
                   "");
}

/* A file that ended without a line end does so afterwards. */
static void keep_open_end(YamlChange *change) {
  YamlPatch *last = &g_array_index(change->patches, YamlPatch, change->patches->len - 1);

  if (last->end < change->size || change->size == 0 || change->data[change->size - 1] == '\n' || *last->text != '\0')
    return;
  if (last->start > 0 && change->data[last->start - 1] == '\n')
    last->start -= last->start > 1 && change->data[last->start - 2] == '\r' ? 2 : 1;
}

gboolean yaml_text_remove(YamlText *text, const YamlNode *node, GError **error) {
  g_autoptr(GBytes) bytes = yaml_text_bytes(text);
  g_auto(YamlChange) change = change_begin(text, bytes);

  g_assert(node->parent != NULL);
  if (!yaml_text_may_change(text, node, error) || !is_simple_below(text, node, error))
    return FALSE;
  if (node->parent->is_flow)
    remove_from_flow(&change, node);
  else if (node->parent->children->len == 1)
    remove_only_child(&change, node);
  else
    remove_from_block(&change, node);
  keep_open_end(&change);
  return change_carry_out(&change, error);
}

/* Add --------------------------------------------------------------------------------------------------------------*/

/* "key" and 'item' beside others that are written so: JSON stays JSON. */
static YamlQuoting quoting_of_children(const YamlNode *node) {
  const YamlNode *last =
      node->children != NULL && node->children->len > 0 ? yaml_node_child(node, node->children->len - 1) : NULL;

  if (last != NULL && last->key != NULL)
    return last->key->quoting;
  if (last != NULL && last->kind == YAML_KIND_MAPPING)
    return quoting_of_children(last);
  if (last != NULL && last->kind == YAML_KIND_SCALAR && last->quoting != YAML_BLOCK_SCALAR)
    return last->quoting;
  return node->key != NULL ? node->key->quoting : YAML_PLAIN;
}

static void append_entry(GString *out, const YamlChange *change, const char *key, const YamlValue *value, guint column,
                         gboolean in_flow) {
  g_autoptr(GString) made = g_string_new(NULL);
  g_autofree char *name = key != NULL ? yaml_spell(key, change->layout.quoting, in_flow, FALSE) : NULL;

  yaml_value_append(made, value, &change->layout, column, key == NULL, in_flow);
  if (name != NULL)
    g_string_append_printf(out, "%s:", name);
  else if (!in_flow)
    g_string_append_c(out, '-');
  g_string_append(out, made->str + (in_flow && key == NULL ? 1 : 0));
}

/* ENTRY as lines of its own at AT, the beginning of a line or the end of the text. */
static void insert_line(YamlChange *change, gsize at, guint column, const char *entry) {
  const gboolean open = at > 0 && change->data[at - 1] != '\n';
  g_autofree char *line = g_strdup_printf("%s%*s%s%s", open ? change->layout.newline : "", (int)column, "", entry,
                                          open ? "" : change->layout.newline);

  change_replace(change, at, at, line);
}

static void add_to_flow(YamlChange *change, const YamlNode *node, const char *entry) {
  const YamlNode *last = node->children->len > 0 ? yaml_node_child(node, node->children->len - 1) : NULL;
  const gsize end = last != NULL ? change_entry_end(last) : node->start + 1;
  const gsize comma = last != NULL ? comma_behind(change, end) : 0;
  const gsize start = last != NULL ? change_entry_start(change, last) : 0;

  if (last == NULL) {
    const gsize close = change_skip_blanks(change, end);

    change_replace(change, end, close + 1 == node->end ? close : end, entry);
  } else if (change_is_first_of_line(change, start) && change_is_last_of_line(change, comma != 0 ? comma + 1 : end)) {
    g_autofree char *line = g_strconcat(entry, comma != 0 ? "," : "", NULL);

    if (comma == 0)
      change_replace(change, end, end, ",");
    insert_line(change, change_line_end(change, comma != 0 ? comma : end), change_column(change, start), line);
  } else if (comma != 0) {
    g_autofree char *more = g_strconcat(" ", entry, ",", NULL);
    change_replace(change, comma + 1, comma + 1, more);
  } else {
    g_autofree char *more = g_strconcat(", ", entry, NULL);
    change_replace(change, end, end, more);
  }
}

/* NODE is nothing: the value of its key, or an item, begins with ENTRY. */
static gboolean add_to_nothing(YamlChange *change, const YamlNode *node, const char *key, const YamlValue *value,
                               GError **error) {
  const gboolean in_flow = is_in_flow(node);
  const gsize colon = node->key != NULL ? change_behind_colon(change, node->key) : 0;
  g_autoptr(GString) entry = g_string_new(NULL);

  if (colon == 0)
    return has_no_place(change->text, node, error);
  if (in_flow || (key == NULL && change->layout.flow_lists)) {
    g_string_append(entry, key != NULL ? " {" : " [");
    append_entry(entry, change, key, value, 0, TRUE);
    g_string_append_c(entry, key != NULL ? '}' : ']');
    change_replace(change, colon, colon, entry->str);
  } else {
    const guint column =
        change_column(change, node->key->start) + (key != NULL ? change->layout.step : change->layout.list_step);

    append_entry(entry, change, key, value, column, FALSE);
    insert_line(change, change_line_end(change, colon), column, entry->str);
  }
  return change_carry_out(change, error);
}

gboolean yaml_text_add(YamlText *text, const YamlNode *node, const char *key, const YamlValue *value, GError **error) {
  g_autoptr(GBytes) bytes = yaml_text_bytes(text);
  g_auto(YamlChange) change = change_begin(text, bytes);
  g_autoptr(GString) entry = g_string_new(NULL);

  if (!yaml_text_may_change(text, node, error))
    return FALSE;
  change.layout.quoting = quoting_of_children(node);
  if (yaml_node_is_nothing(node))
    return add_to_nothing(&change, node, key, value, error);
  if (node->children == NULL || (node->kind == YAML_KIND_MAPPING) != (key != NULL) ||
      (node->is_flow && strchr("[{", change.data[node->start]) == NULL))
    return has_no_place(text, node, error);
  if (node->is_flow) {
    append_entry(entry, &change, key, value, 0, TRUE);
    add_to_flow(&change, node, entry->str);
  } else {
    const guint column = change_column_of_children(&change, node);

    append_entry(entry, &change, key, value, column, FALSE);
    insert_line(&change, change_lines_end(&change, yaml_node_child(node, node->children->len - 1)), column, entry->str);
  }
  return change_carry_out(&change, error);
}
