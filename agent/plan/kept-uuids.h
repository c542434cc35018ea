/* kept-uuids.h - connection UUIDs that have to stay, because a profile that is not edited refers to them: it would
 * dangle, and take its connection down; or because it has the same one and is hidden by the profile that is edited.
 */
#pragma once

#include "plan-context.h"

/* kept_uuids: char *UUID, in lower case -> the Profile that refers to it or has it too. The caller frees; borrows from
 * CONTEXT's profiles. */
GHashTable *kept_uuids(const PlanContext *context);
