/* tree-entry.c - what kind of thing a path of the tree is, for steps that touch only what they mean */
#include "tree-entry.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bytes.h"
#include "tree.h"

gboolean tree_exists(const Root *root, const char *path) {
  return tree_type(root, path, TRUE) != 0;
}

gboolean tree_has_entry(const Root *root, const char *path) {
  return tree_type(root, path, FALSE) != 0;
}

gboolean tree_is_regular_file(const Root *root, const char *path) {
  return tree_type(root, path, FALSE) == S_IFREG;
}

gboolean tree_is_directory(const Root *root, const char *path) {
  return tree_type(root, path, FALSE) == S_IFDIR;
}

char *tree_read_link(const Root *root, const char *path) {
  char text[PATH_MAX];
  int fd = root_open_at(root, path, O_PATH | O_NOFOLLOW);
  ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof text);

  if (fd >= 0)
    (void)close(fd);
  return length < 0 || length == sizeof text ? NULL : g_strndup(text, (gsize)length);
}

gboolean tree_means_regular_file(const Root *root, const char *path) {
  return tree_type(root, path, TRUE) == S_IFREG;
}

gboolean tree_read_file(const Root *root, const char *path, GBytes **content, char **resolved, GError **error) {
  *content = NULL;
  if (resolved != NULL)
    *resolved = NULL;
  return !tree_means_regular_file(root, path) || tree_read(root, path, content, resolved, error);
}

char *tree_text(const Root *root, const char *path) {
  g_autoptr(GBytes) content = NULL;

  return tree_read_file(root, path, &content, NULL, NULL) && content != NULL ? bytes_dup(content) : NULL;
}

gboolean tree_is_read_only(const Root *root, const char *path) {
  struct statvfs volume;
  int fd = root_open_at(root, path, O_PATH);
  gboolean result = fd >= 0 && fstatvfs(fd, &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0;

  if (fd >= 0)
    (void)close(fd);
  return result;
}
