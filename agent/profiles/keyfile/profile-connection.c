/* profile-connection.c - a keyfile profile as NetworkManager has it in memory */
#include "profile-connection.h"

#include <string.h>

#include "profile-groups.h"
#include "profiles/text/keyfile-text.h"

/* A profile without a UUID gets one from NetworkManager at load: which one does not matter to a comparison. */
#define ANY_UUID "8f2f5d4c-7a3b-4c7e-9a55-0c3c52b0f0e1"

/* NetworkManager's fall-backs at load (nms-keyfile-reader.c): the id from the file's name, the UUID from its path. */
static void complete(NMConnection *connection, const char *path) {
  NMSettingConnection *setting = nm_connection_get_setting_connection(connection);
  g_autofree char *name = g_path_get_basename(path);

  if (setting == NULL)
    return;
  if (g_str_has_suffix(name, ".nmconnection") && strlen(name) > strlen(".nmconnection"))
    name[strlen(name) - strlen(".nmconnection")] = '\0';
  if (nm_setting_connection_get_id(setting) == NULL)
    g_object_set(setting, NM_SETTING_CONNECTION_ID, name, NULL);
  if (nm_setting_connection_get_uuid(setting) == NULL)
    g_object_set(setting, NM_SETTING_CONNECTION_UUID, ANY_UUID, NULL);
}

NMConnection *profile_connection_of(GKeyFile *keyfile, const char *path, NMKeyfileReadHandler handler, gpointer data,
                                    GError **error) {
  g_autoptr(NMConnection) connection =
      nm_keyfile_read(keyfile, PROFILES_DIR, NM_KEYFILE_HANDLER_FLAGS_NONE, handler, data, error);

  if (connection == NULL)
    return NULL;
  complete(connection, path);
  if (!nm_connection_normalize(connection, NULL, NULL, error))
    return NULL;
  return g_steal_pointer(&connection);
}

NMConnection *profile_connection_read(GBytes *bytes, const char *path, GError **error) {
  g_autoptr(GKeyFile) keyfile = keyfile_load(bytes, error);

  return keyfile != NULL ? profile_connection_of(keyfile, path, NULL, NULL, error) : NULL;
}
