/* executor.h - the actions of the open transaction, carried out: the same list for a run, its way back and recovery. */
#pragma once

#include <glib.h>

#include "machine.h"
#include "network/live.h"
#include "plan/plan.h"

typedef struct {
  const Machine *machine;
  GPtrArray *warnings; /* char*, of the run */
  void (*progress)(const char *stage, gpointer data);
  gpointer data;
  NetworkPresence presence; /* what runs here, for this run */
  const Plan *plan;         /* of the run that committed it; NULL: an earlier one did */
} Executor;

/* executor_run: those that come after the files, are not done yet and need nothing that the run has not, in their
 * order; each is marked when it is done. One that fails is a warning: the files are right. One that must succeed is an
 * error: forward nothing further is done, backward the rest is. */
gboolean executor_run(const Executor *executor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* executor_before: those that come before the files change: of PLAN before it is committed, or of what is committed
 * before it goes BACKWARD. What was committed has them behind it. */
gboolean executor_before(const Executor *executor, gboolean backward, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* executor_again: what executor_before took down comes up again, for nothing was committed. */
gboolean executor_again(const Executor *executor, GError **error);

/* executor_look: behind a way back that has been carried out: what does not run as the files say though it ran before,
 * and what to do, as a sentence without a capital and a full stop. NULL: all runs. The caller frees. */
char *executor_look(const Executor *executor);

/* executor_close: nothing of the run is left beside its history: it has come to its end, one way or the other. */
gboolean executor_close(const Executor *executor, unsigned *number, GError **error) G_GNUC_WARN_UNUSED_RESULT;
