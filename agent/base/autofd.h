/* autofd.h - a file descriptor that is closed when its scope ends, for the GLib rooms. */
#pragma once

#include <dirent.h>
#include <glib.h>
#include <unistd.h>

static inline void autofd_close(const int *fd) {
  if (*fd >= 0)
    (void)close(*fd);
}

static inline int autofd_steal(int *fd) {
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

#define autofd __attribute__((cleanup(autofd_close))) int

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)
