/* netplan-profiles.h - what netplan's files define, as profiles: one for each id, whatever files it stands in. */
#pragma once

#include "profiles/profile.h"

/* netplan_profiles: for profile-formats.c. An id that stands in /etc too may be edited; its path is that of the first
 * file there that gives it addresses, else of the first one there. A file that cannot be read is a profile that is not
 * loaded, with the reason. */
gboolean netplan_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);

/* netplan_make: likewise: a file of its own, with an id that no other has. */
gboolean netplan_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error);

/* netplan_maker: the profile of netplan's that netplan makes the file PATH of, below /run, into what networkd or
 * NetworkManager reads; NULL: none. By an id that makes a file of that name: the name's beginning alone is no proof. */
const Profile *netplan_maker(const Profiles *profiles, const char *path);
