/* mac-address.h - a permanent address as text: one spelling, and when two are the same. */
#pragma once

#include <stdbool.h>

enum { NIC_MAC_TEXT = 20 * 3 }; /* InfiniBand's 20 bytes with their colons, and the NUL */

/* mac_canonical: MAC in any usual notation (either case; colons or dashes) as lower case with colons.
 * Errors: -EINVAL. */
int mac_canonical(const char *text, char mac[static NIC_MAC_TEXT]);

/* mac_is_infiniband: MAC, a canonical one, is of 20 bytes. */
bool mac_is_infiniband(const char *mac);

/* mac_equal: two canonical ones; of InfiniBand's 20 bytes the last eight count. */
bool mac_equal(const char *a, const char *b);
