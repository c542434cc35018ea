/* networkd-live.h - systemd-networkd that runs takes what its files say: the row "systemd-networkd" of link-stacks.c.
 *
 * A step whose files it reads asks for it by plan_act_stack(plan, step, "systemd-networkd", nics, why); what makes
 * files for it first (netplan) has a row of its own whose `up` is networkd_up.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* networkd_runs: its unit is active. */
gboolean networkd_runs(const Root *root);

/* networkd_up: it reloads (systemd 244), and NICS that then lack an address of their files are configured anew. Where
 * that is not enough, NICS are flushed between its stop and its start: its machine-id, of which it makes the DUID, is
 * another one now, networkd.conf or a .netdev is newer than its start, or it is older. Static addresses of other NICs
 * are not touched. */
gboolean networkd_up(const Root *root, char **nics, GError **error);
