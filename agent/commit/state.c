/* state.c - the directory that commit/ keeps its books in, and its entries */
#include "state.h"

#include <errno.h>
#include <fcntl.h>

#include "base/error.h"
#include "base/names.h"

int state_open(const Root *root, GError **error) {
  int fd = root_open_at(root, RI_STATE_DIR, O_RDONLY | O_DIRECTORY, 0);

  if (fd < 0 && fd != -ENOENT)
    ri_error_errno(error, fd, RI_STATE_DIR);
  return fd < 0 ? -1 : fd;
}

int state_open_directory(int state, const char *name, GError **error) {
  int fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 && errno != ENOENT)
    ri_error_errno(error, -errno, RI_STATE_DIR "/%s", name);
  return fd < 0 ? -1 : fd;
}
