/* held-units.c - units that bring NICs up and are not started */
#include "held-units.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/autofd.h"
#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "lifted-file.h"
#include "system/system-manager.h"

enum { UNIT_START_S = 90 };

char **held_units(void) {
  return g_strsplit(RI_HELD_UNITS, " ", -1);
}

static char *path_of(const char *unit) {
  return g_build_filename(RI_HOLD_DIR, unit, NULL);
}

gboolean held_units_hold(const Root *root, const char *const *units, GError **error) {
  int r = root_file_make_empty(root, RI_HOLD_DIR, units);

  return r >= 0 ||
         ri_error_errno(error, r, RI_HOLD_DIR " cannot be written, what brings NICs up is not kept from starting");
}

gboolean held_unit_is_heeded(const Root *root, const char *unit) {
  g_autofree char *path = g_strdup_printf(RI_UNITDIR "/%s.service.d/50-reset-identity.conf", unit);

  return root_exists(root, path);
}

/* A hidden one has never come into its place: it holds nothing. */
gboolean held_units_any(const Root *root) {
  g_auto(GStrv) names = tree_list(root, RI_HOLD_DIR, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (**name != '.')
      return TRUE;
  return FALSE;
}

gboolean held_units_any_due(const Root *root) {
  g_auto(GStrv) names = tree_list(root, RI_HOLD_DIR, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (lifted_is_name(*name))
      return TRUE;
  return FALSE;
}

gboolean held_unit_instances(const Root *root, const char *unit, GPtrArray *units, GError **error) {
  static const char *const folders[] = {"/etc/systemd/system/*.wants", "/etc/systemd/system/*.requires"};

  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *pattern = g_strdup_printf("%s/%s@*.service", folders[i], unit);
    if (!tree_glob(root, pattern, paths, error))
      return FALSE;
    list_each (const char *, path, paths)
      list_add_once(units, g_path_get_basename(path));
  }
  return TRUE;
}

/* ifup@ has an instance for each NIC that udev reports. */
static gboolean start_for_nics(const Root *root, GError **error) {
  g_auto(GStrv) names = tree_list(root, "/sys/class/net", NULL);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *device = g_strdup_printf("/sys/class/net/%s/device", *name);
    g_autofree char *unit = g_strdup_printf("ifup@%s.service", *name);
    if (root_exists(root, device) && !system_manager_do("start", unit, UNIT_START_S, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean start_unit(const Root *root, const char *name, GError **error) {
  g_autofree char *unit = g_strdup_printf("%s.service", name);
  g_autoptr(GPtrArray) instances = g_ptr_array_new_with_free_func(g_free);

  if (strcmp(name, "ifup") == 0 && root_exists(root, RI_UNITDIR "/ifup@.service"))
    return start_for_nics(root, error);
  if (!held_unit_instances(root, name, instances, error))
    return FALSE;
  list_each (const char *, instance, instances)
    if (!system_manager_do("start", instance, UNIT_START_S, error))
      return FALSE;
  return !system_manager_do("is-enabled", unit, UNIT_START_S, NULL) ||
         system_manager_do("start", unit, UNIT_START_S, error);
}

/* Before network-pre.target they wait for us, and are started by the boot. */
static gboolean boot_has_passed(void) {
  return system_manager_runs() && system_manager_is_active("network-pre.target");
}

/* Nobody heeds them any more. Returns those that are due. */
static GPtrArray *begin_release(int directory, GError **error) {
  g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) units = held_units();

  for (char **unit = units; *unit != NULL; unit++) {
    g_autofree char *path = path_of(*unit);
    gboolean is_due = FALSE;
    if (!lifted_begin_in(directory, *unit, path, &is_due, error))
      return NULL;
    if (is_due)
      g_ptr_array_add(due, g_strdup(*unit));
  }
  return g_steal_pointer(&due);
}

gboolean held_units_release(const Root *root, gboolean live, gboolean *was_held, GError **error) {
  autofd directory = root_open_at(root, RI_HOLD_DIR, O_PATH | O_DIRECTORY);

  *was_held = FALSE;
  if (directory < 0)
    return directory == -ENOENT || directory == -ENOTDIR ||
           ri_error_errno(error, directory, RI_HOLD_DIR " cannot be opened, the machine stays off the network");
  g_autoptr(GPtrArray) due = begin_release(directory, error);
  *was_held = due != NULL && due->len > 0;
  const gboolean starts = *was_held && live && boot_has_passed();
  for (guint i = 0; due != NULL && i < due->len; i++) {
    g_autofree char *path = path_of(due->pdata[i]);
    if ((starts && !start_unit(root, due->pdata[i], error)) || !lifted_end_in(directory, due->pdata[i], path, error))
      return FALSE;
  }
  return due != NULL;
}
