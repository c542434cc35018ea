/* shadows.c - profiles in /run that hide one in /etc */
#include "shadows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "live-profile.h"
#include "profiles/keyfile/connection-uuid.h"
#include "profiles/text/keyfile-text.h"

#define SHADOW_DIRECTORY "/run/NetworkManager/system-connections"
#define HIDDEN ".reset-identity-" /* then the shape of what it hid, a dot and its name */

enum { SHAPE_LENGTH = 64 };

static char *uuid_of(const Root *root, const char *path) {
  g_autoptr(LiveProfile) profile = live_profile_read(root, path);

  return profile != NULL ? g_strdup(profile->uuid) : NULL;
}

static gboolean rename_shadow(const Root *root, const char *name, const char *new_name, GError **error) {
  const char *last = NULL;
  int parent = root_open_parent(root, SHADOW_DIRECTORY "/profile", &last);
  int r = parent < 0 ? parent : renameat(parent, name, parent, new_name) < 0 ? -errno : 0;

  if (parent >= 0)
    (void)close(parent);
  return r == 0 ||
         ri_error_errno(error, r, "%s/%s hides a changed profile and cannot be renamed", SHADOW_DIRECTORY, name);
}

static gboolean hide(const Root *root, const NetworkMemory *memory, const char *name, GHashTable *touched,
                     GError **error) {
  g_autofree char *path = g_build_filename(SHADOW_DIRECTORY, name, NULL);
  g_autofree char *uuid = uuid_of(root, path);
  const RememberedProfile *old = uuid != NULL ? network_memory_find(memory, uuid) : NULL;

  if (old == NULL || strlen(old->shape) != SHAPE_LENGTH || remembered_is_present(root, old))
    return TRUE;
  g_autofree char *hidden = g_strdup_printf(HIDDEN "%s.%s", old->shape, name);
  (void)g_hash_table_add(touched, g_strdup(old->path));
  return rename_shadow(root, name, hidden, error);
}

static gboolean give_back(const Root *root, const NetworkMemory *memory, const char *hidden, GHashTable *touched,
                          GError **error) {
  const char *shape = hidden + strlen(HIDDEN);
  g_autofree char *path = g_build_filename(SHADOW_DIRECTORY, hidden, NULL);
  g_autofree char *uuid = uuid_of(root, path);

  for (guint i = 0; strlen(shape) > SHAPE_LENGTH + 1 && i < memory->profiles->len; i++) {
    const RememberedProfile *profile = memory->profiles->pdata[i];
    g_autoptr(LiveProfile) now = live_profile_read(root, profile->path);
    if (now == NULL || !connection_uuid_equal(uuid, now->uuid) || strncmp(shape, now->shape, SHAPE_LENGTH) != 0)
      continue;
    (void)g_hash_table_add(touched, g_strdup(profile->path));
    return rename_shadow(root, hidden, shape + SHAPE_LENGTH + 1, error);
  }
  return TRUE;
}

gboolean shadows_follow(const Root *root, const NetworkMemory *memory, GHashTable *touched, GError **error) {
  g_auto(GStrv) names = tree_list(root, SHADOW_DIRECTORY, error);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    gboolean done = g_str_has_prefix(*name, HIDDEN) ? give_back(root, memory, *name, touched, error)
                                                    : hide(root, memory, *name, touched, error);
    if (!done)
      return FALSE;
  }
  return names != NULL;
}

gboolean shadows_forget(const Root *root, GError **error) {
  g_auto(GStrv) names = tree_list(root, SHADOW_DIRECTORY, error);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *path = g_build_filename(SHADOW_DIRECTORY, *name, NULL);
    int r = g_str_has_prefix(*name, HIDDEN) ? root_file_remove(root, path) : 0;
    if (r < 0)
      return ri_error_errno(error, r, "%s cannot be removed", path);
  }
  return names != NULL;
}
