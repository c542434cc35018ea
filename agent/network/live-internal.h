/* live-internal.h - what the files of live.h share. */
#pragma once

#include "active-profiles.h"
#include "live-files.h"
#include "live-note.h"
#include "live.h"
#include "nm-activate.h"
#include "nm-checkpoint.h"
#include "nm-session.h"

struct LiveNetwork {
  const Root *root;
  NmSession *session;
  LiveNote *note; /* NULL before live_network_prepare */
  GPtrArray *failed_before;
  GPtrArray *unmanaged; /* char*: interfaces that isolation had left alone */
  gboolean loaded;      /* NetworkManager was told of the new files */
  LiveProgress progress;
  gpointer data;
};

void live_tell(const LiveNetwork *live, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* live_load: these files (char*), and wait until libnm knows what came of it. */
gboolean live_load(LiveNetwork *live, const GPtrArray *paths, GError **error);
/* live_load_all: every changed file at once, and the paths of FURTHER (shadows, strays). */
gboolean live_load_all(LiveNetwork *live, const GPtrArray *further, GError **error);

/* live_apply: what the files say now, in either direction, in force on the devices that were active: group by group, so
 * that the others keep their routes meanwhile; all at once where there is something FURTHER to load with them. */
gboolean live_apply(LiveNetwork *live, const GPtrArray *further, GError **error);

/* live_extend_checkpoint: another LIVE_ROLLBACK_S from now: we are alive. */
void live_extend_checkpoint(LiveNetwork *live);

/* live_successor: the profile that has to be active where PROFILE was: what NetworkManager has read from its file now,
 * or the profile itself; NULL: there is none any more. */
NMRemoteConnection *live_successor(LiveNetwork *live, const ActiveProfile *profile);

/* live_is_active: whether the profile of CHANGE was active before it. */
gboolean live_is_active(const LiveNote *note, const ProfileChange *change);

/* live_reconnect: NetworkManager may have been restarted, with the bus or without: waits for it, at most 20 s. */
gboolean live_reconnect(LiveNetwork *live, GError **error);
