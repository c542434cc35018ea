/* network-memory.c - what the NetworkManager that ran last has of the profiles that change */
#include "network-memory.h"

#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "profiles/keyfile/connection-uuid.h"

#define FORMAT "(sa(sss)asass)"

static void remembered_profile_free(RememberedProfile *profile) {
  g_free(profile->path);
  g_free(profile->uuid);
  g_free(profile->shape);
  g_free(profile);
}

NetworkMemory *network_memory_new(void) {
  NetworkMemory *memory = g_new0(NetworkMemory, 1);

  memory->profiles = g_ptr_array_new_with_free_func((GDestroyNotify)remembered_profile_free);
  memory->anew = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  memory->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return memory;
}

void network_memory_free(NetworkMemory *memory) {
  g_free(memory->machine_id);
  g_ptr_array_unref(memory->profiles);
  g_hash_table_unref(memory->anew);
  g_hash_table_unref(memory->held);
  g_free(memory->active);
  g_free(memory);
}

const RememberedProfile *network_memory_find(const NetworkMemory *memory, const char *uuid) {
  list_each (const RememberedProfile *, profile, memory->profiles)
    if (connection_uuid_equal(profile->uuid, uuid))
      return profile;
  return NULL;
}

gboolean remembered_is_present(const Root *root, const RememberedProfile *profile) {
  g_autoptr(LiveProfile) found = live_profile_read(root, profile->path);

  return found != NULL && connection_uuid_equal(found->uuid, profile->uuid) &&
         g_strcmp0(found->shape, profile->shape) == 0;
}

static void add(NetworkMemory *memory, const char *path, const char *uuid, char *shape) {
  RememberedProfile *profile = g_new0(RememberedProfile, 1);

  *profile = (RememberedProfile){g_strdup(path), g_strdup(uuid), shape};
  g_ptr_array_add(memory->profiles, profile);
}

void network_memory_add(NetworkMemory *memory, const LiveProfile *profile) {
  if (profile->uuid != NULL && network_memory_find(memory, profile->uuid) == NULL)
    add(memory, profile->path, profile->uuid, g_strdup(profile->shape));
}

gboolean network_memory_add_files(NetworkMemory *memory, const Root *root, GError **error) {
  g_auto(GStrv) paths = live_profile_paths(root, error);

  for (char **path = paths; path != NULL && *path != NULL; path++) {
    g_autoptr(LiveProfile) profile = live_profile_read(root, *path);
    if (profile != NULL)
      network_memory_add(memory, profile);
  }
  return paths != NULL;
}

static void read_names(GVariant *names, GHashTable *set) {
  GVariantIter each;
  char *name = NULL;

  g_variant_iter_init(&each, names);
  while (g_variant_iter_next(&each, "s", &name))
    (void)g_hash_table_add(set, name);
}

gboolean network_memory_read(const Root *root, NetworkMemory **memory, GError **error) {
  g_autoptr(GVariantIter) profiles = NULL;
  g_autoptr(GVariant) anew = NULL, held = NULL;
  g_autoptr(GBytes) content = NULL;
  char *path, *uuid, *shape;

  *memory = NULL;
  if (!tree_read(root, RI_NETWORK_FILE, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  gsize size = 0;
  const char *text = g_bytes_get_data(content, &size);
  g_autoptr(GVariant) all =
      text != NULL ? g_variant_parse(G_VARIANT_TYPE(FORMAT), text, text + size, NULL, NULL) : NULL;
  if (all == NULL)
    return ri_error(error, RI_ERROR_BAD_STATE, "%s is damaged: remove it", RI_NETWORK_FILE);
  *memory = network_memory_new();
  g_variant_get(all, "(sa(sss)@as@ass)", &(*memory)->machine_id, &profiles, &anew, &held, &(*memory)->active);
  while (g_variant_iter_next(profiles, "(sss)", &path, &uuid, &shape)) {
    add(*memory, path, uuid, shape);
    g_free(path);
    g_free(uuid);
  }
  read_names(anew, (*memory)->anew);
  read_names(held, (*memory)->held);
  return TRUE;
}

static GVariant *names_of(GHashTable *set) {
  guint count = 0;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array(set, &count);

  return g_variant_new_strv((const char *const *)names, count);
}

gboolean network_memory_write(const Root *root, const NetworkMemory *memory, GError **error) {
  GVariantBuilder profiles;

  g_variant_builder_init(&profiles, G_VARIANT_TYPE("a(sss)"));
  list_each (const RememberedProfile *, profile, memory->profiles)
    g_variant_builder_add(&profiles, "(sss)", profile->path, profile->uuid, profile->shape);
  g_autoptr(GVariant) all =
      g_variant_ref_sink(g_variant_new("(sa(sss)@as@ass)", memory->machine_id, &profiles, names_of(memory->anew),
                                       names_of(memory->held), memory->active != NULL ? memory->active : ""));
  g_autofree char *text = g_variant_print(all, FALSE);
  int r = root_file_write(root, RI_NETWORK_FILE, text, strlen(text), 0600);
  return r >= 0 || ri_error_errno(error, r, "%s cannot be written", RI_NETWORK_FILE);
}

gboolean network_memory_remove(const Root *root, GError **error) {
  int r = root_file_remove(root, RI_NETWORK_FILE);

  return r >= 0 || ri_error_errno(error, r, "%s cannot be removed", RI_NETWORK_FILE);
}
