/* profile-nic.h - which NIC a profile is for, by what it says of it: MAC addresses, names, paths, drivers. */
#pragma once

#include "profile.h"

/* profile_find_nic: of PRESENT (borrowed); what PROFILE calls by the values of a NIC that was recorded means the NIC
 * which took its place. NULL: none, or more than one. */
const Nic *profile_find_nic(const Profile *profile, const NicMap *map, const NicList *present);
/* profile_fits_nic: nothing that PROFILE, which is no keyfile, says of its NICs speaks against NIC, one of PRESENT. */
gboolean profile_fits_nic(const Profile *profile, const NicMap *map, const NicList *present, const Nic *nic);
