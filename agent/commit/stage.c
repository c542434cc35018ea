/* stage.c - everything that a transaction needs, written down and flushed before the commit point */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "directories.h"
#include "file-copy.h"
#include "merge.h"

typedef struct {
  const Root *root;
  int fd, new, old;
} Stage;

/* What the new content replaces or resembles: -1 where there is nothing. */
typedef struct {
  int fd;
  struct stat info;
} Model;

static gboolean fail_attribute(GError **error, int result, const char *path, const char *attribute) {
  if (attribute == NULL)
    return ri_error_errno(error, result, "%s: owner, mode or times of its copy below " RI_TRANSACTION_DIR, path);
  return ri_error_errno(error, result, "%s: the attribute %s cannot be kept on the file system of " RI_STATE_DIR, path,
                        attribute);
}

static int open_at_path(const Root *root, const char *path, struct stat *info) {
  const char *name = NULL;
  autofd parent = root_open_parent(root, path, &name);

  return parent < 0 ? parent : file_open_regular(parent, name, info);
}

static int create_numbered(int directory, guint index) {
  g_autofree char *name = g_strdup_printf("%u", index);

  return file_create(directory, name);
}

static gboolean stage_old(const Stage *stage, const Model *target, guint index, const ManifestEdit *entry,
                          GError **error) {
  autofd copy = create_numbered(stage->old, index);
  g_autofree char *sha256 = NULL;
  g_autofree char *attribute = NULL;
  int result = copy < 0 ? copy : file_copy_content(target->fd, copy, &sha256);

  if (result < 0)
    return ri_error_errno(error, result, "%s: its backup below " RI_TRANSACTION_DIR "/old", entry->path);
  if (strcmp(sha256, entry->old_sha256) != 0) {
    g_set_error(error, RI_ERROR, RI_ERROR_CHANGED,
                "%s: its content changed since the changes were planned; look at the plan again", entry->path);
    return FALSE;
  }
  result = file_dress(copy, &target->info, target->fd, COPY_ATTRIBUTES, &attribute);
  return result < 0 ? fail_attribute(error, result, entry->path, attribute) : TRUE;
}

/* Owner and mode that the edit asks for, or those of what it replaces; the time is the present, unless it is an old
 * file that comes back. */
static int dress_new(int fd, const Edit *edit, const Model *model, char **attribute) {
  struct stat like;

  if (fstat(fd, &like) < 0)
    return -errno;
  if (model->fd < 0) {
    like.st_mode = edit->mode;
    like.st_uid = edit->uid;
    like.st_gid = edit->gid;
    return file_dress(fd, &like, -1, COPY_PLAIN, attribute);
  }
  like.st_mode = model->info.st_mode;
  like.st_uid = model->info.st_uid;
  like.st_gid = model->info.st_gid;
  if (edit->like != NULL)
    like.st_mtim = model->info.st_mtim;
  return file_dress(fd, &like, model->fd, COPY_ATTRIBUTES, attribute);
}

static gboolean stage_new(const Stage *stage, const Edit *edit, const Model *model, guint index, GError **error) {
  autofd copy = create_numbered(stage->new, index);
  g_autofree char *attribute = NULL;
  gsize size = 0;
  const char *data = bytes_text(edit->content, &size);
  int result = copy < 0 ? copy : file_write_all(copy, data, size);

  if (result < 0)
    return ri_error_errno(error, result, "%s: its new content below " RI_TRANSACTION_DIR "/new", edit->path);
  result = dress_new(copy, edit, model, &attribute);
  return result < 0 ? fail_attribute(error, result, edit->path, attribute) : TRUE;
}

static gboolean stage_content(const Stage *stage, const Edit *edit, ManifestEdit *entry, guint index, GError **error) {
  Model target = {.fd = -1}, like = {.fd = -1};
  autofd target_fd = edit->old != NULL ? open_at_path(stage->root, edit->path, &target.info) : -1;
  autofd like_fd = edit->like != NULL ? open_at_path(stage->root, edit->like, &like.info) : -1;
  int missing = edit->kind == EDIT_WRITE ? directories_missing(stage->root, edit->path) : (int)edit->parents;

  target.fd = target_fd;
  like.fd = like_fd;
  if (edit->old != NULL && target_fd < 0)
    return ri_error_errno(error, target_fd, "%s", edit->path);
  if (edit->like != NULL && like_fd < 0)
    return ri_error_errno(error, like_fd, "%s", edit->like);
  if (missing < 0)
    return ri_error_errno(error, missing, "%s: its directory", edit->path);
  entry->parents = (unsigned)missing;
  entry->attributes = edit->like != NULL || edit->old != NULL;
  if (edit->old != NULL && !stage_old(stage, &target, index, entry, error))
    return FALSE;
  return edit->kind != EDIT_WRITE || stage_new(stage, edit, edit->like != NULL ? &like : &target, index, error);
}

static gboolean stage_rename(const Stage *stage, const Edit *edit, ManifestEdit *entry, GError **error) {
  autofd source = root_open_at(stage->root, edit->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
  autofd destination = root_open_at(stage->root, edit->destination, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
  int result;

  if (source < 0 || destination < 0)
    return TRUE;
  result = merge_list(source, destination, &entry->moved);
  return result < 0 ? ri_error_errno(error, result, "%s", edit->path) : TRUE;
}

static gboolean stage_manifest(const Stage *stage, const Manifest *manifest, GError **error) {
  g_autofree char *text = manifest_format(manifest);
  autofd fd = file_create(stage->fd, MANIFEST_STAGED);
  int result = fd < 0 ? fd : file_write_all(fd, text, strlen(text));

  return result < 0 ? ri_error_errno(error, result, RI_TRANSACTION_DIR "/" MANIFEST_STAGED) : TRUE;
}

static int make_directory(int parent, const char *name) {
  int fd;

  if (mkdirat(parent, name, 0700) < 0)
    return -errno;
  fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static gboolean stage_edits(const Stage *stage, const Plan *plan, Manifest *manifest, GError **error) {
  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = g_ptr_array_index(plan->edits, i);
    ManifestEdit *entry = g_ptr_array_index(manifest->edits, i);
    if (edit->kind == EDIT_RENAME ? !stage_rename(stage, edit, entry, error)
                                  : !stage_content(stage, edit, entry, i, error))
      return FALSE;
  }
  return TRUE;
}

int stage_run(const Root *root, int state, const Plan *plan, const TransactionInfo *info, GError **error) {
  g_autoptr(Manifest) manifest = manifest_new(plan, info);
  autofd fd = make_directory(state, TRANSACTION_NAME);
  autofd new = fd < 0 ? fd : make_directory(fd, "new");
  autofd old = new < 0 ? new : make_directory(fd, "old");
  Stage stage = {root, fd, new, old};

  if (old < 0) {
    ri_error_errno(error, old, RI_TRANSACTION_DIR);
    return -1;
  }
  if (!stage_edits(&stage, plan, manifest, error) || !stage_manifest(&stage, manifest, error))
    return -1;
  if (syncfs(fd) < 0) {
    ri_error_errno(error, -errno, RI_TRANSACTION_DIR ": flushing its file system");
    return -1;
  }
  return autofd_steal(&fd);
}
