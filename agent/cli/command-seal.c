/* command-seal.c - record this machine as the template that its copies are told from. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "carry-out.h"
#include "commit/checks.h"
#include "commit/history.h"
#include "commit/record-store.h"
#include "plan/steps.h"
#include "run.h"
#include "seal-checks.h"
#include "seal-samples.h"
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
  char kind[] = "seal", verdict[16], summary[] = "what no clone may begin with is removed", reasons[] = "";
  const TransactionInfo info = {.kind = kind, .verdict = verdict, .summary = summary, .reasons = reasons};
  g_autoptr(Plan) plan = plan_new();

  if (!stop_what_saves(run, error) || !steps_seal(root, &run->machine.policy, plan, error))
    return FALSE;
  (void)g_strlcpy(verdict, verdict_name(run->machine.verdict.kind), sizeof verdict);
  g_ptr_array_set_size(plan->actions, 0);
  return plan->edits->len == 0 || (checks_run(root, plan, error) && carry_out(run, plan, &info, NETWORK_NO_BUS, error));
}

/* A clone of a template whose policy cannot be read, or whose plan cannot be made, would stay off the wire: say it
 * here, where it can be fixed. What earlier runs kept of old secrets is for no clone. */
static gboolean seal(Run *run, GError **error) {
  Machine *machine = &run->machine;

  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  if (machine->policy_error != NULL) {
    g_propagate_error(error, g_error_copy(machine->policy_error));
    return FALSE;
  }
  g_autoptr(GPtrArray) warnings = machine_policy_warnings(machine, "", !machine_is_sealed_from_outside(machine));
  for (guint i = 0; i < warnings->len; i++)
    g_ptr_array_add(run->report.warnings, g_strdup(warnings->pdata[i]));
  if (machine->verdict.kind == VERDICT_CLONE)
    g_ptr_array_add(run->report.warnings,
                    g_strdup_printf("this machine is a copy of another one and was not reset: it keeps the name %s, "
                                    "the addresses and the keys which that one has. Was another machine meant? Else "
                                    "run `reset-identity apply --force`, then seal again",
                                    machine->facts.hostname));
  seal_warn_unit(machine, run->report.warnings);
  return seal_check_evidence(machine, error) && seal_check_state(machine, error) &&
         seal_samples_plan(machine, run->report.warnings, error) && remove_from_template(run, error) &&
         history_clear(&machine->root, error) && write_record(run, error);
}

int command_seal(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_begin(&run, arguments, "seal", &error) && seal(&run, &error) && arguments->poweroff) {
    if (capabilities_live(&run.machine.can))
      (void)running_power_off(&error);
    else
      g_ptr_array_add(run.report.warnings, g_strdup("this is not the system that runs here (a container, a chroot), so "
                                                    "that nothing is powered off"));
  }
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}
