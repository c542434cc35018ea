/* keyfile-text.c - set, replace or remove keys of a GKeyFile text and leave every other byte as it is */
#include "keyfile-text-lines.h"

#include <string.h>

#include "base/bytes.h"

void keyfile_line_free(gpointer data) {
  KeyfileLine *line = data;

  g_free(line->owned);
  g_free(line);
}

static void group_free(gpointer data) {
  KeyfileGroup *group = data;

  g_free(group->name);
  g_ptr_array_unref(group->lines);
  g_hash_table_unref(group->entries);
  g_free(group);
}

void keyfile_text_free(KeyfileText *text) {
  if (text == NULL)
    return;
  g_hash_table_unref(text->groups_named);
  g_ptr_array_unref(text->lines);
  g_ptr_array_unref(text->groups);
  g_bytes_unref(text->bytes);
  g_free(text);
}

KeyfileGroup *keyfile_group_named(KeyfileText *text, const char *name, gsize length) {
  g_autofree char *copy = g_strndup(name, length);
  KeyfileGroup *group = g_hash_table_lookup(text->groups_named, copy);

  if (group != NULL)
    return group;
  group = g_new0(KeyfileGroup, 1);
  group->name = g_steal_pointer(&copy);
  group->lines = g_ptr_array_new();
  group->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_ptr_array_add(text->groups, group);
  g_hash_table_insert(text->groups_named, group->name, group);
  return group;
}

KeyfileGroup *keyfile_find_group(const KeyfileText *text, const char *name) {
  return g_hash_table_lookup(text->groups_named, name);
}

GPtrArray *keyfile_find_entry(const KeyfileText *text, const char *group_name, const char *key) {
  const KeyfileGroup *group = keyfile_find_group(text, group_name);

  return group != NULL ? g_hash_table_lookup(group->entries, key) : NULL;
}

KeyfileLine *keyfile_line_in_force(const GPtrArray *entry) {
  return entry->pdata[entry->len - 1];
}

gboolean keyfile_line_has_end(const KeyfileLine *line) {
  return line->size > 0 && line->text[line->size - 1] == '\n';
}

/* GKeyFile takes one CR before the LF for a part of the line end; a CR at the end of the file is content. */
gsize keyfile_line_end_size(const KeyfileLine *line) {
  if (!keyfile_line_has_end(line))
    return 0;
  return line->size > 1 && line->text[line->size - 2] == '\r' ? 2 : 1;
}

static gsize skip_blanks(const char *text, gsize at, gsize end) {
  while (at < end && g_ascii_isspace(text[at]))
    at++;
  return at;
}

/* Find the spans of a line that GKeyFile has accepted. GKeyFile looks at lines as C strings: what stands behind a NUL
 * does not exist for it. */
static void line_measure(KeyfileLine *line) {
  gsize whole = line->size - keyfile_line_end_size(line);
  gsize end = strnlen(line->text, whole);
  gsize start = skip_blanks(line->text, 0, end);
  const char *stop;

  line->kind = KEYFILE_LINE_OTHER;
  if (start == end || line->text[start] == '#')
    return;
  if (line->text[start] == '[') {
    stop = memchr(line->text + start, ']', end - start);
    line->kind = KEYFILE_LINE_GROUP;
    line->key_start = start + 1;
    line->key_end = (gsize)(stop - line->text);
    return;
  }
  stop = memchr(line->text + start, '=', end - start);
  line->kind = KEYFILE_LINE_KEY;
  line->key_start = start;
  line->key_end = (gsize)(stop - line->text);
  line->value_start = skip_blanks(line->text, line->key_end + 1, end);
  line->value_end = end;
  while (line->key_end > start && g_ascii_isspace(line->text[line->key_end - 1]))
    line->key_end--;
}

char *keyfile_line_key(const KeyfileLine *line) {
  return g_strndup(line->text + line->key_start, line->key_end - line->key_start);
}

static char *line_value(const KeyfileLine *line) {
  return g_strndup(line->text + line->value_start, line->value_end - line->value_start);
}

void keyfile_line_take_text(KeyfileLine *line, char *text, gsize size) {
  g_free(line->owned);
  line->owned = text;
  line->text = text;
  line->size = size;
  line_measure(line);
}

void keyfile_line_splice(KeyfileLine *line, gsize start, gsize end, const char *with, gsize size) {
  GString *text = g_string_sized_new(line->size + size);
  gsize length;

  g_string_append_len(text, line->text, (gssize)start);
  g_string_append_len(text, with, (gssize)size);
  g_string_append_len(text, line->text + end, (gssize)(line->size - end));
  length = text->len;
  keyfile_line_take_text(line, g_string_free(text, FALSE), length);
}

void keyfile_enter_key_line(KeyfileGroup *group, KeyfileLine *line) {
  char *key = keyfile_line_key(line);
  GPtrArray *entry = g_hash_table_lookup(group->entries, key);

  line->group = group;
  if (entry == NULL) {
    entry = g_ptr_array_new();
    g_hash_table_insert(group->entries, key, entry);
  } else {
    g_free(key);
  }
  g_ptr_array_add(entry, line);
}

static void split_lines(KeyfileText *text) {
  gsize size;
  const char *at = bytes_text(text->bytes, &size);
  const char *end = at + size;
  KeyfileGroup *group = NULL;

  while (at < end) {
    const char *newline = memchr(at, '\n', (gsize)(end - at));
    KeyfileLine *line = g_new0(KeyfileLine, 1);

    line->text = at;
    line->size = (gsize)((newline != NULL ? newline + 1 : end) - at);
    at += line->size;
    g_ptr_array_add(text->lines, line);
    line_measure(line);
    if (line->kind == KEYFILE_LINE_GROUP) {
      group = keyfile_group_named(text, line->text + line->key_start, line->key_end - line->key_start);
      line->group = group;
    } else if (line->kind == KEYFILE_LINE_KEY) {
      g_assert(group != NULL); /* GKeyFile refuses a key before the first group */
      keyfile_enter_key_line(group, line);
      g_ptr_array_add(group->lines, line);
    }
  }
}

/* Does GKeyFile, as NetworkManager asks it, take the first SIZE bytes? */
static gboolean is_accepted(const char *data, gsize size, GError **error) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();

  return g_key_file_load_from_data(keyfile, data, size, G_KEY_FILE_NONE, error);
}

/* The end of the line that GKeyFile stops at: the shortest beginning of the text that it refuses, found by halves. */
static guint refused_line(const char *data, gsize size) {
  g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(gsize));
  guint good = 0;

  for (gsize at = 0; at < size;) {
    const char *newline = memchr(data + at, '\n', size - at);

    at = newline != NULL ? (gsize)(newline - data) + 1 : size;
    g_array_append_val(ends, at);
  }
  for (guint bad = ends->len; bad > good + 1;) {
    const guint middle = good + (bad - good) / 2;

    if (is_accepted(data, g_array_index(ends, gsize, middle - 1), NULL))
      good = middle;
    else
      bad = middle;
  }
  return good + 1;
}

/* GKeyFile's own message quotes the line, which may be half a secret: a key over two lines, a PEM file. */
static void say_refusal(GError **error, const GError *refusal, const char *data, gsize size) {
  const char *what = "is no key, group or comment";

  if (refusal->code == G_KEY_FILE_ERROR_GROUP_NOT_FOUND)
    what = "is a key in front of the first group";
  else if (refusal->code == G_KEY_FILE_ERROR_UNKNOWN_ENCODING)
    what = "says an encoding that is not UTF-8";
  g_set_error(error, refusal->domain, refusal->code, "line %u %s", refused_line(data, size), what);
}

KeyfileText *keyfile_text_parse(GBytes *bytes, GError **error) {
  g_autoptr(GError) refusal = NULL;
  KeyfileText *text;
  gsize size;
  const char *data = bytes_text(bytes, &size);

  if (!is_accepted(data, size, &refusal)) {
    say_refusal(error, refusal, data, size);
    return NULL;
  }
  text = g_new0(KeyfileText, 1);
  text->bytes = g_bytes_ref(bytes);
  text->lines = g_ptr_array_new_with_free_func(keyfile_line_free);
  text->groups = g_ptr_array_new_with_free_func(group_free);
  text->groups_named = g_hash_table_new(g_str_hash, g_str_equal);
  split_lines(text);
  return text;
}

char *keyfile_text_get(const KeyfileText *text, const char *group, const char *key) {
  const GPtrArray *entry = keyfile_find_entry(text, group, key);

  return entry != NULL ? line_value(keyfile_line_in_force(entry)) : NULL;
}

gboolean keyfile_text_has_group(const KeyfileText *text, const char *group) {
  return keyfile_find_group(text, group) != NULL;
}

char **keyfile_text_groups(const KeyfileText *text) {
  char **names = g_new0(char *, text->groups->len + 1);

  for (guint i = 0; i < text->groups->len; i++)
    names[i] = g_strdup(((const KeyfileGroup *)text->groups->pdata[i])->name);
  return names;
}

char **keyfile_text_keys(const KeyfileText *text, const char *group_name) {
  const KeyfileGroup *group = keyfile_find_group(text, group_name);
  GPtrArray *keys = g_ptr_array_new();

  for (guint i = 0; group != NULL && i < group->lines->len; i++) {
    const KeyfileLine *line = group->lines->pdata[i];
    g_autofree char *key = keyfile_line_key(line);
    const GPtrArray *entry = g_hash_table_lookup(group->entries, key);

    if (entry->pdata[0] == line)
      g_ptr_array_add(keys, g_steal_pointer(&key));
  }
  g_ptr_array_add(keys, NULL);
  return (char **)g_ptr_array_free(keys, FALSE);
}

void keyfile_text_foreach(const KeyfileText *text, KeyfileTextFunction function, gpointer data) {
  for (guint i = 0; i < text->lines->len; i++) {
    const KeyfileLine *line = text->lines->pdata[i];
    g_autofree char *key = NULL;
    g_autofree char *value = NULL;

    if (line->kind != KEYFILE_LINE_KEY)
      continue;
    key = keyfile_line_key(line);
    if (keyfile_line_in_force(g_hash_table_lookup(line->group->entries, key)) != line)
      continue;
    value = line_value(line);
    function(line->group->name, key, value, i + 1, data);
  }
}

GBytes *keyfile_text_bytes(const KeyfileText *text) {
  GByteArray *bytes = g_byte_array_new();

  for (guint i = 0; i < text->lines->len; i++) {
    const KeyfileLine *line = text->lines->pdata[i];

    g_byte_array_append(bytes, (const guint8 *)line->text, (guint)line->size);
  }
  return g_byte_array_free_to_bytes(bytes);
}
