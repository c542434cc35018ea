/* shell-text.c - set, insert or remove assignments of a file that a shell reads, and leave every other byte as it is */
#include "shell-text.h"

#include <string.h>

#include "base/bytes.h"
#include "shell-word.h"

/* One assignment or what is none, mostly a whole line with its end; two assignments on one line are two pieces. The
 * spans are offsets into TEXT. */
typedef struct {
  const char *text; /* in the bytes, or one of the strings */
  gsize size;
  guint line; /* in which it begins, from 1 */
  gboolean is_assignment;
  gsize key_start, key_end, value_start, value_end;
  const char *value; /* what it says, one of the strings; NULL: not known */
} Piece;

struct ShellText {
  GBytes *bytes;
  GArray *pieces;        /* Piece */
  GStringChunk *strings; /* values, and pieces that are new */
  char *why_not;
};

void shell_text_free(ShellText *text) {
  if (text == NULL)
    return;
  g_array_unref(text->pieces);
  g_string_chunk_free(text->strings);
  g_bytes_unref(text->bytes);
  g_free(text->why_not);
  g_free(text);
}

const char *shell_text_why_not(const ShellText *text) {
  return text->why_not;
}

static Piece *piece_at(const ShellText *text, guint index) {
  return &g_array_index(text->pieces, Piece, index);
}

/* A CR in front of the LF belongs to it; at the end of the file too, as NetworkManager has it. */
static gsize line_end_size(const char *text, gsize size) {
  const gsize newline = size > 0 && text[size - 1] == '\n' ? 1 : 0;

  return size > newline && text[size - newline - 1] == '\r' ? newline + 1 : newline;
}

static gsize skip_blanks(const char *text, gsize at, gsize end) {
  while (at < end && (text[at] == ' ' || text[at] == '\t'))
    at++;
  return at;
}

/* The end of the physical line that holds AT, behind its line end. */
static gsize line_stop(const char *text, gsize at, gsize end) {
  const char *newline = memchr(text + at, '\n', end - at);

  return newline != NULL ? (gsize)(newline - text) + 1 : end;
}

/* Where the "=" of an assignment whose key begins at AT is; AT: there is none. */
static gsize find_equals(const char *text, gsize at, gsize end) {
  gsize stop = at;

  if (at == end || !(g_ascii_isalpha(text[at]) || text[at] == '_'))
    return at;
  while (stop < end && (g_ascii_isalnum(text[stop]) || text[stop] == '_'))
    stop++;
  return stop < end && text[stop] == '=' ? stop : at;
}

/* Only the first reason is kept. */
static void refuse(ShellText *text, guint line, const char *why) {
  if (text->why_not == NULL)
    text->why_not = g_strdup_printf("in line %u %s", line, why);
}

typedef struct {
  ShellText *text;
  const char *data;
  gsize size, at;
  guint line;
} Splitter;

static void add_piece(Splitter *splitter, Piece piece, gsize stop) {
  piece.text = splitter->data + splitter->at;
  piece.size = stop - splitter->at;
  piece.line = splitter->line;
  for (gsize i = splitter->at; i < stop; i++)
    splitter->line += splitter->data[i] == '\n';
  splitter->at = stop;
  g_array_append_val(splitter->text->pieces, piece);
}

/* Where the line is over, but for a comment: behind its line end. AT: it is not. */
static gsize line_over(const Splitter *splitter, gsize at) {
  const gsize stop = line_stop(splitter->data, at, splitter->size);
  const gsize end = stop - line_end_size(splitter->data + at, stop - at);

  return at >= end || splitter->data[at] == '#' ? stop : at;
}

/* NetworkManager takes each line by itself: a value that goes on may hold what looks like an assignment to it. */
static void check_further_lines(Splitter *splitter, gsize from, gsize to) {
  for (gsize at = line_stop(splitter->data, from, to); at < to; at = line_stop(splitter->data, at, to)) {
    const gsize start = skip_blanks(splitter->data, at, to);
    const gsize equals = find_equals(splitter->data, start, to);

    if (equals > start && g_ascii_isupper(splitter->data[start]))
      refuse(splitter->text, splitter->line,
             "there is a value over several lines, and NetworkManager takes one of them for an assignment of its own");
  }
}

/* What stands behind the word that ends at AT: nothing (a blank, a comment, one ";"), or another assignment. Returns
 * where the piece ends; AT itself: it is a command. */
static gsize piece_stop(Splitter *splitter, gsize at) {
  const gsize word_end = at;
  gsize next = skip_blanks(splitter->data, at, splitter->size);

  /* A "#" at the word itself is a part of it, and not here. */
  if (line_over(splitter, next) > next || next == splitter->size)
    return line_stop(splitter->data, next, splitter->size);
  if (splitter->data[next] == ';') {
    next = skip_blanks(splitter->data, next + 1, splitter->size);
    if (line_over(splitter, next) > next || next == splitter->size)
      return line_stop(splitter->data, next, splitter->size);
  }
  if (next == word_end || find_equals(splitter->data, next, splitter->size) == next)
    return at;
  refuse(splitter->text, splitter->line, "there are two assignments, of which NetworkManager takes none");
  return next;
}

static void read_assignment(Splitter *splitter, gsize start, gsize equals) {
  const ShellWord word = shell_word_read(splitter->data + equals + 1, splitter->size - equals - 1);
  const gsize word_end = equals + 1 + word.size;
  Piece piece = {.is_assignment = TRUE,
                 .key_start = start - splitter->at,
                 .key_end = equals - splitter->at,
                 .value_start = equals + 1 - splitter->at,
                 .value_end = word_end - splitter->at};
  g_autofree char *value = word.value;
  gsize stop = line_stop(splitter->data, word_end, splitter->size);

  if (value == NULL) {
    refuse(splitter->text, splitter->line, word.why);
    add_piece(splitter, piece, stop);
    return;
  }
  check_further_lines(splitter, equals, word_end);
  stop = piece_stop(splitter, word_end);
  if (stop > word_end || word_end == splitter->size) {
    piece.value = g_string_chunk_insert(splitter->text->strings, value);
  } else {
    refuse(splitter->text, splitter->line, "a command is run");
    stop = line_stop(splitter->data, word_end, splitter->size);
  }
  add_piece(splitter, piece, stop);
}

static void read_piece(Splitter *splitter) {
  static const Piece other = {0};
  const gsize start = skip_blanks(splitter->data, splitter->at, splitter->size);
  const gsize equals = find_equals(splitter->data, start, splitter->size);

  if (equals > start) {
    read_assignment(splitter, start, equals);
    return;
  }
  if (start < splitter->size && line_over(splitter, start) == start)
    refuse(splitter->text, splitter->line, "a command is run");
  add_piece(splitter, other, line_stop(splitter->data, splitter->at, splitter->size));
}

static void refuse_nul(const Splitter *splitter) {
  const char *nul = memchr(splitter->data, '\0', splitter->size);
  guint line = 1;

  for (const char *at = splitter->data; nul != NULL && at < nul; at++)
    line += *at == '\n';
  if (nul != NULL)
    refuse(splitter->text, line, "there is a NUL byte");
}

ShellText *shell_text_parse(GBytes *bytes) {
  ShellText *text = g_new0(ShellText, 1);
  Splitter splitter = {.text = text, .line = 1};

  text->bytes = g_bytes_ref(bytes);
  text->pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
  text->strings = g_string_chunk_new(1024);
  splitter.data = bytes_text(bytes, &splitter.size);
  refuse_nul(&splitter);
  while (splitter.at < splitter.size)
    read_piece(&splitter);
  return text;
}

static gboolean is_key(const Piece *piece, const char *key) {
  const gsize size = strlen(key);

  return piece->is_assignment && piece->key_end - piece->key_start == size &&
         memcmp(piece->text + piece->key_start, key, size) == 0;
}

/* The piece that is in effect, the last one of KEY; its place plus one; 0: there is none. */
static guint find_key(const ShellText *text, const char *key) {
  for (guint i = text->pieces->len; i > 0; i--)
    if (is_key(piece_at(text, i - 1), key))
      return i;
  return 0;
}

char *shell_text_get(const ShellText *text, const char *key) {
  const guint found = find_key(text, key);

  return found > 0 ? g_strdup(piece_at(text, found - 1)->value) : NULL;
}

guint shell_text_line(const ShellText *text, const char *key) {
  const guint found = find_key(text, key);

  return found > 0 ? piece_at(text, found - 1)->line : 0;
}

void shell_text_foreach(const ShellText *text, ShellTextFunction function, gpointer data) {
  for (guint i = 0; i < text->pieces->len; i++) {
    const Piece *piece = piece_at(text, i);
    g_autofree char *value = NULL;

    if (!piece->is_assignment || piece->value == NULL)
      continue;
    g_autofree char *key = g_strndup(piece->text + piece->key_start, piece->key_end - piece->key_start);
    value = g_strdup(piece->value);
    if (find_key(text, key) == i + 1)
      function(key, value, piece->line, data);
  }
}

GBytes *shell_text_bytes(const ShellText *text) {
  GByteArray *bytes = g_byte_array_new();

  for (guint i = 0; i < text->pieces->len; i++)
    g_byte_array_append(bytes, (const guint8 *)piece_at(text, i)->text, (guint)piece_at(text, i)->size);
  return g_byte_array_free_to_bytes(bytes);
}

/* The piece before with another value. */
static void change_value(ShellText *text, Piece *piece, const char *value) {
  const WordStyle style = shell_word_style(piece->text + piece->value_start, piece->value_end - piece->value_start);
  g_autofree char *word = shell_word_write(value, style);
  g_autoptr(GString) content = g_string_new_len(piece->text, (gssize)piece->value_start);

  g_string_append(content, word);
  g_string_append_len(content, piece->text + piece->value_end, (gssize)(piece->size - piece->value_end));
  piece->text = g_string_chunk_insert_len(text->strings, content->str, (gssize)content->len);
  piece->size = content->len;
  piece->value_end = piece->value_start + strlen(word);
  piece->value = g_string_chunk_insert(text->strings, value);
}

/* The line end that new lines get: that of the first line, else LF. */
static const char *new_line_end(const ShellText *text) {
  const char *data = bytes_text(text->bytes, NULL);
  const char *newline = memchr(data, '\n', g_bytes_get_size(text->bytes));

  return newline != NULL && newline > data && newline[-1] == '\r' ? "\r\n" : "\n";
}

/* Give the last piece in front of a new one its line end. */
static void close_line(ShellText *text, Piece *piece) {
  g_autoptr(GString) content = g_string_new_len(piece->text, (gssize)piece->size);

  g_string_append(content, new_line_end(text));
  piece->text = g_string_chunk_insert_len(text->strings, content->str, (gssize)content->len);
  piece->size = content->len;
}

static gboolean is_open(const ShellText *text) {
  const Piece *last = text->pieces->len > 0 ? piece_at(text, text->pieces->len - 1) : NULL;

  return last != NULL && (last->size == 0 || last->text[last->size - 1] != '\n');
}

/* The final line stays as open as it was. */
static void keep_open(ShellText *text, gboolean open) {
  if (!open || text->pieces->len == 0)
    return;
  Piece *last = piece_at(text, text->pieces->len - 1);
  last->size -= line_end_size(last->text, last->size);
}

/* KEY's line behind the piece MODEL (its place plus one; 0: none), written as that one is. */
static void insert(ShellText *text, guint model, const char *key, const char *value) {
  const Piece *like = model > 0 ? piece_at(text, model - 1) : NULL;
  const WordStyle style =
      like != NULL ? shell_word_style(like->text + like->value_start, like->value_end - like->value_start) : WORD_PLAIN;
  g_autofree char *word = shell_word_write(value, style);
  g_autoptr(GString) content = g_string_new(NULL);
  const gboolean open = is_open(text);
  guint place = like != NULL ? model : text->pieces->len;
  Piece piece = {.is_assignment = TRUE, .line = like != NULL ? like->line : 1};

  if (like != NULL)
    g_string_append_len(content, like->text, (gssize)like->key_start);
  piece.key_start = content->len;
  piece.key_end = piece.key_start + strlen(key);
  piece.value_start = piece.key_end + 1;
  piece.value_end = piece.value_start + strlen(word);
  g_string_append_printf(content, "%s=%s%s", key, word, new_line_end(text));
  piece.text = g_string_chunk_insert_len(text->strings, content->str, (gssize)content->len);
  piece.size = content->len;
  piece.value = g_string_chunk_insert(text->strings, value);
  while (place > 0 && place < text->pieces->len &&
         piece_at(text, place - 1)->text[piece_at(text, place - 1)->size - 1] != '\n')
    place++;
  if (place == text->pieces->len && open)
    close_line(text, piece_at(text, place - 1));
  g_array_insert_val(text->pieces, place, piece);
  keep_open(text, open);
}

/* The last assignment, its place plus one; 0: there is none. */
static guint last_assignment(const ShellText *text) {
  for (guint i = text->pieces->len; i > 0; i--)
    if (piece_at(text, i - 1)->is_assignment)
      return i;
  return 0;
}

void shell_text_set_behind(ShellText *text, const char *neighbour, const char *key, const char *value) {
  const guint found = find_key(text, key);
  const guint behind = neighbour != NULL ? find_key(text, neighbour) : 0;

  g_return_if_fail(strpbrk(value, "\r\n") == NULL);
  if (found > 0)
    change_value(text, piece_at(text, found - 1), value);
  else
    insert(text, behind > 0 ? behind : last_assignment(text), key, value);
}

void shell_text_set(ShellText *text, const char *key, const char *value) {
  shell_text_set_behind(text, NULL, key, value);
}

/* Where the line goes on in front of the piece, only its line end stays. */
static gboolean remove_piece(ShellText *text, guint index) {
  Piece *piece = piece_at(text, index);
  const gsize end = line_end_size(piece->text, piece->size);
  const Piece *before = index > 0 ? piece_at(text, index - 1) : NULL;

  if (before != NULL && before->text[before->size - 1] != '\n' && end > 0) {
    *piece = (Piece){.text = piece->text + piece->size - end, .size = end, .line = piece->line};
    return FALSE;
  }
  g_array_remove_index(text->pieces, index);
  return TRUE;
}

/* The assignments of KEY that are not at LAST or behind it. */
static gboolean remove_before(ShellText *text, const char *key, guint last) {
  const gboolean open = is_open(text);
  gboolean found = FALSE;

  for (guint i = 0; i < last;) {
    const gboolean gone = is_key(piece_at(text, i), key);

    found = found || gone;
    if (gone && remove_piece(text, i))
      last--;
    else
      i++;
  }
  if (found)
    keep_open(text, open);
  return found;
}

gboolean shell_text_remove(ShellText *text, const char *key) {
  return remove_before(text, key, text->pieces->len);
}

void shell_text_remove_overridden(ShellText *text, const char *key) {
  const guint found = find_key(text, key);

  if (found > 0)
    (void)remove_before(text, key, found - 1);
}
