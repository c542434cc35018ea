/* kept-uuids.h - connection UUIDs that have to stay, because a profile that is not edited refers to them: it would
 * dangle, and take its connection down.
 */
#pragma once

#include "profiles/profiles.h"

/* kept_uuids: char *UUID, in lower case -> the Profile that refers to it. The caller frees; borrows from PROFILES. */
GHashTable *kept_uuids(const Profiles *profiles);
