/* state.c - the directory that commit/ keeps its books in, and its entries */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"

/* What lies in our books is carried out as root: nobody else may have written it. Root's own group may. */
static int trusted(int fd, const char *shown, GError **error) {
  autofd directory = fd;
  char buffer[ROOT_OUTER_PATH];
  struct stat info;

  if (fstat(directory, &info) < 0) {
    ri_error_errno(error, -errno, "%s", shown);
    return -1;
  }
  gboolean by_others = (info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && info.st_gid != 0);
  if ((info.st_uid == 0 || info.st_uid == geteuid()) && !by_others)
    return autofd_steal(&directory);
  const char *outer = root_outer_path(directory, buffer, shown);
  g_set_error(error, RI_ERROR, RI_ERROR_UNTRUSTED,
              "%s: user %u owns it and its mode is %04o, so users other than root may have written to it; nothing is "
              "changed. Look at what it holds, then make it root's (chown root: %s && chmod 0700 %s)",
              shown, (unsigned)info.st_uid, (unsigned)info.st_mode & 07777, outer, outer);
  return -1;
}

int state_open(const Root *root, GError **error) {
  int fd = root_open_at(root, RI_STATE_DIR, O_RDONLY | O_DIRECTORY);

  if (fd < 0 && fd != -ENOENT)
    ri_error_errno(error, fd, RI_STATE_DIR);
  return fd < 0 ? -1 : trusted(fd, RI_STATE_DIR, error);
}

int state_open_directory(int state, const char *name, GError **error) {
  g_autofree char *shown = g_build_filename(RI_STATE_DIR, name, NULL);
  int fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 && errno != ENOENT)
    ri_error_errno(error, -errno, "%s", shown);
  return fd < 0 ? -1 : trusted(fd, shown, error);
}

int state_make_history(int state) {
  return mkdirat(state, HISTORY_NAME, 0700) < 0 && errno != EEXIST ? -errno : 0;
}
