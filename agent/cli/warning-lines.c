/* warning-lines.c - the numbers of lines in what a run warns of: in the files as they are when it is over */
#include "warning-lines.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "commit/line-diff.h"

/* "PATH:LINE:" at the start of WARNING: LINE, and *REST from the colon behind it; 0: it begins otherwise. */
static guint line_in(const char *warning, const char *path, const char **rest) {
  const gsize size = strlen(path);
  char *end;

  if (strncmp(warning, path, size) != 0 || warning[size] != ':' || !g_ascii_isdigit(warning[size + 1]))
    return 0;
  const guint64 line = g_ascii_strtoull(warning + size + 1, &end, 10);
  *rest = end;
  return *end == ':' && line <= G_MAXUINT ? (guint)line : 0;
}

static void settle(const Edit *edit, GPtrArray *warnings) {
  g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(guint));
  const char *rest;
  gsize old_size = 0, new_size = 0;

  for (guint i = 0; i < warnings->len; i++) {
    const guint line = line_in(warnings->pdata[i], edit->path, &rest);
    g_array_append_val(lines, line);
  }
  const char *old = bytes_text(edit->old, &old_size);
  const char *new = bytes_text(edit->content, &new_size);
  line_diff_follow(old, old_size, new, new_size, lines);
  for (guint i = 0; i < warnings->len; i++) {
    g_autofree char *warning = warnings->pdata[i];
    const gboolean is_named = line_in(warning, edit->path, &rest) > 0;
    warnings->pdata[i] = is_named ? g_strdup_printf("%s:%u%s", edit->path, g_array_index(lines, guint, i), rest)
                                  : g_steal_pointer(&warning);
  }
}

/* What may be a path with a line behind it, at the start of each warning: there may be thousands, and of files too. */
static GHashTable *paths_named(const GPtrArray *warnings) {
  GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  list_each (const char *, warning, warnings)
    for (const char *colon = strchr(warning, ':'); colon != NULL; colon = strchr(colon + 1, ':'))
      if (g_ascii_isdigit(colon[1]))
        (void)g_hash_table_add(paths, g_strndup(warning, (gsize)(colon - warning)));
  return paths;
}

void warning_lines_settle(const Plan *plan, GPtrArray *warnings) {
  g_autoptr(GHashTable) named = paths_named(warnings);

  list_each (const Edit *, edit, plan->edits)
    if (edit->kind == EDIT_WRITE && edit->old != NULL && edit->content != NULL &&
        g_hash_table_contains(named, edit->path))
      settle(edit, warnings);
}
