/* unit-enabled.c - what systemd of a root would start, by files only */
#include "unit-enabled.h"

#include <string.h>

#include "glob.h"
#include "tree-entry.h"
#include "tree.h"

/* NAME (with * too) in some .wants or .requires of DIRECTORY. */
typedef struct {
  const Root *root;
  const char *directory;
  const char *name;
} Sought;

static gboolean is_sought(const char *name, gconstpointer data) {
  return glob_fits(data, name);
}

/* A link that leads nowhere counts. */
static gboolean sub_has_it(const char *sub, gconstpointer data) {
  static const char *const of_units[] = {".wants", ".requires", NULL};
  const Sought *sought = data;
  const char *ending = strrchr(sub, '.');

  if (ending == NULL || !g_strv_contains(of_units, ending))
    return FALSE;
  g_autofree char *path = g_strconcat(sought->directory, "/", sub, NULL);
  return tree_has_name(sought->root, path, is_sought, sought->name);
}

/* A link to it in the folder of a target, or an alias of its own in /etc; the link is what `systemctl enable` makes. */
gboolean unit_is_enabled(const Root *root, const char *unit) {
  static const char *const directories[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
                                            "/lib/systemd/system"};
  /* Nearly everywhere /lib is a link to /usr/lib, where there are most. */
  const gsize n = tree_is_directory(root, "/lib") ? G_N_ELEMENTS(directories) : G_N_ELEMENTS(directories) - 1;

  for (gsize i = 0; i < n; i++) {
    const Sought sought = {.root = root, .directory = directories[i], .name = unit};
    if (tree_has_name(root, directories[i], sub_has_it, &sought))
      return TRUE;
  }
  g_autofree char *own = g_build_filename(directories[0], unit, NULL);
  return g_str_has_prefix(unit, "dbus-") && tree_has_entry(root, own);
}

gboolean unit_is_masked(const Root *root, const char *unit) {
  g_autofree char *path = g_build_filename("/etc/systemd/system", unit, NULL);
  g_autofree char *target = tree_has_entry(root, path) ? tree_read_link(root, path) : NULL;

  return g_strcmp0(target, "/dev/null") == 0;
}
