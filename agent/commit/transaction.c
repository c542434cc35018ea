/* transaction.c - a list of edits made durable as one */
#include "transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "checks.h"
#include "directories.h"
#include "history-files.h"
#include "manifest.h"
#include "roll.h"
#include "signals.h"
#include "stage.h"
#include "state.h"

/* A transaction as it lies on the disk. */
typedef struct {
  const Root *root;
  int state, fd;
  Manifest *manifest; /* NULL: it was never committed */
  RollDirection direction;
} Transaction;

static void transaction_clear(Transaction *transaction) {
  if (transaction->state >= 0)
    (void)close(transaction->state);
  if (transaction->fd >= 0)
    (void)close(transaction->fd);
  manifest_free(transaction->manifest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Transaction, transaction_clear)

#define TRANSACTION_NONE                                                                                               \
  { .state = -1, .fd = -1 }

/* What is open, if anything: TRUE with fd -1 when nothing is. */
static gboolean transaction_load(const Root *root, Transaction *transaction, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(Manifest) forward = NULL;
  g_autoptr(Manifest) backward = NULL;

  transaction->root = root;
  transaction->state = state_open(root, &problem);
  if (transaction->state >= 0)
    transaction->fd = state_open_directory(transaction->state, TRANSACTION_NAME, &problem);
  if (transaction->fd >= 0)
    forward = manifest_read(transaction->fd, MANIFEST_COMMITTED, RI_TRANSACTION_DIR, &problem);
  if (transaction->fd >= 0 && problem == NULL)
    backward = manifest_read(transaction->fd, MANIFEST_REVERT, RI_TRANSACTION_DIR, &problem);
  if (problem == NULL && forward != NULL && backward != NULL)
    g_set_error(
        &problem, RI_ERROR, RI_ERROR_BAD_STATE,
        "%s holds both %s and %s, so nobody knows its direction; nothing is changed. Remove %s to finish it, or "
        "%s to take it back",
        RI_TRANSACTION_DIR, MANIFEST_COMMITTED, MANIFEST_REVERT, MANIFEST_REVERT, MANIFEST_COMMITTED);
  if (problem != NULL) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  transaction->direction = backward != NULL ? ROLL_BACKWARD : ROLL_FORWARD;
  transaction->manifest = backward != NULL ? g_steal_pointer(&backward) : g_steal_pointer(&forward);
  return TRUE;
}

gboolean transaction_is_open(const Root *root) {
  struct stat info;
  autofd state = state_open(root, NULL);

  return state >= 0 && fstatat(state, TRANSACTION_NAME, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

GBytes *transaction_superseded(const Root *root, const char *path) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  if (!transaction_load(root, &transaction, NULL) || transaction.manifest == NULL)
    return NULL;
  for (guint i = 0; i < transaction.manifest->edits->len; i++) {
    const ManifestEdit *edit = transaction.manifest->edits->pdata[i];
    if (edit->kind != EDIT_WRITE || strcmp(edit->path, path) != 0)
      continue;
    g_autofree char *copy =
        g_strdup_printf(RI_TRANSACTION_DIR "/%s/%u", transaction.direction == ROLL_FORWARD ? "old" : "new", i);
    GBytes *content = NULL;
    return tree_read(root, copy, &content, NULL, NULL) ? content : NULL;
  }
  return NULL;
}

static gboolean fail_open(GError **error, GError *cause) {
  g_set_error(error, RI_ERROR, cause->code == RI_ERROR_BAD_STATE ? RI_ERROR_BAD_STATE : RI_ERROR_OPEN,
              "%s; the change is committed and not finished: mend the cause, then the next boot or `reset-identity "
              "apply` finishes it",
              cause->message);
  g_error_free(cause);
  return FALSE;
}

static gboolean rename_manifest(int fd, const char *from, const char *to, GError **error) {
  if (renameat(fd, from, fd, to) < 0)
    return ri_error_errno(error, -errno, RI_TRANSACTION_DIR "/%s: renaming it to %s", from, to);
  if (fsync(fd) < 0)
    return ri_error_errno(error, -errno, RI_TRANSACTION_DIR ": flushing it");
  return TRUE;
}

/* Take the commit point back. Only once that is durable may the staging go: else a power cut could leave a committed
 * manifest without its content. */
static gboolean uncommit(int state, int fd, const char *manifest, GError **error) {
  int result;

  if (!rename_manifest(fd, manifest, MANIFEST_STAGED, error))
    return FALSE;
  result = directories_remove_tree(state, TRANSACTION_NAME);
  return result < 0 ? ri_error_errno(error, result, RI_TRANSACTION_DIR) : TRUE;
}

static gboolean fail_untouched(GError **error, GError *cause) {
  g_set_error(error, cause->domain, cause->code, "%s; nothing is changed", cause->message);
  g_error_free(cause);
  return FALSE;
}

/* The error has been met before anything was changed. What cannot be removed now, the next run removes. */
static gboolean abandon(int state, GError **error, GError *cause) {
  (void)directories_remove_tree(state, TRANSACTION_NAME);
  return fail_untouched(error, cause);
}

static gboolean is_cancelled(GCancellable *cancelled, GError **error) {
  if (!signals_noted() && (cancelled == NULL || !g_cancellable_is_cancelled(cancelled)))
    return FALSE;
  g_set_error_literal(error, RI_ERROR, RI_ERROR_CANCELLED, "interrupted");
  return TRUE;
}

/* Not one target was changed: back over the commit point. Returns whether the transaction is no longer committed. */
static gboolean take_back(const Transaction *transaction) {
  return uncommit(transaction->state, transaction->fd, MANIFEST_COMMITTED, NULL) ||
         faccessat(transaction->fd, MANIFEST_COMMITTED, F_OK, 0) < 0;
}

/* From the commit point to the whole new, or back to the whole old when not one target was changed yet. */
static gboolean roll_forward(const Transaction *transaction, GError **error) {
  Roll roll = {transaction->root, transaction->fd, transaction->manifest, ROLL_FORWARD, FALSE};
  GError *cause = NULL;

  if (roll_run(&roll, &cause))
    return TRUE;
  if (!roll.begun && roll_withdraw(&roll, NULL) && take_back(transaction))
    return fail_untouched(error, cause);
  return fail_open(error, cause);
}

static gboolean reach_commit_point(const Transaction *transaction, GError **error) {
  GError *cause = NULL;

  if (rename_manifest(transaction->fd, MANIFEST_STAGED, MANIFEST_COMMITTED, &cause))
    return TRUE;
  if (faccessat(transaction->fd, MANIFEST_COMMITTED, F_OK, 0) < 0)
    return abandon(transaction->state, error, cause);
  /* Renamed, but perhaps not durable. */
  return take_back(transaction) ? fail_untouched(error, cause) : fail_open(error, cause);
}

static gboolean finish_commit(const Transaction *transaction, TransactionProgress progress, gpointer data,
                              GError **error) {
  if (!reach_commit_point(transaction, error))
    return FALSE;
  signals_explain(
      "\nreset-identity: the change is committed; it is finished, or taken back as a whole, before this ends\n");
  if (progress != NULL)
    progress("committed", data);
  if (!roll_forward(transaction, error))
    return FALSE;
  if (progress != NULL)
    progress("in place", data);
  return TRUE;
}

/* What was written is what will be carried out: a manifest that cannot be read back would stop the next boot too. */
static gboolean stage(Transaction *transaction, const Plan *plan, const TransactionInfo *info, GCancellable *cancelled,
                      GError **error) {
  GError *cause = NULL;

  transaction->fd = stage_run(transaction->root, transaction->state, plan, info, &cause);
  if (transaction->fd >= 0)
    transaction->manifest = manifest_read(transaction->fd, MANIFEST_STAGED, RI_TRANSACTION_DIR, &cause);
  if (transaction->manifest != NULL && !is_cancelled(cancelled, &cause))
    return TRUE;
  return abandon(transaction->state, error, cause);
}

static gboolean refuse_second(const Transaction *transaction, GError **error) {
  if (transaction->state < 0)
    g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED,
                        RI_STATE_DIR
                        " is not there; it is made when it is locked (is a run without its lock going on?)");
  else if (transaction->fd >= 0)
    g_set_error_literal(error, RI_ERROR, RI_ERROR_OPEN,
                        RI_TRANSACTION_DIR
                        ": an earlier run is not finished; `reset-identity apply` finishes it first");
  else
    return FALSE;
  return TRUE;
}

static gboolean commit(const Root *root, const Plan *plan, const TransactionInfo *info, GCancellable *cancelled,
                       TransactionProgress progress, gpointer data, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  if (!transaction_load(root, &transaction, error) || refuse_second(&transaction, error) ||
      !checks_run(root, transaction.state, plan, error) || !stage(&transaction, plan, info, cancelled, error))
    return FALSE;
  if (progress != NULL)
    progress("staged", data);
  return finish_commit(&transaction, progress, data, error);
}

gboolean transaction_commit(const Root *root, const Plan *plan, const TransactionInfo *info, GCancellable *cancelled,
                            TransactionProgress progress, gpointer data, GError **error) {
  /* Held while staging too, so that an interrupted run takes its preparations away before it goes. */
  signals_hold(SIGNALS_OF_TRANSACTION);
  if (commit(root, plan, info, cancelled, progress, data, error))
    return TRUE;
  signals_release(SIGNALS_OF_TRANSACTION);
  return FALSE;
}

static gboolean load_committed(const Root *root, Transaction *transaction, GError **error) {
  if (!transaction_load(root, transaction, error))
    return FALSE;
  if (transaction->manifest != NULL)
    return TRUE;
  g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED, RI_TRANSACTION_DIR ": no committed transaction is open");
  return FALSE;
}

/* Old secrets go while the transaction is still open (going forward needs none of them); the copies of the new content
 * go once it is history, because until that is durable recovery needs them. */
static gboolean close_forward(Transaction *transaction, unsigned *number, GError **error) {
  GError *cause = NULL;
  unsigned entry = 0;

  if (!history_forget(transaction->fd, transaction->manifest, &cause) ||
      !history_add(transaction->state, &entry, &cause))
    return fail_open(error, cause);
  if (syncfs(transaction->state) < 0)
    return ri_error_errno(error, -errno, "%s/%u: the change is in force, but flushing its history", RI_HISTORY_DIR,
                          entry);
  history_tidy(transaction->state);
  if (number != NULL)
    *number = entry;
  return TRUE;
}

gboolean transaction_close(const Root *root, unsigned *number, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  gboolean done = load_committed(root, &transaction, error);

  if (done && transaction.direction == ROLL_BACKWARD) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_OPEN, RI_TRANSACTION_DIR ": it is being taken back");
    done = FALSE;
  }
  done = done && close_forward(&transaction, number, error);
  signals_release(SIGNALS_OF_TRANSACTION);
  return done;
}

static gboolean roll_back(Transaction *transaction, GError **error) {
  Roll roll = {transaction->root, transaction->fd, transaction->manifest, ROLL_BACKWARD, FALSE};
  GError *cause = NULL;

  if (roll_run(&roll, &cause) && uncommit(transaction->state, transaction->fd, MANIFEST_REVERT, &cause))
    return TRUE;
  return fail_open(error, cause);
}

gboolean transaction_revert(const Root *root, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  GError *cause = NULL;
  gboolean done = load_committed(root, &transaction, error);

  if (done && transaction.direction == ROLL_FORWARD &&
      !rename_manifest(transaction.fd, MANIFEST_COMMITTED, MANIFEST_REVERT, &cause))
    done = fail_open(error, cause);
  done = done && roll_back(&transaction, error);
  signals_release(SIGNALS_OF_TRANSACTION);
  return done;
}

static gboolean recover_committed(Transaction *transaction, GError **error) {
  Roll roll = {transaction->root, transaction->fd, transaction->manifest, ROLL_FORWARD, FALSE};
  GError *cause = NULL;

  if (transaction->direction == ROLL_BACKWARD)
    return roll_back(transaction, error);
  if (roll_run(&roll, &cause))
    return close_forward(transaction, NULL, error);
  /* Temporaries beside live files are litter while it stays open; the cause is the better message. */
  if (!roll.begun)
    (void)roll_withdraw(&roll, NULL);
  return fail_open(error, cause);
}

static gboolean discard(Transaction *transaction, GError **error) {
  int result = directories_remove_tree(transaction->state, TRANSACTION_NAME);

  return result < 0 ? ri_error_errno(error, result, RI_TRANSACTION_DIR ": removing what was never committed") : TRUE;
}

static char *describe(const Manifest *manifest, Recovery recovery) {
  if (recovery == RECOVERED_DISCARDED)
    return g_strdup("an earlier run ended before it changed anything: its preparations are removed");
  return g_strdup_printf("the %s of %s is %s: %s", manifest->info.kind, manifest->time,
                         recovery == RECOVERED_FINISHED ? "finished" : "taken back", manifest->info.summary);
}

gboolean transaction_recover(const Root *root, Recovery *recovery, char **summary, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  gboolean done;

  *recovery = RECOVERED_NOTHING;
  if (!transaction_load(root, &transaction, error))
    return FALSE;
  if (transaction.fd < 0) {
    if (transaction.state >= 0)
      history_tidy(transaction.state);
    return TRUE;
  }
  signals_hold(SIGNALS_OF_TRANSACTION);
  done = transaction.manifest != NULL ? recover_committed(&transaction, error) : discard(&transaction, error);
  if (done)
    history_tidy(transaction.state);
  signals_release(SIGNALS_OF_TRANSACTION);
  if (!done)
    return FALSE;
  *recovery = transaction.manifest == NULL            ? RECOVERED_DISCARDED
              : transaction.direction == ROLL_FORWARD ? RECOVERED_FINISHED
                                                      : RECOVERED_REVERTED;
  if (summary != NULL)
    *summary = describe(transaction.manifest, *recovery);
  return TRUE;
}
