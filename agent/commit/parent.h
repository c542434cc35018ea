/* parent.h - the directory that holds an edit's file, opened once for all edits in it that follow each other. */
#pragma once

#include <glib.h>

#include "base/root.h"

typedef struct {
  const Root *root;
  char *path; /* of the directory that is open, or NULL */
  int fd;
  unsigned n_opened; /* how many directories were opened by now */
} Parent;

#define PARENT_OF(root)                                                                                                \
  { (root), NULL, -1, 0 }

void parent_clear(Parent *parent);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parent, parent_clear)

/* parent_open: the directory of PATH (O_PATH), which stays PARENT's, and *NAME in PATH. Returns an fd or a negative
 * errno. */
int parent_open(Parent *parent, const char *path, const char **name);
