/* netplan-live.c - netplan's back ends take what its files say */
#include "netplan-live.h"

#include "base/program.h"
#include "networkd-live.h"
#include "profiles/netplan/netplan-program.h"
#include "system/system-manager.h"

enum { GENERATE_S = 60, RELOAD_S = 60 };

gboolean netplan_prepare(const Root *root, GError **error) {
  const char *program = netplan_program();
  const char *const arguments[] = {program, NULL};

  return program == NULL || (program_run(arguments, GENERATE_S, NULL, error) &&
                             (!system_manager_runs() || system_manager_do("daemon-reload", NULL, RELOAD_S, error)));
}

gboolean netplan_runs(const Root *root) {
  return networkd_runs(root);
}

gboolean netplan_up(const Root *root, char **nics, GError **error) {
  return networkd_up(root, nics, error);
}
