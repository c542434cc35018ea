/* profile-edit.c - the edit of one profile while it is put together */
#include "profile-edit.h"

#include "base/list.h"
#include "profiles/keyfile/profile-judge.h"

ProfileEdit *profile_edit_new(const Profile *profile) {
  ProfileEdit *edit = g_new0(ProfileEdit, 1);

  edit->profile = profile;
  edit->text = keyfile_text_copy(profile->text);
  edit->properties = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  edit->reasons = g_ptr_array_new_with_free_func(g_free);
  return edit;
}

void profile_edit_free(ProfileEdit *edit) {
  keyfile_text_free(edit->text);
  g_hash_table_unref(edit->properties);
  g_ptr_array_unref(edit->reasons);
  g_free(edit);
}

gboolean profile_edit_set(ProfileEdit *edit, const char *group, const char *key, const char *value) {
  g_autofree char *old_value = keyfile_text_get(edit->text, group, key);

  if (g_strcmp0(old_value, value) == 0)
    return FALSE;
  keyfile_text_set(edit->text, group, key, value);
  profile_judge_allow(edit->properties, group, key);
  return TRUE;
}

gboolean profile_edit_remove(ProfileEdit *edit, const char *group, const char *key) {
  if (!keyfile_text_remove(edit->text, group, key))
    return FALSE;
  profile_judge_allow(edit->properties, group, key);
  return TRUE;
}

gboolean profile_edit_replace(ProfileEdit *edit, const char *group, const char *const *old_keys,
                              const char *const *pairs) {
  g_autoptr(GBytes) before = keyfile_text_bytes(edit->text);
  g_autoptr(GBytes) after = NULL;

  keyfile_text_replace(edit->text, group, old_keys, pairs);
  after = keyfile_text_bytes(edit->text);
  if (g_bytes_equal(before, after))
    return FALSE;
  for (const char *const *key = old_keys; *key != NULL; key++)
    profile_judge_allow(edit->properties, group, *key);
  for (const char *const *pair = pairs; *pair != NULL; pair += 2)
    profile_judge_allow(edit->properties, group, pair[0]);
  return TRUE;
}

gboolean profile_edit_plan(const ProfileEdit *edit, const char *step, Plan *plan, GError **error) {
  const Profile *profile = edit->profile;
  g_autoptr(GBytes) content = keyfile_text_bytes(edit->text);
  g_autofree char *why = list_join(edit->reasons, "; ");

  if (g_bytes_equal(profile->bytes, content))
    return TRUE;
  if (!profile_judge_compare(profile->judged, content, profile->path, edit->properties, error))
    return FALSE;
  Edit *planned = plan_write(plan, step, profile->path, profile->bytes, content, why);
  planned->flags |= EDIT_KEYFILE;
  planned->mode = 0600;
  return TRUE;
}
