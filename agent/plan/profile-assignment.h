/* profile-assignment.h - the addresses that the identity gives a profile, and a copy of it. */
#pragma once

#include "plan-context.h"

/* profile_assignment: what the identity gives PROFILE (NULL: a new one for NIC) of FAMILY; NULL: nothing. */
const Assignment *profile_assignment(const Identity *identity, const Profile *profile, const Nic *nic, int family);

/* address_texts: ADDRESSES (const PolicyAddress*) as "10.0.0.17/24", NULL-terminated; the caller frees with g_strfreev.
 */
char **address_texts(const GPtrArray *addresses);

/* address_part: of ADDRESS's IPv4 network: its mask, its first address, or its last. The caller frees. */
typedef enum { PART_MASK, PART_NETWORK, PART_BROADCAST } AddressPart;
char *address_part(const PolicyAddress *address, AddressPart part);
