/* nm-checkpoint.h - NetworkManager's own memory of how its devices were: it goes back to it by itself when we are gone.
 *
 * It covers the profiles that are active on its devices, as NetworkManager has them in memory. We bring files back
 * ourselves, byte for byte; the checkpoint is for the case that we cannot.
 */
#pragma once

#include "nm-session.h"

/* nm_checkpoint_create: over DEVICES (NMDevice*, at least one); NetworkManager rolls back after TIMEOUT_S. Returns the
 * checkpoint's object path. A device that is in another checkpoint is RI_ERROR_NETWORK. The caller frees. */
char *nm_checkpoint_create(NmSession *session, const GPtrArray *devices, int timeout_s, GError **error);

/* nm_checkpoint_extend: TIMEOUT_S from now. */
gboolean nm_checkpoint_extend(NmSession *session, const char *path, int timeout_s, GError **error);

/* nm_checkpoint_destroy: keep things as they are. A checkpoint that is not there any more is no error. */
gboolean nm_checkpoint_destroy(NmSession *session, const char *path, GError **error);

/* nm_checkpoint_roll_back: NetworkManager restores its devices; it may write profiles to files of its own naming. */
gboolean nm_checkpoint_roll_back(NmSession *session, const char *path, GError **error);
