/* networkd-order.h - which of systemd-networkd's files a NIC gets: the first that fits it (systemd.network(5)).
 */
#pragma once

#include "profiles/profile.h"

/* networkd_settle: of a row of profile_formats. */
void networkd_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present);
