/* carry-out.c - a signed plan becomes the machine's identity */
#include "carry-out.h"

#include "base/error.h"
#include "network/isolation.h"
#include "network/link-stacks.h"

gboolean carry_out_open(Run *run, NetworkPresence *presence, GError **error) {
  *presence = NETWORK_NO_BUS;
  if (!run->machine.can.wire)
    return TRUE;
  if (!live_network_look(presence, error))
    return ri_error_append(error, "; nothing is changed");
  if (*presence == NETWORK_MANAGER_RUNS)
    return TRUE;
  if (*presence == NETWORK_MANAGER_APART) {
    g_ptr_array_add(
        run->report.warnings,
        g_strdup("NetworkManager is not a unit of systemd here that reset-identity can restart: only the files "
                 "are changed, and take effect once you restart it"));
    return TRUE;
  }
  if (!run_at_boot(run) && live_network_stack() == NULL)
    g_ptr_array_add(run->report.warnings,
                    g_strdup("NetworkManager does not run: its profiles take effect when it starts"));
  return TRUE;
}

/* ERROR keeps its cause and learns what is done and what is not. */
static gboolean run_back(const Executor *executor, char **unlike, GError **error) {
  GError *cause = NULL;

  if (executor_run(executor, &cause)) {
    *unlike = executor_look(executor);
    return executor_close(executor, NULL, error);
  }
  (void)ri_error_append(&cause, ". The files are as they were; `reset-identity undo` tries the rest again%s",
                        executor->machine->can.wire ? ", with --no-network it leaves the network as it runs" : "");
  return ri_error_pass(error, cause);
}

/* The files as they were, then what runs. *UNLIKE: what does not run as they say; NULL: all does. */
static gboolean go_back(const Executor *executor, char **kept, char **unlike, GError **error) {
  const Root *root = &executor->machine->root;
  g_autoptr(GError) before = NULL;

  if (!executor_before(executor, TRUE, &before))
    g_ptr_array_add(executor->warnings, g_strdup(before->message));
  if (!transaction_revert(root, kept, error))
    return FALSE;
  return run_back(executor, unlike, error);
}

gboolean carry_out_open_back(Run *run, char **kept, GError **error) {
  const Executor executor = run_executor(run, NULL);
  char *unlike = NULL;

  run_hold_signals();
  gboolean good = go_back(&executor, kept, &unlike, error);
  if (unlike != NULL)
    g_ptr_array_add(run->report.warnings, unlike);
  return good;
}

/* Back to what was. ERROR keeps its cause and learns how it ended. */
static void take_back(const Executor *executor, gboolean was_isolated, GError **error) {
  const Machine *machine = executor->machine;
  g_autofree char *kept = NULL;
  g_autofree char *unlike = NULL;
  g_autoptr(GError) back = NULL;
  gboolean isolated, good;

  executor->progress("undoing everything", executor->data);
  isolated = !was_isolated ||
             isolation_set(&machine->root, &machine->hardware, &machine->facts.nics, (*error)->message, NULL, &back);
  good = go_back(executor, &kept, &unlike, isolated ? &back : NULL) && isolated;
  if (!good)
    (void)ri_error_append(error, ". Undoing it failed too: %s", back->message);
  else if (*kept == '\0')
    (void)ri_error_append(error, unlike == NULL ? ". Everything is as it was before this run"
                                                : ". The files are as they were before this run");
  else
    (void)ri_error_append(
        error,
        ". Everything else is as it was before this run, but these files were changed meanwhile and are kept: %s",
        kept);
  if (good && unlike != NULL)
    (void)ri_error_append(error, ", but %s", unlike);
  if (!good && transaction_is_open(&machine->root))
    (*error)->code = RI_ERROR_OPEN;
}

/* What is active where goes with the action. What NetworkManager has of the profiles is remembered also where it is not
 * to be touched: it is restarted some time. */
static gboolean prepare(const Executor *executor, GError **error) {
  const Machine *machine = executor->machine;
  const gboolean at_boot = machine->can.started_by == STARTED_BY_BOOT;

  for (guint i = 0; capabilities_live(&machine->can) && i < executor->plan->actions->len; i++) {
    Action *action = executor->plan->actions->pdata[i];
    if (action->kind != ACTION_NETWORK || (action->object != NULL && action->phase == PHASE_BEFORE))
      continue;
    char *data = action->object != NULL
                     ? link_stack_note(&machine->root, action->object, action->data)
                     : live_network_note(&machine->root, executor->plan, at_boot, executor->warnings, error);
    g_free(action->data);
    action->data = data;
    if (data == NULL)
      return FALSE;
  }
  return TRUE;
}

/* Nothing was committed: what was noted of the network goes, and what went down has to come up. ERROR keeps its cause.
 */
static void bring_up_again(const Executor *executor, GError **error) {
  const Root *root = &executor->machine->root;
  g_autoptr(GError) again = NULL;

  if (capabilities_live(&executor->machine->can) && !transaction_is_open(root))
    (void)live_network_forget(root, NULL);
  if (executor_again(executor, &again)) {
    link_stacks_release(root);
    return;
  }
  (void)ri_error_append(error, ". THE NETWORK IS DOWN: it could not be brought up again: %s", again->message);
}

gboolean carry_out(Run *run, const Plan *plan, const TransactionInfo *info, NetworkPresence presence, GError **error) {
  const Root *root = &run->machine.root;
  Executor executor = run_executor(run, plan);
  /* What is being lifted was for a run that has ended well. */
  gboolean was_isolated = isolation_is_set(root) && !isolation_is_being_lifted(root);
  GError *cause = NULL;

  executor.presence = presence;
  run_hold_signals();
  if (!prepare(&executor, error) || !executor_before(&executor, FALSE, error) ||
      !transaction_commit(root, plan, info, NULL, run_progress, run, error)) {
    bring_up_again(&executor, error);
    return FALSE;
  }
  if (!executor_run(&executor, &cause)) {
    take_back(&executor, was_isolated, &cause);
    return ri_error_pass(error, cause);
  }
  return executor_close(&executor, &run->report.history, error);
}
