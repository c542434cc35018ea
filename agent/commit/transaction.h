/* transaction.h - a list of edits made durable as one: the whole old or the whole new, whatever happens in between.
 *
 *   stage         transaction/manifest.staged, flush; each new file as a hidden temporary beside its target
 *                 (".NAME.reset-identity"), each old one in transaction/old/N, flush: the test for space and permission
 *   commit point  rename manifest.staged -> manifest, fsync the directory
 *   roll forward  renames and removals, flush; then whoever opened it carries out the actions and marks each as done
 *   close         edits marked EDIT_LAST (the record), flush; old secrets forgotten, transaction -> history/N, flush
 *
 * Everything after the commit point is idempotent: recovery does it again. The manifest's name says where a transaction
 * stands: manifest.staged (not committed), manifest (forward), manifest.revert (backward: renamed once the old content
 * is staged beside its targets; the files, the actions again, then it is removed). Recovery looks before it writes:
 * what somebody changed since is kept and named; where that is the owner or the permissions only, the content goes on.
 * Flush calls do not grow with the number of edits.
 */
#pragma once

#include <gio/gio.h>

#include "base/root.h"
#include "plan/plan.h"
#include "transaction-info.h"

typedef enum { RECOVERED_NOTHING, RECOVERED_DISCARDED, RECOVERED_FINISHED, RECOVERED_REVERTED } Recovery;

/* Called as a stage is reached, for the live line: "staged", "committed", "in place", "closed". */
typedef void (*TransactionProgress)(const char *stage, gpointer data);

/* state_lock: one run at a time: an exclusive lock on the state directory (made, 0700, if it is not there). A second
 * run waits; ON_WAIT is told who holds it ("PID 812 (reset-identity apply)"). Returns an fd to close, or -1. */
int state_lock(const Root *root, void (*on_wait)(const char *holder, gpointer data), gpointer data, GError **error);

/* state_lock_holder: the run that holds that lock now, or NULL. For those who only look. */
char *state_lock_holder(const Root *root);

/* transaction_is_open: anything below transaction/, committed or not. */
gboolean transaction_is_open(const Root *root);

/* transaction_is_committed: it cannot just be discarded any more. */
gboolean transaction_is_committed(const Root *root);

/* transaction_is_undo: what is open, and committed, is the undo of an earlier run. */
gboolean transaction_is_undo(const Root *root);

/* transaction_check: FALSE where something is open that can neither be finished nor undone, and ERROR says why. */
gboolean transaction_check(const Root *root, GError **error);

/* transaction_superseded: what the file at PATH held before the open, committed transaction, or where that is being
 * undone, what it had been given: what runs may still have that when recovery has changed the file. NULL: none
 * open, or it does not write PATH over something. */
GBytes *transaction_superseded(const Root *root, const char *path);

/* transaction_new_secrets: the files of the open, committed transaction that keep their new secret when it is undone,
 * because the old one is kept nowhere any more (char*; empty where nothing is open). */
GPtrArray *transaction_new_secrets(const Root *root);

/* transaction_recover: the files of what an earlier run left, whole again: forward (RECOVERED_FINISHED), or backward
 * where it was being undone (RECOVERED_REVERTED); the transaction stays open for its actions and transaction_close.
 * What was never committed is removed (RECOVERED_DISCARDED). *SUMMARY, where not NULL, tells people what was done, and
 * which files were kept because somebody changed them. RI_ERROR_OPEN: it stays open; at boot the machine is to be
 * isolated. */
gboolean transaction_recover(const Root *root, Recovery *recovery, char **summary, GError **error);

/* transaction_commit: stage, commit point, roll forward; the transaction stays open. Before the commit point any error
 * leaves everything untouched (CANCELLED, where set, is looked at last just before it). After it signals wait until
 * transaction_close. An error of code RI_ERROR_OPEN: committed but not finished. */
gboolean transaction_commit(const Root *root, const Plan *plan, const TransactionInfo *info, GCancellable *cancelled,
                            TransactionProgress progress, gpointer data, GError **error);

/* transaction_revert: bring the files of a committed transaction back, byte for byte, however far it got; it stays open
 * for its actions and transaction_close. *KEPT (may be NULL) names what somebody changed since and is kept: "" is
 * nothing. Where the old files cannot be staged it stays as it is, forward. */
gboolean transaction_revert(const Root *root, char **kept, GError **error);

/* transaction_actions: of the open transaction (OpenAction*), in their order; *BACKWARD: it is being undone. The index
 * is what transaction_action_done marks as carried out. */
GPtrArray *transaction_actions(const Root *root, gboolean *backward, GError **error);
gboolean transaction_action_done(const Root *root, unsigned index, GError **error);

/* transaction_close: forward the record, then old secrets are forgotten and it becomes history/N, of which the newest
 * are kept; backward it is removed. *NUMBER may be NULL. */
gboolean transaction_close(const Root *root, unsigned *number, GError **error);
