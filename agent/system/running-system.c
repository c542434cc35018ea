/* running-system.c - actions of the machine that runs */
#include "running-system.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program.h"
#include "base/system-bus.h"
#include "journal-directory.h"
#include "observe/hostname.h"
#include "system-manager.h"

enum { POWER_OFF_S = 30, MACHINE_ID_SIZE = 33 };

static const BusObject hostnamed = {"org.freedesktop.hostname1", "/org/freedesktop/hostname1",
                                    "org.freedesktop.hostname1"};

gboolean running_hostname(const Action *action, const Surroundings *around, GError **error) {
  char name[HOSTNAME_SIZE];
  char spelling[HOSTNAME_SIZE];
  char known_name[HOSTNAME_SIZE];
  int r = hostname_read(around->root, name, sizeof name, NULL);

  if (r < 0)
    return ri_error_errno(error, r, "/etc/hostname");
  if (*name == '\0')
    return TRUE;
  hostname_read_spelling(around->root, spelling, sizeof spelling);
  if (hostname_is_pattern(spelling)) {
    g_ptr_array_add(around->warnings,
                    g_strdup_printf("/etc/hostname: systemd makes the host name of %s when the machine "
                                    "boots: until then it keeps the one that it has.",
                                    spelling));
    return TRUE;
  }
  if (sethostname(name, strlen(name)) < 0)
    return ri_error_errno(error, -errno, "the kernel does not take the host name %s", name);
  sd_bus *bus = (around->has & NEEDS_BUS) != 0 ? system_bus() : NULL;
  g_autofree char *known = system_bus_property(bus, &hostnamed, "StaticHostname");
  if (known == NULL)
    return TRUE;
  hostname_parse(known, known_name, sizeof known_name);
  if (strcmp(known_name, name) == 0)
    return TRUE;
  return system_bus_call(bus, &hostnamed, "SetStaticHostname", NULL, error, "sb", name, 0);
}

static void move_journals(const Surroundings *around, char *const *old_ids, const char *new_id, GPtrArray *warnings) {
  for (; *old_ids != NULL; old_ids++) {
    if (strcmp(*old_ids, new_id) == 0)
      continue;
    journal_directories_follow(around->root, "/var/log/journal", *old_ids, new_id, warnings);
    if ((around->has & NEEDS_LIVE) != 0)
      journal_directories_follow(around->root, "/run/log/journal", *old_ids, new_id, warnings);
  }
}

static gboolean manager_has(const char *id, char **found) {
  g_free(*found);
  *found = system_manager_machine_id();
  return g_strcmp0(*found, id) == 0;
}

/* Where PID 1 does not do it by its socket, systemctl says why; the next question is answered by the new program. */
static gboolean reexecute(const char *new_id, int limit_s, GError **error) {
  g_autofree char *id = NULL;

  system_manager_reexecute();
  if (manager_has(new_id, &id))
    return TRUE;
  if (!system_manager_do("daemon-reexec", NULL, limit_s, error))
    return FALSE;
  if (manager_has(new_id, &id))
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED, "PID 1 still answers with the machine-id %s, not %s",
                  id != NULL ? id : "(none)", new_id);
}

static void warn_of_others(const Surroundings *around) {
  if (!around->at_boot)
    g_ptr_array_add(around->warnings, g_strdup("Programs that were started before, the system bus among them, keep the "
                                               "old machine-id until they are restarted: a reboot restarts all."));
}

gboolean running_machine_id(const Action *action, const Surroundings *around, GError **error) {
  const int limit_s = (int)action->time_limit_s;
  g_auto(GStrv) old_ids = g_strsplit(action->data != NULL ? action->data : "", " ", -1);
  char id[MACHINE_ID_SIZE + 1];

  if (root_read_line(around->root, "/etc/machine-id", id, sizeof id) != MACHINE_ID_SIZE - 1)
    return TRUE;
  move_journals(around, old_ids, id, around->warnings);
  if ((around->has & NEEDS_LIVE) == 0 || !system_manager_runs())
    return TRUE;
  if (!reexecute(id, limit_s, error) || !system_manager_restart("systemd-journald.service", limit_s, error))
    return FALSE;
  /* What journald may have made under an old id between the move and its restart. */
  move_journals(around, old_ids, id, NULL);
  warn_of_others(around);
  return TRUE;
}

gboolean running_unit(const Action *action, const Surroundings *around, GError **error) {
  if (!system_manager_runs() || (g_str_has_prefix(action->verb, "try-") && !system_manager_is_active(action->object)))
    return TRUE;
  if (around->at_boot)
    return system_manager_queue(action->verb, action->object, error);
  return system_manager_do(action->verb, action->object, (int)action->time_limit_s, error);
}

gboolean running_program(const Action *action, const Surroundings *around, GError **error) {
  g_auto(GStrv) arguments = g_strsplit(action->data != NULL ? action->data : "", "\n", -1);
  g_autoptr(GPtrArray) vector = g_ptr_array_new();

  g_ptr_array_add(vector, action->object);
  for (char **argument = arguments; *argument != NULL; argument++)
    g_ptr_array_add(vector, *argument);
  g_ptr_array_add(vector, NULL);
  return program_run((const char *const *)vector->pdata, action->time_limit_s, NULL, error);
}

gboolean running_power_off(GError **error) {
  return system_manager_do("poweroff", NULL, POWER_OFF_S, error);
}
