/* transaction-info.h - what people are told of a transaction, and what of it is still to be done. */
#pragma once

#include <glib.h>

#include "plan/plan.h"

typedef struct {
  const char *kind;    /* "apply", "undo", "seal"; static */
  const char *verdict; /* verdict_name(); static */
  char *summary;       /* one line: "golden -> golden-5f3a1c" */
  char *reasons;       /* the verdict's reasons, newline-separated; NULL: none */
  unsigned undoes;     /* kind "undo": the history entry that it undoes; else 0 */
} TransactionInfo;

void transaction_info_clear(TransactionInfo *info);

/* What must happen beside files, and whether it did in the present direction. */
typedef struct {
  Action *action;
  gboolean done;
} OpenAction;

/* open_actions_take: ACTIONS (Action*), which is empty afterwards, each with its mark. */
GPtrArray *open_actions_take(GPtrArray *actions, const gboolean *marks);
