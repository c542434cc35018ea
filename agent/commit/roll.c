/* roll.c - a committed transaction carried out, forward or backward */
#include "roll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "directories.h"
#include "file-copy.h"
#include "flush.h"
#include "merge.h"
#include "temporary.h"

/* Which staged content PATH gets in this direction, or NULL where it shall not be there. */
static const char *content_sum(const Roll *roll, const ManifestEdit *edit) {
  return roll->direction == ROLL_FORWARD ? edit->new_sha256 : edit->old_sha256;
}

static int open_staged(const Roll *roll, guint index, struct stat *info) {
  g_autofree char *name = g_strdup_printf("%s/%u", roll->direction == ROLL_FORWARD ? "new" : "old", index);

  return file_open_regular(roll->transaction, name, info);
}

static int fill_temporary(int temporary, int staged, const struct stat *info, gboolean attributes, char **sha256,
                          char **failed) {
  int result = file_copy_content(staged, temporary, sha256);

  return result < 0 ? result : file_dress(temporary, info, staged, attributes ? COPY_ATTRIBUTES : COPY_PLAIN, failed);
}

static gboolean write_temporary(const Roll *roll, guint index, int parent, const char *name, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(roll->manifest->edits, index);
  g_autofree char *temporary_file = temporary_name(name);
  g_autofree char *sha256 = NULL;
  g_autofree char *failed = NULL;
  gboolean attributes = roll->direction == ROLL_BACKWARD || edit->attributes;
  struct stat info;
  autofd staged = open_staged(roll, index, &info);
  autofd temporary = -1;
  int result;

  if (staged < 0)
    return ri_error_errno(error, staged, "%s: its content below " RI_TRANSACTION_DIR, edit->path);
  temporary = file_create(parent, temporary_file);
  if (temporary < 0)
    return ri_error_errno(error, temporary, "%s: a temporary file beside it", edit->path);
  result = fill_temporary(temporary, staged, &info, attributes, &sha256, &failed);
  if (result < 0)
    return ri_error_errno(error, result, "%s: %s%sa temporary file beside it", edit->path, failed != NULL ? failed : "",
                          failed != NULL ? " on " : "");
  if (strcmp(sha256, content_sum(roll, edit)) == 0)
    return TRUE;
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE,
              "%s: its content below " RI_TRANSACTION_DIR " is damaged; its file is left as it is. Restore it from a "
              "backup, or move " RI_TRANSACTION_DIR " away to give the transaction up",
              edit->path);
  return FALSE;
}

static int unlink_if_there(int directory, const char *name) {
  return unlinkat(directory, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int drop_temporary(const Roll *roll, const ManifestEdit *edit) {
  const char *name = NULL;
  autofd parent = root_open_parent(roll->root, edit->path, &name);
  g_autofree char *temporary = parent < 0 ? NULL : temporary_name(name);

  if (parent < 0)
    return parent == -ENOENT ? 0 : parent;
  return unlink_if_there(parent, temporary);
}

static gboolean prepare(const Roll *roll, guint index, FlushSet *touched, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(roll->manifest->edits, index);
  const char *name = NULL;
  autofd parent = -1;
  int result;

  if (edit->kind == EDIT_RENAME)
    return TRUE;
  if (content_sum(roll, edit) == NULL) {
    result = drop_temporary(roll, edit);
    return result < 0 ? ri_error_errno(error, result, "%s: the temporary file beside it", edit->path) : TRUE;
  }
  result = directories_make(roll->root, edit->path);
  if (result < 0)
    return ri_error_errno(error, result, "%s: its directory", edit->path);
  parent = root_open_parent(roll->root, edit->path, &name);
  result = parent < 0 ? parent : flush_set_add(touched, parent);
  if (result < 0)
    return ri_error_errno(error, result, "%s: its directory", edit->path);
  return write_temporary(roll, index, parent, name, error);
}

static gboolean replace_target(Roll *roll, const ManifestEdit *edit, FlushSet *touched, GError **error) {
  const char *name = NULL;
  autofd parent = root_open_parent(roll->root, edit->path, &name);
  g_autofree char *temporary = parent < 0 ? NULL : temporary_name(name);
  int result = parent < 0 ? parent : flush_set_add(touched, parent);

  if (result == 0 && renameat(parent, temporary, parent, name) < 0)
    result = -errno;
  if (result < 0)
    return ri_error_errno(error, result, "%s: replacing it", edit->path);
  roll->begun = TRUE;
  return TRUE;
}

static gboolean remove_target(Roll *roll, const ManifestEdit *edit, FlushSet *touched, GError **error) {
  const char *name = NULL;
  autofd parent = root_open_parent(roll->root, edit->path, &name);
  autofd above = parent == -ENOENT ? directories_open_above(roll->root, edit->path) : -1;
  int result = parent >= 0 ? flush_set_add(touched, parent) : above >= 0 ? flush_set_add(touched, above) : parent;

  if (result == 0 && parent >= 0)
    result = unlink_if_there(parent, name);
  if (result < 0)
    return ri_error_errno(error, result, "%s: removing it", edit->path);
  roll->begun = TRUE;
  result = directories_remove_empty(roll->root, edit->path, edit->parents);
  return result < 0 ? ri_error_errno(error, result, "%s: removing its empty directory", edit->path) : TRUE;
}

/* What a rename goes from and to in this direction. */
typedef struct {
  const char *from_path, *to_path;
  const char *from_name, *to_name;
  int from, to; /* parent directories, O_PATH */
} Ends;

static int open_directory(int parent, const char *name) {
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  return fd < 0 ? -errno : fd;
}

static int remove_emptied(int parent, const char *name) {
  return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* Both are there: a rename onto a directory that was there when it was planned, or that came since. */
static int merge_into(const Ends *ends, char *const *planned) {
  autofd source = open_directory(ends->from, ends->from_name);
  autofd destination = open_directory(ends->to, ends->to_name);
  g_auto(GStrv) rest = NULL;
  int result = source < 0 ? source : destination < 0 ? destination : 0;

  if (result == 0 && planned != NULL)
    result = merge_move(source, destination, planned, FALSE);
  if (result == 0)
    result = merge_list(source, destination, &rest);
  if (result == 0)
    result = merge_move(source, destination, rest, FALSE);
  return result < 0 ? result : remove_emptied(ends->from, ends->from_name);
}

/* The way back of a planned merge: the emptied directory is made again, like its sibling, and gets its entries back. */
static int part_again(const Ends *ends, char *const *planned) {
  autofd merged = open_directory(ends->from, ends->from_name);
  autofd made = -1;
  struct stat like;

  if (merged < 0)
    return merged == -ENOENT ? 0 : merged;
  if (mkdirat(ends->to, ends->to_name, 0700) < 0 && errno != EEXIST)
    return -errno;
  made = open_directory(ends->to, ends->to_name);
  if (made < 0)
    return made;
  if (fstat(merged, &like) < 0)
    return -errno;
  int result = file_dress(made, &like, merged, COPY_ATTRIBUTES, NULL);
  return result < 0 ? result : merge_move(made, merged, planned, TRUE);
}

static int rename_directory_or_file(Roll *roll, const Ends *ends, const ManifestEdit *edit) {
  struct stat from, to;
  gboolean from_there = fstatat(ends->from, ends->from_name, &from, AT_SYMLINK_NOFOLLOW) == 0;
  gboolean to_there = fstatat(ends->to, ends->to_name, &to, AT_SYMLINK_NOFOLLOW) == 0;

  if (!from_there)
    return 0; /* done before */
  if (edit->moved != NULL && roll->direction == ROLL_BACKWARD)
    return part_again(ends, edit->moved);
  if (to_there && S_ISDIR(from.st_mode) && S_ISDIR(to.st_mode)) {
    roll->begun = TRUE; /* even where it ends half-way */
    return merge_into(ends, roll->direction == ROLL_FORWARD ? edit->moved : NULL);
  }
  if (renameat(ends->from, ends->from_name, ends->to, ends->to_name) < 0)
    return -errno;
  roll->begun = TRUE;
  return 0;
}

static gboolean place_rename(Roll *roll, const ManifestEdit *edit, FlushSet *touched, GError **error) {
  gboolean forward = roll->direction == ROLL_FORWARD;
  Ends ends = {.from_path = forward ? edit->path : edit->destination,
               .to_path = forward ? edit->destination : edit->path};
  autofd from = root_open_parent(roll->root, ends.from_path, &ends.from_name);
  autofd to = root_open_parent(roll->root, ends.to_path, &ends.to_name);
  int result = from < 0 ? from : to < 0 ? to : flush_set_add(touched, from);

  ends.from = from;
  ends.to = to;
  if (result == 0)
    result = flush_set_add(touched, to);
  if (result < 0)
    return ri_error_errno(error, result, "%s: the directories of it and of %s", ends.from_path, ends.to_path);
  result = rename_directory_or_file(roll, &ends, edit);
  return result < 0 ? ri_error_errno(error, result, "%s: renaming it to %s", ends.from_path, ends.to_path) : TRUE;
}

static gboolean place_edit(Roll *roll, const ManifestEdit *edit, FlushSet *touched, GError **error) {
  if (edit->kind == EDIT_RENAME)
    return place_rename(roll, edit, touched, error);
  return content_sum(roll, edit) != NULL ? replace_target(roll, edit, touched, error)
                                         : remove_target(roll, edit, touched, error);
}

static gboolean place(Roll *roll, gboolean last, GError **error) {
  g_autoptr(FlushSet) touched = flush_set_new();
  int result;

  for (guint i = 0; i < roll->manifest->edits->len; i++) {
    const ManifestEdit *edit = g_ptr_array_index(roll->manifest->edits, i);
    if (((edit->flags & EDIT_LAST) != 0) == last && !place_edit(roll, edit, touched, error))
      return FALSE;
  }
  result = flush_set_run(touched);
  return result < 0 ? ri_error_errno(error, result, "flushing the changed files") : TRUE;
}

gboolean roll_run(Roll *roll, GError **error) {
  g_autoptr(FlushSet) touched = flush_set_new();
  int result;

  for (guint i = 0; i < roll->manifest->edits->len; i++)
    if (!prepare(roll, i, touched, error))
      return FALSE;
  result = flush_set_run(touched);
  if (result < 0)
    return ri_error_errno(error, result, "flushing the temporary files");
  return place(roll, FALSE, error) && place(roll, TRUE, error);
}

gboolean roll_withdraw(const Roll *roll, GError **error) {
  gboolean forward = roll->direction == ROLL_FORWARD;

  for (guint i = 0; i < roll->manifest->edits->len; i++) {
    const ManifestEdit *edit = g_ptr_array_index(roll->manifest->edits, i);
    int result = edit->kind == EDIT_RENAME ? 0 : drop_temporary(roll, edit);
    /* What was made for a new file forward is what goes with a removed one backward. */
    if (result == 0 && forward && edit->old_sha256 == NULL)
      result = directories_remove_empty(roll->root, edit->path, edit->parents);
    if (result < 0)
      return ri_error_errno(error, result, "%s: the temporary file beside it", edit->path);
  }
  return TRUE;
}
