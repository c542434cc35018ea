/* network-stack.c - the programs beside NetworkManager that configure NICs */
#include "network-stack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/tree.h"
#include "static-address.h"

static const char *const ifcfg_units[] = {"network.service", NULL};
/* The scripts of RHEL up to 8, and NetworkManager's plugin for the same files: below a directory of its version. */
static const char *const ifcfg_programs[] = {"/etc/sysconfig/network-scripts/ifup", "/etc/init.d/network",
                                             "/usr/lib64/NetworkManager/*/libnm-settings-plugin-ifcfg-rh.so",
                                             "/usr/lib/NetworkManager/*/libnm-settings-plugin-ifcfg-rh.so", NULL};
static const char *const netplan_programs[] = {"/usr/sbin/netplan",
                                               "/usr/lib/systemd/system-generators/netplan",
                                               "/lib/systemd/system-generators/netplan",
                                               "/lib/netplan/generate",
                                               "/usr/libexec/netplan/generate",
                                               NULL};
static const char *const networkd_units[] = {"systemd-networkd.service", "systemd-networkd.socket",
                                             "dbus-org.freedesktop.network1.service", NULL};
static const char *const ifupdown_units[] = {"networking.service", NULL};
static const char *const ifupdown_programs[] = {"/usr/sbin/ifup", "/sbin/ifup", NULL};
static const char *const dhcpcd_units[] = {"dhcpcd.service", "dhcpcd5.service", NULL};
static const char *const dhcpcd_programs[] = {"/usr/sbin/dhcpcd", "/sbin/dhcpcd", "/usr/bin/dhcpcd", NULL};
static const char *const dhclient_programs[] = {"/usr/sbin/dhclient", "/sbin/dhclient", NULL};
static const char *const wicked_units[] = {"wicked.service", "wickedd.service", NULL};
static const char *const connman_units[] = {"connman.service", NULL};
/* Not a stack: it renders the files of one, when we are done. */
static const char *const cloud_init_units[] = {"cloud-init-local.service", NULL};

const NetworkStack network_stacks[] = {
    {"ifcfg", ifcfg_units, ifcfg_programs, ifcfg_read},
    {"netplan", NULL, netplan_programs, netplan_read},
    {"systemd-networkd", networkd_units, NULL, networkd_read},
    {"ifupdown", ifupdown_units, ifupdown_programs, ifupdown_read},
    {"dhclient", NULL, dhclient_programs, dhclient_read},
    {"dhcpcd", dhcpcd_units, dhcpcd_programs, dhcpcd_read},
    {"wicked", wicked_units, NULL, wicked_read},
    {"connman", connman_units, NULL, connman_read},
    {"cloud-init", cloud_init_units, NULL, cloud_init_read},
};
const gsize n_network_stacks = G_N_ELEMENTS(network_stacks);

static gboolean is_there(const Root *root, const char *path) {
  int fd = root_open_at(root, path, O_PATH, 0);

  if (fd >= 0)
    (void)close(fd);
  return fd >= 0;
}

/* DIRECTORY/SUB/NAME, for each SUB there is. */
static gboolean is_in_some(const Root *root, const char *directory, const char *ending, const char *name) {
  g_auto(GStrv) subs = tree_list(root, directory, NULL);

  for (char **sub = subs; sub != NULL && *sub != NULL; sub++) {
    g_autofree char *path = g_build_filename(directory, *sub, NULL);
    if (!g_str_has_suffix(*sub, ending))
      continue;
    g_auto(GStrv) names = tree_list(root, path, NULL);
    if (names != NULL && g_strv_contains((const char *const *)names, name))
      return TRUE;
  }
  return FALSE;
}

/* A link to it in the folder of a target, or an alias of its own in /etc; dangling ones count, the link is what
 * `systemctl enable` makes. */
gboolean network_unit_is_enabled(const Root *root, const char *unit) {
  static const char *const directories[] = {"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
                                            "/lib/systemd/system", NULL};
  g_auto(GStrv) own = tree_list(root, directories[0], NULL);

  for (gsize i = 0; directories[i] != NULL; i++)
    if (is_in_some(root, directories[i], ".wants", unit) || is_in_some(root, directories[i], ".requires", unit))
      return TRUE;
  return own != NULL && g_str_has_prefix(unit, "dbus-") && g_strv_contains((const char *const *)own, unit);
}

static gboolean unit_is_masked(const Root *root, const char *unit) {
  g_autofree char *path = g_build_filename("/etc/systemd/system", unit, NULL);
  char target[sizeof "/dev/null"] = "";
  const char *name;
  int directory = root_open_parent(root, path, &name);

  if (directory < 0)
    return FALSE;
  gssize length = readlinkat(directory, name, target, sizeof target - 1);
  (void)close(directory);
  return length > 0 && strcmp(target, "/dev/null") == 0;
}

static gboolean program_is_there(const Root *root, const char *path) {
  const char *star = strstr(path, "/*/");

  if (star == NULL)
    return is_there(root, path);
  g_autofree char *directory = g_strndup(path, (gsize)(star - path));
  return is_in_some(root, directory, "", star + strlen("/*/"));
}

gboolean network_stack_is_enabled(const Root *root, const NetworkStack *stack) {
  for (gsize i = 0; stack->units != NULL && stack->units[i] != NULL; i++)
    if (unit_is_masked(root, stack->units[i]))
      return FALSE;
    else if (network_unit_is_enabled(root, stack->units[i]))
      return TRUE;
  for (gsize i = 0; stack->programs != NULL && stack->programs[i] != NULL; i++)
    if (program_is_there(root, stack->programs[i]))
      return TRUE;
  return FALSE;
}

gboolean network_stack_has_unit(const Root *root, const NetworkStack *stack) {
  for (gsize i = 0; stack->units != NULL && stack->units[i] != NULL; i++)
    if (network_unit_is_enabled(root, stack->units[i]))
      return TRUE;
  return FALSE;
}

const NetworkStack *network_stack_named(const char *name) {
  for (gsize i = 0; i < n_network_stacks; i++)
    if (strcmp(network_stacks[i].name, name) == 0)
      return &network_stacks[i];
  g_assert_not_reached();
}

gboolean network_manager_is_installed(const Root *root) {
  static const char *const places[] = {"/usr/sbin/NetworkManager", "/usr/lib/systemd/system/NetworkManager.service",
                                       "/lib/systemd/system/NetworkManager.service"};

  for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
    if (is_there(root, places[i]))
      return TRUE;
  return FALSE;
}

gboolean network_manager_is_started(const Root *root) {
  return network_manager_is_installed(root) && !unit_is_masked(root, "NetworkManager.service") &&
         network_unit_is_enabled(root, "NetworkManager.service");
}
