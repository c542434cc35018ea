/* roll.c - a committed transaction carried out, forward or backward */
#include "roll.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "file-copy.h"
#include "flush.h"
#include "leftover.h"
#include "new-metadata.h"
#include "node.h"
#include "parent.h"
#include "temporary.h"

/* One edit, as this direction sees it. */
typedef struct {
  const ManifestEdit *edit;
  guint index;
  int parent; /* O_PATH, borrowed */
  const char *name;
  NodeType was, want;
  const char *was_sha256, *want_sha256;
} Move;

void roll_clear(Roll *roll) {
  g_clear_pointer(&roll->kept, g_ptr_array_unref);
  g_clear_pointer(&roll->pending, g_ptr_array_unref);
}

static Move move_of(const Roll *roll, guint index, int parent, const char *name) {
  const ManifestEdit *edit = roll->manifest->edits->pdata[index];
  Move forward = {.edit = edit,
                  .index = index,
                  .parent = parent,
                  .name = name,
                  .was = manifest_old_type(edit),
                  .want = manifest_new_type(edit),
                  .was_sha256 = edit->old_sha256,
                  .want_sha256 = edit->new_sha256};
  Move backward = forward;

  backward.was = forward.want;
  backward.want = forward.was;
  backward.was_sha256 = forward.want_sha256;
  backward.want_sha256 = forward.was_sha256;
  return roll->direction == ROLL_FORWARD ? forward : backward;
}

static gboolean fail_staged(const Move *move, const char *temporary, GError **error) {
  return ri_error(error, RI_ERROR_BAD_STATE,
                  "%s: its staged content (%s beside it) is damaged or gone, so the file is left as it is",
                  move->edit->path, temporary);
}

static GBytes *content_of(const Roll *roll, const char *path) {
  GBytes *content = NULL;

  return tree_read(roll->root, path, &content, NULL, NULL) ? content : NULL;
}

/* What is there still says what goes, or nobody can tell. The backup may be one with the file, and was changed with it
 * where that was not replaced; of the way back only the old content is left. */
static gboolean has_leftover(const Roll *roll, const Move *move, const char *temporary) {
  const gboolean backward = roll->direction == ROLL_BACKWARD;
  g_autofree char *directory = g_path_get_dirname(move->edit->path);
  g_autofree char *staged = g_build_filename(directory, temporary, NULL);
  g_autofree char *backup = g_strdup_printf(RI_TRANSACTION_DIR "/old/%u", move->index);
  g_autoptr(GBytes) content = content_of(roll, move->edit->path);
  g_autoptr(GBytes) from = backward ? NULL : content_of(roll, backup);
  g_autoptr(GBytes) to = content_of(roll, staged);

  g_autofree char *sum = file_sha256(from);
  if (g_strcmp0(sum, move->edit->old_sha256) != 0)
    g_clear_pointer(&from, g_bytes_unref);
  return content == NULL || (from == NULL && roll->manifest->choices->len == 0) ||
         leftover_is_in(roll->manifest, backward, content, from, to);
}

/* Somebody changed it: it is theirs. */
static gboolean keep(Roll *roll, const Move *move) {
  g_ptr_array_add(roll->kept, g_strdup(move->edit->path));
  return TRUE;
}

/* Somebody removed it, and it stays so: what it was for has nothing now. */
static gboolean keep_removed(Roll *roll, const Move *move) {
  g_ptr_array_add(roll->kept, g_strdup_printf("%s (it is gone)", move->edit->path));
  return TRUE;
}

/* As long as it says what goes, and what comes waits beside it, nothing is finished. */
static gboolean keep_staged(Roll *roll, const Move *move, const char *temporary, GError **error) {
  (void)keep(roll, move);
  if (has_leftover(roll, move, temporary)) {
    g_ptr_array_add(roll->pending, g_strdup(move->edit->path));
    return TRUE;
  }
  int result = node_remove(move->parent, temporary, NODE_FILE);
  return result >= 0 || ri_error_errno(error, result, "%s: the temporary file beside it", move->edit->path);
}

/* Owner and permissions that somebody gave the file that is there since this was staged, for the one that comes. FALSE:
 * nobody did, or the backup that would tell is gone. Forward, the backup may be one with the file. */
static gboolean was_given(const Roll *roll, const Move *move, const struct stat *present, const struct stat *staged,
                          struct stat *given) {
  g_autofree char *backup = g_strdup_printf(RI_TRANSACTION_DIR "/old/%u", move->index);
  const char *name = NULL;
  struct stat replaced, left = {0};

  *given = *present;
  if (roll->direction == ROLL_FORWARD) {
    new_metadata(move->edit, present, given);
    return !new_metadata_is_same(staged, given);
  }
  autofd old = root_open_parent(roll->root, backup, &name);
  if (old < 0 || fstatat(old, name, &replaced, AT_SYMLINK_NOFOLLOW) < 0)
    return FALSE;
  new_metadata(move->edit, &replaced, &left);
  return !new_metadata_is_same(present, &left);
}

/* The content is as it was left, so it goes; owner and permissions that somebody changed since stay. Not so in an undo:
 * its files take theirs from the backups of the run that it undoes. */
static gboolean keep_metadata(Roll *roll, const Move *move, const char *temporary, GError **error) {
  struct stat present, staged, given;

  if (move->was != NODE_FILE || move->want != NODE_FILE || roll->manifest->info.undoes != 0 ||
      (move->edit->flags & (EDIT_VOLATILE | EDIT_LAST)) != 0 || !new_metadata_is_kept(move->parent) ||
      fstatat(move->parent, move->name, &present, AT_SYMLINK_NOFOLLOW) < 0)
    return TRUE;
  autofd fd = file_open_regular(move->parent, temporary, &staged);
  if (fd < 0)
    return ri_error_errno(error, fd, "%s: the temporary file beside it (%s)", move->edit->path, temporary);
  if (!was_given(roll, move, &present, &staged, &given))
    return TRUE;
  given.st_mtim.tv_nsec = UTIME_OMIT;
  int result = file_copy_metadata(fd, &given, -1, COPY_PLAIN, NULL);
  g_ptr_array_add(roll->kept, g_strdup_printf("%s (its owner and permissions)", move->edit->path));
  return result == 0 || ri_error_errno(error, result, "%s: owner or mode of the temporary file beside it (%s)",
                                       move->edit->path, temporary);
}

static gboolean bring(Roll *roll, const Move *move, const char *temporary, GError **error) {
  if (move->want == NODE_DIRECTORY) {
    if (mkdirat(move->parent, move->name, 0755) < 0 && errno != EEXIST)
      return ri_error_errno(error, -errno, "%s: making it", move->edit->path);
  } else if (renameat(move->parent, temporary, move->parent, move->name) < 0) {
    return ri_error_errno(error, -errno, "%s: replacing it", move->edit->path);
  }
  roll->begun = TRUE;
  return TRUE;
}

static gboolean take_away(Roll *roll, const Move *move, GError **error) {
  int result = node_remove(move->parent, move->name, move->was);

  if (result == -ENOTEMPTY || result == -EEXIST)
    return keep(roll, move);
  if (result < 0)
    return ri_error_errno(error, result, "%s: removing it", move->edit->path);
  roll->begun = TRUE;
  return TRUE;
}

/* What is there may be changed: it is as it was when this was staged, or nobody minds. */
static int may_change(const Move *move) {
  if ((move->edit->flags & (EDIT_VOLATILE | EDIT_LAST)) != 0)
    return 1;
  int result = node_is(move->parent, move->name, move->was, move->was_sha256);
  return result == 0 ? node_is(move->parent, move->name, NODE_ABSENT, NULL) : result;
}

static gboolean look_and_place(Roll *roll, const Move *move, const char *temporary, GError **error) {
  gboolean has_temporary = move->want == NODE_FILE || move->want == NODE_LINK;
  int done = node_is(move->parent, move->name, move->want, move->want_sha256);
  int staged = has_temporary ? node_is(move->parent, temporary, move->want, move->want_sha256) : 0;
  int free = done == 0 ? may_change(move) : 0;

  if (done < 0 || staged < 0 || free < 0)
    return ri_error_errno(error, done < 0 ? done : staged < 0 ? staged : free, "%s: looking at it", move->edit->path);
  if (done > 0) {
    int result = node_remove(move->parent, temporary, NODE_FILE);
    return result >= 0 || ri_error_errno(error, result, "%s: the temporary file beside it", move->edit->path);
  }
  if (free == 0)
    return staged > 0 ? keep_staged(roll, move, temporary, error) : keep(roll, move);
  /* The old secret is forgotten: the new one stays, and nobody changed it. */
  if (has_temporary && staged == 0 && roll->direction == ROLL_BACKWARD && (move->edit->flags & EDIT_FORGET_OLD) != 0)
    return TRUE;
  /* It was brought, and its daemon has written it since. */
  if (has_temporary && staged == 0 && (move->edit->flags & EDIT_VOLATILE) != 0 &&
      node_is(move->parent, temporary, NODE_ABSENT, NULL) > 0)
    return TRUE;
  /* It was removed once it was brought, or before the run was turned round, which staged nothing for it: no old value
   * is left, and nothing is to be brought. */
  if (has_temporary && staged == 0 && node_is(move->parent, move->name, NODE_ABSENT, NULL) > 0 &&
      (roll->direction == ROLL_BACKWARD || node_is(move->parent, temporary, NODE_ABSENT, NULL) > 0))
    return keep_removed(roll, move);
  if (has_temporary && staged == 0)
    return fail_staged(move, temporary, error);
  if (move->want == NODE_ABSENT)
    return take_away(roll, move, error);
  return keep_metadata(roll, move, temporary, error) && bring(roll, move, temporary, error);
}

static gboolean place(Roll *roll, guint index, Parent *parents, FlushSet *touched, GError **error) {
  const ManifestEdit *edit = roll->manifest->edits->pdata[index];
  const char *name = NULL;
  int parent = parent_open(parents, edit->path, &name);
  int result = parent < 0 ? parent : flush_set_add_parent(touched, parents);

  Move move = move_of(roll, index, parent, name);
  if (parent == -ENOENT && move.want == NODE_ABSENT)
    return TRUE;
  if (result < 0)
    return ri_error_errno(error, result, "%s: its directory", edit->path);
  g_autofree char *temporary = temporary_name(name);
  if (roll->look)
    return look_and_place(roll, &move, temporary, error);
  if (move.want == NODE_ABSENT)
    return take_away(roll, &move, error);
  return move.want == NODE_DIRECTORY || bring(roll, &move, temporary, error);
}

/* Directories come before what is in them and go after it: backward, the other way round. */
static gboolean roll_some(Roll *roll, gboolean last, GError **error) {
  g_autoptr(FlushSet) touched = flush_set_new();
  g_auto(Parent) parents = PARENT_OF(roll->root);
  const guint n_edits = roll->manifest->edits->len;

  if (roll->kept == NULL) {
    roll->kept = g_ptr_array_new_with_free_func(g_free);
    roll->pending = g_ptr_array_new_with_free_func(g_free);
  }
  for (guint i = 0; i < n_edits; i++) {
    const guint index = roll->direction == ROLL_FORWARD ? i : n_edits - 1 - i;
    const ManifestEdit *edit = roll->manifest->edits->pdata[index];
    if (((edit->flags & EDIT_LAST) != 0) == last && !place(roll, index, &parents, touched, error))
      return FALSE;
  }
  int result = flush_set_run(touched);
  return result == 0 || ri_error_errno(error, result, "flushing the changed files");
}

gboolean roll_files(Roll *roll, GError **error) {
  return roll_some(roll, FALSE, error);
}

gboolean roll_last(Roll *roll, GError **error) {
  return roll_some(roll, TRUE, error);
}
