/* keyfile-text.c - set, replace or remove keys of a GKeyFile text and leave every other byte as it is */
#include "keyfile-text.h"

#include <string.h>

#include "base/bytes.h"
#include "base/list.h"

typedef enum { LINE_OTHER, LINE_GROUP, LINE_KEY } LineKind;

/* One line with its line end. The spans are offsets into TEXT. */
typedef struct {
  const char *text; /* in the bytes, or one of the strings */
  gsize size;
  LineKind kind;
  const char *group; /* the group that it begins or is in, one of the strings; NULL: none yet */
  gsize key_start, key_end, value_start, value_end;
} Line;

struct KeyfileText {
  GBytes *bytes;
  GArray *lines;         /* Line */
  GStringChunk *strings; /* names of groups, each once, and lines that are new */
};

void keyfile_text_free(KeyfileText *text) {
  if (text == NULL)
    return;
  g_array_unref(text->lines);
  g_string_chunk_free(text->strings);
  g_bytes_unref(text->bytes);
  g_free(text);
}

static Line *line_at(const KeyfileText *text, guint index) {
  return &g_array_index(text->lines, Line, index);
}

/* GKeyFile takes one CR before the LF for a part of the line end; a CR at the end of the file is content. */
static gsize line_end_size(const Line *line) {
  if (line->size == 0 || line->text[line->size - 1] != '\n')
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
static void measure(Line *line) {
  const gsize end = strnlen(line->text, line->size - line_end_size(line));
  const gsize start = skip_blanks(line->text, 0, end);
  const char *stop;

  line->kind = LINE_OTHER;
  if (start == end || line->text[start] == '#')
    return;
  if (line->text[start] == '[') {
    stop = memchr(line->text + start, ']', end - start);
    line->kind = LINE_GROUP;
    line->key_start = start + 1;
    line->key_end = (gsize)(stop - line->text);
    return;
  }
  stop = memchr(line->text + start, '=', end - start);
  line->kind = LINE_KEY;
  line->key_start = start;
  line->key_end = (gsize)(stop - line->text);
  line->value_start = skip_blanks(line->text, line->key_end + 1, end);
  line->value_end = end;
  while (line->key_end > start && g_ascii_isspace(line->text[line->key_end - 1]))
    line->key_end--;
}

/* Whole bytes, a NUL too: g_string_chunk_insert_len() keeps them. */
static Line new_line(KeyfileText *text, const GString *content, const char *group) {
  Line line = {.text = g_string_chunk_insert_len(text->strings, content->str, (gssize)content->len),
               .size = content->len,
               .group = group};

  measure(&line);
  return line;
}

static void split_lines(KeyfileText *text) {
  gsize size;
  const char *at = bytes_text(text->bytes, &size);
  const char *end = at + size;
  const char *group = NULL;

  while (at < end) {
    const char *newline = memchr(at, '\n', (gsize)(end - at));
    Line line = {.text = at, .size = (gsize)((newline != NULL ? newline + 1 : end) - at)};

    at += line.size;
    measure(&line);
    if (line.kind == LINE_GROUP) {
      g_autofree char *name = g_strndup(line.text + line.key_start, line.key_end - line.key_start);

      group = g_string_chunk_insert_const(text->strings, name);
    }
    line.group = group;
    g_array_append_val(text->lines, line);
  }
}

static GKeyFile *load(const char *data, gsize size, GError **error) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();

  return g_key_file_load_from_data(keyfile, data, size, G_KEY_FILE_NONE, error) ? g_steal_pointer(&keyfile) : NULL;
}

GKeyFile *keyfile_load(GBytes *bytes, GError **error) {
  gsize size;
  const char *text = bytes_text(bytes, &size);

  return load(text, size, error);
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
    g_autoptr(GKeyFile) keyfile = load(data, g_array_index(ends, gsize, middle - 1), NULL);

    if (keyfile != NULL)
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

KeyfileText *keyfile_text_load(GBytes *bytes, GKeyFile **loaded, GError **error) {
  g_autoptr(GError) refusal = NULL;
  gsize size;
  const char *data = bytes_text(bytes, &size);

  *loaded = load(data, size, &refusal);
  if (*loaded == NULL) {
    say_refusal(error, refusal, data, size);
    return NULL;
  }
  KeyfileText *text = g_new0(KeyfileText, 1);
  text->bytes = g_bytes_ref(bytes);
  text->lines = g_array_new(FALSE, FALSE, sizeof(Line));
  text->strings = g_string_chunk_new(256);
  split_lines(text);
  return text;
}

KeyfileText *keyfile_text_parse(GBytes *bytes, GError **error) {
  g_autoptr(GKeyFile) loaded = NULL;

  return keyfile_text_load(bytes, &loaded, error);
}

/* The lines go on standing in ORIGINAL's bytes and strings: only new ones are the copy's own. */
KeyfileText *keyfile_text_copy(const KeyfileText *original) {
  KeyfileText *text = g_new0(KeyfileText, 1);

  text->bytes = g_bytes_ref(original->bytes);
  text->lines = g_array_sized_new(FALSE, FALSE, sizeof(Line), original->lines->len);
  g_array_append_vals(text->lines, original->lines->data, original->lines->len);
  text->strings = g_string_chunk_new(256);
  return text;
}

/* What lines of the group are marked with; NULL: it is not there. */
static const char *find_group(const KeyfileText *text, const char *name) {
  for (guint i = 0; i < text->lines->len; i++)
    if (line_at(text, i)->kind == LINE_GROUP && strcmp(line_at(text, i)->group, name) == 0)
      return line_at(text, i)->group;
  return NULL;
}

static gboolean is_key(const Line *line, const char *group, const char *key, gsize size) {
  return line->kind == LINE_KEY && line->group == group && line->key_end - line->key_start == size &&
         memcmp(line->text + line->key_start, key, size) == 0;
}

/* The line whose value is in effect: the last one of the key; NULL: there is none. */
static Line *find_key(const KeyfileText *text, const char *group_name, const char *key) {
  const char *group = find_group(text, group_name);

  for (guint i = text->lines->len; group != NULL && i > 0; i--)
    if (is_key(line_at(text, i - 1), group, key, strlen(key)))
      return line_at(text, i - 1);
  return NULL;
}

static char *line_key(const Line *line) {
  return g_strndup(line->text + line->key_start, line->key_end - line->key_start);
}

static char *line_value(const Line *line) {
  return g_strndup(line->text + line->value_start, line->value_end - line->value_start);
}

char *keyfile_text_get(const KeyfileText *text, const char *group, const char *key) {
  const Line *line = find_key(text, group, key);

  return line != NULL ? line_value(line) : NULL;
}

gboolean keyfile_text_has_group(const KeyfileText *text, const char *group) {
  return find_group(text, group) != NULL;
}

/* What stands in the lines of KIND, each once; GROUP NULL: of any. */
static char **names_of(const KeyfileText *text, LineKind kind, const char *group) {
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *names = g_ptr_array_new();

  for (guint i = 0; i < text->lines->len; i++) {
    const Line *line = line_at(text, i);
    char *name = line->kind == kind && (group == NULL || line->group == group) ? line_key(line) : NULL;

    if (name != NULL && g_hash_table_add(seen, name))
      g_ptr_array_add(names, g_strdup(name));
  }
  return list_strv(names);
}

char **keyfile_text_groups(const KeyfileText *text) {
  return names_of(text, LINE_GROUP, NULL);
}

char **keyfile_text_keys(const KeyfileText *text, const char *group_name) {
  const char *group = find_group(text, group_name);

  return group != NULL ? names_of(text, LINE_KEY, group) : g_new0(char *, 1);
}

void keyfile_text_foreach(const KeyfileText *text, KeyfileTextFunction function, gpointer data) {
  g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < text->lines->len; i++) {
    const Line *line = line_at(text, i);
    g_autofree char *key = line->kind == LINE_KEY ? line_key(line) : NULL;

    /* No name of a group has a "]". */
    if (key != NULL)
      g_hash_table_insert(last, g_strconcat(line->group, "]", key, NULL), GUINT_TO_POINTER(i));
  }
  for (guint i = 0; i < text->lines->len; i++) {
    const Line *line = line_at(text, i);
    g_autofree char *key = line->kind == LINE_KEY ? line_key(line) : NULL;
    g_autofree char *name = key != NULL ? g_strconcat(line->group, "]", key, NULL) : NULL;

    if (name == NULL || GPOINTER_TO_UINT(g_hash_table_lookup(last, name)) != i)
      continue;
    g_autofree char *value = line_value(line);
    function(line->group, key, value, i + 1, data);
  }
}

GBytes *keyfile_text_bytes(const KeyfileText *text) {
  GByteArray *bytes = g_byte_array_new();

  for (guint i = 0; i < text->lines->len; i++)
    g_byte_array_append(bytes, (const guint8 *)line_at(text, i)->text, (guint)line_at(text, i)->size);
  return g_byte_array_free_to_bytes(bytes);
}

/* The line end that new lines get: that of the first line, else LF. */
static const char *new_line_end(const KeyfileText *text) {
  return text->lines->len > 0 && line_end_size(line_at(text, 0)) == 2 ? "\r\n" : "\n";
}

static gboolean is_open(const KeyfileText *text) {
  return text->lines->len > 0 && line_end_size(line_at(text, text->lines->len - 1)) == 0;
}

/* The final line stays, or becomes, as open as it was. */
static void keep_open(KeyfileText *text, gboolean open) {
  if (!open || text->lines->len == 0)
    return;
  Line *last = line_at(text, text->lines->len - 1);
  last->size -= line_end_size(last);
}

static void insert_line(KeyfileText *text, guint index, Line line) {
  if (index > 0 && line_end_size(line_at(text, index - 1)) == 0) {
    Line *before = line_at(text, index - 1);
    g_autoptr(GString) closed = g_string_new_len(before->text, (gssize)before->size);

    g_string_append(closed, new_line_end(text));
    *before = new_line(text, closed, before->group);
  }
  g_array_insert_val(text->lines, index, line);
}

/* A key line written as MODEL is (NULL: plainly): the same indent, blanks around "=" and line end. */
static Line key_line_like(KeyfileText *text, const Line *model, const char *group, const char *key, const char *value) {
  g_autoptr(GString) made = g_string_new(NULL);
  const gsize end = model != NULL ? line_end_size(model) : 0;

  if (model != NULL) {
    g_string_append_len(made, model->text, (gssize)model->key_start);
    g_string_append(made, key);
    g_string_append_len(made, model->text + model->key_end, (gssize)(model->value_start - model->key_end));
  } else {
    g_string_append_printf(made, "%s=", key);
  }
  g_string_append(made, value);
  if (end > 0)
    g_string_append_len(made, model->text + model->size - end, (gssize)end);
  else
    g_string_append(made, new_line_end(text));
  return new_line(text, made, group);
}

/* The group, made at the end of the text, behind an empty line, when it is not there. */
static const char *ensure_group(KeyfileText *text, const char *name) {
  const char *group = find_group(text, name);
  g_autoptr(GString) header = g_string_new(NULL);
  const Line *last = text->lines->len > 0 ? line_at(text, text->lines->len - 1) : NULL;

  if (group != NULL)
    return group;
  if (last != NULL && last->size > line_end_size(last)) {
    g_string_assign(header, new_line_end(text));
    insert_line(text, text->lines->len, new_line(text, header, last->group));
  }
  group = g_string_chunk_insert_const(text->strings, name);
  g_string_printf(header, "[%s]%s", name, new_line_end(text));
  insert_line(text, text->lines->len, new_line(text, header, group));
  return group;
}

/* Where the last line of KIND in GROUP (NULL: any) is, plus one; 0: there is none. */
static guint behind_last(const KeyfileText *text, LineKind kind, const char *group) {
  for (guint i = text->lines->len; i > 0; i--)
    if (line_at(text, i - 1)->kind == kind && (group == NULL || line_at(text, i - 1)->group == group))
      return i;
  return 0;
}

/* A new key goes behind the group's last key, else its header; it is written as that one, else as any is. */
static void append_key(KeyfileText *text, const char *group_name, const char *key, const char *value) {
  const char *group = ensure_group(text, group_name);
  const guint own = behind_last(text, LINE_KEY, group);
  const guint place = own > 0 ? own : behind_last(text, LINE_GROUP, group);
  guint model = own;

  for (guint i = 0; model == 0 && i < text->lines->len; i++)
    if (line_at(text, i)->kind == LINE_KEY)
      model = i + 1;
  insert_line(text, place, key_line_like(text, model > 0 ? line_at(text, model - 1) : NULL, group, key, value));
}

void keyfile_text_set(KeyfileText *text, const char *group, const char *key, const char *value) {
  Line *line = find_key(text, group, key);
  const gboolean open = is_open(text);
  g_autoptr(GString) content = NULL;

  g_return_if_fail(strpbrk(value, "\r\n") == NULL);
  if (line == NULL) {
    append_key(text, group, key, value);
    keep_open(text, open);
    return;
  }
  content = g_string_new_len(line->text, (gssize)line->value_start);
  g_string_append(content, value);
  g_string_append_len(content, line->text + line->value_end, (gssize)(line->size - line->value_end));
  *line = new_line(text, content, line->group);
}

static gboolean is_one_of(const Line *line, const char *group, const char *const *keys) {
  for (; line->kind == LINE_KEY && *keys != NULL; keys++)
    if (is_key(line, group, *keys, strlen(*keys)))
      return TRUE;
  return FALSE;
}

/* Put PAIRS where the first line of OLD_KEYS stood, and take those lines out; FALSE: there was none. */
static gboolean replace_lines(KeyfileText *text, const char *group, const char *const *old_keys,
                              const char *const *pairs) {
  GArray *kept = g_array_new(FALSE, FALSE, sizeof(Line));
  gboolean found = FALSE;

  for (guint i = 0; i < text->lines->len; i++) {
    const Line line = *line_at(text, i);

    if (!is_one_of(&line, group, old_keys)) {
      g_array_append_val(kept, line);
      continue;
    }
    for (const char *const *pair = pairs; !found && *pair != NULL; pair += 2) {
      const Line made = key_line_like(text, &line, group, pair[0], pair[1]);

      g_array_append_val(kept, made);
    }
    found = TRUE;
  }
  g_array_unref(text->lines);
  text->lines = kept;
  return found;
}

gboolean keyfile_text_replace(KeyfileText *text, const char *group_name, const char *const *old_keys,
                              const char *const *pairs) {
  const char *group = find_group(text, group_name);
  const gboolean open = is_open(text);
  const gboolean found = group != NULL && replace_lines(text, group, old_keys, pairs);

  for (const char *const *pair = pairs; !found && *pair != NULL; pair += 2)
    append_key(text, group_name, pair[0], pair[1]);
  keep_open(text, open);
  return found;
}

gboolean keyfile_text_remove(KeyfileText *text, const char *group, const char *key) {
  const char *const keys[] = {key, NULL};
  static const char *const nothing[] = {NULL};

  return keyfile_text_replace(text, group, keys, nothing);
}
