/* door.c - the mark of this boot: whether this machine may be on the wire as it is has been decided */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"

int door_mark(const Root *root) {
  if (!root->is_host)
    return 0;
  int fd = open(RI_DECIDED_FILE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0 && errno == ENOENT) {
    if (mkdir(RI_RUN_DIR, 0755) < 0 && errno != EEXIST)
      return -errno;
    fd = open(RI_DECIDED_FILE, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  }
  if (fd < 0)
    return -errno;
  (void)close(fd);
  return 0;
}

void door_unmark(const Root *root) {
  if (root->is_host)
    (void)unlink(RI_DECIDED_FILE);
}

bool door_is_marked(const Root *root) {
  return root->is_host && access(RI_DECIDED_FILE, F_OK) == 0;
}
