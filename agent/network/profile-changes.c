/* profile-changes.c - what a plan does to NetworkManager's profiles, as the running NetworkManager has to learn it */
#include "profile-changes.h"

#include "base/each.h"
#include "live-profile.h"
#include "profiles/text/keyfile-text.h"

ProfileChange *profile_change_new(const char *path, const char *old_uuid, const char *new_uuid) {
  ProfileChange *change = g_new0(ProfileChange, 1);

  change->path = g_strdup(path);
  change->old_uuid = g_strdup(old_uuid);
  change->new_uuid = g_strdup(new_uuid);
  return change;
}

void profile_change_free(ProfileChange *change) {
  g_free(change->path);
  g_free(change->old_uuid);
  g_free(change->new_uuid);
  g_free(change);
}

/* Is it a profile, and of which UUID (*UUID may be NULL then)? By content, not by directory: PATH has its links
 * followed, so the directory may be called anything. NetworkManager.conf has [connection] sections too, but none of
 * these keys. */
static gboolean is_profile(const char *path, GBytes *bytes, char **uuid) {
  g_autoptr(KeyfileText) text = NULL;

  *uuid = NULL;
  if (bytes == NULL)
    return FALSE;
  if (live_profile_is_ifcfg(path)) {
    *uuid = live_profile_uuid(path, bytes);
    return *uuid != NULL;
  }
  text = keyfile_text_parse(bytes, NULL);
  if (text == NULL)
    return FALSE;
  *uuid = keyfile_text_get(text, "connection", "uuid");
  g_autofree char *id = *uuid == NULL ? keyfile_text_get(text, "connection", "id") : NULL;
  g_autofree char *type = *uuid == NULL && id == NULL ? keyfile_text_get(text, "connection", "type") : NULL;
  return *uuid != NULL || id != NULL || type != NULL;
}

GPtrArray *profile_changes_from_plan(const Plan *plan) {
  GPtrArray *changes = g_ptr_array_new_with_free_func((GDestroyNotify)profile_change_free);

  list_each (const Edit *, edit, plan->edits) {
    g_autofree char *old_uuid = NULL;
    g_autofree char *new_uuid = NULL;
    const gboolean was = is_profile(edit->path, edit->old, &old_uuid);
    const gboolean is = edit->kind == EDIT_WRITE && is_profile(edit->path, edit->content, &new_uuid);
    if (was || is)
      g_ptr_array_add(changes, profile_change_new(edit->path, old_uuid, new_uuid));
  }
  return changes;
}
