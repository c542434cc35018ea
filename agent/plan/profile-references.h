/* profile-references.h - a connection's UUID is what ports, VLANs and VPNs refer to it by: every reference follows, or
 * the whole connection goes down.
 *
 * Any value, or item of a list, that is an old UUID is taken for a reference, whatever its key: libnm of this machine
 * may not know the key yet. UUIDs are compared without regard to case; NetworkManager folds the case of a connection's
 * own UUID but compares references as they are written, so a reference that follows comes out in lower case.
 */
#pragma once

#include "identity.h"
#include "profile-edit.h"

typedef struct ProfileReferences ProfileReferences;

/* profile_references_new: from IDENTITY's UUIDs, with the names of PROFILES for the reasons. */
ProfileReferences *profile_references_new(const Identity *identity, const Profiles *profiles);
void profile_references_free(ProfileReferences *references);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProfileReferences, profile_references_free)

/* profile_references_lookup: the new UUID of an old one, or NULL. Borrowed. */
const char *profile_references_lookup(const ProfileReferences *references, const char *uuid);

/* profile_references_follow: in EDIT's profile; what only mentions an old UUID is a warning with file and line. */
void profile_references_follow(const ProfileReferences *references, ProfileEdit *edit, Plan *plan);

/* profile_references_mentions: warn of every line of BYTES, the file PATH, that mentions an old UUID and is no comment.
 */
void profile_references_mentions(const ProfileReferences *references, const char *path, GBytes *bytes, Plan *plan);
