/* activate-again.h - after a restart of NetworkManager: what was active is active again, what was down stays down. */
#pragma once

#include "active-list.h"

/* active_again: waits, at most LIVE_ACTIVATION_S, until each profile of LIST (by its file, whatever its UUID is now;
 * else by its UUID) is as far as it was, and activates those that NetworkManager does not begin by itself.
 * RI_ERROR_NETWORK names the profile, the device and NetworkManager's reason. */
gboolean active_again(NmSession *session, const ActiveList *list, LiveProgress progress, gpointer data, GError **error);

/* hold_again: the NICs of LIST's held are managed, and down. */
gboolean hold_again(NmSession *session, const ActiveList *list, GError **error);
