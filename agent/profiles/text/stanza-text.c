/* stanza-text.c - the text of /etc/network/interfaces: change words, values and lines, and leave every other byte */
#include "stanza-text.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/list.h"

/* A word in the raw line. */
typedef struct {
  gsize start, end;
} Span;

static void line_free(StanzaLine *line) {
  g_strfreev(line->words);
  g_string_free(line->raw, TRUE);
  g_array_unref(line->spans);
  g_free(line);
}

void stanza_text_free(StanzaText *text) {
  if (text == NULL)
    return;
  g_ptr_array_unref(text->lines);
  g_free(text);
}

static gboolean is_blank(char byte) {
  return byte != '\0' && strchr(" \t\r\n\v\f", byte) != NULL;
}

/* How many bytes of RAW at AT continue the line: a backslash and the line's end. */
static gsize continuation_size(const GString *raw, gsize at) {
  return at + 1 < raw->len && raw->str[at] == '\\' && raw->str[at + 1] == '\n' ? 2 : 0;
}

static gsize skip_between(const GString *raw, gsize at) {
  while (at < raw->len && (is_blank(raw->str[at]) || continuation_size(raw, at) > 0))
    at++;
  return at;
}

/* Adds the word at AT; returns its end. */
static gsize take_word(StanzaLine *line, GPtrArray *words, gsize at) {
  g_autoptr(GString) word = g_string_new(NULL);
  Span span = {.start = at, .end = at};

  while (at < line->raw->len && !is_blank(line->raw->str[at])) {
    const gsize skipped = continuation_size(line->raw, at);

    if (skipped == 0)
      g_string_append_c(word, line->raw->str[at]);
    at += skipped > 0 ? skipped : 1;
    span.end = skipped > 0 ? span.end : at;
  }
  g_array_append_val(line->spans, span);
  g_ptr_array_add(words, g_strdup(word->str));
  return at;
}

static gboolean is_head(const char *word) {
  static const char *const heads[] = {"auto",     "iface",     "mapping", "source",       "source-directory",
                                      "template", "interface", "rename",  "no-auto-down", "no-scripts",
                                      "defaults", NULL};

  return g_strv_contains(heads, word) || g_str_has_prefix(word, "allow-");
}

static gboolean is_comment(const GString *raw) {
  const gsize start = strspn(raw->str, " \t\r\n\v\f");

  return start >= raw->len || raw->str[start] == '#';
}

static void measure(StanzaLine *line) {
  GPtrArray *words = g_ptr_array_new();

  g_array_set_size(line->spans, 0);
  line->kind = STANZA_BLANK;
  for (gsize at = is_comment(line->raw) ? line->raw->len : skip_between(line->raw, 0); at < line->raw->len;)
    at = skip_between(line->raw, take_word(line, words, at));
  if (words->len > 0)
    line->kind = is_head(words->pdata[0]) ? STANZA_HEAD : STANZA_OPTION;
  line->n_words = words->len;
  g_strfreev(line->words);
  line->words = list_strv(words);
}

/* A line end is added where there is none. */
static StanzaLine *line_new(const char *raw, gsize size) {
  StanzaLine *line = g_new0(StanzaLine, 1);

  line->raw = g_string_new_len(raw, (gssize)size);
  if (size == 0 || raw[size - 1] != '\n')
    g_string_append_c(line->raw, '\n');
  line->spans = g_array_new(FALSE, FALSE, sizeof(Span));
  measure(line);
  return line;
}

static guint newlines_in(const GString *raw, gsize size) {
  guint newlines = 0;

  for (gsize at = 0; at < size; at++)
    newlines += raw->str[at] == '\n';
  return newlines;
}

static const Span *span_of(const StanzaLine *line, guint index) {
  return &g_array_index(line->spans, Span, index);
}

/* Where the line at AT ends, with its line end and what continues it. */
static const char *line_stop(const char *at, const char *end) {
  const char *first = at;
  const char *newline;

  while (first < end && is_blank(*first))
    first++;
  gboolean comment = first < end && *first == '#' && memchr(at, '\n', (gsize)(first - at)) == NULL;
  for (const char *from = at; (newline = memchr(from, '\n', (gsize)(end - from))) != NULL; from = newline + 1)
    if (comment || newline == at || newline[-1] != '\\')
      return newline + 1;
  return end;
}

static void place_heads(StanzaText *text) {
  const StanzaLine *head = NULL;

  list_each (StanzaLine *, line, text->lines) {
    if (line->kind == STANZA_HEAD)
      head = line;
    line->head = head;
  }
}

StanzaText *stanza_text_parse(GBytes *bytes) {
  StanzaText *text = g_new0(StanzaText, 1);
  gsize size = 0;
  const char *start = bytes_text(bytes, &size);
  const char *end = start + size;
  guint number = 1;

  text->lines = g_ptr_array_new_with_free_func((GDestroyNotify)line_free);
  text->open = size > 0 && end[-1] != '\n';
  for (const char *at = start; at < end;) {
    const char *stop = line_stop(at, end);
    StanzaLine *line = line_new(at, (gsize)(stop - at));

    line->number = number;
    line->index = text->lines->len;
    number += newlines_in(line->raw, line->raw->len);
    at = stop;
    g_ptr_array_add(text->lines, line);
  }
  place_heads(text);
  return text;
}

GBytes *stanza_text_bytes(const StanzaText *text) {
  GString *bytes = g_string_new(NULL);

  list_each (const StanzaLine *, line, text->lines)
    g_string_append_len(bytes, line->raw->str, (gssize)line->raw->len);
  if (text->open && bytes->len > 0)
    g_string_truncate(bytes, bytes->len - 1);
  return g_string_free_to_bytes(bytes);
}

static const Span *value_start(const StanzaLine *line) {
  return span_of(line, line->n_words > 1 ? 1 : 0);
}

const char *stanza_line_value(const StanzaLine *line, gsize *size) {
  *size = span_of(line, line->n_words - 1)->end - value_start(line)->start;
  return line->raw->str + value_start(line)->start;
}

guint stanza_line_value_number(const StanzaLine *line) {
  return line->number + newlines_in(line->raw, value_start(line)->start);
}

static gboolean is_dash(char c) {
  return c == '-' || c == '_';
}

static gboolean same_keyword(const char *one, const char *other) {
  while (*one != '\0' && (*one == *other || (is_dash(*one) && is_dash(*other)))) {
    one++;
    other++;
  }
  return *one == *other;
}

gboolean stanza_line_is(const StanzaLine *line, const char *keyword) {
  return line->n_words > 0 && same_keyword(line->words[0], keyword);
}

StanzaLine *stanza_text_option(const StanzaText *text, const StanzaLine *head, const char *keyword,
                               const StanzaLine *after) {
  for (guint i = (after != NULL ? after : head)->index + 1; i < text->lines->len; i++) {
    StanzaLine *line = text->lines->pdata[i];

    if (line->head != head)
      return NULL;
    if (line->kind == STANZA_OPTION && stanza_line_is(line, keyword))
      return line;
  }
  return NULL;
}

static gboolean replace_span(StanzaLine *line, gsize start, gsize end, const char *with) {
  if (end - start == strlen(with) && memcmp(line->raw->str + start, with, end - start) == 0)
    return FALSE;
  g_string_erase(line->raw, (gssize)start, (gssize)(end - start));
  g_string_insert(line->raw, (gssize)start, with);
  measure(line);
  return TRUE;
}

gboolean stanza_line_set_word(StanzaLine *line, guint index, const char *word) {
  g_autofree char *behind = g_strconcat(" ", word, NULL);

  g_return_val_if_fail(index <= line->n_words && line->n_words > 0, FALSE);
  if (index == line->n_words)
    return replace_span(line, span_of(line, index - 1)->end, span_of(line, index - 1)->end, behind);
  if (strcmp(line->words[index], word) == 0)
    return FALSE;
  return replace_span(line, span_of(line, index)->start, span_of(line, index)->end, word);
}

gboolean stanza_line_set_value(StanzaLine *line, const char *value) {
  g_return_val_if_fail(line->n_words > 0, FALSE);
  if (line->n_words == 1)
    return stanza_line_set_word(line, 1, value);
  return replace_span(line, span_of(line, 1)->start, span_of(line, line->n_words - 1)->end, value);
}

/* The line end that new lines get: that of the first line, else LF. */
static const char *line_end(const StanzaText *text) {
  const StanzaLine *first = text->lines->len > 0 ? text->lines->pdata[0] : NULL;

  return first != NULL && g_str_has_suffix(first->raw->str, "\r\n") ? "\r\n" : "\n";
}

/* An option to write another one like: AFTER itself, else the first of its stanza, else of any. */
static const StanzaLine *option_like(const StanzaText *text, const StanzaLine *after) {
  const StanzaLine *any = NULL;

  if (after->kind == STANZA_OPTION && after->n_words > 1)
    return after;
  list_each (const StanzaLine *, line, text->lines) {
    if (line->kind != STANZA_OPTION || line->n_words < 2)
      continue;
    if (line->head == after->head)
      return line;
    any = any != NULL ? any : line;
  }
  return any;
}

/* What stands between a keyword and its value: values that are in a column stay in it. */
static char *gap_like(const StanzaLine *model, const char *keyword) {
  const Span *key = model != NULL ? span_of(model, 0) : NULL;
  const gsize width = model != NULL ? span_of(model, 1)->start - key->end : 1;
  const char *gap = model != NULL ? model->raw->str + key->end : " ";
  const gsize column = model != NULL ? key->end - key->start + width : 0;

  if (width > 1 && strspn(gap, " ") == width)
    return g_strnfill(column > strlen(keyword) ? column - strlen(keyword) : 1, ' ');
  return strspn(gap, " \t") == width ? g_strndup(gap, width) : g_strdup(" ");
}

static void number_from(const StanzaText *text, guint index) {
  for (; index < text->lines->len; index++)
    ((StanzaLine *)text->lines->pdata[index])->index = index;
}

/* A backslash that nothing came behind would take what is put there. */
static void put_at(StanzaText *text, guint index, StanzaLine *line) {
  StanzaLine *before = index > 0 ? text->lines->pdata[index - 1] : NULL;

  while (before != NULL && before->kind != STANZA_BLANK && g_str_has_suffix(before->raw->str, "\\\n"))
    (void)replace_span(before, before->raw->len - strlen("\\\n"), before->raw->len, "\n");
  g_ptr_array_insert(text->lines, (int)index, line);
  number_from(text, index);
}

StanzaLine *stanza_text_insert(StanzaText *text, const StanzaLine *after, const char *keyword, const char *value) {
  const StanzaLine *model = option_like(text, after);
  g_autofree char *indent = model != NULL ? g_strndup(model->raw->str, span_of(model, 0)->start) : g_strdup("    ");
  g_autofree char *gap = gap_like(model, keyword);
  g_autofree char *raw = g_strconcat(indent, keyword, gap, value, line_end(text), NULL);
  StanzaLine *line = line_new(raw, strlen(raw));

  line->head = after->head;
  put_at(text, after->index + 1, line);
  return line;
}

/* Behind the last line of HEAD's stanza that says something. */
static guint stanza_stop(const StanzaText *text, const StanzaLine *head) {
  guint stop = head->index + 1;

  for (guint i = stop; i < text->lines->len && ((StanzaLine *)text->lines->pdata[i])->head == head; i++)
    if (((StanzaLine *)text->lines->pdata[i])->kind == STANZA_OPTION)
      stop = i + 1;
  return stop;
}

StanzaLine *stanza_text_add(StanzaText *text, const StanzaLine *after, const char *head) {
  const guint at = after != NULL && after->head != NULL ? stanza_stop(text, after->head) : text->lines->len;
  g_autofree char *raw = g_strconcat(head, line_end(text), NULL);
  StanzaLine *line = line_new(raw, strlen(raw));

  put_at(text, at, line);
  if (at > 0)
    put_at(text, at, line_new(line_end(text), strlen(line_end(text))));
  place_heads(text);
  return line;
}

void stanza_text_append(StanzaText *text, const StanzaText *more) {
  if (text->lines->len > 0)
    put_at(text, text->lines->len, line_new(line_end(text), strlen(line_end(text))));
  for (guint i = 0; i < more->lines->len; i++) {
    const GString *raw = ((const StanzaLine *)more->lines->pdata[i])->raw;
    put_at(text, text->lines->len, line_new(raw->str, raw->len));
  }
  place_heads(text);
}

void stanza_text_remove(StanzaText *text, StanzaLine *line) {
  const guint index = line->index;

  (void)g_ptr_array_remove_index(text->lines, index);
  number_from(text, index);
  place_heads(text);
}
