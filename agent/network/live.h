/* live.h - the network of a machine that runs, made to be what the files say: NetworkManager is restarted.
 *
 * The order of a run, with the lock held:
 *
 *   live_network_look       before the plan is signed: what runs here?
 *   live_network_note       before the commit: what is active, as text for the plan's action; what NetworkManager has
 * of the profiles, for the adaptation transaction_commit, and host name and machine-id adopted: NetworkManager reads
 * both when it starts live_network_converge   one restart; what was active is active again verify_run (verify.h) does
 * it work? live_network_release    nothing of the run is left transaction_close
 *
 * and when something after the commit fails: transaction_revert, then converge again with the same text: it brings what
 * runs to what the files say, in either direction. When this program is killed in between, PID 1 still ends the
 * restart, and a timer runs `reset-identity take-back`: the files go back, and the same restart.
 *
 * NetworkManager keeps machine-id, secret key and profiles in its memory, so nothing less than a restart gives it
 * another identity. Between its stop and its start adapt.h comes, by the drop-in of its unit, so that where only
 * identity changes no address and no route is touched.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "network-presence.h"
#include "plan/plan.h"

/* live_network_look: asks only, changes nothing. RI_ERROR_NETWORK when NetworkManager runs and does not answer. */
gboolean live_network_look(NetworkPresence *presence, GError **error);

/* live_network_stack: what configures the network where NetworkManager does not: "systemd-networkd", "ifupdown" or
 * NULL (link-stacks.h). Static. */
const char *live_network_stack(void);

/* live_network_note: PLAN is about to be committed, on the host root. Returns the data of ACTION_NETWORK; NULL on an
 * error. Also where NetworkManager does not run, or is not to be touched: it adapts when it starts next. WAITS: one
 * that does not run cannot start before this run has ended (at boot): if it has not run since the boot either, there is
 * nothing to remember. WARNINGS (char*): profiles that are active without their file, and are not when NetworkManager
 * runs again. */
char *live_network_note(const Root *root, const Plan *plan, gboolean waits, GPtrArray *warnings, GError **error);

/* live_network_converge: what runs is what the files say. DATA as live_network_note gave it, of this boot or another,
 * or NULL. WATCHED: the timer is set: not on a way back. Where NetworkManager does not run, what it left is adapted,
 * unless it has failed meanwhile; where it runs apart, nothing is done. RI_ERROR_NETWORK names what is not as it was
 * before. */
gboolean live_network_converge(const Root *root, const char *data, gboolean watched, LiveProgress progress,
                               gpointer progress_data, GError **error);

/* live_network_failed_before: what verify_run would have found wrong before the change already (char*): a gateway that
 * was silent, a NIC without an IPv4 address. */
GPtrArray *live_network_failed_before(const char *data);

/* live_network_ran: NetworkManager ran before the change, in this boot, and had something up. */
gboolean live_network_ran(const char *data);

/* live_network_release: the run has ended, one way or the other, with what runs as the files say. Where it has not
 * converged (`--no-network`), call nothing: the next start adapts. */
gboolean live_network_release(const Root *root, GError **error);

/* live_network_forget: a run that noted and never changed a file is over: what it noted goes, unless an earlier one's
 * waits for NetworkManager's next start. */
gboolean live_network_forget(const Root *root, GError **error);

/* live_network_adapt: between NetworkManager's stop and start; RUNNING: for a run that is not over. */
gboolean live_network_adapt(const Root *root, gboolean running, GError **error);
