/* unit-lines.c - what systemd takes for one line of its INI files */
#include "unit-lines.h"

#include <string.h>

gboolean unit_is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

gboolean unit_is_line_end(char byte) {
  return byte == '\n' || byte == '\r' || byte == '\0';
}

gsize unit_line_end(const char *data, gsize size, gsize at, gsize *next) {
  gsize end = at;
  char seen[4] = "";
  guint n_seen = 0;

  while (end < size && !unit_is_line_end(data[end]))
    end++;
  *next = end;
  while (*next < size && unit_is_line_end(data[*next]) && memchr(seen, data[*next], n_seen) == NULL) {
    seen[n_seen++] = data[(*next)++];
    if (seen[n_seen - 1] == '\0')
      break;
  }
  return end;
}

gsize unit_skip_blanks(const char *data, gsize at, gsize end) {
  while (at < end && unit_is_blank(data[at]))
    at++;
  return at;
}

gboolean unit_is_comment(const char *data, gsize at, gsize end) {
  at = unit_skip_blanks(data, at, end);
  return at < end && (data[at] == '#' || data[at] == ';');
}

static gboolean ends_escaped(const GString *joined) {
  gboolean escaped = FALSE;

  for (gsize i = 0; i < joined->len; i++)
    escaped = !escaped && joined->str[i] == '\\';
  return escaped;
}

gboolean unit_line_read(const char *data, gsize size, UnitLine *logical) {
  gsize at = logical->start;

  g_string_truncate(logical->joined, 0);
  logical->lines = 0;
  do {
    gsize next;
    const gsize end = unit_line_end(data, size, at, &next);
    const gboolean comment = unit_is_comment(data, at, end);

    logical->lines++;
    logical->end = end;
    logical->next = next;
    if (comment && logical->lines == 1)
      return FALSE;
    if (!comment) {
      g_string_append_len(logical->joined, data + at, (gssize)(end - at));
      if (!ends_escaped(logical->joined))
        return TRUE;
      logical->joined->str[logical->joined->len - 1] = ' ';
    }
    at = next;
  } while (at < size);
  return TRUE;
}
