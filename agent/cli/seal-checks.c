/* seal-checks.c - can what is sealed here ever be told from its copies, and will anything look? */
#include "seal-checks.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "commit/mount-point.h"
#include "observe/hostname.h"
#include "profiles/network-stack.h"

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

/* Is the record at or below PLACE? */
static gboolean holds_state(const char *place) {
  gsize length = strlen(place);

  return length > 1 && strncmp(RI_STATE_DIR "/", place, length) == 0 &&
         (RI_STATE_DIR "/")[length - (place[length - 1] == '/')] == '/';
}

static gboolean is_mounted(const Root *root, const char *place) {
  const char *name;
  struct statx info;
  g_autofree char *path = g_strdup(place);

  while (strlen(path) > 1 && g_str_has_suffix(path, "/"))
    path[strlen(path) - 1] = '\0';
  autofd parent = root_open_parent(root, path, &name);
  return parent >= 0 && statx(parent, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &info) == 0 &&
         is_mount_point(parent, name, &info);
}

/* *MISSING: a place that fstab mounts, and where nothing is mounted now. */
static gboolean look_at_fstab(const Root *root, char **missing, GError **error) {
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
  while (*missing == NULL && (entry = getmntent(stream)) != NULL) { // NOLINT(concurrency-mt-unsafe)
    g_autofree char *place = g_canonicalize_filename(entry->mnt_dir + strspn(entry->mnt_dir, "/"), "/");
    if (entry->mnt_dir[0] == '/' && holds_state(place) && !is_mounted(root, place))
      *missing = g_steal_pointer(&place);
  }
  (void)fclose(stream);
  return TRUE;
}

/* systemd.mount(5) instead of fstab: a unit that is called as its place is. NULL: none that is enabled. */
static const char *missing_by_unit(const Root *root, const char **unit) {
  static const struct {
    const char *place, *unit;
  } mounts[] = {{"/var", "var.mount"},
                {"/var/lib", "var-lib.mount"},
                {"/var/lib/reset-identity", "var-lib-reset\\x2didentity.mount"}};

  for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++) {
    *unit = mounts[i].unit;
    if (holds_state(mounts[i].place) && network_unit_is_enabled(root, *unit) && !is_mounted(root, mounts[i].place))
      return mounts[i].place;
  }
  return NULL;
}

gboolean seal_check_state(const Machine *machine, GError **error) {
  const char *where = "/etc/fstab";
  g_autofree char *missing = NULL;

  /* What runs has its own /var; whether it could be mounted is not ours to judge. */
  if (machine->root.is_host)
    return TRUE;
  if (!look_at_fstab(&machine->root, &missing, error))
    return FALSE;
  if (missing == NULL)
    missing = g_strdup(missing_by_unit(&machine->root, &where));
  if (missing == NULL)
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED,
                  "%s of this image is a file system of its own (%s) and is not mounted below %s: the record would be "
                  "written where no clone reads it. Mount it at %s%s, then seal again",
                  missing, where, machine->arguments->root, machine->arguments->root, missing);
}

static gboolean has_directory(const Root *root, const char *path) {
  autofd fd = root_open_at(root, path, O_PATH | O_DIRECTORY);

  return fd >= 0;
}

static void warn_of_disabled(const Machine *machine, const char *unit, const char *consequence, GPtrArray *warnings) {
  gboolean live = machine->root.is_host;

  if (network_unit_is_enabled(&machine->root, unit))
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
