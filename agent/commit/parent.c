/* parent.c - the directory that holds an edit's file */
#include "parent.h"

#include <string.h>
#include <unistd.h>

void parent_clear(Parent *parent) {
  if (parent->fd >= 0)
    (void)close(parent->fd);
  parent->fd = -1;
  g_clear_pointer(&parent->path, g_free);
}

int parent_open(Parent *parent, const char *path, const char **name) {
  const char *last = strrchr(path, '/') + 1;
  gsize length = (gsize)(last - path);

  *name = last;
  if (parent->path != NULL && strlen(parent->path) == length && strncmp(parent->path, path, length) == 0)
    return parent->fd;
  parent_clear(parent);
  parent->n_opened++;
  parent->fd = root_open_parent(parent->root, path, name);
  if (parent->fd >= 0)
    parent->path = g_strndup(path, length);
  return parent->fd;
}
