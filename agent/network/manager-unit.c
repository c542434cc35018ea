/* manager-unit.c - NetworkManager as a unit of systemd */
#include "manager-unit.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program.h"
#include "system/system-manager.h"

#define UNIT "NetworkManager.service"
#define DROP_IN "60-reset-identity-adapt.conf"
#define WATCH "reset-identity-take-back"
#define SYSTEMCTL "/usr/bin/systemctl"
#define SYSTEMD_RUN "/usr/bin/systemd-run"

enum { ASK_S = 10, RELOAD_S = 30, RESTART_S = 120 };

/* What PID 1 knows of the unit, "ActiveState=active" and "DropInPaths=...". FALSE: it does not say. Where it is not
 * systemd there is no unit. */
static gboolean ask(char **answer, GError **error) {
  static const char *const question[] = {SYSTEMCTL, "show", "--property=ActiveState,DropInPaths", UNIT, NULL};
  g_autoptr(GError) cause = NULL;

  *answer = NULL;
  if (!system_manager_may_have(UNIT))
    return TRUE;
  return program_run(question, ASK_S, answer, &cause) || !system_manager_runs() ||
         ri_error(error, RI_ERROR_NETWORK, "systemd does not say whether NetworkManager runs: %s", cause->message);
}

static gboolean has_state(const char *answer, const char *const *states) {
  const char *state = answer != NULL ? strstr(answer, "ActiveState=") : NULL;

  if (state == NULL)
    return FALSE;
  state += strlen("ActiveState=");
  g_autofree char *word = g_strndup(state, strcspn(state, "\n"));
  return g_strv_contains(states, word);
}

gboolean manager_unit_look(ManagerUnit *unit, GError **error) {
  static const char *const active[] = {"active", "reloading", "refreshing", NULL};
  g_autofree char *answer = NULL;

  *unit = UNIT_INACTIVE;
  if (!ask(&answer, error))
    return FALSE;
  if (!has_state(answer, active))
    return TRUE;
  /* PID 1 may not have read its units since the installation. */
  if (strstr(answer, DROP_IN) == NULL && system_manager_do("daemon-reload", NULL, RELOAD_S, NULL)) {
    g_clear_pointer(&answer, g_free);
    if (!ask(&answer, error))
      return FALSE;
  }
  *unit = answer != NULL && strstr(answer, DROP_IN) != NULL ? UNIT_READY : UNIT_UNKNOWING;
  return TRUE;
}

gboolean manager_unit_has_failed(void) {
  static const char *const failed[] = {"failed", "activating", NULL};
  g_autofree char *answer = NULL;

  return ask(&answer, NULL) && has_state(answer, failed);
}

gboolean manager_unit_restart(GError **error) {
  /* Five starts within ten seconds are the limit of a unit; ours are not its fault. */
  (void)system_manager_do("reset-failed", UNIT, ASK_S, NULL);
  return system_manager_do("restart", UNIT, RESTART_S, error);
}

/* The program that runs or, where it was updated since it was started, the one in its place. */
static char *own_path(GError **error) {
  static const char gone[] = " (deleted)";
  char *path = g_file_read_link("/proc/self/exe", error);

  if (path != NULL && g_str_has_suffix(path, gone))
    path[strlen(path) - strlen(gone)] = '\0';
  return path;
}

gboolean manager_unit_watch(int after_s, GError **error) {
  g_autofree char *self = own_path(error);
  g_autofree char *delay = g_strdup_printf("--on-active=%d", after_s);
  g_autofree char *name = g_strconcat("--unit=", WATCH, NULL);
  const char *const arguments[] = {SYSTEMD_RUN, "--quiet", "--collect", name, "--timer-property=AccuracySec=1s",
                                   delay,       self,      "take-back", NULL};

  manager_unit_release();
  if (self == NULL)
    return FALSE;
  /* An earlier run's is under way, and waits for our lock: it goes back as soon as we are dead. */
  if (program_run(arguments, ASK_S, NULL, NULL) || system_manager_is_active(WATCH ".service"))
    return TRUE;
  (void)system_manager_do("reset-failed", WATCH ".service", ASK_S, NULL);
  return program_run(arguments, ASK_S, NULL, error);
}

/* PID 1 has a file of a timer that was made while it runs. */
void manager_unit_release(void) {
  if (access("/run/systemd/transient/" WATCH ".timer", F_OK) == 0)
    (void)system_manager_do("stop", WATCH ".timer", ASK_S, NULL);
}
