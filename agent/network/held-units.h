/* held-units.h - units that bring NICs up and are not started: units/hold.conf is a drop-in of each that heeds a file.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* held_units: names without their suffix; RI_HELD_UNITS. NULL-terminated, the caller frees with g_strfreev. */
char **held_units(void);

/* held_units_hold: UNITS are not started before they are released. RI_ERROR_FAILED: a file cannot be written. */
gboolean held_units_hold(const Root *root, const char *const *units, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* held_unit_is_heeded: the drop-in of UNIT is installed. */
gboolean held_unit_is_heeded(const Root *root, const char *unit);

/* held_unit_instances: what is enabled of UNIT's instances: "netctl@lan.service". Adds to UNITS (char*). */
gboolean held_unit_instances(const Root *root, const char *unit, GPtrArray *units,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* held_units_release: all of them. LIVE: those that the boot would have started are started now. *WAS_HELD: there was
 * one. */
gboolean held_units_release(const Root *root, gboolean live, gboolean *was_held,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* held_units_any: one is held, or was and has not been started yet. held_units_any_due: the latter. */
gboolean held_units_any(const Root *root);
gboolean held_units_any_due(const Root *root);
