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
#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "checks.h"
#include "done-marks.h"
#include "history-files.h"
#include "manifest.h"
#include "node.h"
#include "roll.h"
#include "signals.h"
#include "stage.h"
#include "state.h"
#include "transaction-load.h"

gboolean transaction_is_open(const Root *root) {
  struct stat info;
  autofd state = state_open(root, NULL);

  return state >= 0 && fstatat(state, TRANSACTION_NAME, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean transaction_is_committed(const Root *root) {
  autofd state = state_open(root, NULL);
  autofd fd = state >= 0 ? state_open_directory(state, TRANSACTION_NAME, NULL) : -1;

  return fd >= 0 && (faccessat(fd, MANIFEST_COMMITTED, F_OK, 0) == 0 || faccessat(fd, MANIFEST_REVERT, F_OK, 0) == 0);
}

gboolean transaction_check(const Root *root, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  return transaction_load(root, &transaction, error);
}

gboolean transaction_is_undo(const Root *root) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  return transaction_load(root, &transaction, NULL) && transaction.manifest != NULL &&
         strcmp(transaction.manifest->info.kind, "undo") == 0;
}

static gboolean holds_new(const Transaction *transaction, const ManifestEdit *edit) {
  const char *name = NULL;
  autofd parent = root_open_parent(transaction->root, edit->path, &name);

  return parent >= 0 && node_is(parent, name, NODE_FILE, edit->new_sha256) == 1;
}

GPtrArray *transaction_new_secrets(const Root *root) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

  if (!transaction_load(root, &transaction, NULL) || transaction.manifest == NULL)
    return paths;
  for (guint i = 0; i < transaction.manifest->edits->len; i++) {
    const ManifestEdit *edit = transaction.manifest->edits->pdata[i];
    g_autofree char *backup = g_strdup_printf("old/%u", i);
    if ((edit->flags & EDIT_FORGET_OLD) != 0 && edit->kind == EDIT_WRITE && holds_new(&transaction, edit) &&
        node_is(transaction.fd, backup, NODE_ABSENT, NULL) == 1)
      g_ptr_array_add(paths, g_strdup(edit->path));
  }
  return paths;
}

GBytes *transaction_superseded(const Root *root, const char *path) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  if (!transaction_load(root, &transaction, NULL) || transaction.manifest == NULL)
    return NULL;
  for (guint i = 0; i < transaction.manifest->edits->len; i++) {
    const ManifestEdit *edit = transaction.manifest->edits->pdata[i];
    if (edit->kind != EDIT_WRITE || strcmp(edit->path, path) != 0)
      continue;
    if (transaction.direction == ROLL_BACKWARD && !holds_new(&transaction, edit))
      return NULL;
    g_autofree char *copy =
        transaction.direction == ROLL_FORWARD ? g_strdup_printf(RI_TRANSACTION_DIR "/old/%u", i) : g_strdup(path);
    GBytes *content = NULL;
    return tree_read(root, copy, &content, NULL, NULL) ? content : NULL;
  }
  return NULL;
}

static gboolean fail_open(GError **error, GError *cause) {
  g_set_error(error, RI_ERROR, cause->code == RI_ERROR_BAD_STATE ? RI_ERROR_BAD_STATE : RI_ERROR_OPEN,
              "%s; the change is committed and not finished: fix the cause, then the next boot or `reset-identity "
              "apply` finishes it, or undo it with `reset-identity undo`",
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

/* Undo the commit point. Only once that is durable may the staging go: else a power cut could leave a committed
 * manifest without its content. What cannot be removed now, the next run removes. */
static gboolean uncommit(const Transaction *transaction, const char *manifest, GError **error) {
  if (!rename_manifest(transaction->fd, manifest, MANIFEST_STAGED, error))
    return FALSE;
  (void)stage_discard(transaction->root, transaction->state, NULL);
  return TRUE;
}

static gboolean fail_untouched(GError **error, GError *cause) {
  (void)ri_error_append(&cause, "; nothing is changed");
  return ri_error_pass(error, cause);
}

/* The error has been met before anything was changed. What cannot be removed now, the next run removes. */
static gboolean abandon(const Transaction *transaction, GError **error, GError *cause) {
  (void)stage_discard(transaction->root, transaction->state, NULL);
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
  return uncommit(transaction, MANIFEST_COMMITTED, NULL) || faccessat(transaction->fd, MANIFEST_COMMITTED, F_OK, 0) < 0;
}

/* What somebody changed before its turn came is left alone, and has the values that it should not have any more. */
static gboolean refuse_pending(const Roll *roll, GError **error) {
  gboolean forward = roll->direction == ROLL_FORWARD;

  if (roll->pending->len == 0)
    return FALSE;
  g_autofree char *paths = list_join(roll->pending, ", ");
  g_set_error(error, RI_ERROR, RI_ERROR_OPEN,
              "%s: it was changed after the change was prepared, so it is kept, and still has the %s values: the run "
              "is not finished. Move it away, run `reset-identity apply`, then make your change again%s",
              paths, forward ? "old" : "new", forward ? "; or undo the run with `reset-identity undo`" : "");
  return TRUE;
}

/* From the commit point to the whole new, or back to the whole old when not one target was changed yet. */
static gboolean roll_forward(const Transaction *transaction, GError **error) {
  g_auto(Roll) roll = ROLL_OF(transaction->root, transaction->manifest, ROLL_FORWARD, FALSE);
  GError *cause = NULL;

  if (roll_files(&roll, &cause))
    return TRUE;
  if (!roll.begun && take_back(transaction))
    return fail_untouched(error, cause);
  return fail_open(error, cause);
}

static gboolean reach_commit_point(const Transaction *transaction, GError **error) {
  GError *cause = NULL;

  if (rename_manifest(transaction->fd, MANIFEST_STAGED, MANIFEST_COMMITTED, &cause))
    return TRUE;
  if (faccessat(transaction->fd, MANIFEST_COMMITTED, F_OK, 0) < 0)
    return abandon(transaction, error, cause);
  /* Renamed, but perhaps not durable. */
  return take_back(transaction) ? fail_untouched(error, cause) : fail_open(error, cause);
}

static gboolean finish_commit(const Transaction *transaction, TransactionProgress progress, gpointer data,
                              GError **error) {
  if (!reach_commit_point(transaction, error))
    return FALSE;
  transaction_remember(transaction);
  signals_explain(
      "\nreset-identity: the change is committed; it is finished, or undone as a whole, before this ends\n");
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
  g_autoptr(GBytes) text = NULL;
  GError *cause = NULL;

  transaction->manifest = manifest_new(plan, info);
  text = manifest_format(transaction->manifest);
  transaction->fd = stage_run(transaction->root, transaction->state, plan, transaction->manifest, text, &cause);
  if (transaction->fd >= 0 &&
      manifest_verify(transaction->manifest, text, transaction->fd, MANIFEST_STAGED, RI_TRANSACTION_DIR, &cause) &&
      !is_cancelled(cancelled, &cause))
    return TRUE;
  return abandon(transaction, error, cause);
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
      !checks_run(root, plan, error) || !stage(&transaction, plan, info, cancelled, error))
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
  return ri_error(error, RI_ERROR_FAILED, RI_TRANSACTION_DIR ": no committed transaction is open");
}

/* The record is last: nobody may take the machine for settled while something is still to be done. Its flush is that of
 * the removal of old secrets too, which going forward does not need. */
static gboolean close_forward(const Transaction *transaction, unsigned *number, GError **error) {
  g_auto(Roll) roll = ROLL_OF(transaction->root, transaction->manifest, ROLL_FORWARD, TRUE);
  GError *cause = NULL;
  unsigned entry = 0;

  if (!history_forget(transaction->fd, transaction->manifest, &cause) || !roll_last(&roll, &cause) ||
      !history_add(transaction->state, &entry, &cause))
    return fail_open(error, cause);
  if (syncfs(transaction->state) < 0)
    return ri_error_errno(error, -errno, "%s/%u: the change is in effect, but flushing its history", RI_HISTORY_DIR,
                          entry);
  history_tidy(transaction->state);
  if (number != NULL)
    *number = entry;
  return TRUE;
}

gboolean transaction_close(const Root *root, unsigned *number, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  GError *cause = NULL;
  gboolean done = load_committed(root, &transaction, error);

  transaction_forget();
  if (done && transaction.direction == ROLL_FORWARD)
    done = close_forward(&transaction, number, error);
  else if (done && !uncommit(&transaction, MANIFEST_REVERT, &cause))
    done = fail_open(error, cause);
  signals_release(SIGNALS_OF_TRANSACTION);
  return done;
}

/* All edits but the record's, or backward with it; *KEPT names what somebody changed since. */
static gboolean roll_again(const Transaction *transaction, char **kept, GError **error) {
  g_auto(Roll) roll = ROLL_OF(transaction->root, transaction->manifest, transaction->direction, TRUE);
  GError *cause = NULL;

  if (!roll_files(&roll, &cause) || (transaction->direction == ROLL_BACKWARD && !roll_last(&roll, &cause)))
    return fail_open(error, cause);
  if (refuse_pending(&roll, error))
    return FALSE;
  *kept = list_join(roll.kept, ", ");
  return TRUE;
}

/* Turned round only when all that the way back needs is on the disk. */
static gboolean turn_back(Transaction *transaction, GError **error) {
  GError *cause = NULL;

  if (transaction->direction == ROLL_BACKWARD)
    return TRUE;
  if (!stage_back(transaction->root, transaction->fd, transaction->manifest, &cause) ||
      !rename_manifest(transaction->fd, MANIFEST_COMMITTED, MANIFEST_REVERT, &cause))
    return fail_open(error, cause);
  transaction->direction = ROLL_BACKWARD;
  return TRUE;
}

gboolean transaction_revert(const Root *root, char **kept, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  g_autofree char *changed = NULL;

  signals_hold(SIGNALS_OF_TRANSACTION);
  transaction_forget();
  gboolean done = load_committed(root, &transaction, error) && turn_back(&transaction, error) &&
                  roll_again(&transaction, &changed, error);
  if (!done)
    signals_release(SIGNALS_OF_TRANSACTION);
  if (done && kept != NULL)
    *kept = g_steal_pointer(&changed);
  return done;
}

static char *describe(const Transaction *transaction, Recovery recovery, const char *kept) {
  const Manifest *manifest = transaction->manifest;

  if (recovery == RECOVERED_DISCARDED)
    return g_strdup("an earlier run ended before it changed anything: its preparations are removed");
  /* What it had reached is not true any more once it is undone. */
  g_autofree char *reached =
      recovery == RECOVERED_FINISHED ? g_strconcat(": ", manifest->info.summary, NULL) : g_strdup("");
  return g_strdup_printf("the %s of %s is %s%s%s%s", manifest->info.kind, manifest->time,
                         recovery == RECOVERED_FINISHED ? "finished" : "undone", reached,
                         *kept != '\0' ? "; kept, because it was changed since: " : "", kept);
}

gboolean transaction_recover(const Root *root, Recovery *recovery, char **summary, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;
  g_autofree char *kept = NULL;

  *recovery = RECOVERED_NOTHING;
  if (!transaction_load(root, &transaction, error))
    return FALSE;
  if (transaction.fd < 0) {
    if (transaction.state >= 0)
      history_tidy(transaction.state);
    return TRUE;
  }
  signals_hold(SIGNALS_OF_TRANSACTION);
  gboolean done = transaction.manifest != NULL ? roll_again(&transaction, &kept, error)
                                               : stage_discard(root, transaction.state, error);
  if (!done || transaction.manifest == NULL)
    signals_release(SIGNALS_OF_TRANSACTION);
  if (!done)
    return FALSE;
  *recovery = transaction.manifest == NULL            ? RECOVERED_DISCARDED
              : transaction.direction == ROLL_FORWARD ? RECOVERED_FINISHED
                                                      : RECOVERED_REVERTED;
  if (summary != NULL)
    *summary = describe(&transaction, *recovery, kept);
  return TRUE;
}

static gpointer copy_action(gconstpointer action, G_GNUC_UNUSED gpointer data) {
  return action_copy(action);
}

GPtrArray *transaction_actions(const Root *root, gboolean *backward, GError **error) {
  g_auto(Transaction) transaction = TRANSACTION_NONE;

  if (!load_committed(root, &transaction, error))
    return NULL;
  g_autoptr(GPtrArray) actions = g_ptr_array_copy(transaction.manifest->actions, copy_action, NULL);
  *backward = transaction.direction == ROLL_BACKWARD;
  g_autofree gboolean *marks = done_marks_read(transaction.fd, *backward, actions->len);
  return open_actions_take(actions, marks);
}

/* Its manifest need not be read: it has been read when it was committed, and INDEX is one of its actions. */
gboolean transaction_action_done(const Root *root, unsigned index, GError **error) {
  autofd state = state_open(root, error);
  autofd fd = state >= 0 ? state_open_directory(state, TRANSACTION_NAME, error) : -1;
  gboolean backward = fd >= 0 && faccessat(fd, MANIFEST_REVERT, F_OK, 0) == 0;

  if (fd < 0)
    return error != NULL && *error != NULL ? FALSE : ri_error_errno(error, -ENOENT, RI_TRANSACTION_DIR);
  int result = done_marks_add(fd, backward, index);
  return result == 0 || ri_error_errno(error, result, RI_TRANSACTION_DIR ": noting that an action is done");
}
