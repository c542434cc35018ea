/* mask.c - which values of a profile are nobody's business. */
#include <string.h>

#include "diff.h"

#define HIDDEN "<hidden>"

/* A key is split into words at everything that is no letter or digit: "802-1x.private-key-password", "Xauth password".
 */
static const char *const secret_words[] = {"password", "passwd", "passphrase", "pass", "psk",  "secret",
                                           "secrets",  "pin",    "cak",        "ckn",  "token"};
/* And these say something only together. */
static const char *const secret_phrases[] = {"wep-key", "private-key", "preshared-key"};

static gboolean is_secret_word(const char *word) {
  for (gsize i = 0; i < G_N_ELEMENTS(secret_words); i++)
    if (strcmp(word, secret_words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean is_secret_key(const char *key, gsize size) {
  g_autofree char *lower = g_ascii_strdown(key, (gssize)size);
  g_auto(GStrv) words = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(secret_phrases); i++)
    if (strstr(lower, secret_phrases[i]) != NULL)
      return TRUE;
  for (char *c = lower; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c))
      *c = '-';
  words = g_strsplit(lower, "-", -1);
  for (char **word = words; *word != NULL; word++)
    if (is_secret_word(*word))
      return TRUE;
  return FALSE;
}

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

static gboolean is_secret_group(const char *header, gsize size) {
  static const char name[] = "[vpn-secrets]";

  return size >= sizeof name - 1 && g_ascii_strncasecmp(header, name, sizeof name - 1) == 0;
}

static void mask_line(const char *line, gsize size, gboolean secret_group, GString *masked) {
  gsize end = line_end_size(line, size);
  gsize start = skip_comment(line, size - end);
  const char *key = line + start;
  const char *equals = memchr(key, '=', size - end - start);
  gsize key_size = equals != NULL ? (gsize)(equals - key) : 0;
  gsize value_size = equals != NULL ? size - end - start - key_size - 1 : 0;

  while (key_size > 0 && g_ascii_isspace(key[key_size - 1]))
    key_size--;
  if (equals == NULL || value_size == 0 || is_flags(key, key_size, equals + 1, value_size) ||
      (!secret_group && !is_secret_key(key, key_size))) {
    g_string_append_len(masked, line, (gssize)size);
    return;
  }
  g_string_append_len(masked, line, equals + 1 - line);
  g_string_append(masked, HIDDEN);
  g_string_append_len(masked, line + size - end, (gssize)end);
}

char *diff_mask_secrets(const char *text, gsize size, gsize *masked_size) {
  GString *masked = g_string_sized_new(size + 1);
  gboolean secret_group = FALSE;

  for (gsize offset = 0; offset < size;) {
    const char *line = text + offset;
    const char *newline = memchr(line, '\n', size - offset);
    gsize length = newline != NULL ? (gsize)(newline - line) + 1 : size - offset;
    gsize blanks = 0;
    while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
      blanks++;
    if (blanks < length && line[blanks] == '[')
      secret_group = is_secret_group(line + blanks, length - blanks);
    mask_line(line, length, secret_group, masked);
    offset += length;
  }
  if (masked_size != NULL)
    *masked_size = masked->len;
  return g_string_free(masked, FALSE);
}
