/* checks.c - what stands in the way of a plan and can be asked without writing */
#include "checks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "mount-point.h"
#include "parent.h"
#include "state.h"
#include "temporary.h"
#include "unmounted.h"

typedef struct {
  Parent parent;
  unsigned n_checked;   /* so many of the parent's directories were looked at */
  GHashTable *taken;    /* char*: every path, borrowed */
  GHashTable *made;     /* char*: directories that the plan makes, borrowed */
  GPtrArray *reasons;   /* char*: what stands in the way */
  GArray *read_only;    /* dev_t: file systems of which that is said */
  GPtrArray *unmounted; /* of unmounted_read */
  gboolean is_undo;
} Checks;

/* Each reason once: our own directory is also the record's. */
G_GNUC_PRINTF(2, 3)
static void refuse(Checks *checks, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *reason = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  if (!g_ptr_array_find_with_equal_func(checks->reasons, reason, g_str_equal, NULL))
    g_ptr_array_add(checks->reasons, g_steal_pointer(&reason));
}

/* Only of what is a file or a directory: nothing else is opened. APPEND: where append-only is in the way too. */
static gboolean is_immutable(int parent, const char *name, const struct statx *info, gboolean append) {
  int flags = 0;

  if ((info->stx_attributes_mask & STATX_ATTR_IMMUTABLE) != 0)
    return (info->stx_attributes & (STATX_ATTR_IMMUTABLE | (append ? STATX_ATTR_APPEND : 0))) != 0;
  if (!S_ISREG(info->stx_mode) && !S_ISDIR(info->stx_mode))
    return FALSE;
  autofd fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  return fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
         (flags & (FS_IMMUTABLE_FL | (append ? FS_APPEND_FL : 0))) != 0;
}

/* What NAME in the directory PARENT is called in a command that a person runs, also below another root. The caller
 * frees. */
static char *outer_path(int parent, const char *name, const char *path) {
  char buffer[ROOT_OUTER_PATH];
  const char *directory = root_outer_path(parent, buffer, NULL);

  if (directory == NULL)
    return g_strdup(path);
  return strcmp(name, ".") == 0 ? g_strdup(directory) : g_build_filename(directory, name, NULL);
}

static void refuse_immutable(Checks *checks, int parent, const char *name, const struct statx *info, const char *path) {
  if (!is_immutable(parent, name, info, TRUE))
    return;
  g_autofree char *outer = outer_path(parent, name, path);
  refuse(checks, "%s: it is immutable or append-only; remove the attribute (chattr -i -a %s) and try again", path,
         outer);
}

/* Once for each file system: the first file on it stands for all. */
static gboolean is_news(const Checks *checks, int parent) {
  struct stat info;

  if (fstat(parent, &info) < 0)
    return TRUE;
  for (guint i = 0; i < checks->read_only->len; i++)
    if (g_array_index(checks->read_only, dev_t, i) == info.st_dev)
      return FALSE;
  g_array_append_val(checks->read_only, info.st_dev);
  return TRUE;
}

static void check_directory(Checks *checks, int parent, const char *path) {
  g_autofree char *directory = g_path_get_dirname(path);
  struct statvfs volume;
  struct statx info;

  if (fstatvfs(parent, &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0 && is_news(checks, parent)) {
    g_autofree char *place = mount_point_of(parent);
    refuse(checks,
           "%s: its file system is mounted read-only; remount it writable (mount -o remount,rw%s%s) and try again",
           path, place != NULL ? " " : "", place != NULL ? place : "");
  }
  if (statx(parent, ".", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) == 0)
    refuse_immutable(checks, parent, ".", &info, directory);
}

/* The last rename of a run, behind the commit point, goes in there. */
static void check_history(Checks *checks, int state) {
  g_autofree char *outer = outer_path(state, HISTORY_NAME, RI_HISTORY_DIR);
  struct statx info;

  if (statx(state, HISTORY_NAME, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) < 0)
    return; /* it is made then */
  if (!S_ISDIR(info.stx_mode))
    refuse(checks, "%s: a directory is needed there, for what undo needs, and it is not one; move it away",
           RI_HISTORY_DIR);
  else if (is_mount_point(state, HISTORY_NAME, &info))
    refuse(checks,
           "%s: something is mounted over it, so no finished run can be moved into it; unmount it (umount %s) and try "
           "again",
           RI_HISTORY_DIR, outer);
  else if (is_immutable(state, HISTORY_NAME, &info, FALSE))
    refuse(checks, "%s: it is immutable; remove the attribute (chattr -i %s) and try again", RI_HISTORY_DIR, outer);
}

static gboolean is_right_type(const Edit *edit, mode_t mode) {
  switch (edit->kind) {
  case EDIT_WRITE:
  case EDIT_REMOVE:
    return S_ISREG(mode);
  case EDIT_UNLINK:
    return S_ISLNK(mode);
  case EDIT_REMOVE_DIRECTORY:
    return S_ISDIR(mode);
  case EDIT_LINK:
  case EDIT_MAKE_DIRECTORY:
    break;
  }
  return FALSE;
}

/* Behind what is to be done: the step that wants EDIT may be left out. The record is no step. The caller frees. */
static char *way_around(const Checks *checks, const Edit *edit) {
  return checks->is_undo || (edit->flags & EDIT_LAST) != 0 ? g_strdup("")
                                                           : g_strdup_printf(", or switch the step %s off", edit->step);
}

static void check_replaceable(Checks *checks, int parent, const char *name, const struct statx *info,
                              const char *path) {
  if (!is_mount_point(parent, name, info)) {
    refuse_immutable(checks, parent, name, info, path);
    return;
  }
  g_autofree char *outer = outer_path(parent, name, path);
  refuse(checks,
         "%s: something is mounted over it, so it cannot be replaced; unmount it (umount %s) and try again, or change "
         "what is mounted there",
         path, outer);
}

/* What lies at an edit's own path. */
static void check_target(Checks *checks, int parent, const char *name, const Edit *edit) {
  g_autofree char *around = way_around(checks, edit);
  struct statx info;

  if (statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) < 0) {
    if (errno != ENOENT)
      refuse(checks, "%s: %s", edit->path, g_strerror(errno));
    return;
  }
  if (edit->kind == EDIT_LINK || edit->kind == EDIT_MAKE_DIRECTORY)
    refuse(checks, "%s: it is there already; move it away", edit->path);
  else if (edit->kind != EDIT_REMOVE_DIRECTORY && edit->kind != EDIT_UNLINK && S_ISLNK(info.stx_mode))
    refuse(
        checks,
        "%s: it is a symbolic link into a directory that is not there (a file system that is not mounted?); mount or "
        "make it%s",
        edit->path, around);
  else if (!is_right_type(edit, info.stx_mode))
    refuse(checks, "%s: a %s is expected there, and it is not one; move it away%s", edit->path,
           edit->kind == EDIT_UNLINK             ? "symbolic link"
           : edit->kind == EDIT_REMOVE_DIRECTORY ? "directory"
                                                 : "regular file",
           around);
  check_replaceable(checks, parent, name, &info, edit->path);
}

/* A file that has the name of our temporary is one that an earlier run left; a directory is somebody's, and stays. */
static void check_temporary(Checks *checks, int parent, const char *name, const Edit *edit) {
  g_autofree char *temporary = temporary_name(name);
  g_autofree char *directory = g_path_get_dirname(edit->path);
  struct stat info;

  if (edit->kind != EDIT_MAKE_DIRECTORY && edit->kind != EDIT_REMOVE_DIRECTORY &&
      fstatat(parent, temporary, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode))
    refuse(checks, "%s: the directory %s/%s has the name of the temporary file beside it; move it away", edit->path,
           directory, temporary);
}

static void check_place(Checks *checks, const Edit *edit) {
  g_autofree char *directory = g_path_get_dirname(edit->path);
  g_autofree char *around = way_around(checks, edit);
  const char *name = NULL;
  int parent;

  if (g_hash_table_contains(checks->made, directory))
    return;
  parent = parent_open(&checks->parent, edit->path, &name);
  if (parent == -ENOENT && strcmp(directory, RI_STATE_DIR) == 0)
    return; /* made when it is locked */
  if (parent == -ENOENT)
    refuse(checks, "%s: its directory %s is not there (a link into a file system that is not mounted?); make it%s",
           edit->path, directory, around);
  else if (parent < 0)
    refuse(checks, "%s: its directory %s cannot be opened: %s", edit->path, directory, g_strerror(-parent));
  if (parent < 0)
    return;
  if (checks->n_checked != checks->parent.n_opened)
    check_directory(checks, parent, edit->path);
  checks->n_checked = checks->parent.n_opened;
  check_target(checks, parent, name, edit);
  check_temporary(checks, parent, name, edit);
}

static void note_path(Checks *checks, char *path) {
  if (path[0] != '/' || path[1] == '\0')
    refuse(checks, "'%s' is not an absolute path of a file", path);
  if (g_str_has_prefix(path, RI_TRANSACTION_DIR "/") || g_str_has_prefix(path, RI_HISTORY_DIR "/"))
    refuse(checks, "%s: the history of changes cannot be changed itself", path);
  if (!g_hash_table_add(checks->taken, path))
    refuse(checks, "%s: two changes of one file are planned; switch off one of the steps that want it", path);
}

static void check_mounted(Checks *checks, const char *path) {
  g_autofree char *reason = unmounted_reason(checks->parent.root, checks->unmounted, path);

  if (reason != NULL)
    refuse(checks, "%s", reason);
}

static gboolean report(const Checks *checks, GError **error) {
  if (checks->reasons->len == 0)
    return TRUE;
  g_autofree char *text = list_join(checks->reasons, "\n");
  return ri_error(error, RI_ERROR_FAILED, "nothing is changed:\n%s", text);
}

gboolean checks_run(const Root *root, const Plan *plan, GError **error) {
  g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) made = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) read_only = g_array_new(FALSE, FALSE, sizeof(dev_t));
  g_autoptr(GPtrArray) unmounted = unmounted_read(root, error);
  Checks checks = {PARENT_OF(root), 0, taken, made, reasons, read_only, unmounted, plan->is_undo};
  if (unmounted == NULL)
    return FALSE;
  autofd state = root_open_at(root, RI_STATE_DIR, O_PATH | O_DIRECTORY);

  if (state >= 0)
    check_directory(&checks, state, RI_TRANSACTION_DIR);
  if (state >= 0)
    check_history(&checks, state);
  list_each (const Edit *, edit, plan->edits) {
    note_path(&checks, edit->path);
    check_mounted(&checks, edit->path);
    if (edit->path[0] == '/' && edit->path[1] != '\0')
      check_place(&checks, edit);
    if (edit->kind == EDIT_MAKE_DIRECTORY)
      (void)g_hash_table_add(made, edit->path);
  }
  parent_clear(&checks.parent);
  return report(&checks, error);
}

/* The directory of PATH is not there, and is to be made in the first one above that is. */
static void check_above(Checks *checks, const char *path) {
  g_autofree char *above = g_path_get_dirname(path);
  autofd fd = root_open_at(checks->parent.root, above, O_PATH | O_DIRECTORY);

  if (fd >= 0)
    check_directory(checks, fd, path);
  else if (fd == -ENOENT && strcmp(above, path) != 0)
    check_above(checks, above);
  else
    refuse(checks, "%s: a directory is needed there: %s", above, g_strerror(-fd));
}

gboolean checks_files(const Root *root, const char *const *paths, GError **error) {
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) read_only = g_array_new(FALSE, FALSE, sizeof(dev_t));
  g_autoptr(GPtrArray) unmounted = unmounted_read(root, error);
  Checks checks = {PARENT_OF(root), 0, NULL, NULL, reasons, read_only, unmounted, FALSE};

  if (unmounted == NULL)
    return FALSE;

  for (; *paths != NULL; paths++) {
    const char *name = NULL;
    int parent = parent_open(&checks.parent, *paths, &name);
    struct statx info;

    check_mounted(&checks, *paths);
    if (parent < 0) {
      check_above(&checks, *paths);
      continue;
    }
    check_directory(&checks, parent, *paths);
    if (statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) < 0)
      continue;
    if (S_ISDIR(info.stx_mode))
      refuse(&checks, "%s: a regular file is expected there, and it is a directory; move it away", *paths);
    check_replaceable(&checks, parent, name, &info, *paths);
  }
  parent_clear(&checks.parent);
  return report(&checks, error);
}

void checks_warn(const Root *root, Plan *plan) {
  g_auto(Parent) parent = PARENT_OF(root);
  autofd interrupted = root_open_at(root, RI_TRANSACTION_DIR, O_PATH | O_DIRECTORY);

  /* A second name may be that run's, which goes before an apply plans anew. */
  if (interrupted >= 0)
    return;
  list_each (const Edit *, edit, plan->edits) {
    const char *name = NULL;
    int directory = edit->kind == EDIT_WRITE && edit->old != NULL ? parent_open(&parent, edit->path, &name) : -1;
    struct stat info;
    if (directory >= 0 && fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_nlink > 1)
      plan_warn(plan,
                "%s is one of %u names of a file (hard links): only this name gets the new content, and it stays "
                "a file of its own, after an undo too.",
                edit->path, (unsigned)info.st_nlink);
  }
}
