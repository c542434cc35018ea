/* address-detection.h - NetworkManager's own look for an IPv4 address before it uses it, left out for a moment.
 *
 * 1.42 does not look unless it is told to, 1.52 does, for 200 ms: for so long each activation leaves the card without
 * its address. Where a profile keeps the addresses that its card has, they are this machine's: while it is activated, a
 * drop-in below /run sets the default of ipv4.dad-timeout to 0 for the card. Any other address is looked for. A profile
 * that has an ipv4.dad-timeout of its own keeps it.
 */
#pragma once

#include "nm-session.h"

/* address_detection_suspend: for INTERFACES (char*), none included. Does nothing where NetworkManager does not look by
 * default. Errors, after which it is not suspended: RI_ERROR_FAILED. */
gboolean address_detection_suspend(const Root *root, NmSession *session, const GPtrArray *interfaces, GError **error);

/* address_detection_resume: as it was before, also where another run was killed in between. Not suspended: nothing to
 * do. */
gboolean address_detection_resume(const Root *root, GError **error);
