/* plan-tree.c - edits for more than one file */
#include "plan-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"

enum { ENTRIES_LIMIT = 10000, BYTES_LIMIT = 64 * 1024 * 1024 };

typedef struct {
  Plan *plan;
  const Root *root;
  const char *step, *top, *why;
  dev_t device;
  guint n_entries;
  guint64 n_bytes;
} Removal;

void plan_make_parents(Plan *plan, const Root *root, const char *step, const char *path, const char *why) {
  g_autofree char *directory = g_path_get_dirname(path);
  autofd fd = root_open_at(root, directory, O_PATH | O_DIRECTORY, 0);

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

static gboolean remove_file(Removal *removal, const char *path, GError **error) {
  g_autoptr(GBytes) old = NULL;

  if (!tree_read(removal->root, path, &old, NULL, error))
    return FALSE;
  removal->n_bytes += old != NULL ? g_bytes_get_size(old) : 0;
  (void)plan_remove(removal->plan, removal->step, path, old, removal->why);
  return TRUE;
}

static gboolean remove_link(Removal *removal, int directory, const char *name, const char *path, GError **error) {
  char to[PATH_MAX];
  ssize_t length = readlinkat(directory, name, to, sizeof to - 1);

  if (length < 0)
    return ri_error_errno(error, -errno, "%s", path);
  to[length] = '\0';
  (void)plan_unlink(removal->plan, removal->step, path, to, removal->why);
  return TRUE;
}

static gboolean check_bounds(const Removal *removal, const char *path, const struct stat *info, GError **error) {
  const char *why = NULL;

  if (removal->n_entries > ENTRIES_LIMIT || removal->n_bytes > BYTES_LIMIT)
    why = "there is more in it than reset-identity removes (10,000 entries, 64 MiB)";
  else if (info->st_dev != removal->device)
    why = "another file system is mounted in it; unmount it";
  else if (!S_ISREG(info->st_mode) && !S_ISLNK(info->st_mode) && !S_ISDIR(info->st_mode))
    why = "there is something in it that is neither a file, a link nor a directory";
  if (why == NULL)
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED, "%s: %s (at %s); remove it by hand, or switch the step %s off", removal->top,
                  why, path, removal->step);
}

static gboolean remove_directory(Removal *removal, const char *path, GError **error);

static gboolean remove_entry(Removal *removal, int directory, const char *name, const char *path, GError **error) {
  struct stat info;

  if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return ri_error_errno(error, -errno, "%s", path);
  removal->n_entries++;
  if (!check_bounds(removal, path, &info, error))
    return FALSE;
  if (S_ISDIR(info.st_mode))
    return remove_directory(removal, path, error);
  return S_ISLNK(info.st_mode) ? remove_link(removal, directory, name, path, error) : remove_file(removal, path, error);
}

static gboolean remove_directory(Removal *removal, const char *path, GError **error) {
  g_auto(GStrv) names = tree_list(removal->root, path, error);
  autofd fd = names != NULL ? root_open_at(removal->root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0) : -1;

  if (names == NULL)
    return FALSE;
  if (fd < 0)
    return ri_error_errno(error, fd, "%s", path);
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *below = g_build_filename(path, *name, NULL);
    if (!remove_entry(removal, fd, *name, below, error))
      return FALSE;
  }
  (void)plan_remove_directory(removal->plan, removal->step, path, removal->why);
  return TRUE;
}

gboolean plan_remove_tree(Plan *plan, const Root *root, const char *step, const char *path, const char *why,
                          GError **error) {
  autofd fd = root_open_at(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
  struct stat info;

  if (fd == -ENOENT)
    return TRUE;
  if (fd < 0 || fstat(fd, &info) < 0)
    return ri_error_errno(error, fd < 0 ? fd : -errno, "%s", path);
  Removal removal = {plan, root, step, path, why, info.st_dev, 0, 0};
  return remove_directory(&removal, path, error);
}
