/* executor.c - the actions of the open transaction, carried out */
#include "executor.h"

#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "commit/transaction.h"
#include "network/link-stacks.h"
#include "network/profile-changes.h"
#include "network/verify-links.h"
#include "network/verify.h"
#include "system/running-system.h"

enum { VERIFY_WAIT_S = 15 };

/* What is not wrong, and yet not what the files say. */
static void warn_of_skipped(const Executor *executor, const Verification *verification) {
  list_each (const CheckRow *, row, verification->checks)
    if (row->result == CHECK_SKIPPED && row->advice != NULL)
      g_ptr_array_add(executor->warnings, g_strdup_printf("%s: expected %s, found %s: %s", row->what, row->expected,
                                                          row->found, row->advice));
}

/* What the files say of the network that ACTION is about; of the plan's profiles alone, where there is one. */
static Verification *look_at_network(const Executor *executor, const Action *action, GError **error) {
  const Plan *of = executor->plan;
  g_autoptr(GPtrArray) failed_before =
      action->object == NULL ? live_network_failed_before(action->data) : link_stack_failed_before(action->data);
  g_autoptr(GPtrArray) changes = of != NULL ? profile_changes_from_plan(of) : NULL;
  g_autoptr(Plan) plan = plan_new();
  plan_check(plan, action->step, action->object == NULL ? VERIFY_NETWORK : VERIFY_LINKS, action->object,
             "what the files say");
  for (guint i = 0; of != NULL && action->object == NULL && i < of->checks->len; i++) {
    const Check *check = of->checks->pdata[i];
    if (strcmp(check->step, action->step) == 0)
      plan_check(plan, check->step, check->name, check->object, check->expected);
  }
  VerifyOptions options = {
      .root = &executor->machine->root,
      .changes = changes,
      .failed_before = failed_before,
      .checks = plan->checks,
      .policy = &executor->machine->policy,
      .host = executor->machine->host,
      .wait_s = VERIFY_WAIT_S,
      .progress = executor->progress,
      .data = executor->data,
  };

  return verify_run(&options, error);
}

static gboolean verify(const Executor *executor, const Action *action, GError **error) {
  g_autoptr(Verification) verification = look_at_network(executor, action, error);

  if (verification == NULL)
    return FALSE;
  if (verification->ok) {
    warn_of_skipped(executor, verification);
    return TRUE;
  }
  g_autofree char *summary = verification_summary(verification);
  return ri_error(error, RI_ERROR_NETWORK, "the new network does not work: %s", summary);
}

/* It has been up before, so that it is to be looked at. */
static gboolean was_up(const Executor *executor, const Action *action) {
  const Machine *machine = executor->machine;

  if (action->kind != ACTION_NETWORK || action->phase != PHASE_AFTER || !machine->can.wire ||
      machine->can.started_by == STARTED_BY_BOOT)
    return FALSE;
  return action->object == NULL ? live_network_ran(action->data) : link_stack_runs(&machine->root, action->object);
}

char *executor_look(const Executor *executor) {
  gboolean backward = FALSE;
  g_autoptr(GPtrArray) actions = transaction_actions(&executor->machine->root, &backward, NULL);
  g_autoptr(GPtrArray) wrong = g_ptr_array_new_with_free_func(g_free);

  for (guint i = 0; actions != NULL && i < actions->len; i++) {
    const Action *action = ((const OpenAction *)actions->pdata[i])->action;
    g_autoptr(Verification) verification = was_up(executor, action) ? look_at_network(executor, action, NULL) : NULL;
    if (verification != NULL && !verification->ok)
      g_ptr_array_add(wrong, verification_summary(verification));
  }
  if (wrong->len == 0)
    return NULL;
  g_autofree char *summary = list_join(wrong, "; ");
  return g_strdup_printf("the network does not run as the files say: %s. Restart it or reboot, and see what "
                         "`reset-identity verify` says then",
                         summary);
}

static gboolean carry_out_stack(const Executor *executor, const Action *action, gboolean forward, GError **error) {
  const Root *root = &executor->machine->root;
  const gboolean at_boot = executor->machine->can.started_by == STARTED_BY_BOOT;

  if (action->phase == PHASE_BEFORE)
    return at_boot || link_stack_down(root, action->object, action->data, forward, error);
  return link_stack_up(root, action->object, action->data, forward && !at_boot, executor->progress, executor->data,
                       error) &&
         (!forward || at_boot || !link_stack_runs(root, action->object) || verify(executor, action, error));
}

/* A run that has committed looks whether it works; one that only finishes, or undoes, brings what runs to the files. */
static gboolean carry_out_network(const Executor *executor, const Action *action, gboolean backward, GError **error) {
  const Machine *machine = executor->machine;
  gboolean forward = executor->plan != NULL && !backward;

  if (!machine->can.wire)
    return TRUE;
  if (action->object != NULL)
    return carry_out_stack(executor, action, forward, error);
  return live_network_converge(&machine->root, action->data, forward, executor->progress, executor->data, error) &&
         (!forward || executor->presence != NETWORK_MANAGER_RUNS || verify(executor, action, error));
}

/* What the run leaves in /run is no reason to call it unfinished. */
static void release_network(const Executor *executor) {
  const Root *root = &executor->machine->root;
  g_autoptr(GError) cause = NULL;

  link_stacks_release(root);
  if (!live_network_release(root, &cause))
    g_ptr_array_add(executor->warnings, g_strdup_printf("%s: NetworkManager's next start may interrupt the network; "
                                                        "a reboot removes it",
                                                        cause->message));
}

gboolean executor_close(const Executor *executor, unsigned *number, GError **error) {
  if (executor->machine->can.wire)
    release_network(executor);
  return transaction_close(&executor->machine->root, number, error);
}

static gboolean carry_out_action(const Executor *executor, const Action *action, gboolean backward, GError **error) {
  const Machine *machine = executor->machine;
  const Surroundings around = {.root = &machine->root,
                               .has = machine->can.has,
                               .at_boot = machine->can.started_by == STARTED_BY_BOOT,
                               .warnings = executor->warnings};

  switch (action->kind) {
  case ACTION_HOSTNAME:
    return running_hostname(action, &around, error);
  case ACTION_MACHINE_ID:
    return running_machine_id(action, &around, error);
  case ACTION_UNIT:
    return running_unit(action, &around, error);
  case ACTION_NETWORK:
    return carry_out_network(executor, action, backward, error);
  case ACTION_PROGRAM:
    return running_program(action, &around, error);
  }
  return FALSE;
}

/* FALSE: it must succeed and did not. *DONE: it did. */
static gboolean try_action(const Executor *executor, const Action *action, gboolean backward, gboolean *done,
                           GError **error) {
  g_autoptr(GError) cause = NULL;

  *done = FALSE;
  if ((action->needs & ~executor->machine->can.has) != 0)
    return TRUE;
  executor->progress(action->why, executor->data);
  *done = carry_out_action(executor, action, backward, &cause);
  if (*done)
    return TRUE;
  if (action->must_succeed)
    return ri_error_pass(error, g_steal_pointer(&cause));
  g_ptr_array_add(executor->warnings,
                  g_strdup_printf("%s: the files are right, a reboot puts them in effect", cause->message));
  return TRUE;
}

gboolean executor_run(const Executor *executor, GError **error) {
  const Root *root = &executor->machine->root;
  gboolean backward = FALSE, good = TRUE;
  g_autoptr(GPtrArray) actions = transaction_actions(root, &backward, error);

  for (guint i = 0; actions != NULL && i < actions->len && (good || backward); i++) {
    const OpenAction *open = actions->pdata[i];
    GError **first = good ? error : NULL;
    gboolean done;

    if (open->done || open->action->phase != PHASE_AFTER)
      continue;
    good &= try_action(executor, open->action, backward, &done, first);
    if (done)
      good &= transaction_action_done(root, i, good ? error : NULL);
  }
  return actions != NULL && good;
}

gboolean executor_before(const Executor *executor, gboolean backward, GError **error) {
  gboolean direction, done, good = TRUE;
  g_autoptr(GPtrArray) open =
      executor->plan == NULL ? transaction_actions(&executor->machine->root, &direction, error) : NULL;
  const GPtrArray *actions = executor->plan != NULL ? executor->plan->actions : open;

  for (guint i = 0; actions != NULL && i < actions->len && (good || backward); i++) {
    const Action *action = open != NULL ? ((const OpenAction *)open->pdata[i])->action : actions->pdata[i];
    if (action->phase == PHASE_BEFORE)
      good &= try_action(executor, action, backward, &done, good ? error : NULL);
  }
  return actions != NULL && good;
}

gboolean executor_again(const Executor *executor, GError **error) {
  return !executor->machine->can.wire || link_stacks_up_again(&executor->machine->root, error);
}
