/* carry-out.h - a signed plan becomes the machine's identity: files, running system, running network, or none of it. */
#pragma once

#include <glib.h>

#include "commit/transaction.h"
#include "network/live.h"
#include "plan/plan.h"
#include "run.h"

/* carry_out_open: what runs here, and may we change it? A machine whose network something else configures is refused by
 * name (RI_ERROR_NETWORK), before anything changes. */
gboolean carry_out_open(Run *run, NetworkPresence *presence, GError **error);

/* carry_out_open_back: the transaction that an earlier run left open goes back: its files, its actions. *KEPT names
 * what somebody changed since and is kept ("": nothing). */
gboolean carry_out_open_back(Run *run, char **kept, GError **error);

/* carry_out: commit, actions, close. When an action fails that must succeed, everything is as it was before, and the
 * error says so. */
gboolean carry_out(Run *run, const Plan *plan, const TransactionInfo *info, NetworkPresence presence, GError **error);
