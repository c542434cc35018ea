/* running-system.h - after the commit: the kernel, hostnamed, PID 1 and journald speak with the new name and id.
 *
 * Only for the host root. Everything here can be done again without harm, so that a run which recovers an open
 * transaction calls it too. Works early in the boot, when there is no bus yet, and on a machine that has been up for
 * long. Each wait ends (RUNNING_TIMEOUT_S).
 */
#pragma once

#include <glib.h>

enum { RUNNING_TIMEOUT_S = 30 };

/* running_hostname_set: sethostname(2); then, where a bus is up and hostnamed can be asked, SetStaticHostname, but only
 * if hostnamed has not seen by itself what /etc/hostname says now: hostnamed would write the file anew. */
gboolean running_hostname_set(const char *name, GError **error);

/* running_machine_id_adopt: move /run/log/journal/OLD to NEW (where NEW is not there), have PID 1 re-executed and
 * journald restarted, and wait until PID 1 answers with NEW. No message of this boot is lost: journald's entries are in
 * the directory that moves along. Where systemd does not run (a container, a namespace) only the directory moves.
 * OLD may be "" (there was none). Errors: RI_ERROR_FAILED; the files are right all the same and a reboot finishes it.
 */
gboolean running_machine_id_adopt(const char *old_id, const char *new_id, GError **error);

/* running_power_off: ask PID 1 to shut the machine down and return. */
gboolean running_power_off(GError **error);
