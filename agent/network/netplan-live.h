/* netplan-live.h - netplan's back ends take what its files say: the row "netplan" of link-stacks.c.
 *
 * Netplan runs nothing itself: it makes files for networkd and NetworkManager, in a generator of PID 1 that has run
 * before any unit of a boot, or (since 1.2) in a unit that waits for ours. NetworkManager's restart is an action of its
 * own behind this one.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* netplan_prepare: makes the back ends' files anew, and PID 1 reads what they start; where netplan is not installed
 * there is nothing to make. */
gboolean netplan_prepare(const Root *root, GError **error);

/* netplan_runs, netplan_up: networkd. */
gboolean netplan_runs(const Root *root);
gboolean netplan_up(const Root *root, char **nics, GError **error);
