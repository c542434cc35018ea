/* manager-unit.h - NetworkManager as a unit of systemd: one job of PID 1 restarts it, and a timer goes back without us.
 */
#pragma once

#include <glib.h>

#include "libnm.h"

typedef enum {
  UNIT_INACTIVE,  /* it does not run as a unit */
  UNIT_UNKNOWING, /* it runs, but its start does not adapt what it inherits: the drop-in is not installed */
  UNIT_READY,
} ManagerUnit;

/* manager_unit_look: RI_ERROR_NETWORK where PID 1 is systemd and does not say. */
gboolean manager_unit_look(ManagerUnit *unit, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* manager_unit_has_failed: it ended, and nobody stopped it; PID 1 may be about to start it again. */
gboolean manager_unit_has_failed(void);

/* manager_unit_restart: the files must be in place. One job, never a stop and a start: units that require
 * NetworkManager come along, and PID 1 ends it even when we are gone. */
gboolean manager_unit_restart(GError **error);

/* manager_unit_watch: unless manager_unit_release comes within AFTER_S seconds, PID 1 runs `reset-identity take-back`,
 * or does so already and waits for our lock. */
gboolean manager_unit_watch(int after_s, GError **error);
void manager_unit_release(void);
