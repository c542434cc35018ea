/* unmounted.c - file systems of an image that are not mounted */
#include "unmounted.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "base/unit-enabled.h"
#include "mount-point.h"

typedef struct {
  char *place;
  const char *source; /* what mounts it: /etc/fstab, or a unit */
} Unmounted;

static void unmounted_free(gpointer data) {
  Unmounted *unmounted = data;

  g_free(unmounted->place);
  g_free(unmounted);
}

static gboolean is_mounted(const Root *root, const char *place) {
  const char *name;
  struct statx info;
  autofd parent = root_open_parent(root, place, &name);

  return parent >= 0 && statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) == 0 &&
         is_mount_point(parent, name, &info);
}

static void add_unless_mounted(const Root *root, GPtrArray *list, const char *place, const char *source) {
  if (strcmp(place, "/") == 0 || is_mounted(root, place))
    return;
  Unmounted *unmounted = g_new(Unmounted, 1);
  *unmounted = (Unmounted){g_strdup(place), source};
  g_ptr_array_add(list, unmounted);
}

static gboolean add_of_fstab(const Root *root, GPtrArray *list, GError **error) {
  const struct mntent *entry;
  g_autoptr(GBytes) text = NULL;

  if (!tree_read(root, "/etc/fstab", &text, NULL, error))
    return FALSE;
  if (text == NULL || g_bytes_get_size(text) == 0)
    return TRUE;
  gsize size = 0;
  g_autofree char *copy = g_strndup(g_bytes_get_data(text, &size), g_bytes_get_size(text));
  FILE *stream = fmemopen(copy, strlen(copy) + 1, "r");
  if (stream == NULL)
    g_error("out of memory");
  while ((entry = getmntent(stream)) != NULL) { // NOLINT(concurrency-mt-unsafe)
    g_autofree char *place = g_canonicalize_filename(entry->mnt_dir + strspn(entry->mnt_dir, "/"), "/");
    if (entry->mnt_dir[0] == '/')
      add_unless_mounted(root, list, place, "/etc/fstab");
  }
  (void)fclose(stream);
  return TRUE;
}

/* systemd.mount(5) instead of fstab: a unit that is called as its place is. */
static void add_of_units(const Root *root, GPtrArray *list) {
  static const struct {
    const char *place, *unit;
  } mounts[] = {{"/var", "var.mount"},
                {"/var/lib", "var-lib.mount"},
                {"/var/lib/reset-identity", "var-lib-reset\\x2didentity.mount"}};

  for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++)
    if (unit_is_enabled(root, mounts[i].unit))
      add_unless_mounted(root, list, mounts[i].place, mounts[i].unit);
}

GPtrArray *unmounted_read(const Root *root, GError **error) {
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(unmounted_free);

  if (!root->is_host && !add_of_fstab(root, list, error))
    return NULL;
  if (!root->is_host)
    add_of_units(root, list);
  return g_steal_pointer(&list);
}

static gboolean is_at_or_below(const char *path, const char *place) {
  const gsize length = strlen(place);

  return strncmp(path, place, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

char *unmounted_reason(const Root *root, const GPtrArray *unmounted, const char *path) {
  char buffer[ROOT_OUTER_PATH];
  const char *outer = root_outer_path(root->fd, buffer, "/");

  list_each (const Unmounted *, missing, unmounted) {
    if (!is_at_or_below(path, missing->place))
      continue;
    g_autofree char *target = g_build_filename(outer, missing->place, NULL);
    return g_strdup_printf("%s: %s of this image is a file system of its own (%s) and is not mounted below %s, so no "
                           "boot of the image would read what is written here. Mount it at %s and try again",
                           path, missing->place, missing->source, outer, target);
  }
  return NULL;
}

gboolean unmounted_check_record(const Root *root, GError **error) {
  g_autoptr(GPtrArray) unmounted = unmounted_read(root, error);

  if (unmounted == NULL)
    return FALSE;
  g_autofree char *reason = unmounted_reason(root, unmounted, RI_RECORD_FILE);
  return reason == NULL || ri_error(error, RI_ERROR_FAILED, "nothing is changed: %s", reason);
}
