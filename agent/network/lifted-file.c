/* lifted-file.c - a file of ours that another program heeds, and that goes */
#include "lifted-file.h"

#include <errno.h>
#include <stdio.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/root-file.h"

/* NetworkManager reads NAME.conf, networkd NAME.network, a held unit looks for its own name. */
#define SUFFIX ".lifted"

char *lifted_name(const char *path) {
  return g_strconcat(path, SUFFIX, NULL);
}

gboolean lifted_is_due(const Root *root, const char *path) {
  g_autofree char *lifted = lifted_name(path);

  return root_is_named(root, lifted);
}

gboolean lifted_begin(const Root *root, const char *path, gboolean *due, GError **error) {
  const char *name = NULL;

  *due = lifted_is_due(root, path);
  if (!root_is_named(root, path))
    return TRUE;
  *due = TRUE;
  autofd parent = root_open_parent(root, path, &name);
  g_autofree char *lifted = lifted_name(name != NULL ? name : path);
  if (parent >= 0 && renameat(parent, name, parent, lifted) == 0)
    return TRUE;
  return ri_error_errno(error, parent < 0 ? parent : -errno, "%s cannot be removed, the machine stays off the wire",
                        path);
}

gboolean lifted_end(const Root *root, const char *path, GError **error) {
  g_autofree char *lifted = lifted_name(path);
  int r = root_file_remove(root, lifted);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be removed", lifted);
}
