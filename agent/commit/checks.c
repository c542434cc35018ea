/* checks.c - everything that can be known to go wrong before anything is touched */
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
#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "directories.h"
#include "file-copy.h"
#include "room.h"

typedef struct {
  const Root *root;
  int state;
  const Plan *plan;
  Room *room;
  GHashTable *taken;   /* char*: every path and destination */
  GHashTable *renamed; /* char*: what is renamed, and to what */
  GPtrArray *reasons;  /* char*: what stands in the way */
  GPtrArray *changed;  /* char*: files that are not as they were planned */
} Checks;

static void refuse(Checks *checks, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void refuse(Checks *checks, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_ptr_array_add(checks->reasons, g_strdup_vprintf(format, arguments));
  va_end(arguments);
}

static void refuse_changed(Checks *checks, const char *path, const char *how) {
  g_ptr_array_add(checks->changed, g_strdup_printf("%s: %s", path, how));
}

/* The mount that an fd is on (proc(5), fdinfo), or -1 where it cannot be told. */
static int mount_of(int fd) {
  g_autofree char *path = g_strdup_printf("/proc/self/fdinfo/%d", fd);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return -1;
  line = strstr(text, "mnt_id:");
  return line != NULL ? (int)strtol(line + strlen("mnt_id:"), NULL, 10) : -1;
}

static void check_mount_point(Checks *checks, int parent, const char *name, const char *path) {
  autofd target = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (target >= 0 && mount_of(target) != mount_of(parent))
    refuse(
        checks,
        "%s: something is mounted over it, so it cannot be replaced; unmount it (umount %s) and try again, or change "
        "what is mounted there",
        path, path);
}

static void check_writable(Checks *checks, int parent, const char *path) {
  struct statvfs info;

  if (fstatvfs(parent, &info) == 0 && (info.f_flag & ST_RDONLY) != 0)
    refuse(checks, "%s: its file system is mounted read-only; remount it writable (mount -o remount,rw) and try again",
           path);
}

static gboolean is_immutable(int fd) {
  int flags = 0;

  return ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0;
}

static void check_attributes(Checks *checks, int fd, const char *path) {
  if (is_immutable(fd))
    refuse(checks, "%s: it is immutable or append-only; take the attribute away (chattr -i -a %s) and try again", path,
           path);
}

static void check_directory(Checks *checks, int parent, const char *path) {
  autofd fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *directory = g_path_get_dirname(path);

  check_writable(checks, parent, path);
  if (fd >= 0)
    check_attributes(checks, fd, directory);
}

static gboolean has_content(int fd, const struct stat *info, GBytes *expected) {
  gsize size = 0;
  const char *data = bytes_text(expected, &size);
  char buffer[16384];

  if ((gsize)info->st_size != size)
    return FALSE;
  for (gsize offset = 0; offset < size;) {
    ssize_t got = read(fd, buffer, MIN(sizeof buffer, size - offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0 || memcmp(buffer, data + offset, (gsize)got) != 0)
      return FALSE;
    offset += (gsize)got;
  }
  return TRUE;
}

/* The file that is replaced or removed. Returns its size, or 0. */
static goffset check_present(Checks *checks, int parent, const char *name, const Edit *edit) {
  struct stat info;
  autofd fd = file_open_regular(parent, name, &info);

  if (fd == -ENOENT && edit->old != NULL)
    refuse_changed(checks, edit->path, "it is gone");
  if (fd == -ENOENT)
    return 0;
  if (fd == -EINVAL || fd == -ELOOP || fd == -ENXIO) {
    refuse(checks, "%s: a regular file is expected there, and it is none; move it away or switch the step %s off",
           edit->path, edit->step);
    return 0;
  }
  if (fd < 0) {
    refuse(checks, "%s: %s", edit->path, g_strerror(-fd));
    return 0;
  }
  check_mount_point(checks, parent, name, edit->path);
  check_attributes(checks, fd, edit->path);
  if (edit->old == NULL)
    refuse_changed(checks, edit->path, "it was not there before");
  else if (!has_content(fd, &info, edit->old))
    refuse_changed(checks, edit->path, "its content is another");
  return info.st_size;
}

static void need_room(Checks *checks, int directory, const char *path, goffset size) {
  int result = room_need(checks->room, directory, path, size);

  if (result < 0)
    refuse(checks, "%s: %s", path, g_strerror(-result));
}

static void check_content(Checks *checks, const Edit *edit) {
  const char *name = strrchr(edit->path, '/') + 1;
  autofd above = directories_open_above(checks->root, edit->path);
  int missing = directories_missing(checks->root, edit->path);
  goffset size = edit->content != NULL ? (goffset)g_bytes_get_size(edit->content) : 0;

  if (above < 0 || missing < 0) {
    refuse(checks, "%s: its directory: %s", edit->path, g_strerror(above < 0 ? -above : -missing));
    return;
  }
  check_directory(checks, above, edit->path);
  if (missing == 0)
    need_room(checks, checks->state, RI_STATE_DIR, check_present(checks, above, name, edit));
  else if (edit->old != NULL)
    refuse_changed(checks, edit->path, "its directory is gone");
  if (edit->kind == EDIT_WRITE) {
    need_room(checks, checks->state, RI_STATE_DIR, size);
    need_room(checks, above, edit->path, size);
  }
}

static void check_rename_target(Checks *checks, int parent, const char *name, const Edit *edit, mode_t source_mode) {
  struct stat info;

  if (fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno != ENOENT)
      refuse(checks, "%s: %s", edit->destination, g_strerror(errno));
    return;
  }
  if (!S_ISDIR(info.st_mode) || !S_ISDIR(source_mode))
    refuse(checks, "%s: it is there already, so %s cannot get its name; move one of them away", edit->destination,
           edit->path);
  check_mount_point(checks, parent, name, edit->destination);
}

static void check_rename(Checks *checks, const Edit *edit) {
  const char *name, *new_name;
  autofd parent = root_open_parent(checks->root, edit->path, &name);
  autofd new_parent = root_open_parent(checks->root, edit->destination, &new_name);
  struct stat info, directory, new_directory;

  if (parent < 0 || fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
    refuse_changed(checks, edit->path, "it is gone");
    return;
  }
  if (new_parent < 0 || fstat(parent, &directory) < 0 || fstat(new_parent, &new_directory) < 0) {
    refuse(checks, "%s: its directory: %s", edit->destination, g_strerror(new_parent < 0 ? -new_parent : errno));
    return;
  }
  if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
    refuse(checks, "%s: a regular file or a directory is expected there, and it is neither; move it away", edit->path);
  if (directory.st_dev != new_directory.st_dev || mount_of(parent) != mount_of(new_parent))
    refuse(checks, "%s: it cannot be renamed to %s, which is on another file system", edit->path, edit->destination);
  check_mount_point(checks, parent, name, edit->path);
  check_directory(checks, parent, edit->path);
  check_directory(checks, new_parent, edit->destination);
  check_rename_target(checks, new_parent, new_name, edit, info.st_mode);
}

static void note_path(Checks *checks, const char *path) {
  if (path[0] != '/' || path[1] == '\0')
    refuse(checks, "'%s' is no absolute path of a file", path);
  if (g_str_has_prefix(path, RI_TRANSACTION_DIR "/") || g_str_has_prefix(path, RI_HISTORY_DIR "/"))
    refuse(checks, "%s: the history of changes cannot be changed itself", path);
  if (!g_hash_table_add(checks->taken, g_strdup(path)))
    refuse(checks, "%s: two changes of one file are planned; switch off one of the steps that want it", path);
}

static void note_paths(Checks *checks, const Edit *edit) {
  note_path(checks, edit->path);
  if (edit->kind != EDIT_RENAME)
    return;
  note_path(checks, edit->destination);
  (void)g_hash_table_add(checks->renamed, g_strdup(edit->path));
  (void)g_hash_table_add(checks->renamed, g_strdup(edit->destination));
}

/* Order does not matter as long as no edit lies below another's renamed directory. */
static void check_not_below_renamed(Checks *checks, const char *path) {
  g_autofree char *above = g_path_get_dirname(path);

  for (; strcmp(above, "/") != 0 && strcmp(above, ".") != 0;) {
    char *next = g_path_get_dirname(above);
    if (g_hash_table_contains(checks->renamed, above))
      refuse(checks, "%s: it is to change while its directory %s is renamed; switch off one of the steps that want it",
             path, above);
    g_free(above);
    above = next;
  }
}

static void check_edit(Checks *checks, const Edit *edit) {
  if (edit->path[0] != '/' || edit->path[1] == '\0')
    return;
  check_not_below_renamed(checks, edit->path);
  if ((edit->flags & EDIT_DEFERRED) != 0 || (edit->kind == EDIT_WRITE && edit->content == NULL))
    refuse(checks, "%s: its content is not made yet: this is the plan of a dry run", edit->path);
  if (edit->kind != EDIT_RENAME) {
    check_content(checks, edit);
    return;
  }
  check_not_below_renamed(checks, edit->destination);
  check_rename(checks, edit);
}

static char *join(GPtrArray *lines) {
  g_ptr_array_add(lines, NULL);
  return g_strjoinv("\n", (char **)lines->pdata);
}

static gboolean report(Checks *checks, GError **error) {
  gboolean only_changed = checks->reasons->len == 0;

  if (only_changed && checks->changed->len == 0)
    return TRUE;
  for (guint i = 0; i < checks->changed->len; i++)
    refuse(checks, "%s since the changes were planned; look at the plan again",
           (const char *)checks->changed->pdata[i]);
  g_autofree char *text = join(checks->reasons);
  g_set_error(error, RI_ERROR, only_changed ? RI_ERROR_CHANGED : RI_ERROR_FAILED, "nothing is changed:\n%s", text);
  return FALSE;
}

gboolean checks_run(const Root *root, int state, const Plan *plan, GError **error) {
  g_autoptr(Room) room = room_new();
  g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) renamed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) changed = g_ptr_array_new_with_free_func(g_free);
  Checks checks = {root, state, plan, room, taken, renamed, reasons, changed};

  check_directory(&checks, state, RI_TRANSACTION_DIR);
  for (guint i = 0; i < plan->edits->len; i++)
    note_paths(&checks, g_ptr_array_index(plan->edits, i));
  for (guint i = 0; i < plan->edits->len; i++)
    check_edit(&checks, g_ptr_array_index(plan->edits, i));
  room_lacking(room, reasons);
  return report(&checks, error);
}
