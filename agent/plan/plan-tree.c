/* plan-tree.c - edits that look at the tree first */
#include "plan-tree.h"

#include <fcntl.h>
#include <string.h>

#include "base/autofd.h"
#include "base/tree-entry.h"

void plan_make_parents(Plan *plan, const Root *root, const char *step, const char *path, const char *why) {
  g_autofree char *directory = g_path_get_dirname(path);
  autofd fd = root_open_at(root, directory, O_PATH | O_DIRECTORY);

  if (fd >= 0 || strcmp(directory, "/") == 0 || plan_find(plan, directory) != NULL)
    return;
  plan_make_parents(plan, root, step, directory, why);
  (void)plan_make_directory(plan, step, directory, 0755, why);
}

gboolean plan_remove_file(Plan *plan, const Root *root, const char *step, const char *path, EditFlags flags,
                          const char *why, Edit **edit, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (edit != NULL)
    *edit = NULL;
  if (!tree_read_file(root, path, &old, &resolved, error))
    return FALSE;
  /* Two paths may mean one file: /efi may be a link to /boot/efi. */
  if (old == NULL || plan_find(plan, resolved) != NULL)
    return TRUE;
  Edit *removal = plan_remove(plan, step, resolved, old, why);
  removal->flags |= flags;
  if (edit != NULL)
    *edit = removal;
  return TRUE;
}
