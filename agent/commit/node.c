/* node.c - what lies at a name */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "file-copy.h"

int node_read_link(int directory, const char *name, char **text) {
  char target[PATH_MAX];
  ssize_t length = readlinkat(directory, name, target, sizeof target);

  if (length < 0)
    return -errno;
  if (length == sizeof target)
    return -ENAMETOOLONG;
  *text = g_strndup(target, (gsize)length);
  return 0;
}

static int file_sum(int directory, const char *name, char **sum) {
  autofd fd = file_open_regular(directory, name, NULL);

  return fd < 0 ? fd : file_copy_content(fd, -1, sum);
}

static int link_sum(int directory, const char *name, char **sum) {
  g_autofree char *text = NULL;
  int result = node_read_link(directory, name, &text);

  if (result == 0)
    *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
  return result;
}

int node_is(int directory, const char *name, NodeType type, const char *sha256) {
  g_autofree char *sum = NULL;
  struct stat info;
  int result = 0;

  if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return errno != ENOENT ? -errno : type == NODE_ABSENT ? 1 : 0;
  if (type == NODE_ABSENT || (type == NODE_DIRECTORY) != S_ISDIR(info.st_mode) ||
      (type == NODE_LINK) != S_ISLNK(info.st_mode) || (type == NODE_FILE) != S_ISREG(info.st_mode))
    return 0;
  if (type == NODE_DIRECTORY || sha256 == NULL)
    return 1;
  result = type == NODE_FILE ? file_sum(directory, name, &sum) : link_sum(directory, name, &sum);
  return result < 0 ? result : g_strcmp0(sum, sha256) == 0 ? 1 : 0;
}

static int create_file(int directory, const char *name, int from, const char *from_name, char **failed) {
  struct stat info;
  autofd source = file_open_regular(from, from_name, &info);
  autofd fd = source < 0 ? source : file_create(directory, name);
  int result = fd < 0 ? fd : file_copy_content(source, fd, NULL);

  return result < 0 ? result : file_copy_metadata(fd, &info, source, COPY_ATTRIBUTES, failed);
}

static int create_link(int directory, const char *name, int from, const char *from_name) {
  g_autofree char *text = NULL;
  struct stat info;
  int result = node_read_link(from, from_name, &text);

  if (text == NULL)
    return result;
  if (fstatat(from, from_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
    return -errno;
  if (unlinkat(directory, name, 0) < 0 && errno != ENOENT)
    return -errno;
  if (symlinkat(text, directory, name) < 0 ||
      fchownat(directory, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
    return -errno;
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, info.st_mtim};
  return utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int create_directory(int directory, const char *name, int from, const char *from_name, char **failed) {
  autofd source = openat(from, from_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;

  if (source < 0 || fstat(source, &info) < 0)
    return -errno;
  if (mkdirat(directory, name, 0700) < 0 && errno != EEXIST)
    return -errno;
  autofd fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : file_copy_metadata(fd, &info, source, COPY_ATTRIBUTES, failed);
}

int node_create(int directory, const char *name, NodeType type, int from, const char *from_name, char **failed) {
  switch (type) {
  case NODE_FILE:
    return create_file(directory, name, from, from_name, failed);
  case NODE_LINK:
    return create_link(directory, name, from, from_name);
  case NODE_DIRECTORY:
    return create_directory(directory, name, from, from_name, failed);
  case NODE_ABSENT:
    break;
  }
  return -EINVAL;
}

int node_remove(int directory, const char *name, NodeType type) {
  return unlinkat(directory, name, type == NODE_DIRECTORY ? AT_REMOVEDIR : 0) < 0 && errno != ENOENT ? -errno : 0;
}
