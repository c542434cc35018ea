/* isolation.c - a clone that has no identity of its own yet stays off the wire */
#include "isolation.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/system-bus.h"
#include "base/tree.h"
#include "early-nics.h"
#include "held-units.h"
#include "lifted-file.h"
#include "nm-configuration.h"
#include "system/system-manager.h"

#define DEVICE_SECTION "[device-reset-identity-isolate]"
/* What containers and virtual machines have on the host is theirs. */
#define ALL_BUT_LOOPBACK                                                                                               \
  "*,except:interface-name:lo,except:interface-name:docker*,except:interface-name:podman*,except:interface-name:cni*," \
  "except:interface-name:lxc*,except:interface-name:lxd*,except:interface-name:incus*,except:interface-name:virbr*,"   \
  "except:interface-name:vnet*,except:interface-name:ve-*,except:interface-name:vb-*"
#define HARDWARE_NAMES "en* eth* ib* wl* ww* sl*"

enum { MANAGER_START_S = 30, FORGET_S = 10 };

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

/* What stands at the head of each file, for whoever finds it. */
static GString *explanation(const NicList *nics, const char *why) {
  g_autofree char *line = g_strdelimit(g_strdup(why), "\r\n", ' ');
  GString *text = g_string_new("# Written by reset-identity: this machine stays off the network.\n");

  g_string_append_printf(text, "# Why: %s\n# After the fix: reset-identity apply\n", line);
  for (gsize i = 0; nics != NULL && i < nics->count; i++)
    g_string_append_printf(text, "# NIC: %s %s\n", nics->items[i].name, nics->items[i].mac);
  return text;
}

/* A NIC that NetworkManager has, and that must not go down, stays managed: told to leave it alone it would take it
 * down. */
static gboolean is_managed(const Root *root, const Root *hardware, const char *nic) {
  g_autofree char *index_path = g_strdup_printf("/sys/class/net/%s/ifindex", nic);
  char index[16];

  if (root_read_line(hardware, index_path, index, sizeof index) <= 0)
    return FALSE;
  g_autofree char *state = g_strdup_printf("/run/NetworkManager/devices/%s", index);
  return root_exists(root, state);
}

static char *manager_devices(const Root *root, const Root *hardware, char **kept) {
  GString *devices = g_string_new(ALL_BUT_LOOPBACK);

  for (char **nic = kept; *nic != NULL; nic++)
    if (is_managed(root, hardware, *nic))
      g_string_append_printf(devices, ",except:interface-name:%s", *nic);
  return g_string_free(devices, FALSE);
}

static gboolean write_file(const Root *root, const char *path, const GString *text, GError **error) {
  int r = root_file_write(root, path, text->str, text->len, 0644);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be written, the machine is not kept off the network", path);
}

/* Not started at all: where its own way fails, or /etc overrides it. */
static gboolean hold_instead(const Root *root, const char *unit, GError **error) {
  const char *const units[] = {unit, NULL};
  g_autoptr(GError) cause = NULL;

  if (held_unit_is_heeded(root, unit) && held_units_hold(root, units, &cause)) {
    g_clear_error(error);
    return TRUE;
  }
  if (error != NULL && *error == NULL)
    (void)ri_error(error, RI_ERROR_FAILED, "%s is not kept from starting: %s", unit,
                   cause != NULL ? cause->message : "its drop-in 50-reset-identity.conf is not installed");
  return FALSE;
}

static gboolean hold_manager(const Root *root, const Root *hardware, GString *text, char **kept, GError **error) {
  Overrides overrides = find_overrides(root);
  g_autofree char *devices = manager_devices(root, hardware, kept);

  g_string_append_printf(text, "\n[keyfile]\nunmanaged-devices=%s\n", devices);
  if (overrides.unmanaged_devices)
    g_string_append_printf(text, "\n" DEVICE_SECTION "\nmatch-device=%s\nmanaged=0\n", devices);
  if (!write_file(root, RI_ISOLATION_FILE, text, error))
    return hold_instead(root, "NetworkManager", error);
  if (overrides.unmanaged_devices && overrides.managed && (!root->is_host || system_manager_runs()))
    return hold_instead(root, "NetworkManager", error);
  return TRUE;
}

static gboolean hold_networkd(const Root *root, const NicList *nics, GString *text, GError **error) {
  g_string_append(text, "\n[Match]\nName=" HARDWARE_NAMES);
  for (gsize i = 0; nics != NULL && i < nics->count; i++)
    g_string_append_printf(text, " %s", nics->items[i].name);
  g_string_append(text, "\n\n[Link]\nUnmanaged=yes\n");
  return write_file(root, RI_NETWORKD_ISOLATION_FILE, text, error) || hold_instead(root, "systemd-networkd", error);
}

static gboolean hold_others(const Root *root, GError **error) {
  g_auto(GStrv) units = held_units();
  g_autoptr(GPtrArray) others = g_ptr_array_new();

  for (char **unit = units; *unit != NULL; unit++)
    if (strcmp(*unit, "NetworkManager") != 0 && strcmp(*unit, "systemd-networkd") != 0)
      g_ptr_array_add(others, *unit);
  g_ptr_array_add(others, NULL);
  return held_units_hold(root, (const char *const *)others->pdata, error);
}

static void say_kept(char **kept, GPtrArray *said) {
  for (char **nic = kept; said != NULL && *nic != NULL; nic++)
    g_ptr_array_add(said,
                    g_strdup_printf("%s is not taken down: the root file system or the initramfs (ip=) has set it up, "
                                    "and it keeps the address that it has",
                                    *nic));
}

/* Each way is tried whatever became of the others. */
gboolean isolation_set(const Root *root, const Root *hardware, const NicList *nics, const char *why, GPtrArray *said,
                       GError **error) {
  g_auto(GStrv) kept = early_nics(hardware);
  g_autoptr(GString) manager = explanation(nics, why);
  g_autoptr(GString) networkd = explanation(nics, why);
  gboolean good = hold_manager(root, hardware, manager, kept, error);

  good &= hold_networkd(root, nics, networkd, good ? error : NULL);
  good &= hold_others(root, good ? error : NULL);
  say_kept(kept, said);
  return good && (!root->is_host || nm_configuration_reload(error));
}

/* NetworkManager looks at managed= only when it first sees a device, so after the stronger drop-ins it has to be
 * started anew: no device of it is up. */
static gboolean was_strong(const Root *root) {
  g_autofree char *lifted = lifted_name(RI_ISOLATION_FILE);
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(root, lifted, &content, NULL, NULL) || content == NULL)
    return FALSE;
  gsize size = 0;
  const char *text = bytes_text(content, &size);
  return g_strstr_len(text, (gssize)size, DEVICE_SECTION) != NULL;
}

static gboolean tell_manager(const Root *root, GError **error) {
  if (!was_strong(root) || !system_manager_runs())
    return nm_configuration_reload(error);
  return !system_manager_is_active("NetworkManager.service") ||
         system_manager_do("try-restart", "NetworkManager.service", MANAGER_START_S, error);
}

static gboolean tell_networkd(const Root *root, GError **error) {
  return !system_manager_runs() || !system_manager_is_active("systemd-networkd.service") ||
         system_manager_do("try-restart", "systemd-networkd.service", MANAGER_START_S, error);
}

static gboolean lift(const Root *root, const char *path, gboolean (*tell)(const Root *root, GError **error),
                     gboolean *due, GError **error) {
  return lifted_begin(root, path, due, error) && (!*due || !root->is_host || tell(root, error)) &&
         lifted_end(root, path, error);
}

gboolean isolation_lift(const Root *root, gboolean *was_set, GError **error) {
  gboolean manager = FALSE, networkd = FALSE, held = FALSE;

  gboolean good = lift(root, RI_ISOLATION_FILE, tell_manager, &manager, error) &&
                  lift(root, RI_NETWORKD_ISOLATION_FILE, tell_networkd, &networkd, error) &&
                  held_units_release(root, root->is_host, &held, error);
  if (was_set != NULL)
    *was_set = manager || networkd || held;
  return good;
}

void isolation_forget_failures(void) {
  static const char *const units[] = {"reset-identity.service", "reset-identity-door.service"};

  for (gsize i = 0; system_manager_runs() && i < G_N_ELEMENTS(units); i++)
    (void)system_manager_do("reset-failed", units[i], FORGET_S, NULL);
}

gboolean isolation_is_set(const Root *root) {
  return root_exists(root, RI_ISOLATION_FILE) || root_exists(root, RI_NETWORKD_ISOLATION_FILE) ||
         held_units_any(root) || isolation_is_being_lifted(root);
}

gboolean isolation_is_being_lifted(const Root *root) {
  return lifted_is_due(root, RI_ISOLATION_FILE) || lifted_is_due(root, RI_NETWORKD_ISOLATION_FILE) ||
         held_units_any_due(root);
}
