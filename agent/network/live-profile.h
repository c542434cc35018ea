/* live-profile.h - a profile's file as the running NetworkManager takes it: a keyfile, or an ifcfg file for its plugin.
 */
#pragma once

#include "base/root.h"
#include "libnm.h"

typedef struct {
  char *path;               /* links followed */
  char *uuid;               /* as NetworkManager's state names it */
  char *shape;              /* profile-shape.h: two files of one shape differ in identity only */
  NMConnection *connection; /* what it asks for */
} LiveProfile;

/* live_profile_read: NULL: there is no profile, or NetworkManager does not take it. */
LiveProfile *live_profile_read(const Root *root, const char *path);
void live_profile_free(LiveProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveProfile, live_profile_free)

/* live_profile_is_ifcfg: by its path. */
gboolean live_profile_is_ifcfg(const char *path);

/* live_profile_paths: of all files in /etc that may be profiles; NULL-terminated, the caller frees with g_strfreev. */
char **live_profile_paths(const Root *root, GError **error);

/* live_profile_uuid: of the file PATH if it held CONTENT; NULL: that is no profile. The caller frees. */
char *live_profile_uuid(const char *path, GBytes *content);
