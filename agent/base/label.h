/* label.h - the SELinux label of a file that replaces none: the one that the policy gives its path.
 *
 * The kernel would give it its directory's type, which is another one for keys, leases and profiles. On the running
 * machine the policy is asked (selabel_lookup_raw(3)), by libselinux, which is loaded only where SELinux is on. Below
 * another root there is no policy to ask: a regular file of the same directory is the model.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "root.h"

/* label_new: FD is the new file, PATH (without links, below ROOT) what it will be called, MODE its type and
 * permissions, PARENT its directory (may be O_PATH). 0, also where nothing is to be done; else a negative errno. */
int label_new(const Root *root, int fd, const char *path, mode_t mode, int parent) G_GNUC_WARN_UNUSED_RESULT;

/* label_directory: the same for PATH, the directory NAME that was just made in PARENT: where it has its parent's type
 * those whose it is may not write into it. Below another root it keeps that. */
int label_directory(const Root *root, const char *path, int parent, const char *name) G_GNUC_WARN_UNUSED_RESULT;
