/* history.h - closed transactions: what `log` shows and `undo` undoes. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "manifest.h"
#include "plan/plan.h"
#include "transaction.h"

typedef struct {
  unsigned number;
  char *time; /* when it was committed, UTC, ISO 8601 */
  TransactionInfo info;
  GPtrArray *edits;   /* ManifestEdit*: what changed; manifest_change says one in words */
  GPtrArray *choices; /* Choice*; a secret one without its values */
  GPtrArray *actions; /* OpenAction* */
  gboolean undone;    /* an undo of it was closed */
} HistoryEntry;

/* history_list: newest first. A damaged entry is skipped and named in *WARNINGS (GPtrArray of char*, may be NULL). */
GPtrArray *history_list(const Root *root, GPtrArray **warnings, GError **error);
void history_entry_free(HistoryEntry *entry);

/* history_undo_plan: the edits that undo the newest apply that is not undone; *ENTRY_NUMBER is its number, *KEPT
 * (GPtrArray of char* paths) what cannot come back because its old secret was forgotten. RI_ERROR_CHANGED when a file
 * was changed since (all such paths are named), unless FORCE. *INFO is filled for transaction_commit. No such apply:
 * RI_ERROR_FAILED with a message that says so. */
Plan *history_undo_plan(const Root *root, gboolean force, unsigned *entry_number, GPtrArray **kept,
                        TransactionInfo *info, GError **error);

/* history_clear: forget all closed runs and their backups: what a template hands to its clones holds no old secret. */
gboolean history_clear(const Root *root, GError **error);
