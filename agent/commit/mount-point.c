/* mount-point.c - is something mounted on this file or directory? */
#include "mount-point.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"

/* Linux 5.8, younger than the headers of our oldest systems. */
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

/* The mount that an fd is on (proc(5), fdinfo), or -1 where it cannot be told. */
static int mount_of(int fd) {
  g_autofree char *path = g_strdup_printf("/proc/self/fdinfo/%d", fd);
  g_autofree char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return -1;
  const char *line = strstr(text, "mnt_id:");
  return line != NULL ? (int)strtol(line + strlen("mnt_id:"), NULL, 10) : -1;
}

gboolean is_mount_point(int parent, const char *name, const struct statx *info) {
  if ((info->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
    return (info->stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
  autofd target = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  return target >= 0 && mount_of(target) != mount_of(parent);
}

/* proc(5): the fifth field of its line in mountinfo, with "\\040" for a blank. */
char *mount_point_of(int fd) {
  const int mount = mount_of(fd);
  g_autofree char *text = NULL;

  if (mount < 0 || !g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_auto(GStrv) fields = g_strsplit(*line, " ", 6);
    if (g_strv_length(fields) == 6 && (int)strtol(fields[0], NULL, 10) == mount)
      return g_strcompress(fields[4]);
  }
  return NULL;
}
