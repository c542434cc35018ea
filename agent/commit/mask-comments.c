/* mask-comments.c - comments beside a secret, which may hold what it was before */
#include <string.h>

#include "diff.h"

#define HIDDEN "<hidden>"

static gboolean is_comment(const char *line) {
  const char first = line[strspn(line, " \t")];

  return first == '#' || first == ';';
}

static gboolean has_secret(const char *line) {
  return strstr(line, HIDDEN) != NULL;
}

/* Everything behind the first SIZE bytes of the line. */
static void hide_behind(char **line, gsize size) {
  const gboolean has_return = g_str_has_suffix(*line, "\r");
  char *masked = g_strdup_printf("%.*s# " HIDDEN "%s", (int)size, *line, has_return ? "\r" : "");

  g_free(*line);
  *line = masked;
}

static void hide_comment(char **line) {
  if (!has_secret(*line))
    hide_behind(line, strspn(*line, " \t"));
}

/* What stands behind the secret in its own line. */
static void hide_remark(char **line) {
  const char *secret = strstr(*line, HIDDEN);
  const char *mark = strchr(secret, '#');

  if (mark != NULL)
    hide_behind(line, (gsize)(mark - *line));
}

char *diff_mask_comments(const char *text, gsize size, gsize *masked_size) {
  g_autofree char *copy = g_strndup(text, size);
  g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
  const guint n = g_strv_length(lines);

  for (guint i = 0; i < n; i++) {
    if (!has_secret(lines[i]))
      continue;
    hide_remark(&lines[i]);
    for (guint j = i; j > 0 && is_comment(lines[j - 1]) && !has_secret(lines[j - 1]); j--)
      hide_comment(&lines[j - 1]);
    if (i + 1 < n && is_comment(lines[i + 1]))
      hide_comment(&lines[i + 1]);
  }
  char *masked = g_strjoinv("\n", lines);
  *masked_size = strlen(masked);
  return masked;
}
