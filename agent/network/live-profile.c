/* live-profile.c - a profile's file as the running NetworkManager takes it */
#include "live-profile.h"

#include <string.h>

#include "base/tree.h"
#include "ifcfg-connection.h"
#include "profile-shape.h"
#include "profiles/ifcfg/ifcfg-profiles.h"
#include "profiles/profiles.h"
#include "profiles/selection/manager-configuration.h"
#include "profiles/text/keyfile-text.h"

void live_profile_free(LiveProfile *profile) {
  g_free(profile->path);
  g_free(profile->uuid);
  g_free(profile->shape);
  g_clear_object(&profile->connection);
  g_free(profile);
}

gboolean live_profile_is_ifcfg(const char *path) {
  return g_str_has_prefix(path, IFCFG_DIR "/ifcfg-");
}

static char *keyfile_uuid(GBytes *content) {
  g_autoptr(KeyfileText) text = content != NULL ? keyfile_text_parse(content, NULL) : NULL;

  return text != NULL ? keyfile_text_get(text, "connection", "uuid") : NULL;
}

char *live_profile_uuid(const char *path, GBytes *content) {
  if (live_profile_is_ifcfg(path))
    return content != NULL ? ifcfg_uuid(path, content) : NULL;
  return keyfile_uuid(content);
}

static LiveProfile *read_keyfile(const Root *root, const char *path) {
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(root, path, &content, &resolved, NULL) || content == NULL)
    return NULL;
  LiveProfile *profile = g_new0(LiveProfile, 1);
  profile->path = g_steal_pointer(&resolved);
  profile->uuid = keyfile_uuid(content);
  profile->shape = profile_shape(content);
  profile->connection = profile_connection(content);
  return profile;
}

static LiveProfile *read_ifcfg(const Root *root, const char *path) {
  g_autoptr(Profiles) profiles = ifcfg_profiles_at(root, path);
  const Profile *found = profiles->items->len > 0 ? profiles->items->pdata[0] : NULL;

  if (found == NULL || found->uuid == NULL)
    return NULL;
  LiveProfile *profile = g_new0(LiveProfile, 1);
  profile->path = g_strdup(found->path);
  profile->uuid = g_strdup(found->uuid);
  profile->shape = ifcfg_shape(root, found);
  profile->connection = ifcfg_connection(found);
  return profile;
}

LiveProfile *live_profile_read(const Root *root, const char *path) {
  return live_profile_is_ifcfg(path) ? read_ifcfg(root, path) : read_keyfile(root, path);
}

static gboolean add_paths(const Root *root, const char *directory, const char *prefix, GPtrArray *paths,
                          GError **error) {
  g_auto(GStrv) names = tree_list(root, directory, error);

  for (char **name = names; name != NULL && *name != NULL; name++)
    if (g_str_has_prefix(*name, prefix))
      g_ptr_array_add(paths, g_build_filename(directory, *name, NULL));
  return names != NULL;
}

char **live_profile_paths(const Root *root, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *directory = manager_configuration_profiles(root);

  if (!add_paths(root, directory, "", paths, error) || !add_paths(root, IFCFG_DIR, "ifcfg-", paths, error))
    return NULL;
  g_ptr_array_add(paths, NULL);
  return g_strdupv((char **)paths->pdata);
}
