/* stage.h - everything that a transaction needs, written beside its targets and flushed before the commit point: that
 * is the test for space, quota and permission. Behind it there are only renames, removals and actions. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"

#define TRANSACTION_NAME "transaction"
#define MANIFEST_STAGED "manifest.staged"
#define MANIFEST_COMMITTED "manifest"
#define MANIFEST_REVERT "manifest.revert"

/* stage_run: make transaction/ in the directory STATE with manifest.staged, which is TEXT, PLAN's MANIFEST as it is
 * formatted, flush it, then old/N and the temporary beside each target, and flush those. Returns an fd of transaction/,
 * or -1; what was made until then stays and is for stage_discard. RI_ERROR_CHANGED: files are not as they were planned;
 * all are named. */
int stage_run(const Root *root, int state, const Plan *plan, const Manifest *manifest, GBytes *text, GError **error);

/* stage_discard: take away what was made for the transaction in STATE, which is not committed. */
gboolean stage_discard(const Root *root, int state, GError **error);

/* stage_back: for the way back of a committed transaction, the same trial: the old content beside each target that
 * holds the new one, flushed. What was made before it failed is taken away again. */
gboolean stage_back(const Root *root, int transaction, const Manifest *manifest, GError **error);
