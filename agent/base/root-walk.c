/* root-walk.c - a path below a root, one component at a time: symbolic links stay inside */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "root.h"

/* What the kernel itself allows in one path (MAXSYMLINKS). */
enum { LINKS_LIMIT = 40 };

/* inode number of the top of any procfs */
enum { PROC_ROOT_INODE = 1 };

/* A walk from the root towards a name. DIRECTORY is always reached through its link-free name RESOLVED, so that ".."
 * is a cut of the name and never a question to the file system, whose answer a concurrent rename could turn outwards.
 */
typedef struct {
  const Root *root;
  int directory;           /* O_PATH, owned */
  char resolved[PATH_MAX]; /* its name below the root, without links; "" is the root itself */
  char rest[PATH_MAX];     /* what is still to be walked */
  char last[NAME_MAX + 1]; /* in the end: the name inside DIRECTORY; "" when the path ends in the directory itself */
  bool wants_directory;    /* the path ended in a slash */
  bool last_is_other;      /* LAST is there and is no directory */
  unsigned links;
} Walk;

static int open_retrying(int directory, const char *name, int flags) {
  int fd;

  do
    fd = openat(directory, name, flags | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

/* Go (again) from the root to the directory RESOLVED: no link is followed on the way. */
static int walk_to_resolved(Walk *walk) {
  char names[PATH_MAX];
  char *state = NULL;
  auto_close int directory = open_retrying(walk->root->fd, ".", O_PATH | O_DIRECTORY);

  if (directory < 0)
    return directory;
  memcpy(names, walk->resolved, strlen(walk->resolved) + 1);
  for (char *name = strtok_r(names, "/", &state); name != NULL; name = strtok_r(NULL, "/", &state)) {
    int child = open_retrying(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);

    (void)close(directory);
    directory = child;
    if (child < 0)
      return child;
  }
  if (walk->directory >= 0)
    (void)close(walk->directory);
  walk->directory = steal_fd(&directory);
  return 0;
}

static int walk_up(Walk *walk) {
  char *slash = strrchr(walk->resolved, '/');

  if (slash == NULL)
    return 0; /* above the root is the root */
  *slash = '\0';
  return walk_to_resolved(walk);
}

/* Links in the inner directories of procfs (/proc/PID/root, fd, ns, ...) jump wherever the process has something open,
 * whatever their text says. */
static int refuse_magic_link(const Walk *walk, int link) {
  struct statfs file_system;
  struct stat directory;

  if (fstatfs(link, &file_system) < 0)
    return -errno;
  if (file_system.f_type != PROC_SUPER_MAGIC)
    return 0;
  if (fstat(walk->directory, &directory) < 0)
    return -errno;
  return directory.st_ino == PROC_ROOT_INODE ? 0 : -ELOOP;
}

/* Put the text of the symbolic link LINK before the rest of the way. */
static int walk_follow(Walk *walk, int link) {
  char target[PATH_MAX];
  size_t rest = strlen(walk->rest);

  if (++walk->links > LINKS_LIMIT)
    return -ELOOP;
  int result = refuse_magic_link(walk, link);
  if (result < 0)
    return result;
  ssize_t length = readlinkat(link, "", target, sizeof target);
  if (length < 0)
    return -errno;
  if (length == 0)
    return -ENOENT;
  if ((size_t)length + rest >= sizeof walk->rest)
    return -ENAMETOOLONG;
  memmove(walk->rest + length, walk->rest, rest + 1);
  memcpy(walk->rest, target, (size_t)length);
  if (target[0] != '/')
    return 0;
  walk->resolved[0] = '\0';
  return walk_to_resolved(walk);
}

/* CHILD, when all is well, is the walk's from now on. */
static int walk_down(Walk *walk, int *child, const char *name) {
  size_t length = strlen(walk->resolved);

  if (length + 1 + strlen(name) >= sizeof walk->resolved)
    return -ENAMETOOLONG;
  walk->resolved[length] = '/';
  memcpy(walk->resolved + length + 1, name, strlen(name) + 1);
  (void)close(walk->directory);
  walk->directory = steal_fd(child);
  return 0;
}

/* Cut the next name off the rest. Returns 1 with NAME, 0 when the walk is over. */
static int walk_next(Walk *walk, char name[static NAME_MAX + 1]) {
  size_t slashes = strspn(walk->rest, "/");
  size_t length = strcspn(walk->rest + slashes, "/");

  if (length == 0)
    return 0;
  if (length > NAME_MAX)
    return -ENAMETOOLONG;
  memcpy(name, walk->rest + slashes, length);
  name[length] = '\0';
  memmove(walk->rest, walk->rest + slashes + length, strlen(walk->rest + slashes + length) + 1);
  return 1;
}

/* One name on the way: an inner one has to lead to a directory. */
static int walk_inner(Walk *walk, const char *name) {
  auto_close int child = -1;
  struct stat info;

  if (strcmp(name, ".") == 0)
    return 0;
  if (strcmp(name, "..") == 0)
    return walk_up(walk);
  /* Nearly always it is a directory itself, which this one call tells. */
  child = open_retrying(walk->directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (child >= 0)
    return walk_down(walk, &child, name);
  if (child != -ENOTDIR && child != -ELOOP)
    return child;
  child = open_retrying(walk->directory, name, O_PATH | O_NOFOLLOW);
  if (child < 0)
    return child;
  if (fstat(child, &info) < 0)
    return -errno;
  if (S_ISLNK(info.st_mode))
    return walk_follow(walk, child);
  if (!S_ISDIR(info.st_mode))
    return -ENOTDIR;
  return walk_down(walk, &child, name);
}

/* The last name. Returns 1 when it is settled in LAST (it need not exist), 0 when it was a link and the walk goes on.
 */
static int walk_last(Walk *walk, const char *name, bool follow) {
  auto_close int child = -1;
  struct stat info;

  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return walk_inner(walk, name);
  bool there = fstatat(walk->directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!there && errno != ENOENT)
    return -errno;
  if (there && S_ISLNK(info.st_mode) && follow) {
    /* It may be another thing by now: what follows a link asks the open one. */
    child = open_retrying(walk->directory, name, O_PATH | O_NOFOLLOW);
    return child < 0 ? child : walk_follow(walk, child);
  }
  walk->last_is_other = there && !S_ISDIR(info.st_mode);
  memcpy(walk->last, name, strlen(name) + 1);
  return 1;
}

static int walk_path(Walk *walk, const Root *root, const char *path, bool follow) {
  char name[NAME_MAX + 1];

  /* Field by field: to clear the two paths would be most of the work of a walk. */
  walk->root = root;
  walk->directory = -1;
  walk->resolved[0] = walk->rest[0] = walk->last[0] = '\0';
  walk->wants_directory = walk->last_is_other = false;
  walk->links = 0;
  if (*path == '\0')
    return -ENOENT;
  if (strlen(path) >= sizeof walk->rest)
    return -ENAMETOOLONG;
  memcpy(walk->rest, path, strlen(path) + 1);
  int result = walk_to_resolved(walk);
  while (result == 0) {
    bool last, slash;

    result = walk_next(walk, name);
    if (result <= 0)
      return result;
    last = walk->rest[strspn(walk->rest, "/")] == '\0';
    slash = last && walk->rest[0] == '/';
    walk->wants_directory |= slash;
    result = last ? walk_last(walk, name, follow || slash) : walk_inner(walk, name);
  }
  return result < 0 ? result : 0;
}

static void walk_end(Walk *walk) {
  if (walk->directory >= 0)
    (void)close(walk->directory);
}

static int open_last(const Walk *walk, int flags) {
  struct stat info;

  if (walk->wants_directory)
    flags |= O_DIRECTORY;
  int fd = open_retrying(walk->directory, walk->last, flags | O_NOFOLLOW);
  /* With O_PATH a link that was put there since the walk looked would be opened itself. */
  if (fd >= 0 && (flags & (O_PATH | O_NOFOLLOW)) == O_PATH && fstat(fd, &info) == 0 && S_ISLNK(info.st_mode)) {
    (void)close(fd);
    return -ELOOP;
  }
  return fd;
}

int root_open_at_walking(const Root *root, const char *path, int flags) {
  Walk walk;

  int result = walk_path(&walk, root, path, (flags & O_NOFOLLOW) == 0);
  /* "/", "." and ".." lead to a directory itself. */
  if (result == 0)
    result = walk.last[0] == '\0' ? open_retrying(walk.directory, ".", flags) : open_last(&walk, flags);
  walk_end(&walk);
  return result;
}

int root_resolve_walking(const Root *root, const char *path, char **resolved) {
  Walk walk;
  int result = walk_path(&walk, root, path, true);

  *resolved = NULL;
  if (result == 0 && walk.wants_directory && walk.last_is_other)
    result = -ENOTDIR;
  if (result == 0) {
    const char *slash = walk.last[0] != '\0' || walk.resolved[0] == '\0' ? "/" : "";
    size_t size = strlen(walk.resolved) + 1 + strlen(walk.last) + 1;

    *resolved = malloc(size);
    if (*resolved == NULL)
      result = -ENOMEM;
    else
      stpcpy(stpcpy(stpcpy(*resolved, walk.resolved), slash), walk.last);
  }
  walk_end(&walk);
  return result;
}
