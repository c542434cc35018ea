/* system-manager.h - what PID 1 is asked, on its private socket, and is asked to do, through systemctl: both work
 * before there is a bus. */
#pragma once

#include <glib.h>

/* system_manager_runs: PID 1 is systemd (sd_booted(3)). */
gboolean system_manager_runs(void);

/* system_manager_do: `systemctl VERB [UNIT]`, waited for at most TIMEOUT_S seconds. UNIT may be NULL. Errors:
 * RI_ERROR_FAILED with the words of systemctl. */
gboolean system_manager_do(const char *verb, const char *unit, int timeout_s, GError **error);

/* system_manager_restart: UNIT, waited for as above. PID 1 is told on its own socket: a cold systemctl is a
 * tenth of what a reset costs at the first boot. Where that does not end well, systemctl says why. */
gboolean system_manager_restart(const char *unit, int timeout_s, GError **error);

/* system_manager_may_have: UNIT, a service, has perhaps started something since the boot; else it is not active. Nobody
 * is asked. */
gboolean system_manager_may_have(const char *unit);

/* system_manager_is_active: UNIT, by its own name, is active. Where PID 1 does not answer: a service that has started
 * and not ended. */
gboolean system_manager_is_active(const char *unit);

/* system_manager_queue: the same without waiting for it. */
gboolean system_manager_queue(const char *verb, const char *unit, GError **error);

/* system_manager_is_due: PID 1 starts UNIT just now, or has a job for it. FALSE where it does not answer. */
gboolean system_manager_is_due(const char *unit);

/* system_manager_reexecute: PID 1 is told on its private socket to begin anew, and has begun when this returns. Whether
 * it did, it tells itself: ask it what it should know then. */
void system_manager_reexecute(void);

/* system_manager_machine_id: the id that PID 1 itself answers with, asked on its private socket, which is there before
 * the bus is; else on the bus. NULL: it does not answer. The caller frees. */
char *system_manager_machine_id(void);
