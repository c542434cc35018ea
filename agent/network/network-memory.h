/* network-memory.h - what the NetworkManager that ran last has of the profiles that change, and what it must not do
 * when it starts next.
 *
 * RI_NETWORK_FILE, below /run: no secrets, gone with a reboot. Written before the commit; the adaptation (adapt.h),
 * which comes between NetworkManager's stop and start, compares it with the files and brings it up to date. So it
 * serves an apply, its undo and a take-back alike.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "live-profile.h"

typedef struct {
  char *path;  /* the profile's file, links followed */
  char *uuid;  /* as NetworkManager's state names it */
  char *shape; /* profile_shape() */
} RememberedProfile;

typedef struct {
  char *machine_id;
  GPtrArray *profiles; /* RememberedProfile* */
  GHashTable *anew;    /* char*: NICs that begin anew in any case: NetworkManager made their profile up */
  GHashTable *held;    /* char*: NICs that were taken down by hand, and stay down */
  char *active;        /* active_list_format(): what is to be active again */
} NetworkMemory;

NetworkMemory *network_memory_new(void);
void network_memory_free(NetworkMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkMemory, network_memory_free)

/* network_memory_add: nothing where its UUID is remembered already: what it had first is what runs. */
void network_memory_add(NetworkMemory *memory, const LiveProfile *profile);
/* network_memory_add_files: all of them, not those alone that change: a new machine-id or secret key is a new identity
 * for the others too, and what comes may have to go again. What cannot be read NetworkManager does not read either. */
gboolean network_memory_add_files(NetworkMemory *memory, const Root *root, GError **error);
/* remembered_is_present: the file still says what PROFILE says. */
gboolean remembered_is_present(const Root *root, const RememberedProfile *profile);
const RememberedProfile *network_memory_find(const NetworkMemory *memory, const char *uuid);

/* network_memory_read: TRUE with *MEMORY NULL where nothing is remembered. */
gboolean network_memory_read(const Root *root, NetworkMemory **memory, GError **error);
gboolean network_memory_write(const Root *root, const NetworkMemory *memory, GError **error);
gboolean network_memory_remove(const Root *root, GError **error);
