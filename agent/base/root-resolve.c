/* root-resolve.c - what a path is called once every symbolic link is followed: asked in few calls where that can be */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "root.h"

/* "." and ".." are no names, and neither is "". */
static bool is_name(const char *name, size_t length) {
  return length > 0 && length <= NAME_MAX && !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

/* Nearly every path is called what it is, which one question for each of its names tells: none is a link. The last one
 * need not be there. 1: it is; 0: it has to be walked; or -ENOENT. */
static int is_resolved(const Root *root, const char *path) {
  char name[PATH_MAX], target;
  size_t end = 0;

  if (path[0] != '/' || strlen(path) >= sizeof name)
    return 0;
  do {
    const size_t begin = end + 1;

    end = begin + strcspn(path + begin, "/");
    if (!is_name(path + begin, end - begin))
      return 0;
    memcpy(name, path + 1, end - 1);
    name[end - 1] = '\0';
    if (readlinkat(root->fd, name, &target, sizeof target) >= 0 || (errno != EINVAL && errno != ENOENT))
      return 0;
    if (errno == ENOENT && path[end] == '/')
      return -ENOENT;
  } while (path[end] == '/');
  return 1;
}

/* On the running machine the kernel follows links as the walk does, and knows what the file that it came to is called;
 * asked back, since what it says may be gone, or be of another root. */
static bool resolve_by_kernel(const Root *root, const char *path, char **resolved) {
  char name[ROOT_OUTER_PATH];
  struct stat one, other;
  auto_close int fd = root->is_host ? root_open_at(root, path, O_PATH) : -1;
  const char *told = fd < 0 ? NULL : root_outer_path(fd, name, NULL);

  if (told == NULL || fstat(fd, &one) < 0 || root_stat(root, told, false, &other) < 0 || one.st_dev != other.st_dev ||
      one.st_ino != other.st_ino)
    return false;
  *resolved = strdup(told);
  return *resolved != NULL;
}

int root_resolve(const Root *root, const char *path, char **resolved) {
  const int plain = is_resolved(root, path);

  *resolved = plain > 0 ? strdup(path) : NULL;
  if (*resolved != NULL || plain < 0)
    return plain < 0 ? plain : 0;
  return resolve_by_kernel(root, path, resolved) ? 0 : root_resolve_walking(root, path, resolved);
}
