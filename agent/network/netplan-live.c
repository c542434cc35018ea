/* netplan-live.c - netplan's back ends take what its files say */
#include "netplan-live.h"

#include <unistd.h>

#include "base/program.h"
#include "networkd-live.h"
#include "system/system-manager.h"

enum { GENERATE_S = 60, RELOAD_S = 60 };

gboolean netplan_prepare(const Root *root, GError **error) {
  static const char *const programs[] = {"/usr/libexec/netplan/generate", "/usr/lib/netplan/generate",
                                         "/lib/netplan/generate"};

  for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
    const char *const arguments[] = {programs[i], NULL};
    if (access(programs[i], X_OK) != 0)
      continue;
    return program_run(arguments, GENERATE_S, NULL, error) &&
           (!system_manager_runs() || system_manager_do("daemon-reload", NULL, RELOAD_S, error));
  }
  return TRUE;
}

gboolean netplan_runs(const Root *root) {
  return networkd_runs(root);
}

gboolean netplan_up(const Root *root, char **nics, GError **error) {
  return networkd_up(root, nics, error);
}
