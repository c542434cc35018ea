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
  LiveNetwork *live;        /* the network that runs, prepared for this change; NULL: it is not touched by this run */
  const Plan *plan;         /* of the run that committed it; NULL: an earlier one did */
  const GPtrArray *changes; /* ProfileChange*, of PLAN */
} Executor;

/* executor_run: those that come after the files, are not done yet and need nothing that the run has not, in their
 * order; each is marked when it is done. One that fails is a warning: the files are right. One that must succeed is an
 * error: forward nothing further is done, backward the rest is. */
gboolean executor_run(const Executor *executor, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* executor_before: those that come before the files change: of PLAN before it is committed, or of what is committed
 * before it goes BACKWARD. What was committed has them behind it. */
gboolean executor_before(const Executor *executor, gboolean backward, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* executor_recover_network: what a run that was killed left of its change of the running network. *RECOVERED: there was
 * something. */
gboolean executor_recover_network(const Executor *executor, gboolean *recovered,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
