/* network-stack.c - the programs beside NetworkManager that configure NICs */
#include "network-stack.h"

#include <string.h>

#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "base/unit-enabled.h"
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
static const char *const dhcpcd_units[] = {"dhcpcd.service", "dhcpcd5.service", "dhcpcd@*.service", NULL};
static const char *const dhcpcd_programs[] = {"/usr/sbin/dhcpcd", "/sbin/dhcpcd", "/usr/bin/dhcpcd", NULL};
static const char *const dhclient_programs[] = {"/usr/sbin/dhclient", "/sbin/dhclient", NULL};
static const char *const wicked_units[] = {"wicked.service", "wickedd.service", NULL};
static const char *const connman_units[] = {"connman.service", NULL};
/* An instance for each file. */
static const char *const netctl_units[] = {"netctl.service", "netctl@*.service", "netctl-auto@*.service",
                                           "netctl-ifplugd@*.service", NULL};
/* What it makes of its files are profiles of NetworkManager: when that runs, and so after us. */
static const char *const nmstate_units[] = {"nmstate.service", NULL};
static const char *const wg_quick_units[] = {"wg-quick@*.service", NULL};
static const char *const frr_units[] = {"frr.service", "zebra.service", "quagga.service", NULL};
static const char *const keepalived_units[] = {"keepalived.service", NULL};
static const char *const ucarp_units[] = {"ucarp.service", "ucarp@*.service", NULL};
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
    {"netctl", netctl_units, NULL, netctl_read},
    {"nmstate", nmstate_units, NULL, nmstate_read},
    {"wg-quick", wg_quick_units, NULL, wg_quick_read},
    {"FRR", frr_units, NULL, frr_read},
    {"keepalived", keepalived_units, NULL, keepalived_read},
    {"ucarp", ucarp_units, NULL, ucarp_read},
    {"a script", NULL, NULL, scripts_read},
    {"a command", NULL, NULL, commands_read},
    {"cloud-init", cloud_init_units, NULL, cloud_init_read},
};
const gsize n_network_stacks = G_N_ELEMENTS(network_stacks);

static gboolean program_is_there(const Root *root, const char *path) {
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(root, path, places, NULL))
    return FALSE;
  list_each (const char *, place, places)
    if (tree_exists(root, place))
      return TRUE;
  return FALSE;
}

gboolean network_stack_is_enabled(const Root *root, const NetworkStack *stack) {
  for (gsize i = 0; stack->units != NULL && stack->units[i] != NULL; i++)
    if (unit_is_masked(root, stack->units[i]))
      return FALSE;
    else if (unit_is_enabled(root, stack->units[i]))
      return TRUE;
  for (gsize i = 0; stack->programs != NULL && stack->programs[i] != NULL; i++)
    if (program_is_there(root, stack->programs[i]))
      return TRUE;
  return stack->units == NULL && stack->programs == NULL;
}

gboolean network_stack_has_unit(const Root *root, const NetworkStack *stack) {
  for (gsize i = 0; stack->units != NULL && stack->units[i] != NULL; i++)
    if (unit_is_enabled(root, stack->units[i]))
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
    if (tree_exists(root, places[i]))
      return TRUE;
  return FALSE;
}

gboolean network_manager_is_started(const Root *root) {
  return network_manager_is_installed(root) && !unit_is_masked(root, "NetworkManager.service") &&
         unit_is_enabled(root, "NetworkManager.service");
}
