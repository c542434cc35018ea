/* keyfile-text-edit.c - set, replace and remove keys of a keyfile, every other byte as it was */
#include "keyfile-text-lines.h"

#include <string.h>

static gboolean ends_without_newline(const KeyfileText *text) {
  return text->lines->len > 0 && !keyfile_line_has_end(text->lines->pdata[text->lines->len - 1]);
}

/* The line end that new lines get: that of the first line, else LF. */
static const char *text_line_end(const KeyfileText *text) {
  return text->lines->len > 0 && keyfile_line_end_size(text->lines->pdata[0]) == 2 ? "\r\n" : "\n";
}

/* The final line stays, or becomes, as open as it was: WITHOUT is what ends_without_newline said before. */
static void keep_final_newline(KeyfileText *text, gboolean without) {
  KeyfileLine *last;

  if (!without || text->lines->len == 0 || ends_without_newline(text))
    return;
  last = text->lines->pdata[text->lines->len - 1];
  keyfile_line_splice(last, last->size - keyfile_line_end_size(last), last->size, "", 0);
}

static guint index_of(GPtrArray *lines, const KeyfileLine *line) {
  guint index = 0;

  if (!g_ptr_array_find(lines, line, &index))
    g_assert_not_reached();
  return index;
}

static void insert_line(KeyfileText *text, guint index, KeyfileLine *line) {
  if (index > 0 && !keyfile_line_has_end(text->lines->pdata[index - 1])) {
    KeyfileLine *before = text->lines->pdata[index - 1];
    const char *end = text_line_end(text);

    keyfile_line_splice(before, before->size, before->size, end, strlen(end));
  }
  g_ptr_array_insert(text->lines, (gint)index, line);
}

/* A key line written as MODEL is (NULL: plainly): the same indent, blanks around "=" and line end. */
static KeyfileLine *key_line_like(const KeyfileText *text, const KeyfileLine *model, const char *key,
                                  const char *value) {
  GString *made = g_string_new(NULL);
  KeyfileLine *line = g_new0(KeyfileLine, 1);
  gsize size;

  if (model != NULL) {
    g_string_append_len(made, model->text, (gssize)model->key_start);
    g_string_append(made, key);
    g_string_append_len(made, model->text + model->key_end, (gssize)(model->value_start - model->key_end));
  } else {
    g_string_append_printf(made, "%s=", key);
  }
  g_string_append(made, value);
  if (model != NULL && keyfile_line_has_end(model))
    g_string_append_len(made, model->text + model->size - keyfile_line_end_size(model),
                        (gssize)keyfile_line_end_size(model));
  else
    g_string_append(made, text_line_end(text));
  size = made->len;
  keyfile_line_take_text(line, g_string_free(made, FALSE), size);
  return line;
}

/* Put a new key line at INDEX of the text, which is place WHERE among the key lines of GROUP. The key is new to it. */
static void insert_key_line(KeyfileText *text, KeyfileGroup *group, guint index, guint where, KeyfileLine *line) {
  insert_line(text, index, line);
  keyfile_enter_key_line(group, line);
  g_ptr_array_insert(group->lines, (gint)where, line);
}

static KeyfileLine *plain_line(KeyfileText *text, const char *content) {
  KeyfileLine *line = g_new0(KeyfileLine, 1);
  char *whole = g_strconcat(content, text_line_end(text), NULL);

  keyfile_line_take_text(line, whole, strlen(whole));
  return line;
}

/* The group, made at the end of the text, behind an empty line, when it is not there. */
static KeyfileGroup *ensure_group(KeyfileText *text, const char *name) {
  g_autofree char *header = g_strdup_printf("[%s]", name);
  KeyfileGroup *group = keyfile_find_group(text, name);
  KeyfileLine *line;

  if (group != NULL)
    return group;
  if (text->lines->len > 0) {
    const KeyfileLine *last = text->lines->pdata[text->lines->len - 1];

    if (last->size > keyfile_line_end_size(last))
      insert_line(text, text->lines->len, plain_line(text, ""));
  }
  group = keyfile_group_named(text, name, strlen(name));
  line = plain_line(text, header);
  line->group = group;
  insert_line(text, text->lines->len, line);
  return group;
}

/* The line behind which the group's next key goes: its last key, else its header. */
static KeyfileLine *group_last_line(const KeyfileText *text, const KeyfileGroup *group) {
  if (group->lines->len > 0)
    return group->lines->pdata[group->lines->len - 1];
  for (guint i = text->lines->len; i > 0; i--) {
    KeyfileLine *line = text->lines->pdata[i - 1];

    if (line->kind == KEYFILE_LINE_GROUP && line->group == group)
      return line;
  }
  g_assert_not_reached();
}

/* A key line to write others like it: one of the group, else any. */
static const KeyfileLine *model_line(const KeyfileText *text, const KeyfileGroup *group) {
  if (group->lines->len > 0)
    return group->lines->pdata[group->lines->len - 1];
  for (guint i = 0; i < text->lines->len; i++) {
    const KeyfileLine *line = text->lines->pdata[i];

    if (line->kind == KEYFILE_LINE_KEY)
      return line;
  }
  return NULL;
}

static void append_key(KeyfileText *text, const char *group_name, const char *key, const char *value) {
  KeyfileGroup *group = ensure_group(text, group_name);
  KeyfileLine *line = key_line_like(text, model_line(text, group), key, value);

  insert_key_line(text, group, index_of(text->lines, group_last_line(text, group)) + 1, group->lines->len, line);
}

void keyfile_text_set(KeyfileText *text, const char *group, const char *key, const char *value) {
  const GPtrArray *entry = keyfile_find_entry(text, group, key);
  gboolean without = ends_without_newline(text);

  g_return_if_fail(strpbrk(value, "\r\n") == NULL);
  if (entry != NULL) {
    KeyfileLine *line = keyfile_line_in_force(entry);

    keyfile_line_splice(line, line->value_start, line->value_end, value, strlen(value));
    return;
  }
  append_key(text, group, key, value);
  keep_final_newline(text, without);
}

/* Mark every line of KEY for sweep_lines(). */
static gboolean mark_key(KeyfileGroup *group, const char *key) {
  const GPtrArray *entry = group != NULL ? g_hash_table_lookup(group->entries, key) : NULL;

  if (entry == NULL)
    return FALSE;
  for (guint i = 0; i < entry->len; i++)
    ((KeyfileLine *)entry->pdata[i])->removed = TRUE;
  g_hash_table_remove(group->entries, key);
  return TRUE;
}

static void keep_unmarked(GPtrArray *lines, GDestroyNotify destroy) {
  guint kept = 0;

  for (guint i = 0; i < lines->len; i++) {
    KeyfileLine *line = lines->pdata[i];

    if (!line->removed)
      lines->pdata[kept++] = line;
    else if (destroy != NULL)
      destroy(line);
  }
  lines->len = kept;
}

/* Take the marked lines out in one pass, so that a key with very many duplicates costs no more than others. */
static void sweep_lines(KeyfileText *text, KeyfileGroup *group) {
  keep_unmarked(group->lines, NULL);
  keep_unmarked(text->lines, keyfile_line_free);
}

gboolean keyfile_text_remove(KeyfileText *text, const char *group_name, const char *key) {
  KeyfileGroup *group = keyfile_find_group(text, group_name);
  gboolean without = ends_without_newline(text);

  if (!mark_key(group, key))
    return FALSE;
  sweep_lines(text, group);
  keep_final_newline(text, without);
  return TRUE;
}

static const KeyfileLine *first_marked(const GPtrArray *lines) {
  for (guint i = 0; i < lines->len; i++) {
    const KeyfileLine *line = lines->pdata[i];

    if (line->removed)
      return line;
  }
  return NULL;
}

/* Put PAIRS where the marked lines of GROUP begin, and take those out. */
static void replace_marked(KeyfileText *text, KeyfileGroup *group, const char *const *pairs) {
  const KeyfileLine *first = first_marked(group->lines);
  guint index = index_of(text->lines, first);
  guint where = index_of(group->lines, first);
  g_autoptr(GPtrArray) made = g_ptr_array_new();

  for (const char *const *pair = pairs; *pair != NULL; pair += 2)
    g_ptr_array_add(made, key_line_like(text, first, pair[0], pair[1]));
  sweep_lines(text, group);
  for (guint i = 0; i < made->len; i++)
    insert_key_line(text, group, index + i, where + i, made->pdata[i]);
}

void keyfile_text_replace(KeyfileText *text, const char *group_name, const char *const *old_keys,
                          const char *const *pairs) {
  KeyfileGroup *group = keyfile_find_group(text, group_name);
  gboolean without = ends_without_newline(text);
  gboolean marked = FALSE;

  for (const char *const *key = old_keys; *key != NULL; key++)
    marked = mark_key(group, *key) || marked;
  if (marked) {
    replace_marked(text, group, pairs);
  } else {
    for (const char *const *pair = pairs; *pair != NULL; pair += 2)
      append_key(text, group_name, pair[0], pair[1]);
  }
  keep_final_newline(text, without);
}

gboolean keyfile_text_rename(KeyfileText *text, const char *group_name, const char *key, const char *new_key) {
  KeyfileGroup *group = keyfile_find_group(text, group_name);
  GPtrArray *renamed;

  if (group == NULL || !g_hash_table_contains(group->entries, key))
    return FALSE;
  g_hash_table_remove(group->entries, key);
  g_hash_table_remove(group->entries, new_key);
  renamed = g_ptr_array_new();
  g_hash_table_insert(group->entries, g_strdup(new_key), renamed);
  /* In the order of the lines, so that the right one is in force where NEW_KEY was there before. */
  for (guint i = 0; i < group->lines->len; i++) {
    KeyfileLine *line = group->lines->pdata[i];
    g_autofree char *name = keyfile_line_key(line);

    if (g_str_equal(name, key))
      keyfile_line_splice(line, line->key_start, line->key_end, new_key, strlen(new_key));
    if (g_str_equal(name, key) || g_str_equal(name, new_key))
      g_ptr_array_add(renamed, line);
  }
  return TRUE;
}
