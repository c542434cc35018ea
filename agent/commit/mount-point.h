/* mount-point.h - is something mounted on this file or directory? */
#pragma once

#include <glib.h>
#include <sys/stat.h>

/* is_mount_point: NAME in the directory PARENT; INFO is what statx(2) says of it. */
gboolean is_mount_point(int parent, const char *name, const struct statx *info);

/* mount_point_of: where what FD is on is mounted, as this process sees it; NULL: it cannot be told. The caller frees.
 */
char *mount_point_of(int fd);
