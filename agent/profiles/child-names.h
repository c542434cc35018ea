/* child-names.h - devices that are called after what they lie over: "eth0.9" over eth0 */
#pragma once

#include "profile.h"

/* child_names_find: interface_name and named_after of VLANs that have no name in their profile, and named_after of
 * keyfiles' InfiniBand partitions. The formats fill in their own, where it is theirs to say. Then child, of all that
 * are named after a NIC which is called otherwise here. */
void child_names_find(Profiles *profiles, const NicMap *map);

/* child_name: of a VLAN over PARENT, as NetworkManager makes one; the caller frees. NULL: it would be too long. */
char *child_name(const char *parent, const char *id);

/* child_parent: "eth0" of "eth0.9"; NULL: no such NAME, or NAME is. The caller frees. */
char *child_parent(const char *name);
