/* stage.c - everything that a transaction needs, on the disk before the commit point */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/label.h"
#include "base/list.h"
#include "base/names.h"
#include "base/root-file.h"
#include "directories.h"
#include "done-marks.h"
#include "file-copy.h"
#include "flush.h"
#include "new-metadata.h"
#include "node.h"
#include "parent.h"
#include "state.h"
#include "temporary.h"

typedef struct {
  const Root *root;
  int old;               /* transaction/old */
  Parent *parent, *like; /* of the target; of an undo's backup */
  FlushSet *touched;
  GPtrArray *changed; /* char*: what is not as it was planned */
} Stage;

/* One edit at its place. */
typedef struct {
  const Edit *edit;
  const ManifestEdit *entry;
  int parent; /* the target's directory, O_PATH, the Stage's */
  const char *name;
  char number[16];      /* its name in old/ */
  int present;          /* the file that is there now, open, or -1: opened once for all that is wanted of it */
  struct stat metadata; /* PRESENT's */
  gboolean is_linked;   /* old/N is a second name of it */
} Target;

static void target_clear(Target *target) {
  if (target->present >= 0)
    (void)close(target->present);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Target, target_clear)

static void note_changed(Stage *stage, const char *path, const char *how) {
  g_ptr_array_add(stage->changed, g_strdup_printf("%s: %s since the changes were planned", path, how));
}

static gboolean fail_attribute(GError **error, int result, const char *path, const char *attribute, const char *where) {
  if (attribute == NULL)
    return ri_error_errno(error, result, "%s: owner, mode or times of %s", path, where);
  return ri_error_errno(error, result, "%s: the attribute %s cannot be kept on %s", path, attribute, where);
}

static int write_file(int directory, const char *name, GBytes *content) {
  gsize size = 0;
  const char *data = bytes_text(content, &size);
  autofd fd = file_create(directory, name);
  int result = fd < 0 ? fd : file_write_all(fd, data, size);

  return result < 0 ? result : autofd_steal(&fd);
}

static gboolean note_other(Stage *stage, const Target *target, NodeType type) {
  note_changed(stage, target->entry->path,
               type == NODE_ABSENT                                             ? "it is there"
               : node_is(target->parent, target->name, NODE_ABSENT, NULL) == 1 ? "it is gone"
                                                                               : "its content changed");
  return FALSE;
}

/* What is replaced stays as it is under its name in old/. What is removed or a daemon's may be written on by who has it
 * open, and what has a third name through that: a copy is safe from them. Nor does every file system have links. */
static gboolean link_present(const Stage *stage, const Target *target) {
  return target->edit->kind == EDIT_WRITE && (target->edit->flags & EDIT_VOLATILE) == 0 &&
         linkat(target->parent, target->name, stage->old, target->number, 0) == 0;
}

/* The file that is there: 1 when it holds what was planned with, else 0. Once it is linked that name is asked, so that
 * what is kept is what was looked at. */
static int open_present(const Stage *stage, Target *target) {
  target->is_linked = link_present(stage, target);
  target->present = file_open_regular(target->is_linked ? stage->old : target->parent,
                                      target->is_linked ? target->number : target->name, &target->metadata);
  if (target->present < 0)
    return target->present == -ENOENT || target->present == -EINVAL || target->present == -ELOOP ? 0 : target->present;
  target->is_linked = target->is_linked && target->metadata.st_nlink == 2;
  return file_holds(target->present, target->edit->old);
}

static int back_file_up(const Stage *stage, const Target *target, char **attribute) {
  autofd copy = write_file(stage->old, target->number, target->edit->old);

  return copy < 0 ? copy : file_copy_metadata(copy, &target->metadata, target->present, COPY_ATTRIBUTES, attribute);
}

/* What is there now, into old/N. FALSE without an error: it is not as it was planned. */
static gboolean keep_old(Stage *stage, Target *target, GError **error) {
  const ManifestEdit *entry = target->entry;
  NodeType type = manifest_old_type(entry);
  g_autofree char *attribute = NULL;
  int result =
      type == NODE_FILE ? open_present(stage, target) : node_is(target->parent, target->name, type, entry->old_sha256);

  if (result == 0)
    return note_other(stage, target, type);
  if (result > 0 && type == NODE_FILE && !target->is_linked)
    result = back_file_up(stage, target, &attribute);
  else if (result > 0 && type != NODE_ABSENT && type != NODE_FILE)
    result = node_create(stage->old, target->number, type, target->parent, target->name, &attribute);
  return result >= 0 || fail_attribute(error, result, entry->path, attribute, "its backup in " RI_STATE_DIR);
}

/* Owner and mode that the edit asks for, or those of LIKE, what MODEL is (-1: none); the time is the present, unless it
 * is an old file that comes back. */
static int copy_model(int fd, const Target *target, int model, const struct stat *like, char **attribute) {
  const Edit *edit = target->edit;
  struct stat now = *like;

  if (edit->like == NULL) {
    new_metadata(target->entry, model < 0 ? NULL : like, &now);
    now.st_mtim = (struct timespec){.tv_nsec = UTIME_OMIT};
  }
  int result = file_copy_metadata(fd, &now, model, model < 0 ? COPY_PLAIN : COPY_ATTRIBUTES, attribute);
  /* An access list that came with the attributes widens the mode again. */
  if (result == 0 && model >= 0 && edit->like == NULL && (edit->flags & (EDIT_SECRET | EDIT_SET_MODE)) != 0 &&
      fchmod(fd, now.st_mode) < 0)
    return -errno;
  return result;
}

/* An undo's backup, which the new file takes its owner, attributes and time from. */
static int open_like(Stage *stage, const Edit *edit, struct stat *info) {
  const char *name = NULL;
  int directory = parent_open(stage->like, edit->like, &name);

  return directory < 0 ? directory : file_open_regular(directory, name, info);
}

static gboolean make_file(Stage *stage, const Target *target, GError **error) {
  const Edit *edit = target->edit;
  g_autofree char *temporary = temporary_name(target->name);
  g_autofree char *attribute = NULL;
  struct stat info = target->metadata;
  autofd like = edit->like != NULL ? open_like(stage, edit, &info) : -1;
  const int model = edit->like != NULL ? like : target->present;

  if (edit->like != NULL && like < 0)
    return ri_error_errno(error, like, "%s", edit->like);
  autofd fd = write_file(target->parent, temporary, edit->content);
  if (fd < 0)
    return ri_error_errno(error, fd, "%s: the temporary file beside it (%s)", edit->path, temporary);
  int result = copy_model(fd, target, model, &info, &attribute);
  if (result == 0 && model < 0) {
    result = label_new(stage->root, fd, edit->path, S_IFREG | edit->mode, target->parent);
    return result == 0 || ri_error_errno(error, result, "%s: its SELinux label", edit->path);
  }
  return result == 0 || fail_attribute(error, result, edit->path, attribute, "the temporary file beside it");
}

static gboolean make_link(const Target *target, GError **error) {
  g_autofree char *temporary = temporary_name(target->name);
  g_autofree char *to = bytes_dup(target->edit->content);
  int result = node_remove(target->parent, temporary, NODE_LINK);

  if (result == 0 && symlinkat(to, target->parent, temporary) < 0)
    result = -errno;
  return result == 0 ||
         ri_error_errno(error, result, "%s: the temporary link beside it (%s)", target->edit->path, temporary);
}

/* Under its own name at once: what comes into it needs it, and empty it harms nobody. */
static gboolean make_directory(Stage *stage, const Target *target, GError **error) {
  const Edit *edit = target->edit;
  const char *like_name = NULL;
  g_autofree char *attribute = NULL;
  mode_t mask = umask(0);
  int result = mkdirat(target->parent, target->name, edit->mode) < 0 ? -errno : 0;

  (void)umask(mask);
  if (result == 0)
    result = label_directory(stage->root, edit->path, target->parent, target->name);
  if (result == 0 && edit->like != NULL) {
    int like = parent_open(stage->like, edit->like, &like_name);
    result = like < 0 ? like : node_create(target->parent, target->name, NODE_DIRECTORY, like, like_name, &attribute);
  } else if (result == 0 && (edit->uid != 0 || edit->gid != 0) &&
             fchownat(target->parent, target->name, edit->uid, edit->gid, AT_SYMLINK_NOFOLLOW) < 0)
    result = -errno;
  return result == 0 || ri_error_errno(error, result, "%s: making the directory", edit->path);
}

static gboolean make_new(Stage *stage, const Target *target, GError **error) {
  switch (manifest_new_type(target->entry)) {
  case NODE_FILE:
    return make_file(stage, target, error);
  case NODE_LINK:
    return make_link(target, error);
  case NODE_DIRECTORY:
    return make_directory(stage, target, error);
  case NODE_ABSENT:
    break;
  }
  return TRUE;
}

/* FALSE with an error, or with what is not as it was planned noted. */
static gboolean stage_edit(Stage *stage, const Edit *edit, const ManifestEdit *entry, guint index, GError **error) {
  g_auto(Target) target = {.edit = edit, .entry = entry, .present = -1};

  if (edit->kind == EDIT_WRITE && edit->content == NULL)
    return ri_error(error, RI_ERROR_FAILED, "%s: its content is not made yet: this is the plan of a dry run",
                    edit->path);
  target.parent = parent_open(stage->parent, edit->path, &target.name);
  int result = target.parent < 0 ? target.parent : flush_set_add_parent(stage->touched, stage->parent);
  if (result < 0)
    return ri_error_errno(error, result, "%s: its directory", edit->path);
  (void)g_snprintf(target.number, sizeof target.number, "%u", index);
  return keep_old(stage, &target, error) && make_new(stage, &target, error);
}

static gboolean refuse_changed(const Stage *stage, GError **error) {
  if (stage->changed->len == 0)
    return FALSE;
  g_autofree char *list = list_join(stage->changed, "\n");
  g_set_error(error, RI_ERROR, RI_ERROR_CHANGED, "%s\nlook at the plan again", list);
  return TRUE;
}

static gboolean stage_edits(Stage *stage, const Plan *plan, const Manifest *manifest, GError **error) {
  g_autoptr(GError) problem = NULL;
  int result;

  for (guint i = 0; i < plan->edits->len && problem == NULL; i++) {
    const Edit *edit = plan->edits->pdata[i];
    (void)stage_edit(stage, edit, manifest->edits->pdata[i], i, &problem);
  }
  if (problem == NULL && !refuse_changed(stage, &problem)) {
    result = flush_set_run(stage->touched);
    if (result < 0)
      (void)ri_error_errno(&problem, result, "flushing the temporary files");
  }
  if (problem == NULL)
    return TRUE;
  return ri_error_pass(error, g_steal_pointer(&problem));
}

static int make_private_directory(int parent, const char *name) {
  if (mkdirat(parent, name, 0700) < 0)
    return -errno;
  int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

/* What is written behind the commit point beside the files. */
static gboolean reserve(int state, int fd, guint n_actions, GError **error) {
  int result = state_make_history(state);

  if (result == 0)
    result = done_marks_reserve(fd, n_actions);
  return result == 0 || ri_error_errno(error, result, RI_TRANSACTION_DIR);
}

/* Before the first temporary: it says where they are. */
static gboolean stage_manifest(int fd, GBytes *text, GError **error) {
  autofd file = write_file(fd, MANIFEST_STAGED, text);

  if (file < 0)
    return ri_error_errno(error, file, RI_TRANSACTION_DIR "/" MANIFEST_STAGED);
  return syncfs(fd) == 0 || ri_error_errno(error, -errno, RI_TRANSACTION_DIR ": flushing its file system");
}

int stage_run(const Root *root, int state, const Plan *plan, const Manifest *manifest, GBytes *text, GError **error) {
  g_autoptr(FlushSet) touched = flush_set_new();
  g_autoptr(GPtrArray) changed = g_ptr_array_new_with_free_func(g_free);
  autofd fd = make_private_directory(state, TRANSACTION_NAME);
  autofd old = fd < 0 ? fd : make_private_directory(fd, "old");
  g_auto(Parent) parent = PARENT_OF(root);
  g_auto(Parent) like = PARENT_OF(root);

  if (old < 0) {
    ri_error_errno(error, old, RI_TRANSACTION_DIR);
    return -1;
  }
  if (!reserve(state, fd, manifest->actions->len, error) || !stage_manifest(fd, text, error) ||
      flush_set_add(touched, fd) < 0)
    return -1;
  Stage stage = {root, old, &parent, &like, touched, changed};
  return stage_edits(&stage, plan, manifest, error) ? autofd_steal(&fd) : -1;
}

static gboolean is_nothing_of_ours(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == EISDIR || error_number == ENOTEMPTY ||
         error_number == EEXIST;
}

/* The temporary of EDIT, or the directory that was made for it. A directory that has the temporary's name is not ours.
 */
static int discard_edit(Parent *parent, const ManifestEdit *edit, FlushSet *touched) {
  NodeType type = manifest_new_type(edit);
  const char *name = NULL;
  int directory = type == NODE_ABSENT ? -ENOENT : parent_open(parent, edit->path, &name);
  g_autofree char *temporary = directory >= 0 && type != NODE_DIRECTORY ? temporary_name(name) : NULL;

  if (directory < 0)
    return directory == -ENOENT || directory == -ENOTDIR ? 0 : directory;
  if (unlinkat(directory, temporary != NULL ? temporary : name, temporary != NULL ? 0 : AT_REMOVEDIR) < 0)
    return is_nothing_of_ours(errno) ? 0 : -errno;
  return flush_set_add(touched, directory);
}

gboolean stage_discard(const Root *root, int state, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(FlushSet) touched = flush_set_new();
  g_auto(Parent) parent = PARENT_OF(root);
  autofd fd = state_open_directory(state, TRANSACTION_NAME, &problem);
  /* A manifest that is not whole was not flushed: nothing lies beside a target yet. */
  g_autoptr(Manifest) manifest = fd >= 0 ? manifest_read(fd, MANIFEST_STAGED, RI_TRANSACTION_DIR, NULL) : NULL;
  int result = 0;

  if (problem != NULL)
    return ri_error_pass(error, g_steal_pointer(&problem));
  for (guint i = manifest != NULL ? manifest->edits->len : 0; i > 0; i--) {
    const ManifestEdit *edit = manifest->edits->pdata[i - 1];
    result = discard_edit(&parent, edit, touched);
    if (result < 0)
      return ri_error_errno(error, result, "%s: removing the temporary file beside it", edit->path);
  }
  result = flush_set_run(touched);
  if (result == 0)
    result = directories_remove_tree(state, TRANSACTION_NAME);
  (void)unlinkat(state, HISTORY_NAME, AT_REMOVEDIR); /* where it is empty */
  return result == 0 || ri_error_errno(error, result, RI_TRANSACTION_DIR ": removing what was never committed");
}

/* Does PATH's file have to go back: is it the new one, or what a daemon made of that since? */
static int goes_back(const ManifestEdit *edit, int parent, const char *name) {
  int result = node_is(parent, name, manifest_new_type(edit), edit->new_sha256);

  if (result != 0 || (edit->flags & (EDIT_VOLATILE | EDIT_LAST)) == 0)
    return result;
  result = node_is(parent, name, manifest_old_type(edit), edit->old_sha256);
  return result < 0 ? result : result == 0;
}

/* EDIT's old content beside its new one; 0 too where the new one is not there: it was not reached, or is undone. */
static int back_edit(const ManifestEdit *edit, int parent, const char *name, int old, const char *number) {
  NodeType want = manifest_old_type(edit);
  g_autofree char *temporary = want == NODE_DIRECTORY ? g_strdup(name) : temporary_name(name);
  int result = goes_back(edit, parent, name);

  if (result <= 0 || want == NODE_ABSENT)
    return result;
  if ((edit->flags & EDIT_FORGET_OLD) != 0 && node_is(old, number, NODE_ABSENT, NULL) == 1)
    return 0;
  result = node_create(parent, temporary, want, old, number, NULL);
  if (result == 0)
    result = node_is(parent, temporary, want, edit->old_sha256);
  return result < 0 ? result : result == 0 ? -EBADMSG : 0;
}

static gboolean back_edits(const Root *root, int old, const Manifest *manifest, FlushSet *touched, GError **error) {
  g_auto(Parent) parent = PARENT_OF(root);

  for (guint i = manifest->edits->len; i > 0; i--) {
    const ManifestEdit *edit = manifest->edits->pdata[i - 1];
    g_autofree char *number = g_strdup_printf("%u", i - 1);
    const char *name = NULL;
    int directory = parent_open(&parent, edit->path, &name);
    int result = directory == -ENOENT ? 0 : directory;
    if (directory >= 0) {
      result = flush_set_add(touched, directory);
      if (result == 0)
        result = back_edit(edit, directory, name, old, number);
    }
    if (result == -EBADMSG)
      return ri_error(error, RI_ERROR_BAD_STATE, "%s: its backup " RI_TRANSACTION_DIR "/old/%s is damaged", edit->path,
                      number);
    if (result < 0)
      return ri_error_errno(error, result, "%s: its old content beside it", edit->path);
  }
  return TRUE;
}

/* The way back cannot be gone: forward, everything stays as it is. */
static void withdraw_back(const Root *root, const Manifest *manifest) {
  g_auto(Parent) parent = PARENT_OF(root);

  list_each (const ManifestEdit *, edit, manifest->edits) {
    const char *name = NULL;
    int directory = parent_open(&parent, edit->path, &name);
    NodeType want = manifest_old_type(edit);
    if (directory >= 0 && want == NODE_DIRECTORY)
      (void)node_remove(directory, name, want);
    if (directory < 0 || (want != NODE_FILE && want != NODE_LINK) ||
        node_is(directory, name, manifest_new_type(edit), edit->new_sha256) != 1)
      continue;
    g_autofree char *temporary = temporary_name(name);
    (void)node_remove(directory, temporary, want);
  }
}

gboolean stage_back(const Root *root, int transaction, const Manifest *manifest, GError **error) {
  g_autoptr(FlushSet) touched = flush_set_new();
  autofd old = openat(transaction, "old", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autoptr(GError) problem = NULL;
  int result = 0;

  if (old < 0)
    return ri_error_errno(error, -errno, RI_TRANSACTION_DIR "/old");
  if (back_edits(root, old, manifest, touched, &problem)) {
    result = flush_set_run(touched);
    if (result == 0)
      return TRUE;
    (void)ri_error_errno(&problem, result, "flushing the old files");
  }
  withdraw_back(root, manifest);
  return ri_error_pass(error, g_steal_pointer(&problem));
}
