/* networkd-profiles.h - systemd-networkd's .network files as profiles: one each, with its drop-ins. */
#pragma once

#include "networkd-file.h"
#include "profiles/profile.h"

/* networkd_profiles: of a row of profile_formats. */
gboolean networkd_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);

/* networkd_make: likewise. A file in front of all that may be for NIC; it says the NIC as the files there do. */
gboolean networkd_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error);

/* networkd_profile_file: what PROFILE, one of these, was read from; its texts are as they were read. */
const NetworkdFile *networkd_profile_file(const Profile *profile);

/* networkd_is_passing: FILE is what netplan makes of its own files, or keeps the NICs down until it is decided. */
gboolean networkd_is_passing(const NetworkdFile *file);
