/* directories.c - directories made and removed */
#include "directories.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/label.h"

int directories_make(const Root *root, const char *path) {
  g_autofree char *directory = g_path_get_dirname(path);
  autofd fd = root_open_at(root, directory, O_PATH | O_DIRECTORY);
  const char *name = NULL;

  if (fd >= 0)
    return 0;
  if (fd != -ENOENT || strcmp(directory, path) == 0)
    return fd;
  int result = directories_make(root, directory);
  if (result < 0)
    return result;
  autofd above = root_open_parent(root, directory, &name);
  if (above < 0)
    return above;
  /* The mode is right from the first moment: nothing has to be fixed when we are killed here. */
  mode_t mask = umask(022);
  result = mkdirat(above, name, 0755) < 0 ? -errno : 0;
  (void)umask(mask);
  if (result == 0)
    return label_directory(root, directory, above, name);
  if (result == -EEXIST)
    return 0;
  return result;
}

static int remove_entries(int directory) {
  g_autoptr(DIR) stream = fdopendir(directory);
  struct dirent *entry;

  if (stream == NULL) {
    int result = -errno;
    (void)close(directory);
    return result;
  }
  errno = 0;
  while ((entry = readdir(stream)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    int result = directories_remove_tree(dirfd(stream), entry->d_name);
    if (result < 0)
      return result;
    errno = 0;
  }
  return -errno;
}

int directories_remove_tree(int directory, const char *name) {
  int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
    return unlinkat(directory, name, 0) < 0 && errno != ENOENT ? -errno : 0;
  if (fd < 0)
    return errno == ENOENT ? 0 : -errno;
  int result = remove_entries(fd);
  if (result < 0)
    return result;
  return unlinkat(directory, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}
