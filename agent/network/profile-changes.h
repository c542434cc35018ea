/* profile-changes.h - what a plan does to NetworkManager's profiles, as the running NetworkManager has to learn it. */
#pragma once

#include <glib.h>

#include "plan/plan.h"

typedef struct {
  char *path;     /* the profile's file, below the root, links followed */
  char *old_uuid; /* as the old content says; NULL: a new profile, or one without a uuid key */
  char *new_uuid; /* likewise of the new content; NULL: the profile goes */
} ProfileChange;

/* profile_changes_from_plan: one per edit of a profile, in the order of the plan; an empty array when the plan leaves
 * the profiles alone. Works for an undo's plan too. */
GPtrArray *profile_changes_from_plan(const Plan *plan);
ProfileChange *profile_change_new(const char *path, const char *old_uuid, const char *new_uuid);
void profile_change_free(ProfileChange *change);
