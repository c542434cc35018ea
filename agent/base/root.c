/* root.c - one directory below which everything is opened */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/types.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

/* openat2(2) is younger than the headers of our oldest systems, so its few names are ours here. */
#ifdef SYS_openat2
enum { OPENAT2_NUMBER = SYS_openat2 };
#else
enum { OPENAT2_NUMBER = 437 };
#endif
enum { READ_STEP = 1024 }; /* bytes: most of what we read is smaller */

enum { OPENAT2_NO_MAGICLINKS = 0x02, OPENAT2_IN_ROOT = 0x10, OPENAT2_ATTEMPTS = 16 };

typedef struct {
  __u64 flags;
  __u64 mode;
  __u64 resolve;
} OpenHow;

/* "/" in any spelling; only the words count: a bind mount of "/" elsewhere is another root. */
static bool is_host_root(const char *path) {
  if (*path != '/')
    return false;
  while (*path != '\0') {
    path += strspn(path, "/");
    size_t length = strcspn(path, "/");
    if (length > 2 || strspn(path, ".") != length)
      return false;
    path += length;
  }
  return true;
}

int root_open(Root *root, const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

  *root = (Root){.fd = fd, .is_host = fd >= 0 && is_host_root(path)};
  return fd < 0 ? -errno : 0;
}

void root_close(Root *root) {
  if (root->fd >= 0)
    (void)close(root->fd);
  root->fd = -1;
  root->is_host = false;
}

/* The flags as openat2 wants them: it refuses the combinations that open silently ignores. */
static int strict_flags(int flags) {
  if ((flags & O_PATH) != 0)
    flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW;
  return flags | O_CLOEXEC;
}

/* No absolute path: that would leave the directory that the root is. */
static const char *below(const char *path) {
  return *path != '\0' && path[strspn(path, "/")] == '\0' ? "." : path + strspn(path, "/");
}

int root_open_at_plainly(const Root *root, const char *path, int flags) {
  int fd;

  do
    fd = openat(root->fd, below(path), flags | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

/* What lies there may jump out of the root whatever its text says: only a walk sees it. */
static bool is_in_proc(const char *path) {
  static const char proc[] = "proc/";

  return strncmp(path + strspn(path, "/"), proc, strlen(proc)) == 0;
}

/* The running machine's root, without openat2; -ELOOP: it has to be walked. At the top of /proc only links jump, as
 * /proc/self does, and /proc/cmdline is none. */
static int open_at_on_host(const Root *root, const char *path, int flags) {
  const char *inside = is_in_proc(path) ? path + strspn(path, "/") + strlen("proc/") : NULL;

  if (inside == NULL)
    return root_open_at_plainly(root, path, flags);
  const int fd = (flags & O_PATH) != 0 || strchr(inside, '/') != NULL
                     ? -ELOOP
                     : root_open_at_plainly(root, path, flags | O_NOFOLLOW);
  return fd < 0 ? -ELOOP : fd;
}

static bool is_missing; /* the kernel does not have openat2, and will not: it is asked once */

int root_open_at(const Root *root, const char *path, int flags) {
  OpenHow how = {.flags = (__u64)strict_flags(flags), .resolve = OPENAT2_IN_ROOT | OPENAT2_NO_MAGICLINKS};

  /* EAGAIN: a rename somewhere during a ".."; the kernel asks to try again. */
  errno = ENOSYS;
  for (int attempt = 0; !is_missing && attempt < OPENAT2_ATTEMPTS; attempt++) {
    long fd = syscall(OPENAT2_NUMBER, root->fd, path, &how, sizeof how);

    if (fd >= 0)
      return (int)fd;
    if (errno == EINTR)
      attempt--;
    else if (errno != EAGAIN)
      break;
  }
  /* EPERM: a seccomp filter that does not know the call; where it is the file's own, the other way meets it again. */
  is_missing |= errno == ENOSYS;
  if (root->is_host && (errno == ENOSYS || errno == EPERM)) {
    const int fd = open_at_on_host(root, path, flags);

    return fd == -ELOOP ? root_open_at_walking(root, path, flags) : fd;
  }
  if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
    return root_open_at_walking(root, path, flags);
  return -errno;
}

int root_open_parent(const Root *root, const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  const char *last = slash != NULL ? slash + 1 : path;
  char parent[PATH_MAX];
  size_t length = (size_t)(last - path);

  if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
    return -EINVAL;
  if (length >= sizeof parent)
    return -ENAMETOOLONG;
  memcpy(parent, path, length);
  parent[length] = '\0';
  *name = last;
  return root_open_at(root, length == 0 ? "/" : parent, O_PATH | O_DIRECTORY);
}

bool root_is_named(const Root *root, const char *path) {
  const char *name;
  struct stat info;
  auto_close int parent = root_open_parent(root, path, &name);

  return parent >= 0 && fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Grow DATA to hold SIZE bytes and the NUL. */
static int make_room(char **data, size_t size) {
  char *larger = realloc(*data, size + 1);

  if (larger == NULL)
    return -ENOMEM;
  *data = larger;
  return 0;
}

static ssize_t read_retrying(int fd, char *buffer, size_t size) {
  ssize_t got;

  do
    got = read(fd, buffer, size);
  while (got < 0 && errno == EINTR);
  return got < 0 ? -errno : got;
}

/* Read to the end; the size that fstat told is only where to begin: files of /proc and /sys tell 0 or 4096. */
static int read_all(int fd, size_t expected, size_t limit, char **data, size_t *size) {
  size_t room = expected < READ_STEP ? READ_STEP : expected + 1;
  size_t length = 0;

  for (;;) {
    int result = make_room(data, room);

    if (result < 0)
      return result;
    ssize_t got = read_retrying(fd, *data + length, room - length);
    if (got < 0)
      return (int)got;
    length += (size_t)got;
    if (length > limit)
      return -EFBIG;
    if (got == 0 || (length == expected && expected > 0 && length < room))
      break; /* the read asked for more than the size that fstat told: this is the end */
    if (length == room)
      room *= 2;
  }
  (*data)[length] = '\0';
  *size = length;
  return 0;
}

int root_read_fd(int fd, size_t limit, char **data, size_t *size) {
  auto_free char *content = NULL;
  struct stat info;

  *data = NULL;
  *size = 0;
  if (fstat(fd, &info) < 0)
    return -errno;
  if (!S_ISREG(info.st_mode))
    return -EINVAL;
  if (info.st_size < 0 || (uintmax_t)info.st_size > limit)
    return -EFBIG;
  int result = read_all(fd, (size_t)info.st_size, limit, &content, size);
  if (result == 0) {
    *data = content;
    content = NULL;
  }
  return result;
}

int root_stat_plainly(const Root *root, const char *path, bool follow, struct stat *info) {
  return fstatat(root->fd, below(path), info, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int root_stat(const Root *root, const char *path, bool follow, struct stat *info) {
  if (is_missing && root->is_host && !is_in_proc(path))
    return root_stat_plainly(root, path, follow, info);
  auto_close int fd = root_open_at(root, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
  if (fd < 0)
    return fd;
  return fstat(fd, info) < 0 ? -errno : 0;
}

/* opendir(3) of a name takes two calls less than fdopendir(3), which has to look at what it is given. */
DIR *root_open_directory(const Root *root, const char *path) {
  if (is_missing && root->is_host && *path == '/' && !is_in_proc(path))
    return opendir(path);
  auto_close int fd = root_open_at(root, path, O_RDONLY | O_DIRECTORY);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  if (directory != NULL)
    (void)steal_fd(&fd);
  else if (fd < 0)
    errno = -fd;
  return directory;
}

bool root_exists(const Root *root, const char *path) {
  struct stat info;

  return root_stat(root, path, true, &info) == 0;
}

/* An image may hold a device node, and to open some devices is to start them (a watchdog, a tape): look first. On the
 * running machine root has put there what is there, and each boot saves the calls. */
static int refuse_device(const Root *root, const char *path) {
  auto_close int fd = -1;
  struct stat info;

  if (root->is_host)
    return 0;
  fd = root_open_at(root, path, O_PATH);
  if (fd < 0)
    return fd;
  if (fstat(fd, &info) < 0)
    return -errno;
  return S_ISREG(info.st_mode) ? 0 : -EINVAL;
}

int root_open_file(const Root *root, const char *path) {
  int result = refuse_device(root, path);

  return result < 0 ? result : root_open_at(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

int root_read_file(const Root *root, const char *path, size_t limit, char **data, size_t *size, Problem *problem) {
  auto_close int fd = root_open_file(root, path);
  int result = fd;

  *data = NULL;
  *size = 0;
  if (fd >= 0)
    result = root_read_fd(fd, limit, data, size);
  if (result == -EINVAL)
    return problem_set(problem, result, "%s: not a regular file: put a regular file in its place", path);
  if (result == -EFBIG)
    return problem_set(problem, result, "%s: longer than %zu bytes: this cannot be what belongs there", path, limit);
  if (result < 0)
    return problem_set(problem, result, "%s: cannot be read: %s", path, strerror(-result));
  return 0;
}

int root_read_line(const Root *root, const char *path, char *buffer, size_t size) {
  auto_close int fd = root_open_at(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  size_t length = 0;

  if (fd < 0)
    return fd;
  while (length < size - 1) {
    ssize_t got = read_retrying(fd, buffer + length, size - 1 - length);

    if (got < 0)
      return (int)got;
    if (got == 0)
      break;
    length += (size_t)got;
    if (memchr(buffer + length - got, '\n', (size_t)got) != NULL)
      break;
  }
  buffer[length] = '\0';
  length = strcspn(buffer, "\n"); /* or the NUL that ends a string of the device tree */
  while (length > 0 && strchr(" \t\r\v\f", buffer[length - 1]) != NULL)
    length--;
  buffer[length] = '\0';
  return (int)length;
}

const char *root_outer_path(int fd, char buffer[ROOT_OUTER_PATH], const char *otherwise) {
  char link[sizeof "/proc/self/fd/" + 11];

  (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, buffer, ROOT_OUTER_PATH - 1);
  if (size <= 0 || buffer[0] != '/')
    return otherwise;
  buffer[size] = '\0';
  return buffer;
}
