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

static void mask_line(const char *line, gsize size, const char *group, GString *masked) {
  gsize end = line_end_size(line, size);
  gsize start = skip_comment(line, size - end);
  const char *key = line + start;
  const char *equals = memchr(key, '=', size - end - start);
  gsize key_size = equals != NULL ? (gsize)(equals - key) : 0;
  gsize value_size = equals != NULL ? size - end - start - key_size - 1 : 0;

  g_autofree char *name = NULL;

  while (key_size > 0 && g_ascii_isspace(key[key_size - 1]))
    key_size--;
  name = g_strndup(key, key_size);
  if (equals == NULL || value_size == 0 || is_flags(key, key_size, equals + 1, value_size) ||
      !secret_key_is(group, name)) {
    g_string_append_len(masked, line, (gssize)size);
    return;
  }
  g_string_append_len(masked, line, equals + 1 - line);
  g_string_append(masked, HIDDEN);
  g_string_append_len(masked, line + size - end, (gssize)end);
}

char *diff_mask_secrets(const char *text, gsize size, gsize *masked_size) {
  GString *masked = g_string_sized_new(size + 1);
  g_autofree char *group = g_strdup("");

  for (gsize offset = 0; offset < size;) {
    const char *line = text + offset;
    const char *newline = memchr(line, '\n', size - offset);
    gsize length = newline != NULL ? (gsize)(newline - line) + 1 : size - offset;
    gsize blanks = 0;
    while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
      blanks++;
    if (blanks < length && line[blanks] == '[') {
      g_autofree char *header = g_strndup(line + blanks + 1, length - blanks - 1);

      g_free(group);
      group = g_strndup(header, strcspn(header, "]"));
    }
    mask_line(line, length, group, masked);
    offset += length;
  }
  if (masked_size != NULL)
    *masked_size = masked->len;
  return g_string_free(masked, FALSE);
}
