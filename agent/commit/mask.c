/* mask.c - which values of a profile are nobody's business. */
#include <string.h>

#include "diff.h"
#include "profiles/secret-keys.h"

#define HIDDEN "<hidden>"

/* "psk-flags=1" says where a secret is kept, not what it is. */
static gboolean is_flags(const char *key, gsize key_size, const char *value, gsize value_size) {
  static const char suffix[] = "-flags";
  const gsize length = sizeof suffix - 1;

  if (key_size < length || memcmp(key + key_size - length, suffix, length) != 0)
    return FALSE;
  for (gsize i = 0; i < value_size; i++)
    if (!g_ascii_isdigit(value[i]) && !g_ascii_isspace(value[i]))
      return FALSE;
  return TRUE;
}

/* A line that was commented out still holds its old secret. */
static gsize skip_comment(const char *line, gsize size) {
  gsize i = 0;

  while (i < size && (line[i] == '#' || line[i] == ';' || line[i] == ' ' || line[i] == '\t'))
    i++;
  return i;
}

static gsize line_end_size(const char *line, gsize size) {
  gsize end = 0;

  while (end < size && (line[size - 1 - end] == '\n' || line[size - 1 - end] == '\r'))
    end++;
  return end;
}

static gsize skip_blanks(const char *text, gsize size) {
  gsize i = 0;

  while (i < size && (text[i] == ' ' || text[i] == '\t'))
    i++;
  return i;
}

/* Where the value of SIZE bytes KEY=VALUE, or KEY VALUE as interfaces(5) has it, begins; *KEY_SIZE: of the key. 0: it
 * is no such line. */
static gsize value_start(const char *key, gsize size, gsize *key_size) {
  const char *equals = memchr(key, '=', size);
  gsize word = 0;

  while (word < size && !g_ascii_isspace(key[word]) && key[word] != '=')
    word++;
  g_autofree char *name = g_strndup(key, word);
  if (word < size && g_ascii_isspace(key[word]) && secret_key_is("", name)) {
    *key_size = word;
    while (word < size && g_ascii_isspace(key[word]))
      word++;
    if (word < size && key[word] != '=')
      return word;
  }
  *key_size = equals != NULL ? (gsize)(equals - key) : 0;
  while (*key_size > 0 && g_ascii_isspace(key[*key_size - 1]))
    (*key_size)--;
  return equals != NULL ? (gsize)(equals + 1 - key) : 0;
}

static void hide_from(const char *line, gsize size, gsize start, gsize end, GString *masked) {
  g_string_append_len(masked, line, (gssize)start);
  g_string_append(masked, HIDDEN);
  g_string_append_len(masked, line + size - end, (gssize)end);
}

/* How a value that is held open by HELD is after SIZE bytes more, as a shell has it: the quote that is open, a
 * backslash in front of the line end, or '\0'. */
static int held_after(const char *text, gsize size, int held) {
  for (gsize i = 0; i < size; i++) {
    if (text[i] == '\\' && held != '\'') {
      if (++i == size)
        return held != '\0' ? held : '\\';
    } else if (held == '\0' && text[i] == '#' && i > 0 && g_ascii_isspace(text[i - 1])) {
      break;
    } else if (held == text[i]) {
      held = '\0';
    } else if (held == '\0' && (text[i] == '"' || text[i] == '\'')) {
      held = (guchar)text[i];
    }
  }
  return held;
}

/* What a value of SIZE bytes goes on with in the next line. Only a shell has quotes in the middle of a value. */
static int open_end(const char *value, gsize size, gboolean is_shell) {
  const gsize blanks = skip_blanks(value, size);

  if (is_shell || (blanks < size && (value[blanks] == '"' || value[blanks] == '\'')))
    return held_after(value, size, '\0');
  return size > 0 && value[size - 1] == '\\' ? '\\' : '\0';
}

/* Whether the line goes on with what HELD its value open. systemd.syntax(7): comments do not end what a backslash
 * holds. */
static int still_open(const char *line, gsize size, int held) {
  const gsize blanks = skip_blanks(line, size);

  if (held != '\\')
    return held_after(line, size, held);
  return blanks < size && (line[blanks] == '#' || line[blanks] == ';') ? held : held_after(line, size, '\0');
}

/* CONTINUES: a secret's value in a line before goes on in this one, by what it has there; it is set anew. TRUE: it is a
 * secret's line. */
static gboolean mask_line(const char *line, gsize size, const char *group, int *continues, GString *masked) {
  const gsize end = line_end_size(line, size);
  const gsize start = skip_comment(line, size - end);
  gsize key_size = 0;
  const gsize value = value_start(line + start, size - end - start, &key_size);
  g_autofree char *name = g_strndup(line + start, key_size);

  if (*continues != '\0') {
    hide_from(line, size, 0, end, masked);
    *continues = still_open(line, size - end, *continues);
    return TRUE;
  }
  if (value == 0 || start + value >= size - end ||
      is_flags(line + start, key_size, line + start + value, size - end - start - value) ||
      !secret_key_is(group, name)) {
    g_string_append_len(masked, line, (gssize)size);
    return FALSE;
  }
  hide_from(line, size, start + value, end, masked);
  *continues =
      open_end(line + start + value, size - end - start - value, *group == '\0' && line[start + value - 1] == '=');
  return TRUE;
}

/* In a file of groups a line that is neither a key nor a comment belongs to nothing. Behind a secret's it may be what
 * an editor has wrapped: its other half. */
static gboolean is_stray(const char *line, gsize size, const char *group) {
  const gsize blanks = skip_blanks(line, size);

  return *group != '\0' && blanks < size && strchr("[#;", line[blanks]) == NULL && memchr(line, '=', size) == NULL;
}

char *diff_mask_secrets(const char *text, gsize size, gsize *masked_size) {
  GString *masked = g_string_sized_new(size + 1);
  g_autofree char *group = g_strdup("");
  gboolean behind_secret = FALSE;
  int continues = '\0';

  for (gsize offset = 0; offset < size;) {
    const char *line = text + offset;
    const char *newline = memchr(line, '\n', size - offset);
    gsize length = newline != NULL ? (gsize)(newline - line) + 1 : size - offset;
    const gsize blanks = skip_blanks(line, length);
    if (blanks < length && line[blanks] == '[') {
      g_autofree char *header = g_strndup(line + blanks + 1, length - blanks - 1);

      g_free(group);
      group = g_strndup(header, strcspn(header, "]"));
      continues = '\0';
    }
    const gsize end = line_end_size(line, length);
    const gboolean stray = continues == '\0' && is_stray(line, length - end, group);
    if (stray && behind_secret)
      hide_from(line, length, 0, end, masked);
    else if (mask_line(line, length, group, &continues, masked))
      behind_secret = TRUE;
    else if (!stray && blanks < length - end && strchr("#;", line[blanks]) == NULL)
      behind_secret = FALSE;
    offset += length;
  }
  if (masked_size != NULL)
    *masked_size = masked->len;
  return g_string_free(masked, FALSE);
}
