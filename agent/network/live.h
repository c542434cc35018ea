/* live.h - the new profiles in force on a NetworkManager that is running, or the old ones again.
 *
 * The order of a live run, with the lock held:
 *
 *   live_network_open                    before the plan is signed: is there a NetworkManager to talk to?
 *   live_network_prepare                 before the commit: what is active, a checkpoint, a note for a later run
 *   transaction_commit
 *   live_network_load_and_activate       the new profiles on the devices of the old ones
 *   verify_run                           (verify.h) does it work?
 *   live_network_release                 the checkpoint and the note go
 *   transaction_close
 *
 * and when something after the commit fails: transaction_revert, then live_network_roll_back.
 *
 * When this program is killed in between, NetworkManager itself goes back to the profiles of the checkpoint, at most
 * LIVE_ROLLBACK_S seconds later (each stage extends it), so that the machine keeps its network. It then writes the old
 * profiles to files of its own naming. The note (RI_STATE_DIR/live-network) lets the next run find those and remove
 * them: after transaction_recover it calls live_network_recover.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "profile-changes.h"

enum {
  LIVE_CALL_S = 15,       /* one call to NetworkManager */
  LIVE_ACTIVATION_S = 60, /* one profile until it is active: NetworkManager's DHCP time-out is 45 */
  LIVE_ROLLBACK_S = 180,  /* NetworkManager's own rollback of the checkpoint when we are gone */
};

typedef enum {
  NETWORK_MANAGER_RUNS,
  NETWORK_MANAGER_STOPPED, /* a bus, but no NetworkManager on it */
  NETWORK_NO_BUS,          /* early in the boot, or no D-Bus at all */
} NetworkPresence;

typedef struct LiveNetwork LiveNetwork;

/* Called as a stage is reached: "checkpoint over ens192", "loading 2 profiles", "activating lan on ens192". */
typedef void (*LiveProgress)(const char *stage, gpointer data);

/* live_network_open: asks only, changes nothing. NULL without an error when NetworkManager does not run; *PRESENCE says
 * which. NULL with RI_ERROR_NETWORK when it runs and cannot be used. */
LiveNetwork *live_network_open(const Root *root, NetworkPresence *presence, GError **error);
void live_network_free(LiveNetwork *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveNetwork, live_network_free)

/* live_network_stack: what configures the network where NetworkManager does not: "systemd-networkd", "ifupdown" or
 * NULL, for the message that refuses it by name. Static. */
const char *live_network_stack(void);

void live_network_set_progress(LiveNetwork *live, LiveProgress progress, gpointer data);

/* live_network_prepare: CHANGES is a GPtrArray of ProfileChange. Takes the checkpoint over the devices that hold one of
 * them, remembers what is active where, and writes the note. On an error nothing has changed: a checkpoint that
 * somebody else holds is RI_ERROR_NETWORK and the message says what to do. */
gboolean live_network_prepare(LiveNetwork *live, const GPtrArray *changes, GError **error);

/* live_network_load_and_activate: after the commit. Loads exactly the changed files, removes what shadows them in /run,
 * activates each profile that was active again on its device, controllers before ports, parents before VLANs; profiles
 * that were inactive stay inactive, except on a device that NetworkManager had given a "Wired connection" of its own
 * making or had left unmanaged in isolation. Waits for each to be active. RI_ERROR_NETWORK names the profile, the
 * device and NetworkManager's reason. */
gboolean live_network_load_and_activate(LiveNetwork *live, GError **error);

/* live_network_failed_before: what verify_run would have found wrong before the change already: a gateway that was
 * silent, a card without an IPv4 address. Filled by live_network_prepare; owned by LIVE. */
const GPtrArray *live_network_failed_before(const LiveNetwork *live);

/* live_network_release: all is well: the checkpoint is dropped, the note removed. */
gboolean live_network_release(LiveNetwork *live, GError **error);

/* live_network_roll_back: after transaction_revert has brought the files back: loads and activates the old profiles,
 * brings shadows in /run back, removes what NetworkManager itself has rewritten, drops the checkpoint. Also with a
 * NetworkManager that was restarted meanwhile. Where the old profiles do not come up, the checkpoint is rolled back.
 * RI_ERROR_NETWORK says what is not as it was. Before the commit it is a release. */
gboolean live_network_roll_back(LiveNetwork *live, GError **error);

/* live_network_recover: a run before this one was killed between prepare and release. Call it after
 * transaction_recover, on the host root, also at boot (LIVE is NULL when NetworkManager does not run). Removes the
 * files that NetworkManager's own rollback wrote, drops the old checkpoint, loads the profiles as the files have them
 * now and activates those that were active. *RECOVERED (may be NULL): there was something. No note: nothing to do. */
gboolean live_network_recover(LiveNetwork *live, const Root *root, gboolean *recovered, GError **error);
