/* running-system.h - actions of the machine that runs: the kernel, hostnamed, PID 1, journald and the units speak with
 * the identity that the files have.
 *
 * Each converges: it can be done again without harm, so that one list serves a run, its way back and recovery. They
 * work early in the boot, when there is no bus yet, and on a machine that has been up for long. Each wait ends. What an
 * action cannot do although it has done its work is a warning.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "plan/plan.h"

/* What an action finds around it. */
typedef struct {
  const Root *root;    /* the files */
  ActionNeeds has;     /* what there is of that which an action may need */
  gboolean at_boot;    /* what waits for us must not be waited for */
  GPtrArray *warnings; /* char* */
} Surroundings;

/* running_hostname: sethostname(2) to what /etc/hostname says; then, where a bus is up and hostnamed can be asked,
 * SetStaticHostname, but only if hostnamed has not seen by itself what the file says: it would write the file again. */
gboolean running_hostname(const Action *action, const Surroundings *around, GError **error);

/* running_machine_id: the journal's directories that are named by one of the ids in the action's data ("ID ID") are
 * named by the one in /etc/machine-id; on a live machine PID 1 is executed again and journald restarted, and it is
 * waited for until PID 1 answers with the id. No message of this boot is lost: journald's entries are in the directory
 * that moves along. */
gboolean running_machine_id(const Action *action, const Surroundings *around, GError **error);

/* running_unit: the action's verb on its object, by PID 1; "try-..." only where the unit runs. At boot it is only
 * queued: a unit that waits for us would never come. */
gboolean running_unit(const Action *action, const Surroundings *around, GError **error);

/* running_program: the action's object with its data as arguments, a line each. */
gboolean running_program(const Action *action, const Surroundings *around, GError **error);

/* running_power_off: ask PID 1 to shut the machine down and return. */
gboolean running_power_off(GError **error);
