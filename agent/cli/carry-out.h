/* carry-out.h - a signed plan becomes the machine's identity: files, running system, running network, or none of it. */
#pragma once

#include <glib.h>

#include "commit/transaction.h"
#include "network/live.h"
#include "plan/plan.h"
#include "run.h"

/* carry_out_open: is there a network that runs, and may we change it? LIVE is NULL where NetworkManager does not run,
 * with --no-network, or with another root. A machine whose network something else configures is refused by name
 * (RI_ERROR_NETWORK), before anything changes. */
gboolean carry_out_open(Run *run, const Plan *plan, LiveNetwork **live, GError **error);

/* carry_out_touches_network: the machine runs, and its network may be touched. */
gboolean carry_out_touches_network(const Run *run);

/* carry_out: commit, adopt, activate, verify, close. On an error of the running network everything is as it was before,
 * and the error says so. */
gboolean carry_out(Run *run, const Plan *plan, const TransactionInfo *info, LiveNetwork *live, GError **error);

/* carry_out_serve_host_keys: sshd serves the host keys that it has loaded: let it load those of the files. At boot it
 * has not started yet. A failure is a warning of RUN. */
void carry_out_serve_host_keys(Run *run);
