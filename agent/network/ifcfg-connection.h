/* ifcfg-connection.h - what NetworkManager's plugin makes of an ifcfg file, as far as it can be looked at from outside:
 * UUID, NIC, addresses, gateway and method of both families.
 */
#pragma once

#include "libnm.h"
#include "profiles/ifcfg/ifcfg-profiles.h"

/* ifcfg_connection: of PROFILE; not normalized, for verification. */
NMConnection *ifcfg_connection(const Profile *profile);

/* ifcfg_shape: a digest of all that PROFILE's files say but names, as profile_shape. The caller frees. */
char *ifcfg_shape(const Root *root, const Profile *profile);
