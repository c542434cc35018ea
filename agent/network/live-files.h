/* live-files.h - profile files that are not the plan's: those that hide a changed one, those that NetworkManager wrote
 * when it rolled back by itself. */
#pragma once

#include "live-note.h"
#include "nm-session.h"

#define SHADOW_DIRECTORY "/run/NetworkManager/system-connections"

/* live_files_find_shadows: into NOTE, with their content. */
gboolean live_files_find_shadows(NmSession *session, const Root *root, LiveNote *note, GError **error);

/* live_files_hide_shadows, live_files_restore_shadows: take them away, write them again. LOADED (char*) gets the paths
 * that NetworkManager has to load then. */
gboolean live_files_hide_shadows(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error);
gboolean live_files_restore_shadows(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error);

/* live_files_list: the names in the profiles' directory. */
char **live_files_list(const Root *root, GError **error);

/* live_files_remove_strays: a file that was not there when NOTE was made, is none of its changes, and has one of their
 * UUIDs, was written by NetworkManager's own rollback: it goes. LOADED as above. */
gboolean live_files_remove_strays(const Root *root, const LiveNote *note, GPtrArray *loaded, GError **error);
