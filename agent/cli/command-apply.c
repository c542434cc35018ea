/* command-apply.c - give a clone its identity; the manual command and, with --boot, the oneshot of every boot. */
#include <stdio.h>
#include <string.h>

#include "absent-nics.h"
#include "base/door.h"
#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "carry-out.h"
#include "commit/checks.h"
#include "commit/record-store.h"
#include "network/isolation.h"
#include "network/left-addresses.h"
#include "network/live.h"
#include "output.h"
#include "run-wire.h"
#include "show-plan.h"
#include "show.h"
#include "warning-lines.h"

enum { ATTEMPTS = 3 };

static gboolean changes_only_the_record(const Plan *plan) {
  list_each (const Edit *, edit, plan->edits)
    if ((edit->flags & EDIT_LAST) == 0)
      return FALSE;
  return TRUE;
}

static char *summary_of(const Identity *identity, const Plan *plan, VerdictKind verdict) {
  if (verdict == VERDICT_REWIRED && changes_only_the_record(plan))
    return g_strdup("the NICs that are there now are recorded; no profile is rebound to them");
  if (verdict == VERDICT_REWIRED)
    return g_strdup("profiles rebound to the NICs that are there now");
  if (strcmp(identity->old_hostname, identity->hostname) == 0)
    return g_strdup_printf("%s has an identity of its own now", identity->hostname);
  return g_strdup_printf("%s is %s now", *identity->old_hostname != '\0' ? identity->old_hostname : "the clone",
                         identity->hostname);
}

static void keep_choices_and_warnings(Run *run, const Plan *plan) {
  g_clear_pointer(&run->report.choices, g_ptr_array_unref);
  run->report.choices = g_ptr_array_ref(plan->choices);
  for (guint i = 0; i < plan->warnings->len; i++)
    g_ptr_array_add(run->report.warnings, g_strdup(plan->warnings->pdata[i]));
}

static gboolean may_isolate(const Run *run) {
  return run_at_boot(run) && capabilities_live(&run->machine.can) &&
         (run->machine.policy_error != NULL || run->machine.policy.isolate);
}

static gboolean isolate(Run *run, const char *why, GError **error) {
  if (!may_isolate(run))
    return TRUE;
  run->report.isolated = isolation_set(&run->machine.root, &run->machine.hardware, &run->machine.facts.nics, why,
                                       run->report.isolated ? NULL : run->report.warnings, error);
  return run->report.isolated;
}

/* Before the work, so that a crash of ours leaves the machine off the wire too; lifted when the work is done. It is no
 * more than that: where it cannot be had the work is what keeps the template's identity off the wire. A NetworkManager
 * that has come up before us (in the initramfs) would lose every NIC at once. */
static void isolate_first(Run *run, const char *why) {
  NetworkPresence presence = NETWORK_NO_BUS;
  g_autoptr(GError) cause = NULL;

  if (may_isolate(run))
    door_unmark(&run->machine.root);
  if (run_at_boot(run) && capabilities_live(&run->machine.can))
    (void)live_network_look(&presence, NULL);
  if (presence != NETWORK_MANAGER_RUNS && presence != NETWORK_MANAGER_APART && !isolate(run, why, &cause))
    g_ptr_array_add(
        run->report.warnings,
        g_strdup_printf("The NICs could not be kept down while this clone got its identity: %s", cause->message));
}

/* The summary again above the question: the diffs may have filled the screen. */
static gboolean confirm(Run *run, const Proposal *proposal, GError **error) {
  const Arguments *arguments = run->machine.arguments;
  g_autofree char *title = machine_title(&run->machine, proposal);

  if (!run_at_boot(run) && !arguments->json && arguments->verbosity >= 0 &&
      (!arguments->yes || arguments->verbosity > 0)) {
    show_verdict(&run->machine);
    show_summary(proposal->plan, title, arguments->verbosity > 0);
    show_plan(proposal->plan, arguments->verbosity > 0);
    if (!checks_run(&run->machine.root, proposal->plan, error))
      return FALSE;
    if (!arguments->yes)
      show_summary(proposal->plan, title, arguments->verbosity > 0);
    (void)fflush(stdout);
  }
  return run_confirm(run, "Apply these changes?", error);
}

static gboolean commit(Run *run, const Proposal *proposal, NetworkPresence presence, GError **error) {
  Machine *machine = &run->machine;
  g_autofree char *summary = summary_of(proposal->identity, proposal->plan, machine->verdict.kind);
  g_autoptr(GString) reasons = g_string_new(NULL);

  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    g_string_append_printf(reasons, "%s%s", i > 0 ? "\n" : "", machine->verdict.reasons[i]);
  const TransactionInfo info = {
      .kind = "apply", .verdict = verdict_name(machine->verdict.kind), .summary = summary, .reasons = reasons->str};
  if (!carry_out(run, proposal->plan, &info, presence, error))
    return FALSE;
  if (machine->can.wire && (presence == NETWORK_MANAGER_RUNS || live_network_stack() != NULL))
    left_addresses_warn(proposal->plan->choices, run->report.warnings);
  run->report.outcome = OUTCOME_DONE;
  run->report.message = g_steal_pointer(&summary);
  return TRUE;
}

static gboolean plan_and_commit(Run *run, GError **error) {
  const Wire wire = run_wire(run);
  run_progress("planning", run);
  g_autoptr(Proposal) proposal = machine_propose(&run->machine, TRUE, &wire, error);
  NetworkPresence presence = NETWORK_NO_BUS;

  if (proposal == NULL || !carry_out_open(run, &presence, error) || !confirm(run, proposal, error))
    return FALSE;
  keep_choices_and_warnings(run, proposal->plan);
  if (!commit(run, proposal, presence, error))
    return FALSE;
  warning_lines_settle(proposal->plan, run->report.warnings);
  return TRUE;
}

/* A running NetworkManager writes its state when it likes (its timestamps, seconds after it started): what changed
 * between plan and commit is planned again, and shown again to whoever is asked. */
static gboolean reset(Run *run, GError **error) {
  if (!run_can_ask(run, error))
    return FALSE;
  isolate_first(run, "reset-identity was killed, or the machine stopped, while it gave this clone its identity");
  const guint warnings = run->report.warnings->len;
  for (guint attempt = 1;; attempt++) {
    g_autoptr(GError) cause = NULL;
    if (plan_and_commit(run, &cause))
      return TRUE;
    if (attempt == ATTEMPTS || !g_error_matches(cause, RI_ERROR, RI_ERROR_CHANGED))
      return ri_error_pass(error, g_steal_pointer(&cause));
    if (run->machine.arguments->verbosity >= 0)
      output_tone(stderr, TONE_WARN, "reset-identity: a file has changed meanwhile: planning again\n");
    g_ptr_array_set_size(run->report.warnings, (gint)warnings);
  }
}

static gboolean settle(Run *run, GError **error) {
  const Machine *machine = &run->machine;

  if (!run_can_ask(run, error))
    return FALSE;
  g_autofree char *text = machine->presence == RECORD_PRESENT
                              ? machine_record_again(machine)
                              : machine_record_text(machine, RECORD_SETTLED, machine->facts.hostname, FALSE);

  run->report.outcome = OUTCOME_SETTLED;
  if (machine->presence == RECORD_ABSENT)
    run->report.message = g_strdup(
        "no record yet: this machine is recorded as it is, nothing else is changed. If it is a clone, its template "
        "was not sealed: run `reset-identity apply --force` here and `reset-identity seal` there");
  else if (machine->verdict.uuid_unstable)
    run->report.message = g_strdup("the product UUID changes at every boot and is distrusted from now on; the identity "
                                   "stays; see reset-identity status");
  else
    run->report.message = g_strdup("the record is brought up to date, nothing else is changed");
  if (machine->verdict.kind == VERDICT_SAME)
    absent_nics_warn(machine, run->report.warnings);
  run_hold_signals();
  return record_settle(&machine->root, text, run->report.warnings, error);
}

static gboolean refuse_unreadable(const Machine *machine, GError **error) {
  return ri_error(
      error, RI_ERROR_BAD_STATE,
      "%s; nothing is changed. Run `reset-identity adopt` if this machine is right as it is, `reset-identity "
      "apply --force --yes` if it is a clone, `reset-identity seal` in a template",
      machine->record_problem.text);
}

/* A copy that nothing can be told of must not answer for its template. */
static gboolean refuse_without_evidence(GError **error) {
  return ri_error(
      error, RI_ERROR_FAILED,
      "this disk is a template's, and it is not clear whether this machine is the template or a copy of it: "
      "nothing is changed. Run `reset-identity apply --force --yes` if it is a copy, `reset-identity adopt` "
      "if it is right as it is, `reset-identity seal` in the template");
}

static gboolean nothing(Run *run, const char *why) {
  run->report.outcome = OUTCOME_NOTHING;
  run->report.message = run->report.recovered
                            ? g_strdup_printf("an earlier run is finished; %s: nothing else is changed", why)
                            : g_strdup_printf("%s: nothing is changed", why);
  return TRUE;
}

static gboolean act_on_verdict(Run *run, GError **error) {
  const Verdict *verdict = &run->machine.verdict;

  switch (verdict->kind) {
  case VERDICT_CLONE:
  case VERDICT_REWIRED:
    return reset(run, error);
  case VERDICT_UNRECORDED:
    return settle(run, error);
  case VERDICT_DAMAGED:
  case VERDICT_NEWER:
    return refuse_unreadable(&run->machine, error);
  case VERDICT_SAME:
    return verdict->record_outdated ? settle(run, error) : nothing(run, "this is the recorded machine");
  case VERDICT_UNKNOWN:
    return verdict->keeps_off ? refuse_without_evidence(error)
                              : nothing(run, "there is no evidence whether this is a clone");
  case VERDICT_OFF:
    return nothing(run, "reset-identity=off is on the kernel command line");
  }
  return FALSE;
}

/* At boot a policy that is not needed is no reason to fail; it is said. */
static gboolean policy_may_wait(const Run *run) {
  return run_at_boot(run) && !verdict_has_work(run->machine.verdict.kind);
}

static gboolean apply(Run *run, GError **error) {
  run_progress("looking at the machine and its NICs", run);
  if (!machine_observe(&run->machine, run_at_boot(run), error))
    return FALSE;
  if (run->machine.facts.override == OVERRIDE_UNREADABLE)
    g_ptr_array_add(run->report.warnings, g_strdup(VERDICT_OVERRIDE_WARNING));
  if (run->machine.policy_error != NULL && !policy_may_wait(run))
    return ri_error_pass(error, g_error_copy(run->machine.policy_error));
  if (run->machine.policy_error != NULL)
    g_ptr_array_add(run->report.warnings, g_strdup(run->machine.policy_error->message));
  return act_on_verdict(run, error) && run_lift_isolation(run, error);
}

/* After a failed boot run: may this disk still carry somebody else's identity? Half of one, or one that could not be
 * looked at, counts. A record that cannot be read does not: nobody takes a production machine off the net because a
 * file was lost.
 */
static gboolean may_be_somebody_else(Run *run) {
  g_autoptr(GError) error = NULL;

  gboolean seen = run->machine.facts.nics_read || machine_observe(&run->machine, TRUE, &error);
  if (!seen || transaction_is_open(&run->machine.root))
    return TRUE;
  return verdict_has_work(run->machine.verdict.kind) || run->machine.verdict.keeps_off;
}

/* Nobody may overlook it: the message is on the console, in the journal, in last.json and on standard error. */
static void say_isolation_failed(GError **error, const GError *cause) {
  (void)ri_error_append(
      error,
      "\nISOLATION HAS FAILED TOO: THIS MACHINE MAY GO ON THE NETWORK WITH THE IDENTITY OF ITS TEMPLATE: "
      "%s. Disconnect its NICs, fix the cause, then run `reset-identity apply --yes`",
      cause->message);
}

/* The real cause takes the place of what was written before the work. FALSE: the door is not shut, though it should be.
 */
static gboolean isolate_failed_boot(Run *run, GError **error) {
  g_autoptr(GError) cause = NULL;

  if (!run_at_boot(run) || run->machine.root.fd < 0)
    return FALSE;
  machine_read_policy(&run->machine);
  if (!run->report.isolated && !may_be_somebody_else(run))
    return TRUE;
  if (isolate(run, (*error)->message, &cause))
    return TRUE;
  say_isolation_failed(error, cause);
  return FALSE;
}

/* At boot: the door is as it shall be, unless isolation failed. */
static void end_at_the_door(Run *run, GError **error) {
  gboolean good = *error == NULL || isolate_failed_boot(run, error);

  if (*error != NULL && run->report.isolated)
    (void)ri_error_append(error, "\nThe NICs are kept down. Fix the cause, then run `reset-identity apply --yes` "
                                 "(reset-identity status explains)");
  if (!run_at_boot(run) || !good)
    return;
  int r = door_mark(&run->machine.root);
  if (r < 0)
    g_ptr_array_add(run->report.warnings,
                    g_strdup_printf("%s cannot be written: %s: reset-identity-door.service decides "
                                    "again",
                                    RI_DECIDED_FILE, g_strerror(-r)));
}

int command_apply(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_open(&run, arguments, arguments->boot ? "apply --boot" : "apply", &error) &&
      (!transaction_is_committed(&run.machine.root) || run_can_ask(&run, &error)) && run_recover(&run, &error))
    (void)apply(&run, &error);
  end_at_the_door(&run, &error);
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}
