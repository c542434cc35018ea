/* transaction.h - a list of edits made durable as one: the whole old or the whole new, whatever happens in between.
 *
 *   stage         transaction/new/N, transaction/old/N, transaction/manifest.staged; flush
 *   commit point  rename manifest.staged -> manifest, fsync the directory
 *   roll forward  a hidden temporary beside each target (".NAME.reset-identity"), flush, rename all, flush; edits
 *                 marked EDIT_LAST last, flush
 *   close         old secrets forgotten, transaction -> history/N, flush
 *
 * Everything after the commit point is idempotent: recovery does it again. The manifest's name says where a transaction
 * stands: manifest.staged (not committed), manifest (forward), manifest.revert (durable before the first step back:
 * recovery brings the old content back). Flush calls do not grow with the number of edits.
 */
#pragma once

#include <gio/gio.h>

#include "base/root.h"
#include "plan/plan.h"

typedef struct {
  char *kind;      /* "apply", "undo", "seal", "adopt", "settle" */
  char *verdict;   /* verdict_name() */
  char *summary;   /* one line: "golden -> golden-5f3a1c" */
  char *reasons;   /* the verdict's reasons, newline-separated */
  unsigned undoes; /* kind "undo": the history entry that it takes back; else 0 */
} TransactionInfo;

void transaction_info_clear(TransactionInfo *info);

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

/* transaction_superseded: what the file at PATH held before the open, committed transaction, or where that is being
 * taken back, what it had been given: what runs may still have that when recovery has changed the file. NULL: none
 * open, or it does not write PATH over something. */
GBytes *transaction_superseded(const Root *root, const char *path);

/* transaction_recover: finish, take back or discard what an earlier run left (manifest there: forward, or back where
 * the marker stands; else the staging is removed), close it. *SUMMARY, where not NULL, tells people what was done. */
gboolean transaction_recover(const Root *root, Recovery *recovery, char **summary, GError **error);

/* transaction_commit: stage, commit point, roll forward; the transaction stays open. Before the commit point any error
 * leaves everything untouched (CANCELLED, where set, is looked at last just before it). After it SIGINT and SIGTERM
 * wait until transaction_close or transaction_revert. An error of code RI_ERROR_OPEN: committed but not finished. */
gboolean transaction_commit(const Root *root, const Plan *plan, const TransactionInfo *info, GCancellable *cancelled,
                            TransactionProgress progress, gpointer data, GError **error);

/* transaction_close: forget old secrets, move to history/N, keep the newest three. *NUMBER may be NULL. */
gboolean transaction_close(const Root *root, unsigned *number, GError **error);

/* transaction_revert: bring an open, rolled-forward transaction back, byte for byte, and remove it. */
gboolean transaction_revert(const Root *root, GError **error);
