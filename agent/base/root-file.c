/* root-file.c - the few files of this room's own */
#include "root-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autofd.h"
#include "label.h"
#include "names.h"

static int make_directory(const Root *root, const char *path) {
  const char *name = NULL;
  int parent = root_open_parent(root, path, &name);

  if (parent < 0)
    return parent;
  int r = mkdirat(parent, name, 0755) == 0 ? label_directory(root, path, parent, name) : errno == EEXIST ? 0 : -errno;
  (void)close(parent);
  return r;
}

/* The directories above PATH, from the top down. */
static int make_parents(const Root *root, const char *path) {
  int r = 0;

  for (const char *slash = strchr(path + 1, '/'); slash != NULL && r >= 0; slash = strchr(slash + 1, '/')) {
    g_autofree char *directory = g_strndup(path, (gsize)(slash - path));
    r = make_directory(root, directory);
  }
  return r;
}

/* The directory of PATH, made where it is not there. Mostly it is. */
static int open_parent(const Root *root, const char *path, const char **name) {
  const int parent = root_open_parent(root, path, name);
  const int made = parent == -ENOENT ? make_parents(root, path) : 0;

  return parent != -ENOENT ? parent : made < 0 ? made : root_open_parent(root, path, name);
}

int file_write_all(int fd, const void *data, gsize size) {
  const char *next = data;

  while (size > 0) {
    ssize_t written = write(fd, next, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return -errno;
    next += written;
    size -= (gsize)written;
  }
  return 0;
}

/* PARENT is an O_PATH fd, which fsync does not take. */
static int flush_directory(int parent) {
  int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;

  if (fd >= 0)
    (void)close(fd);
  return r;
}

int root_file_write(const Root *root, const char *path, const void *data, gsize size, mode_t mode) {
  const char *name = NULL;
  int parent = open_parent(root, path, &name);

  if (parent < 0)
    return parent;
  g_autofree char *temporary = g_strdup_printf(".%s" RI_TEMPORARY_SUFFIX, name);
  (void)unlinkat(parent, temporary, 0);
  int fd = openat(parent, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  int r = fd < 0 ? -errno : label_new(root, fd, path, S_IFREG | mode, parent);
  if (r == 0)
    r = file_write_all(fd, data, size);
  if (r == 0 && fsync(fd) < 0)
    r = -errno;
  if (fd >= 0)
    (void)close(fd);
  if (r >= 0 && renameat(parent, temporary, parent, name) < 0)
    r = -errno;
  if (r < 0)
    (void)unlinkat(parent, temporary, 0);
  else
    r = flush_directory(parent);
  (void)close(parent);
  return r;
}

static int make_empty(const Root *root, int parent, const char *directory, const char *name) {
  autofd fd = openat(parent, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

  if (fd < 0)
    return -errno;
  g_autofree char *path = g_build_filename(directory, name, NULL);
  return label_new(root, fd, path, S_IFREG | 0644, parent);
}

int root_file_make_empty(const Root *root, const char *directory, const char *const *names) {
  g_autofree char *inside = g_strconcat(directory, "/", NULL);
  const int made = make_parents(root, inside);
  autofd parent = made < 0 ? made : root_open_at(root, directory, O_RDONLY | O_DIRECTORY);
  int r = MIN(parent, 0);

  for (; *names != NULL && r >= 0; names++)
    r = make_empty(root, parent, directory, *names);
  return r >= 0 && fsync(parent) < 0 ? -errno : r;
}

int root_file_remove(const Root *root, const char *path) {
  const char *name = NULL;
  int parent = root_open_parent(root, path, &name);

  struct stat info;

  if (parent < 0)
    return parent == -ENOENT || parent == -ENOTDIR ? 0 : parent;
  g_autofree char *temporary = g_strdup_printf(".%s" RI_TEMPORARY_SUFFIX, name);
  int r = unlinkat(parent, name, 0) == 0 ? 1 : -errno;
  (void)unlinkat(parent, temporary, 0); /* of a writer that was killed */
  /* A file system that is read-only says so of what is not there, too. */
  if (r == -ENOENT || (r == -EROFS && fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT))
    r = 0;
  (void)close(parent);
  return r;
}
