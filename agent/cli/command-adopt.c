/* command-adopt.c - record this machine as settled, right as it is. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "absent-nics.h"
#include "base/error.h"
#include "commit/record-store.h"
#include "output.h"
#include "run.h"
#include "show.h"

/* On a clone that is a decision: what the machine that it was copied from has stays here too. */
static gboolean confirm(Run *run, GError **error) {
  const Machine *machine = &run->machine;
  const Arguments *arguments = machine->arguments;

  if (machine->verdict.kind != VERDICT_CLONE)
    return TRUE;
  if (arguments->yes) {
    g_ptr_array_add(
        run->report.warnings,
        g_strdup_printf("this is a copy of another machine: it keeps the name %s, the addresses and the keys "
                        "of that one",
                        machine->facts.hostname));
    return TRUE;
  }
  if (arguments->json || arguments->verbosity < 0 || isatty(STDIN_FILENO) != 1)
    return ri_error(
        error, RI_ERROR_USAGE,
        "this is a copy of another machine; adopted, it keeps the name %s, the addresses and the keys of that "
        "one: give --yes if you mean that, or run `reset-identity apply` to give it its own",
        machine->facts.hostname);
  show_verdict(machine);
  g_autofree char *text = g_strdup_printf(
      "Adopted, this machine keeps the name %s, the addresses and the keys of the machine that it was copied "
      "from. `reset-identity apply` gives it its own.",
      machine->facts.hostname);
  output_tone(stdout, TONE_PLAIN, "\n");
  output_folded(stdout, TONE_PLAIN, "", text);
  (void)fflush(stdout);
  return run_confirm(run, "Adopt it as it is?", error);
}

/* As seal does not record the machine that has an image mounted, but a settled record needs one. */
static gboolean machine_is_named(const Arguments *arguments, GError **error) {
  if (arguments->hardware_given || strcmp(arguments->root, "/") == 0)
    return TRUE;
  return ri_error(
      error, RI_ERROR_USAGE,
      "--root=%s is an image, which does not say what machine it belongs to: give --hardware=/ if it is the "
      "machine on which this runs (a rescue system), or run adopt on the machine itself",
      arguments->root);
}

/* A wrong policy decides nothing here; one that others can write lies where the record's second copy goes. */
static gboolean is_trusted(const Machine *machine, GError **error) {
  return !g_error_matches(machine->policy_error, RI_ERROR, RI_ERROR_UNTRUSTED) ||
         ri_error_pass(error, g_error_copy(machine->policy_error));
}

/* In a chroot without /sys, say. Every boot to come calls such a record no evidence, and so does every copy. */
static void warn_of_no_evidence(Run *run) {
  const Facts *facts = &run->machine.facts;

  if (!facts->uuid.present && facts->nics.count == 0)
    g_ptr_array_add(run->report.warnings,
                    g_strdup("this machine shows neither a product UUID nor a NIC with a permanent address, so that "
                             "nothing tells it from a copy: run adopt again where it shows one"));
}

static gboolean adopt(Run *run, GError **error) {
  Machine *machine = &run->machine;
  gboolean was_template;

  if (!machine_is_named(machine->arguments, error) || !machine_observe(machine, FALSE, error) ||
      !is_trusted(machine, error) || !confirm(run, error))
    return FALSE;
  warn_of_no_evidence(run);
  absent_nics_warn(machine, run->report.warnings);
  was_template = machine->presence == RECORD_PRESENT && machine->record.state == RECORD_TEMPLATE &&
                 machine->verdict.kind != VERDICT_CLONE;
  g_autofree char *text = machine_record_text(machine, RECORD_SETTLED, machine->facts.hostname, TRUE);
  if (!record_check(&machine->root, error))
    return FALSE;
  run_hold_signals();
  if (!record_store(&machine->root, text, error))
    return FALSE;
  run->report.outcome = OUTCOME_SETTLED;
  run->report.message = g_strdup(
      was_template ? "this machine is recorded as settled, as it is, and is no longer a template: before it is "
                     "copied, run reset-identity seal"
                   : "this machine is recorded as settled, as it is");
  /* Whatever kept it off the wire is answered by this. */
  return run_lift_isolation(run, error);
}

int command_adopt(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_begin(&run, arguments, "adopt", &error))
    (void)adopt(&run, &error);
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}
