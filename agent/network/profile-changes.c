/* profile-changes.c - what a plan does to NetworkManager's profiles, as the running NetworkManager has to learn it */
#include "profile-changes.h"

#include "live-profile.h"
#include "profiles/keyfile-text.h"

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

/* By content, not by directory: PATH has its links followed, so the directory may be called anything.
 * NetworkManager.conf has [connection] sections too, but none of these keys. */
static gboolean is_profile(GBytes *bytes) {
  static const char *const keys[] = {"uuid", "id", "type"};
  g_autoptr(KeyfileText) text = bytes != NULL ? keyfile_text_parse(bytes, NULL) : NULL;
  gboolean found = FALSE;

  for (gsize i = 0; text != NULL && i < G_N_ELEMENTS(keys) && !found; i++) {
    g_autofree char *value = keyfile_text_get(text, "connection", keys[i]);
    found = value != NULL;
  }
  return found;
}

static gboolean is_ifcfg(const char *path, const char *old_uuid, const char *new_uuid) {
  return live_profile_is_ifcfg(path) && (old_uuid != NULL || new_uuid != NULL);
}

GPtrArray *profile_changes_from_plan(const Plan *plan) {
  GPtrArray *changes = g_ptr_array_new_with_free_func((GDestroyNotify)profile_change_free);

  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = plan->edits->pdata[i];
    g_autofree char *old_uuid = live_profile_uuid(edit->path, edit->old);
    g_autofree char *new_uuid = edit->kind == EDIT_WRITE ? live_profile_uuid(edit->path, edit->content) : NULL;
    if (!is_profile(edit->old) && !is_profile(edit->content) && !is_ifcfg(edit->path, old_uuid, new_uuid))
      continue;
    ProfileChange *change = profile_change_new(edit->path, old_uuid, new_uuid);
    g_ptr_array_add(changes, change);
  }
  return changes;
}
