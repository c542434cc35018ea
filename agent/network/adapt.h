/* adapt.h - what a NetworkManager left when it ended, made to fit the profiles as the files have them now.
 *
 * NetworkManager leaves its NICs up, and in /run/NetworkManager/devices/IFINDEX which profile each has. The one that
 * starts next takes them over as they are: with a profile that it does not find any more, and beside the new address
 * the old one. So between the two, by what is remembered (network-memory.h):
 *   - where only the identity has changed, the NIC gets the profile's new UUID, and no address and no route is touched,
 *     but those that the old identity had generated: they go;
 *   - where more has changed the NIC begins anew: bare, and of no profile;
 *   - a NIC that was taken down by hand is not managed until someone says so: whoever holds it (live.h) does;
 *   - a profile in /run that hides a changed file is hidden itself, and is back where the file is as it was.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* adapt_network: only while NetworkManager does not run: it writes its state when it stops. Nothing remembered: nothing
 * to do. May be called again at any point. KEEP: remember what the files have now, for whom the next start is for;
 * else the memory is dropped. *ADAPTED (may be NULL): there was something. */
gboolean adapt_network(const Root *root, gboolean keep, gboolean *adapted, GError **error);
