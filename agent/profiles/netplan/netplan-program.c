/* netplan-program.c - netplan's program that makes files for its back ends */
#include "netplan-program.h"

#include <stddef.h>
#include <unistd.h>

const char *const netplan_program_paths[] = {"/usr/libexec/netplan/configure", "/usr/libexec/netplan/generate",
                                             "/usr/lib/netplan/generate", "/lib/netplan/generate", NULL};

const char *netplan_program(void) {
  for (const char *const *path = netplan_program_paths; *path != NULL; path++)
    if (access(*path, X_OK) == 0)
      return *path;
  return NULL;
}
