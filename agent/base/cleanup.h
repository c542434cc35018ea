/* cleanup.h - ownership that ends with the scope, for the libc-only rooms (the others have GLib's g_autoptr). */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close(const int *fd) {
  if (*fd >= 0)
    (void)close(*fd);
}

static inline void cleanup_free(void *pointer) {
  free(*(void **)pointer);
}

/* steal_fd: FD's value for another owner. */
static inline int steal_fd(int *fd) {
  int stolen = *fd;

  *fd = -1;
  return stolen;
}

/* auto_close int fd = ...; auto_free char *text = NULL; */
#define auto_close __attribute__((cleanup(cleanup_close)))
#define auto_free __attribute__((cleanup(cleanup_free)))
