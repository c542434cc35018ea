/* name-patterns.c - patterns of NICs' names, and what they lose where a NIC is called otherwise now */
#include "name-patterns.h"

#include <fnmatch.h>
#include <string.h>

/* nm-settings(5), match.interface-name: "|" in front changes nothing. */
static const char *plain_pattern(const char *word) {
  const char *pattern = word + (*word == '|' ? 1 : 0);

  return *pattern != '!' && *pattern != '&' ? pattern : NULL;
}

static gboolean some_fits(const char *const *patterns, const char *name, gboolean whole_names) {
  for (; *patterns != NULL; patterns++) {
    const char *pattern = plain_pattern(*patterns);

    if (pattern != NULL && (whole_names || strpbrk(pattern, "*?[") != NULL) && fnmatch(pattern, name, 0) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The NIC's own name stands there too, whatever a "!" or "&" in front makes of it, and follows by itself. */
static gboolean is_said(const char *const *patterns, const NicSuccession *item) {
  for (; *patterns != NULL; patterns++)
    if (strcmp(*patterns + strspn(*patterns, "|&!\\"), item->recorded->name) == 0)
      return TRUE;
  return FALSE;
}

char **name_patterns_lost(const NicMap *map, const char *const *patterns) {
  GPtrArray *lost = g_ptr_array_new();

  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);

    if (item->present != NULL && some_fits(patterns, item->recorded->name, FALSE) &&
        !some_fits(patterns, item->present->name, TRUE) && !is_said(patterns, item))
      g_ptr_array_add(lost, g_strdup(item->present->name));
  }
  g_ptr_array_add(lost, NULL);
  return (char **)g_ptr_array_free(lost, FALSE);
}
