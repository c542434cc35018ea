/* running-system.c - after the commit */
#include "running-system.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/system-bus.h"
#include "journal-directory.h"
#include "system-manager.h"

static const BusObject hostnamed = {"org.freedesktop.hostname1", "/org/freedesktop/hostname1",
                                    "org.freedesktop.hostname1"};
static const char *const journals[] = {"/run/log/journal", "/var/log/journal"};

gboolean running_hostname_set(const char *name, GError **error) {
  if (sethostname(name, strlen(name)) < 0)
    return ri_error_errno(error, -errno, "the kernel does not take the host name %s", name);
  g_autoptr(sd_bus) bus = system_bus_open();
  g_autofree char *known = system_bus_property(bus, &hostnamed, "StaticHostname");
  if (known == NULL || strcmp(known, name) == 0)
    return TRUE;
  return system_bus_call(bus, &hostnamed, "SetStaticHostname", NULL, error, "sb", name, 0);
}

static gboolean move_journals(const char *old_id, const char *new_id, GError **error) {
  for (gsize i = 0; *old_id != '\0' && i < G_N_ELEMENTS(journals); i++)
    if (!journal_directory_move(journals[i], old_id, new_id, error))
      return FALSE;
  return TRUE;
}

/* daemon-reexec returns when PID 1 has begun; the next question is answered by the new program. */
static gboolean reexecute(const char *new_id, GError **error) {
  if (!system_manager_do("daemon-reexec", NULL, RUNNING_TIMEOUT_S, error))
    return FALSE;
  g_autofree char *id = system_manager_machine_id();
  if (g_strcmp0(id, new_id) == 0)
    return TRUE;
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "PID 1 still answers with the machine-id %s, not %s: reboot",
              id != NULL ? id : "(none)", new_id);
  return FALSE;
}

gboolean running_machine_id_adopt(const char *old_id, const char *new_id, GError **error) {
  if (strcmp(old_id, new_id) == 0)
    return TRUE;
  if (!move_journals(old_id, new_id, error))
    return FALSE;
  if (!system_manager_runs())
    return TRUE;
  if (!reexecute(new_id, error) || !system_manager_do("restart", "systemd-journald.service", RUNNING_TIMEOUT_S, error))
    return FALSE;
  /* What journald may have made under the old id between the move and its restart. */
  return move_journals(old_id, new_id, error);
}

gboolean running_power_off(GError **error) {
  return system_manager_do("poweroff", NULL, RUNNING_TIMEOUT_S, error);
}
