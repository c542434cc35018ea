/* name-patterns.c - patterns of NICs' names and slots, and what they lose where a NIC is called otherwise now */
#include "name-patterns.h"

#include <fnmatch.h>
#include <string.h>

#include "id-path.h"

/* nm-settings(5), match.interface-name: "|" in front changes nothing. */
static const char *plain_pattern(const char *word) {
  const char *pattern = word + (*word == '|' ? 1 : 0);

  return *pattern != '!' && *pattern != '&' ? pattern : NULL;
}

static gboolean some_fits(const char *const *patterns, const char *value, gboolean whole_values) {
  for (; *patterns != NULL; patterns++) {
    const char *pattern = plain_pattern(*patterns);

    if (pattern != NULL && (whole_values || strpbrk(pattern, "*?[") != NULL) && fnmatch(pattern, value, 0) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The NIC's own one stands there too, whatever a "!" or "&" in front makes of it, and follows by itself. */
static gboolean is_said(const char *const *patterns, const char *value) {
  for (; *patterns != NULL; patterns++)
    if (strcmp(*patterns + strspn(*patterns, "|&!\\"), value) == 0)
      return TRUE;
  return FALSE;
}

typedef char *(*ValueFunction)(const Nic *nic);

static char *name_of(const Nic *nic) {
  return g_strdup(nic->name);
}

static char *path_of(const Nic *nic) {
  return id_path(nic->bus_path);
}

static char **lost_of(const NicMap *map, const char *const *patterns, ValueFunction value_of) {
  GPtrArray *lost = g_ptr_array_new();

  for (guint i = 0; map != NULL && i < map->items->len; i++) {
    const NicSuccession *item = &g_array_index(map->items, NicSuccession, i);
    g_autofree char *old = value_of(item->recorded);
    g_autofree char *now = item->present != NULL ? value_of(item->present) : NULL;

    if (old != NULL && now != NULL && some_fits(patterns, old, FALSE) && !some_fits(patterns, now, TRUE) &&
        !is_said(patterns, old))
      g_ptr_array_add(lost, g_steal_pointer(&now));
  }
  g_ptr_array_add(lost, NULL);
  return (char **)g_ptr_array_free(lost, FALSE);
}

char **name_patterns_lost(const NicMap *map, const char *const *patterns) {
  return lost_of(map, patterns, name_of);
}

char **path_patterns_lost(const NicMap *map, const char *const *patterns) {
  return lost_of(map, patterns, path_of);
}
