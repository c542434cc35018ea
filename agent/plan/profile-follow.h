/* profile-follow.h - what in a profile is the template's follows to the clone: UUIDs of other connections, NICs by MAC,
 * name and bus path, its own addresses where they are named, host names and DHCP identities. The table of followed keys
 * is in profile-follow.c.
 */
#pragma once

#include "plan/renames/renames.h"
#include "profile-edit.h"

/* profile_follow: before anything else of the profile is edited but its own UUID. All of it is read before any of it is
 * changed, so that two NICs that swapped their names are not mixed up. */
void profile_follow(const PlanContext *context, ProfileEdit *edit, Plan *plan);

/* profile_follow_warn: of old values that are still there when all edits of the profile are made. */
void profile_follow_warn(const PlanContext *context, const ProfileEdit *edit, Plan *plan);
