/* live-files.c - profile files that are not the plan's */
#include "live-files.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "profiles/connection-uuid.h"
#include "profiles/keyfile-text.h"
#include "profiles/profiles.h"

gboolean live_files_find_shadows(NmSession *session, const Root *root, LiveNote *note, GError **error) {
  for (guint i = 0; i < note->changes->len; i++) {
    const ProfileChange *change = note->changes->pdata[i];
    NMRemoteConnection *connection = change->old_uuid != NULL ? nm_session_find_uuid(session, change->old_uuid) : NULL;
    const char *path = connection != NULL ? nm_remote_connection_get_filename(connection) : NULL;
    g_autoptr(GBytes) content = NULL;
    if (path == NULL || !g_str_has_prefix(path, SHADOW_DIRECTORY "/"))
      continue;
    if (!tree_read(root, path, &content, NULL, error))
      return FALSE;
    if (content != NULL)
      g_ptr_array_add(note->shadows, shadow_profile_new(path, content));
  }
  return TRUE;
}

gboolean live_files_hide_shadows(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error) {
  for (guint i = 0; i < note->shadows->len; i++) {
    const ShadowProfile *shadow = note->shadows->pdata[i];
    int r = root_file_remove(root, shadow->path);
    if (r < 0)
      return ri_error_errno(error, r, "%s hides the changed profile and cannot be removed", shadow->path);
    g_ptr_array_add(loaded, g_strdup(shadow->path));
  }
  return TRUE;
}

gboolean live_files_restore_shadows(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error) {
  for (guint i = 0; i < note->shadows->len; i++) {
    const ShadowProfile *shadow = note->shadows->pdata[i];
    gsize size = 0;
    const void *data = bytes_text(shadow->content, &size);
    int r = root_file_write(root, shadow->path, data, size, 0600);
    if (r < 0)
      return ri_error_errno(error, r, "%s cannot be written again", shadow->path);
    g_ptr_array_add(loaded, g_strdup(shadow->path));
  }
  return TRUE;
}

char **live_files_list(const Root *root, GError **error) {
  return tree_list(root, PROFILES_DIR, error);
}

static gboolean is_changed_file(const LiveNote *note, const char *name) {
  for (guint i = 0; i < note->changes->len; i++) {
    g_autofree char *base = g_path_get_basename(((const ProfileChange *)note->changes->pdata[i])->path);
    if (g_strcmp0(base, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean has_changed_uuid(const Root *root, const LiveNote *note, const char *path) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(root, path, &content, NULL, NULL) || content == NULL)
    return FALSE;
  g_autoptr(KeyfileText) text = keyfile_text_parse(content, NULL);
  g_autofree char *uuid = text != NULL ? keyfile_text_get(text, "connection", "uuid") : NULL;
  for (guint i = 0; uuid != NULL && i < note->changes->len; i++) {
    const ProfileChange *change = note->changes->pdata[i];
    if (connection_uuid_equal(uuid, change->old_uuid) || connection_uuid_equal(uuid, change->new_uuid))
      return TRUE;
  }
  return FALSE;
}

gboolean live_files_remove_strays(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error) {
  g_auto(GStrv) names = live_files_list(root, error);

  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_build_filename(PROFILES_DIR, *name, NULL);
    if (g_strv_contains((const char *const *)note->names, *name) || is_changed_file(note, *name) ||
        !has_changed_uuid(root, note, path))
      continue;
    int r = root_file_remove(root, path);
    if (r < 0)
      return ri_error_errno(error, r, "%s was written by NetworkManager's rollback and cannot be removed", path);
    g_ptr_array_add(loaded, g_steal_pointer(&path));
  }
  return TRUE;
}
