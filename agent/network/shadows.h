/* shadows.h - profiles in /run that hide one in /etc: NetworkManager takes the one in /run of two with one UUID. */
#pragma once

#include "network-memory.h"

/* shadows_follow: while NetworkManager does not run: a profile in /run that hides one whose file is not as MEMORY has
 * it gets a name that NetworkManager does not load; one that has such a name gets its own back where a file has its
 * UUID again. TOUCHED (a set of char*) gets the paths of the profiles in /etc that are concerned. */
gboolean shadows_follow(const Root *root, const NetworkMemory *memory, GHashTable *touched, GError **error);

/* shadows_forget: those that are hidden go. */
gboolean shadows_forget(const Root *root, GError **error);
