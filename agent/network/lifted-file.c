/* lifted-file.c - a file of ours that another program heeds, and that goes */
#include "lifted-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"

/* NetworkManager reads NAME.conf, networkd NAME.network, a held unit looks for its own name. */
#define SUFFIX ".lifted"

char *lifted_name(const char *path) {
  return g_strconcat(path, SUFFIX, NULL);
}

gboolean lifted_is_name(const char *name) {
  return g_str_has_suffix(name, SUFFIX);
}

gboolean lifted_is_due(const Root *root, const char *path) {
  g_autofree char *lifted = lifted_name(path);

  return root_is_named(root, lifted);
}

static gboolean is_in(int directory, const char *name) {
  return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static gboolean cannot_lift(const char *path, int cause, GError **error) {
  return ri_error_errno(error, cause, "%s cannot be removed, the machine stays off the network", path);
}

/* A call that fails is looked behind, here and below: on a file system that is read-only it fails for what is not
 * there, too. */
gboolean lifted_begin_in(int directory, const char *name, const char *path, gboolean *due, GError **error) {
  g_autofree char *lifted = lifted_name(name);

  *due = renameat(directory, name, directory, lifted) == 0;
  if (*due)
    return TRUE;
  const int cause = -errno;
  *due = is_in(directory, lifted);
  return !is_in(directory, name) || cannot_lift(path, cause, error);
}

gboolean lifted_begin(const Root *root, const char *path, gboolean *due, GError **error) {
  const char *name = path;
  autofd parent = root_open_parent(root, path, &name);

  *due = FALSE;
  if (parent >= 0)
    return lifted_begin_in(parent, name, path, due, error);
  return parent == -ENOENT || parent == -ENOTDIR || cannot_lift(path, parent, error);
}

gboolean lifted_end_in(int directory, const char *name, const char *path, GError **error) {
  g_autofree char *lifted = lifted_name(name);

  if (unlinkat(directory, lifted, 0) == 0)
    return TRUE;
  const int cause = -errno;
  return !is_in(directory, lifted) || ri_error_errno(error, cause, "%s" SUFFIX " cannot be removed", path);
}

gboolean lifted_end(const Root *root, const char *path, GError **error) {
  const char *name = path;
  autofd parent = root_open_parent(root, path, &name);

  if (parent >= 0)
    return lifted_end_in(parent, name, path, error);
  return parent == -ENOENT || parent == -ENOTDIR ||
         ri_error_errno(error, parent, "%s" SUFFIX " cannot be removed", path);
}
