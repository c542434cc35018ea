/* isolation.h - a clone that has no identity of its own yet stays off the wire.
 *
 * A drop-in below /run/NetworkManager/conf.d leaves every device unmanaged until the next boot or the next successful
 * `apply`. NetworkManager reads /etc after /run, so /etc may set the same key and win ([keyfile] unmanaged-devices);
 * then the drop-in says it in a second way too, a [device-...] section with managed=0. Each holds where /etc overrides
 * only the other (measured with 1.42). Where /etc overrides both, a drop-in of NetworkManager.service keeps it from
 * starting.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "observe/nics.h"

/* isolation_set: WHY and the cards of NICS (may be NULL) are written into the drop-in, for whoever finds it; it holds
 * for every device but lo, also for those whose driver comes later. On the host root a NetworkManager that already runs
 * is told to read its configuration again. Errors: RI_ERROR_FAILED. */
gboolean isolation_set(const Root *root, const NicList *nics, const char *why, GError **error);

/* isolation_lift: *WAS_SET (may be NULL) says whether there was anything to lift. A running NetworkManager reads its
 * configuration again and takes its devices back; after the second or third way it is restarted for that. Not being set
 * is no error. */
gboolean isolation_lift(const Root *root, gboolean *was_set, GError **error);

gboolean isolation_is_set(const Root *root);
