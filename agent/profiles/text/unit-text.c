/* unit-text.c - systemd's INI files as an array of lines: what is asked for changes, every other byte stays */
#include "unit-text.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "unit-lines.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* What systemd takes for one line: several of the file where they end in a backslash, with the comments between. */
typedef struct {
  GString *bytes;           /* line ends too */
  UnitSection *head;        /* it begins this section; NULL: no head */
  UnitEntry *entry;         /* NULL: no assignment, or a removed one's comments */
  gsize key_start, key_end; /* of an assignment */
  gsize value_start, value_end;
} Line;

struct UnitText {
  GPtrArray *lines;    /* Line* */
  GPtrArray *sections; /* UnitSection* */
};

static void entry_free(UnitEntry *entry) {
  g_free(entry->key);
  g_free(entry->value);
  g_free(entry->raw);
  g_free(entry);
}

static void section_free(UnitSection *section) {
  g_free(section->name);
  g_ptr_array_unref(section->entries);
  g_free(section);
}

static void line_free(Line *line) {
  g_string_free(line->bytes, TRUE);
  g_free(line);
}

void unit_text_free(UnitText *text) {
  if (text == NULL)
    return;
  g_ptr_array_unref(text->lines);
  g_ptr_array_unref(text->sections);
  g_free(text);
}

static UnitSection *section_new(UnitText *text, char *name, guint number) {
  UnitSection *section = g_new0(UnitSection, 1);

  section->name = name;
  section->line = number;
  section->entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
  g_ptr_array_add(text->sections, section);
  return section;
}

/* Reading. ----------------------------------------------------------------------------------------------------------*/

static void measure_assignment(Line *line, gsize end) {
  const char *data = line->bytes->str;

  line->key_start = unit_skip_blanks(data, 0, end);
  const char *equals = memchr(data + line->key_start, '=', end - line->key_start);
  line->key_end = (gsize)(equals - data);
  line->value_start = unit_skip_blanks(data, line->key_end + 1, end);
  line->value_end = end;
  while (line->value_end > line->value_start && unit_is_blank(data[line->value_end - 1]))
    line->value_end--;
  while (line->key_end > line->key_start && unit_is_blank(data[line->key_end - 1]))
    line->key_end--;
}

static UnitEntry *entry_new(UnitSection *section, char *key, char *value, char *raw, guint number) {
  UnitEntry *entry = g_new0(UnitEntry, 1);

  *entry = (UnitEntry){.section = section, .key = key, .value = value, .raw = raw, .line = number};
  return entry;
}

/* An assignment whose "=" stands behind a backslash's line end is left to itself: nobody writes that, and its key is
 * no span of the file. */
static void read_assignment(Line *line, UnitSection *section, const UnitLine *logical, const char *what) {
  const char *equals = strchr(what, '=');
  gsize next;

  if (section == NULL || equals == NULL || equals == what ||
      memchr(line->bytes->str, '=', unit_line_end(line->bytes->str, line->bytes->len, 0, &next)) == NULL)
    return;
  measure_assignment(line, logical->end - logical->start);
  line->entry =
      entry_new(section, g_strstrip(g_strndup(what, (gsize)(equals - what))), g_strstrip(g_strdup(equals + 1)),
                g_strndup(line->bytes->str + line->value_start, line->value_end - line->value_start), logical->number);
  g_ptr_array_add(section->entries, line->entry);
}

/* FALSE: systemd refuses the file. */
static gboolean read_line(UnitText *text, const char *data, const UnitLine *logical, gboolean comment, gboolean first,
                          GError **error) {
  Line *line = g_new0(Line, 1);
  UnitSection *section = text->sections->len > 0 ? g_ptr_array_index(text->sections, text->sections->len - 1) : NULL;
  const gboolean marked = first && g_str_has_prefix(logical->joined->str, BYTE_ORDER_MARK);
  const char *said = logical->joined->str + (marked ? strlen(BYTE_ORDER_MARK) : 0);
  g_autofree char *what = g_strstrip(g_strdup(said));

  line->bytes = g_string_new_len(data + logical->start, (gssize)(logical->next - logical->start));
  g_ptr_array_add(text->lines, line);
  if (comment || *what == '\0' || !g_utf8_validate(what, -1, NULL))
    return TRUE;
  if (*what != '[') {
    read_assignment(line, section, logical, what);
    return TRUE;
  }
  if (!g_str_has_suffix(what, "]")) {
    g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE, "line %u is no section's head", logical->number);
    return FALSE;
  }
  line->head = section_new(text, g_strndup(what + 1, strlen(what) - 2), logical->number);
  return TRUE;
}

UnitText *unit_text_parse(GBytes *bytes, GError **error) {
  g_autoptr(UnitText) text = g_new0(UnitText, 1);
  g_autoptr(GString) joined = g_string_new(NULL);
  UnitLine logical = {.number = 1, .joined = joined};
  gsize size;
  const char *data = bytes_text(bytes, &size);

  text->lines = g_ptr_array_new_with_free_func((GDestroyNotify)line_free);
  text->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
  while (logical.start < size) {
    const gboolean comment = !unit_line_read(data, size, &logical);

    if (!read_line(text, data, &logical, comment, logical.start == 0, error))
      return NULL;
    logical.start = logical.next;
    logical.number += logical.lines;
  }
  return g_steal_pointer(&text);
}

const GPtrArray *unit_text_sections(const UnitText *text) {
  return text->sections;
}

UnitSection *unit_text_find(const UnitText *text, const char *name) {
  list_each (UnitSection *, section, text->sections)
    if (strcmp(section->name, name) == 0)
      return section;
  return NULL;
}

const char *unit_section_value(const UnitSection *section, const char *key) {
  for (guint i = section->entries->len; i > 0; i--) {
    const UnitEntry *entry = g_ptr_array_index(section->entries, i - 1);

    if (strcmp(entry->key, key) == 0)
      return entry->value;
  }
  return NULL;
}

GBytes *unit_text_bytes(const UnitText *text) {
  GString *bytes = g_string_new(NULL);

  list_each (const Line *, line, text->lines)
    g_string_append_len(bytes, line->bytes->str, (gssize)line->bytes->len);
  return g_string_free_to_bytes(bytes);
}

/* Changing. ---------------------------------------------------------------------------------------------------------*/

static Line *line_at(const UnitText *text, guint index) {
  return g_ptr_array_index(text->lines, index);
}

static guint index_of_entry(const UnitText *text, const UnitEntry *entry) {
  guint index = 0;

  while (line_at(text, index)->entry != entry)
    index++;
  return index;
}

static guint index_of_head(const UnitText *text, const UnitSection *section) {
  guint index = 0;

  while (line_at(text, index)->head != section)
    index++;
  return index;
}

static gsize line_end_size(const Line *line) {
  gsize size = 0;

  while (size < line->bytes->len && unit_is_line_end(line->bytes->str[line->bytes->len - 1 - size]) && size < 2)
    size++;
  return size == 2 && line->bytes->str[line->bytes->len - 2] == line->bytes->str[line->bytes->len - 1] ? 1 : size;
}

/* What new lines end in: as the first line does, else LF. */
static const char *new_line_end(const UnitText *text) {
  const Line *first = text->lines->len > 0 ? line_at(text, 0) : NULL;
  gsize next = 0;
  const gsize end = first != NULL ? unit_line_end(first->bytes->str, first->bytes->len, 0, &next) : 0;

  return next == end + 2 && first->bytes->str[end] == '\r' ? "\r\n" : "\n";
}

/* What systemd makes of a value as it is written. */
static char *join_raw(const char *raw) {
  g_autofree char *line = g_strconcat("=", raw, NULL);
  g_autoptr(GString) joined = g_string_new(NULL);
  UnitLine logical = {.joined = joined};

  (void)unit_line_read(line, strlen(line), &logical);
  return g_strstrip(g_strdup(joined->str + 1));
}

void unit_text_set(UnitText *text, UnitEntry *entry, const char *raw) {
  Line *line = line_at(text, index_of_entry(text, entry));
  char *kept = g_strdup(raw);

  g_string_erase(line->bytes, (gssize)line->value_start, (gssize)(line->value_end - line->value_start));
  g_string_insert(line->bytes, (gssize)line->value_start, kept);
  line->value_end = line->value_start + strlen(kept);
  g_free(entry->raw);
  entry->raw = kept;
  g_free(entry->value);
  entry->value = join_raw(kept);
}

static gboolean is_open(const UnitText *text) {
  return text->lines->len > 0 && line_end_size(line_at(text, text->lines->len - 1)) == 0;
}

/* The final line stays, or becomes, as open as it was. */
static void keep_open(UnitText *text, gboolean open) {
  Line *last = open && text->lines->len > 0 ? line_at(text, text->lines->len - 1) : NULL;

  if (last != NULL)
    g_string_truncate(last->bytes, last->bytes->len - line_end_size(last));
}

/* What a line is put behind has an end and does not go on: a backslash at the end of a file may lead nowhere. */
static void close_line(const UnitText *text, Line *line) {
  const gsize end = line->bytes->len - line_end_size(line);
  gsize backslashes = 0;

  if (end == line->bytes->len)
    g_string_append(line->bytes, new_line_end(text));
  while (backslashes < end && line->bytes->str[end - 1 - backslashes] == '\\')
    backslashes++;
  if (backslashes % 2 == 0)
    return;
  g_string_erase(line->bytes, (gssize)end - 1, 1);
  line->value_end = MIN(line->value_end, end - 1);
}

G_GNUC_PRINTF(3, 4)
static Line *insert_line(UnitText *text, guint index, const char *format, ...) {
  const gboolean open = index == text->lines->len && is_open(text);
  Line *line = g_new0(Line, 1);
  va_list arguments;

  if (index > 0)
    close_line(text, line_at(text, index - 1));
  line->bytes = g_string_new(NULL);
  va_start(arguments, format);
  g_string_vprintf(line->bytes, format, arguments);
  va_end(arguments);
  g_string_append(line->bytes, new_line_end(text));
  g_ptr_array_insert(text->lines, (int)index, line);
  keep_open(text, open);
  return line;
}

/* KEY=VALUE with the indent and the blanks around "=" of the line MODEL; NULL: plainly. */
static Line *insert_assignment(UnitText *text, guint index, const Line *model, const char *key, const char *value) {
  const char *data = model != NULL ? model->bytes->str : NULL;
  const int indent = model != NULL ? (int)model->key_start : 0;
  const int between = model != NULL ? (int)(model->value_start - model->key_end) : 1;
  Line *line = insert_line(text, index, "%.*s%s%.*s%s", indent, data != NULL ? data : "", key, between,
                           data != NULL ? data + model->key_end : "=", value);

  measure_assignment(line, line->bytes->len - line_end_size(line));
  return line;
}

static guint position_of(GPtrArray *items, gconstpointer item) {
  guint position = 0;

  (void)g_ptr_array_find(items, item, &position);
  return position;
}

UnitEntry *unit_text_insert(UnitText *text, UnitSection *section, const UnitEntry *after, const char *key,
                            const char *value) {
  const guint n = section->entries->len;
  const UnitEntry *model = after != NULL ? after : n > 0 ? g_ptr_array_index(section->entries, n - 1) : NULL;
  const guint index = model != NULL ? index_of_entry(text, model) : index_of_head(text, section);
  Line *line = insert_assignment(text, index + 1, model != NULL ? line_at(text, index) : NULL, key, value);

  line->entry = entry_new(section, g_strdup(key), g_strdup(value), g_strdup(value), 0);
  g_ptr_array_insert(section->entries, model != NULL ? (int)position_of(section->entries, model) + 1 : 0, line->entry);
  return line->entry;
}

/* What stays of an assignment that is removed: the comments between its lines. */
static void keep_comments(GString *bytes) {
  g_autoptr(GString) kept = g_string_new(NULL);

  for (gsize at = 0, next = 0; at < bytes->len; at = next) {
    const gsize end = unit_line_end(bytes->str, bytes->len, at, &next);

    if (unit_is_comment(bytes->str, at, end))
      g_string_append_len(kept, bytes->str + at, (gssize)(next - at));
  }
  g_string_truncate(bytes, 0);
  g_string_append_len(bytes, kept->str, (gssize)kept->len);
}

static void remove_entry_line(UnitText *text, const UnitEntry *entry) {
  const guint index = index_of_entry(text, entry);
  Line *line = line_at(text, index);

  line->entry = NULL;
  keep_comments(line->bytes);
  if (line->bytes->len == 0)
    (void)g_ptr_array_remove_index(text->lines, index);
}

void unit_text_remove(UnitText *text, UnitEntry *entry) {
  const gboolean open = is_open(text);

  remove_entry_line(text, entry);
  (void)g_ptr_array_remove(entry->section->entries, entry);
  keep_open(text, open);
}

void unit_text_remove_key(UnitText *text, UnitSection *section, const char *key) {
  for (guint i = section->entries->len; i > 0; i--) {
    UnitEntry *entry = g_ptr_array_index(section->entries, i - 1);
    if (strcmp(entry->key, key) == 0)
      unit_text_remove(text, entry);
  }
}

static gboolean is_empty(const Line *line) {
  return line->head == NULL && line->entry == NULL &&
         unit_skip_blanks(line->bytes->str, 0, line->bytes->len) == line->bytes->len - line_end_size(line);
}

/* The empty lines behind a section; where it is the last one, those in front of it. */
static void remove_separator(UnitText *text, guint index) {
  guint first = index, end = index;

  while (end < text->lines->len && is_empty(line_at(text, end)))
    end++;
  while (end == text->lines->len && first > 0 && is_empty(line_at(text, first - 1)))
    first--;
  if (end > first)
    (void)g_ptr_array_remove_range(text->lines, first, end - first);
}

void unit_text_remove_section(UnitText *text, UnitSection *section) {
  const gboolean open = is_open(text);
  guint end = index_of_head(text, section);

  g_ptr_array_remove_index(text->lines, end);
  list_each (const UnitEntry *, entry, section->entries) {
    end = index_of_entry(text, entry);
    remove_entry_line(text, entry);
  }
  remove_separator(text, end);
  (void)g_ptr_array_remove(text->sections, section);
  keep_open(text, open);
}

UnitSection *unit_text_add_section(UnitText *text, const char *name) {
  const guint n = text->lines->len;

  if (n > 0 && !is_empty(line_at(text, n - 1)))
    (void)insert_line(text, n, "%s", "");
  Line *line = insert_line(text, text->lines->len, "[%s]", name);
  line->head = section_new(text, g_strdup(name), 0);
  return line->head;
}
