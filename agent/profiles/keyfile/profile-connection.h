/* profile-connection.h - a keyfile profile as NetworkManager has it in memory: read by libnm and normalised. */
#pragma once

#include <NetworkManager.h>

/* profile_connection_of: what GKeyFile has read as the profile PATH. HANDLER (may be NULL) is told what libnm ignores,
 * with DATA. NULL: NetworkManager would not load it; *ERROR is libnm's. The caller frees with g_object_unref. */
NMConnection *profile_connection_of(GKeyFile *keyfile, const char *path, NMKeyfileReadHandler handler, gpointer data,
                                    GError **error);

/* profile_connection_read: the same of BYTES. */
NMConnection *profile_connection_read(GBytes *bytes, const char *path, GError **error);
