/* profile-shape.h - does a profile ask for the same network as before, under other names? */
#pragma once

#include "libnm.h"

/* profile_connection: a keyfile as libnm understands it, normalized; NULL where it does not, or there is none. */
NMConnection *profile_connection(GBytes *content);

/* profile_shape: a digest of all that CONTENT says but names: UUIDs, ids, NIC names and MACs, and the references by
 * them. Two contents of one shape differ in identity only. "" where there is no profile. The caller frees. */
char *profile_shape(GBytes *content);

/* profile_derives_ids: the profile has NetworkManager make a DHCP client identifier or a MAC out of the connection's
 * UUID or the machine-id: with another identity the network gives another address. */
gboolean profile_derives_ids(NMConnection *connection);
