/* profile-edit.h - the edit of one profile while it is put together: its new text, what may differ for libnm, and why.
 */
#pragma once

#include "plan.h"
#include "profiles/profiles.h"

typedef struct {
  const Profile *profile;
  KeyfileText *text;      /* the new text; the profile's own stays as it was read */
  GHashTable *properties; /* char*: for the judge (profile_judge_allow) */
  GPtrArray *reasons;     /* char*, each once */
} ProfileEdit;

/* profile_edit_new: of a profile that may be edited. */
ProfileEdit *profile_edit_new(const Profile *profile);
void profile_edit_free(ProfileEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProfileEdit, profile_edit_free)

/* As those of keyfile-text.h. Returns whether anything changed. */
gboolean profile_edit_set(ProfileEdit *edit, const char *group, const char *key, const char *value);
gboolean profile_edit_remove(ProfileEdit *edit, const char *group, const char *key);
gboolean profile_edit_replace(ProfileEdit *edit, const char *group, const char *const *old_keys,
                              const char *const *pairs);

/* profile_edit_plan: let libnm judge the new text and add it to PLAN; nothing when it is as before. Errors:
 * RI_ERROR_FAILED, as profile_judge_compare's. */
gboolean profile_edit_plan(const ProfileEdit *edit, const char *step, Plan *plan, GError **error);
