/* inherited-state.c - a NetworkManager that ran before us and is not running now */
#include "inherited-state.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "libnm.h"
#include "link.h"
#include "profile-changes.h"
#include "profiles/connection-uuid.h"
#include "profiles/keyfile-text.h"
#include "profiles/profiles.h"

#define STATE_DIRECTORY "/run/NetworkManager/devices"

static const char state_group[] = "device";
static const char state_key[] = "connection-uuid";

/* The addresses (GHashTable of text) that a profile names. */
static GHashTable *named_addresses(GBytes *content) {
  GHashTable *addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(NMConnection) connection = NULL;

  if (content != NULL && g_key_file_load_from_bytes(file, content, G_KEY_FILE_NONE, NULL))
    connection = nm_keyfile_read(file, PROFILES_DIR, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, NULL);
  NMSettingIPConfig *const settings[] = {
      connection != NULL ? nm_connection_get_setting_ip4_config(connection) : NULL,
      connection != NULL ? nm_connection_get_setting_ip6_config(connection) : NULL,
  };
  for (gsize s = 0; s < G_N_ELEMENTS(settings); s++)
    for (guint i = 0; settings[s] != NULL && i < nm_setting_ip_config_get_num_addresses(settings[s]); i++)
      (void)g_hash_table_add(
          addresses, g_strdup(nm_ip_address_get_address(nm_setting_ip_config_get_address(settings[s], (int)i))));
  return addresses;
}

static gboolean remove_addresses(int index, GHashTable *old, GHashTable *kept, GError **error) {
  g_autoptr(GArray) present = link_addresses(error);

  for (guint i = 0; present != NULL && i < present->len; i++) {
    const LinkAddress *address = &g_array_index(present, LinkAddress, i);
    char text[INET6_ADDRSTRLEN];
    int r;
    if (address->index != index || inet_ntop(address->family, address->ip, text, sizeof text) == NULL ||
        !g_hash_table_contains(old, text) || g_hash_table_contains(kept, text))
      continue;
    r = link_address_delete(address);
    if (r < 0)
      return ri_error_errno(error, r, "the old address %s cannot be taken off the card", text);
  }
  return present != NULL;
}

static gboolean have_same_keys(GHashTable *a, GHashTable *b) {
  GHashTableIter each;
  gpointer key;

  g_hash_table_iter_init(&each, a);
  while (g_hash_table_iter_next(&each, &key, NULL))
    if (!g_hash_table_contains(b, key))
      return FALSE;
  return g_hash_table_size(a) == g_hash_table_size(b);
}

/* With the profile's new UUID NetworkManager goes on with the card as it is. It does not give the card other addresses
 * then (1.30): for those it has to begin anew, which it does where the state names no profile. */
static gboolean adapt_device(const Root *root, const char *name, KeyfileText *state, const Edit *edit,
                             const char *new_uuid, GError **error) {
  g_autofree char *path = g_build_filename(STATE_DIRECTORY, name, NULL);
  g_autoptr(GHashTable) old = named_addresses(edit->old), kept = named_addresses(edit->content);
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (new_uuid != NULL && have_same_keys(old, kept))
    keyfile_text_set(state, state_group, state_key, new_uuid);
  else
    (void)keyfile_text_remove(state, state_group, state_key);
  content = keyfile_text_bytes(state);
  const void *data = bytes_text(content, &size);
  int r = root_file_write(root, path, data, size, 0644);
  if (r < 0)
    return ri_error_errno(error, r, "%s cannot be written", path);
  return remove_addresses((int)g_ascii_strtoll(name, NULL, 10), old, kept, error);
}

/* The edit of the profile that a device has, and its new UUID. */
static const Edit *find_edit(const Plan *plan, const GPtrArray *changes, const char *uuid, const char **new_uuid) {
  for (guint i = 0; i < changes->len; i++) {
    const ProfileChange *change = changes->pdata[i];
    if (!connection_uuid_equal(change->old_uuid, uuid))
      continue;
    *new_uuid = change->new_uuid;
    return plan_find(plan, change->path);
  }
  return NULL;
}

static KeyfileText *read_state(const Root *root, const char *name, char **uuid) {
  g_autofree char *path = g_build_filename(STATE_DIRECTORY, name, NULL);
  g_autoptr(GBytes) content = NULL;
  KeyfileText *text = NULL;

  if (tree_read(root, path, &content, NULL, NULL) && content != NULL)
    text = keyfile_text_parse(content, NULL);
  *uuid = text != NULL ? keyfile_text_get(text, state_group, state_key) : NULL;
  return text;
}

gboolean inherited_state_adapt(const Root *root, const Plan *plan, gboolean *adapted, GError **error) {
  g_autoptr(GPtrArray) changes = profile_changes_from_plan(plan);
  g_auto(GStrv) names = tree_list(root, STATE_DIRECTORY, error);
  gboolean any = FALSE;

  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *uuid = NULL;
    g_autoptr(KeyfileText) state = read_state(root, *name, &uuid);
    const char *new_uuid = NULL;
    const Edit *edit = uuid != NULL ? find_edit(plan, changes, uuid, &new_uuid) : NULL;
    if (edit == NULL)
      continue;
    if (!adapt_device(root, *name, state, edit, new_uuid, error))
      return FALSE;
    any = TRUE;
  }
  if (adapted != NULL)
    *adapted = any;
  return names != NULL;
}
