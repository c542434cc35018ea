/* seal-checks.c - can what is sealed here ever be told from its copies, and will anything look? */
#include "seal-checks.h"

#include <fcntl.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "base/unit-enabled.h"
#include "observe/hostname.h"

#define UNIT "reset-identity.service"
#define DOOR_UNIT "reset-identity-door.service"

static const char *why_no_uuid(const Machine *machine) {
  if (!machine->policy.detect.uuid)
    return "the policy's [detect] signals leaves the product UUID out";
  return machine->facts.uuid.placeholder ? "its product UUID is a placeholder that many machines share"
                                         : "it has no product UUID";
}

gboolean seal_check_evidence(const Machine *machine, GError **error) {
  const DetectPolicy *detect = &machine->policy.detect;
  gboolean has_uuid = detect->uuid && machine->facts.uuid.present;
  gboolean has_mac = detect->mac && machine->facts.nics.count > 0;

  if (machine_is_sealed_from_outside(machine) || has_uuid || has_mac)
    return TRUE;
  return ri_error(
      error, RI_ERROR_FAILED,
      "no copy could be told from this machine, so nothing is sealed: %s, and %s. Give it a NIC or a product "
      "UUID of its own (or name what it has in [detect] signals) and seal it again, or seal its disk from "
      "outside: `reset-identity --root=DIR seal`",
      why_no_uuid(machine),
      detect->mac ? "it has no NIC with a permanent address" : "the policy's [detect] signals leaves the NICs out");
}

static gboolean has_directory(const Root *root, const char *path) {
  autofd fd = root_open_at(root, path, O_PATH | O_DIRECTORY);

  return fd >= 0;
}

static void warn_of_disabled(const Machine *machine, const char *unit, const char *consequence, GPtrArray *warnings) {
  gboolean live = machine->root.is_host;

  if (unit_is_enabled(&machine->root, unit))
    return;
  g_ptr_array_add(warnings,
                  g_strdup_printf("%s is not enabled: %s. Run `systemctl %s%s%senable %s`", unit, consequence,
                                  live ? "" : "--root=", live ? "" : machine->arguments->root, live ? "" : " ", unit));
}

void seal_warn_units(const Machine *machine, GPtrArray *warnings) {
  const Root *root = &machine->root;

  if (!has_directory(root, "/usr/lib/systemd/system") && !has_directory(root, "/lib/systemd/system"))
    return;
  warn_of_disabled(machine, UNIT, "no copy of this disk will see that it is one", warnings);
  if (tree_means_regular_file(root, RI_UNITDIR "/" DOOR_UNIT))
    warn_of_disabled(machine, DOOR_UNIT,
                     "a copy on which nothing could be decided goes on the network with the identity of this machine",
                     warnings);
}

void seal_warn_name(const Machine *machine, GPtrArray *warnings) {
  const char *hostname = machine->facts.hostname;
  const Policy *policy = &machine->policy;
  const gboolean only_hosts = policy->n_hosts > 0 && policy->unmatched == UNMATCHED_REFUSE;

  if (only_hosts || !hostname_is_everybodys(hostname) ||
      (policy->hostname != NULL && strstr(policy->hostname, "{template}") == NULL))
    return;
  g_ptr_array_add(warnings,
                  g_strdup_printf("/etc/hostname: %s%s, so that clones are called localhost-...: give this "
                                  "machine a name, or write hostname in [identity] of the policy",
                                  *hostname != '\0' ? "every machine has the name " : "there is no name", hostname));
}
