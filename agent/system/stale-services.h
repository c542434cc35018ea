/* stale-services.h - which long-running programs still carry the machine's old machine-id.
 *
 * The evidence is what a process has loaded and what it holds, never a list of names:
 *
 *   knows   its program or a library mapped into it contains the path of the machine-id file: it may have read the old
 *           id and kept it
 *   holds   the old id itself, as 32 hex digits or as 16 bytes, lies in its writable memory
 *
 * A process that knows, and whose memory could be searched without finding the id, is not listed. Where memory cannot
 * be read (no CAP_SYS_PTRACE) or the time for it is over, it is listed as "may". Nothing that is read is kept or shown.
 * Kernel threads and this program are left out.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct {
  char *unit;       /* systemd unit from /proc/PID/cgroup: "cron.service"; "" when it has none */
  char *command;    /* /proc/PID/comm */
  pid_t pid;        /* the first process of the unit that was found */
  gboolean certain; /* TRUE: it holds the old id; FALSE: it may */
} StaleService;

/* stale_services_find: one StaleService per unit (processes without one each for themselves), sorted by unit. OLD_ID is
 * 32 hex digits. PROC is "/proc"; a test gives another. Errors: RI_ERROR_FAILED when PROC cannot be listed. */
GPtrArray *stale_services_find(const char *proc, const char *old_id, GError **error);
void stale_service_free(StaleService *service);
