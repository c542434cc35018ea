/* command-seal.c - record this machine as the template that its copies are told from. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "carry-out.h"
#include "commit/checks.h"
#include "commit/history.h"
#include "commit/record-store.h"
#include "commit/state.h"
#include "commit/transaction.h"
#include "commit/unmounted.h"
#include "output.h"
#include "plan/steps.h"
#include "run.h"
#include "seal-checks.h"
#include "seal-samples.h"
#include "show-plan.h"
#include "show.h"
#include "system/running-system.h"

static gboolean write_record(Run *run, GError **error) {
  Machine *machine = &run->machine;
  g_autofree char *text = machine_record_text(machine, RECORD_TEMPLATE, machine->facts.hostname, TRUE);

  if (!record_store(&machine->root, text, error))
    return FALSE;
  run->report.history = 0;
  run->report.outcome = OUTCOME_SETTLED;
  run->report.message = g_strdup("this machine is the template now: every other machine that boots a copy of this disk "
                                 "gets an identity of its own");
  return TRUE;
}

/* What runs is stopped first: it may save its state once more. */
static gboolean stop_what_saves(Run *run, GError **error) {
  g_autoptr(Plan) plan = plan_new();
  const Executor executor = run_executor(run, plan);

  return steps_seal(&run->machine.root, &run->machine.policy, plan, error) && executor_before(&executor, FALSE, error);
}

/* What every clone would begin with. */
static gboolean remove_from_template(Run *run, GError **error) {
  const Root *root = &run->machine.root;
  g_autofree char *summary = g_strdup("what no clone may begin with is removed");
  const TransactionInfo info = {.kind = "seal", .verdict = verdict_name(run->machine.verdict.kind), .summary = summary};
  g_autoptr(Plan) plan = plan_new();

  if (!stop_what_saves(run, error) || !steps_seal(root, &run->machine.policy, plan, error))
    return FALSE;
  g_ptr_array_set_size(plan->actions, 0);
  return plan->edits->len == 0 || (checks_run(root, plan, error) && carry_out(run, plan, &info, NETWORK_NO_BUS, error));
}

/* What is rehearsed may be anybody's policy; what is sealed is looked at by the one that clones will read. */
static void warn_of_other_policy(const Arguments *arguments, GPtrArray *warnings) {
  if (arguments->policy != NULL && !arguments->dry_run)
    g_ptr_array_add(
        warnings, g_strdup_printf("clones read the policy in " RI_POLICY_HOME ", which was not looked at, and not %s: "
                                  "put it there and seal again",
                                  strcmp(arguments->policy, "-") == 0 ? "standard input" : arguments->policy));
}

/* A clone of a template whose policy cannot be read, or whose plan cannot be made, would stay off the wire: say it
 * here, where it can be fixed. What earlier runs kept of old secrets is for no clone. */
static gboolean look(Machine *machine, GPtrArray *warnings, GError **error) {
  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  if (machine->policy_error != NULL)
    return ri_error_pass(error, g_error_copy(machine->policy_error));
  warn_of_other_policy(machine->arguments, warnings);
  g_autoptr(GPtrArray) of_policy = machine_policy_warnings(machine, "", !machine_is_sealed_from_outside(machine));
  for (guint i = 0; i < of_policy->len; i++)
    g_ptr_array_add(warnings, g_strdup(of_policy->pdata[i]));
  if (machine->verdict.kind == VERDICT_CLONE)
    g_ptr_array_add(warnings,
                    g_strdup_printf("this machine is a copy of another one and was not reset: it keeps the name %s, "
                                    "the addresses and the keys of that one. If this is to be a template of its own, "
                                    "run `reset-identity apply --force`, then seal again",
                                    machine->facts.hostname));
  seal_warn_units(machine, warnings);
  seal_warn_name(machine, warnings);
  return seal_check_evidence(machine, error) && seal_samples_plan(machine, warnings, error);
}

static gboolean seal(Run *run, GError **error) {
  if (!look(&run->machine, run->report.warnings, error) || !record_check(&run->machine.root, error))
    return FALSE;
  run_hold_signals();
  return remove_from_template(run, error) && history_clear(&run->machine.root, error) && write_record(run, error);
}

static void warn_of_no_power(GPtrArray *warnings) {
  g_ptr_array_add(warnings, g_strdup("this is not the system that runs here (a container, a chroot), so that nothing "
                                     "is powered off"));
}

/* What is written and forgotten, as choices, for the summary. */
static gboolean choose(const Machine *machine, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) runs = history_list(&machine->root, NULL, error);
  const Record *record = machine->presence == RECORD_PRESENT ? &machine->record : NULL;

  if (runs == NULL)
    return FALSE;
  (void)plan_choose(plan, "record", record != NULL ? record_state_name(record->state) : NULL,
                    record_state_name(RECORD_TEMPLATE), "of this machine");
  g_autofree char *count = g_strdup_printf("%u run%s", runs->len, runs->len == 1 ? "" : "s");
  if (runs->len > 0)
    (void)plan_choose(plan, "history", count, NULL, "with the backups");
  return TRUE;
}

/* All that seal would do. Others than root must not have written what it goes by. */
static gboolean plan_seal(Machine *machine, Plan *plan, GError **error) {
  const Root *root = &machine->root;
  g_autoptr(GError) problem = NULL;
  autofd state = state_open(root, &problem);

  if (state < 0 && problem != NULL)
    return ri_error_pass(error, g_steal_pointer(&problem));
  if (!look(machine, plan->warnings, error) || !choose(machine, plan, error))
    return FALSE;
  g_autofree char *text = machine_record_text(machine, RECORD_TEMPLATE, machine->facts.hostname, TRUE);
  if (machine->arguments->poweroff && !capabilities_live(&machine->can))
    warn_of_no_power(plan->warnings);
  return record_check(root, error) && steps_seal(root, &machine->policy, plan, error) &&
         steps_record(root, text, plan, error) && checks_run(root, plan, error);
}

static void show_rehearsal(const Machine *machine, const Plan *plan) {
  gboolean off = machine->arguments->poweroff && capabilities_live(&machine->can);

  output_printf(stdout, TONE_STRONG, "seal would make this machine, %s, the template%s; nothing is changed now\n",
                machine->facts.hostname, off ? " and power it off" : "");
  if (transaction_is_open(&machine->root))
    show_open_transaction(&machine->root, "");
  show_summary(plan, NULL, machine->arguments->verbosity > 0);
  show_plan(plan, machine->arguments->verbosity > 0);
}

static void show_rehearsal_json(const Machine *machine, const Plan *plan) {
  Json json;

  show_json_begin(&json, machine->arguments->command);
  show_verdict_json(&json, machine);
  json_boolean(&json, "transaction_open", transaction_is_open(&machine->root));
  show_plan_json(&json, plan);
  show_json_end(&json, RI_EXIT_OK, NULL);
}

/* What seal finishes first decides what there is to seal. */
static gboolean refuse_half_done(const Root *root, GError **error) {
  if (!transaction_is_committed(root))
    return FALSE;
  g_set_error_literal(
      error, RI_ERROR, RI_ERROR_OPEN,
      "an earlier run is not finished, and seal would finish it first: run `reset-identity apply`, which "
      "finishes it, or `reset-identity undo`, then look again");
  return TRUE;
}

/* As plan is to apply. */
static gboolean rehearse(Machine *machine, int *code, GError **error) {
  g_autoptr(Plan) plan = plan_new();

  if (!unmounted_check_record(&machine->root, error) || !transaction_check(&machine->root, error) ||
      refuse_half_done(&machine->root, error) || !plan_seal(machine, plan, error))
    return FALSE;
  if (machine->arguments->json)
    show_rehearsal_json(machine, plan);
  else if (machine->arguments->verbosity >= 0)
    show_rehearsal(machine, plan);
  return TRUE;
}

int command_seal(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (arguments->dry_run)
    return show_of_machine(arguments, rehearse);
  if (run_begin(&run, arguments, "seal", &error) && seal(&run, &error) && arguments->poweroff) {
    if (capabilities_live(&run.machine.can))
      (void)running_power_off(&error);
    else
      warn_of_no_power(run.report.warnings);
  }
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}
