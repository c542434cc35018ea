/* lifted-file.c - a file of ours that another program heeds, and that goes */
#include "lifted-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

static gboolean is_in(int directory, const char *name) {
  return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Renamed before it is looked for: on a file system that is read-only that fails for what is not there, too. */
gboolean lifted_begin(const Root *root, const char *path, gboolean *due, GError **error) {
  static const char text[] = "%s cannot be removed, the machine stays off the wire";
  const char *name = path;
  autofd parent = root_open_parent(root, path, &name);

  *due = FALSE;
  if (parent < 0)
    return parent == -ENOENT || parent == -ENOTDIR || ri_error_errno(error, parent, text, path);
  g_autofree char *lifted = lifted_name(name);
  *due = renameat(parent, name, parent, lifted) == 0;
  if (*due)
    return TRUE;
  const int cause = -errno;
  *due = is_in(parent, lifted);
  return !is_in(parent, name) || ri_error_errno(error, cause, text, path);
}

gboolean lifted_end(const Root *root, const char *path, GError **error) {
  g_autofree char *lifted = lifted_name(path);
  int r = root_file_remove(root, lifted);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be removed", lifted);
}
