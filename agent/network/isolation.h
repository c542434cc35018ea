/* isolation.h - a clone that has no identity of its own yet stays off the wire.
 *
 * Each stack by its own way, until the next boot or the next successful `apply`:
 *
 * - NetworkManager: a drop-in below /run/NetworkManager/conf.d/ leaves every device unmanaged. It reads /etc after
 * /run, so /etc may set the same key and win ([keyfile] unmanaged-devices); then the drop-in says it in a second way
 * too, a [device-...] section with managed=0. Each holds where /etc overrides only the other (measured with 1.42).
 * Where /etc overrides both, or the drop-in cannot be written, NetworkManager is held.
 * - systemd-networkd, netplan's output for it included: a .network file below /run that comes before all others.
 * - ifupdown, wicked, dhcpcd, connman, RHEL's network scripts: held, that is, not started (held-units.h).
 *
 * What containers and virtual machines have on the host is left alone. A NIC that the root file system or the initramfs
 * has up (early-nics.h) is not taken down: that would hang the machine.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "observe/nics.h"

/* isolation_set: WHY and the NICs of NICS (may be NULL) are written into the files, for whoever finds them; it holds
 * for NICs whose driver comes later, too. What it leaves up is added to SAID (char*, may be NULL). On the host root a
 * NetworkManager that already runs is told to read its configuration again. Errors: RI_ERROR_FAILED; what could be
 * isolated is. */
gboolean isolation_set(const Root *root, const Root *hardware, const NicList *nics, const char *why, GPtrArray *said,
                       GError **error);

/* isolation_lift: *WAS_SET (may be NULL) says whether there was anything to lift. A running NetworkManager reads its
 * configuration again and takes its devices back; after the second way it is restarted for that. What was held and is
 * enabled is started. What is lifted counts as set until all of them know, and the next lift tells them again. Not
 * being set is no error. */
gboolean isolation_lift(const Root *root, gboolean *was_set, GError **error);

/* isolation_forget_failures: when a person has lifted it, the units that kept the machine off the wire at boot no
 * longer count as failed. Best effort. */
void isolation_forget_failures(void);

gboolean isolation_is_set(const Root *root);

/* isolation_is_being_lifted: a lift has begun and not ended. */
gboolean isolation_is_being_lifted(const Root *root);
