/* isolation.c - a clone that has no identity of its own yet stays off the wire */
#include "isolation.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/system-bus.h"
#include "base/tree.h"
#include "nm-configuration.h"
#include "system/system-manager.h"

/* For the case that /etc overrides both keys of the drop-in. */
#define UNIT_DROP_IN "/run/systemd/system/NetworkManager.service.d/99-reset-identity-isolate.conf"
#define DEVICE_SECTION "[device-reset-identity-isolate]"
#define ALL_BUT_LOOPBACK "*,except:interface-name:lo"

enum { MANAGER_START_S = 30 };

static gboolean file_exists(const Root *root, const char *path) {
  int fd = root_open_at(root, path, O_PATH, 0);

  if (fd >= 0)
    (void)close(fd);
  return fd >= 0;
}

/* What /etc sets of the two keys that could keep the drop-in from working. */
typedef struct {
  gboolean unmanaged_devices;
  gboolean managed;
} Overrides;

static void note_overrides(const Root *root, const char *path, Overrides *overrides) {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(root, path, &content, NULL, NULL) || content == NULL ||
      !g_key_file_load_from_bytes(file, content, G_KEY_FILE_NONE, NULL))
    return;
  g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
  for (char **group = groups; *group != NULL; group++) {
    if (strcmp(*group, "keyfile") == 0)
      overrides->unmanaged_devices |= g_key_file_has_key(file, *group, "unmanaged-devices", NULL);
    if (g_str_has_prefix(*group, "device"))
      overrides->managed |= g_key_file_has_key(file, *group, "managed", NULL);
  }
}

static Overrides find_overrides(const Root *root) {
  static const char directory[] = "/etc/NetworkManager/conf.d";
  g_auto(GStrv) names = tree_list(root, directory, NULL);
  Overrides overrides = {FALSE, FALSE};

  note_overrides(root, "/etc/NetworkManager/NetworkManager.conf", &overrides);
  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *path = g_build_filename(directory, *name, NULL);
    if (g_str_has_suffix(*name, ".conf"))
      note_overrides(root, path, &overrides);
  }
  return overrides;
}

static char *drop_in_text(const NicList *nics, const char *why, const Overrides *overrides) {
  g_autofree char *line = g_strdelimit(g_strdup(why), "\r\n", ' ');
  GString *text = g_string_new("# Written by reset-identity: this machine stays off the wire.\n");

  g_string_append_printf(text, "# Why: %s\n# After mending: reset-identity apply\n", line);
  for (gsize i = 0; nics != NULL && i < nics->count; i++)
    g_string_append_printf(text, "# Card: %s %s\n", nics->items[i].name, nics->items[i].mac);
  g_string_append(text, "\n[keyfile]\nunmanaged-devices=" ALL_BUT_LOOPBACK "\n");
  if (overrides->unmanaged_devices)
    g_string_append(text, "\n" DEVICE_SECTION "\nmatch-device=" ALL_BUT_LOOPBACK "\nmanaged=0\n");
  return g_string_free(text, FALSE);
}

static gboolean keep_from_starting(const Root *root, GError **error) {
  static const char text[] = "# Written by reset-identity: /etc/NetworkManager overrides " RI_ISOLATION_FILE ".\n"
                             "[Unit]\nConditionPathExists=!" RI_ISOLATION_FILE "\n";
  int r = root_file_write(root, UNIT_DROP_IN, text, strlen(text), 0644);

  if (r < 0)
    return ri_error_errno(error, r, "%s cannot be written", UNIT_DROP_IN);
  return !root->is_host || system_manager_do("daemon-reload", NULL, SYSTEM_BUS_CALL_S, error);
}

gboolean isolation_set(const Root *root, const NicList *nics, const char *why, GError **error) {
  Overrides overrides = find_overrides(root);
  g_autofree char *text = drop_in_text(nics, why, &overrides);
  int r = root_file_write(root, RI_ISOLATION_FILE, text, strlen(text), 0644);

  if (r < 0)
    return ri_error_errno(error, r, "%s cannot be written, the machine is not kept off the wire", RI_ISOLATION_FILE);
  if (overrides.unmanaged_devices && overrides.managed && (!root->is_host || system_manager_runs()) &&
      !keep_from_starting(root, error))
    return FALSE;
  return !root->is_host || nm_configuration_reload(error);
}

/* NetworkManager looks at managed= only when it first sees a device, so after the stronger drop-ins it has to be
 * started anew: no device of it is up. */
static gboolean was_strong(const Root *root) {
  g_autoptr(GBytes) content = NULL;

  if (file_exists(root, UNIT_DROP_IN))
    return TRUE;
  if (!tree_read(root, RI_ISOLATION_FILE, &content, NULL, NULL) || content == NULL)
    return FALSE;
  gsize size = 0;
  const char *text = bytes_text(content, &size);
  return g_strstr_len(text, (gssize)size, DEVICE_SECTION) != NULL;
}

static gboolean take_devices_back(gboolean strong, GError **error) {
  if (!strong || !system_manager_runs())
    return nm_configuration_reload(error);
  return system_manager_do("daemon-reload", NULL, SYSTEM_BUS_CALL_S, error) &&
         system_manager_do("restart", "NetworkManager.service", MANAGER_START_S, error);
}

gboolean isolation_lift(const Root *root, gboolean *was_set, GError **error) {
  gboolean strong = was_strong(root);
  int r = root_file_remove(root, RI_ISOLATION_FILE);
  int unit = r < 0 ? 0 : root_file_remove(root, UNIT_DROP_IN);

  if (was_set != NULL)
    *was_set = r > 0;
  if (r < 0 || unit < 0)
    return ri_error_errno(error, r < 0 ? r : unit, "%s cannot be removed, the machine stays off the wire",
                          r < 0 ? RI_ISOLATION_FILE : UNIT_DROP_IN);
  return r == 0 || !root->is_host || take_devices_back(strong, error);
}

gboolean isolation_is_set(const Root *root) {
  return file_exists(root, RI_ISOLATION_FILE);
}
