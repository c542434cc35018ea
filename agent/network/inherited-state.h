/* inherited-state.h - a NetworkManager that ran before us and is not running now: the one of the initramfs.
 *
 * It leaves the cards up, and in /run/NetworkManager/devices/IFINDEX which profile each has. The NetworkManager that
 * starts next takes them over as they are, so that a root file system on the network stays reachable: with a profile
 * that it does not find any more, and beside the new address the old one. This makes what was left fit the new
 * profiles.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "plan/plan.h"

/* inherited_state_adapt: after PLAN was committed, on the host root, with NetworkManager not running: in each device's
 * state the profile's new UUID for the old one, or none where the profile's addresses change, and off the card each
 * address that the old profile named and the new one does not. *ADAPTED (may be NULL) says whether there was any.
 * Errors: RI_ERROR_NETWORK. */
gboolean inherited_state_adapt(const Root *root, const Plan *plan, gboolean *adapted, GError **error);
