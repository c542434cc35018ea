/* stage.h - everything that a transaction needs, written down and flushed before the commit point. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"

#define TRANSACTION_NAME "transaction"
#define MANIFEST_STAGED "manifest.staged"
#define MANIFEST_COMMITTED "manifest"
#define MANIFEST_REVERT "manifest.revert"

/* stage_run: make transaction/ in the directory STATE with new/N, old/N and manifest.staged, and flush it. Returns an
 * fd of it, or -1; what was made until then stays and is for the caller to remove. */
int stage_run(const Root *root, int state, const Plan *plan, const TransactionInfo *info, GError **error);
