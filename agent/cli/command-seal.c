/* command-seal.c - seal a template, adopt a machine: both write the record. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "commit/history.h"
#include "commit/record-store.h"
#include "output.h"
#include "run.h"
#include "seal-samples.h"
#include "show.h"
#include "system/running-system.h"

static gboolean write_record(Run *run, RecordState state, const char *message, GError **error) {
  Machine *machine = &run->machine;
  g_autofree char *text = machine_record_text(machine, state, machine->facts.hostname, TRUE);

  if (!record_store(&machine->root, text, error))
    return FALSE;
  run->report.outcome = OUTCOME_SETTLED;
  run->report.message = g_strdup(message);
  return TRUE;
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
  g_autoptr(GPtrArray) warnings = machine_policy_warnings(machine);
  for (guint i = 0; i < warnings->len; i++)
    g_ptr_array_add(run->report.warnings, g_strdup(warnings->pdata[i]));
  return seal_samples_plan(machine, run->report.warnings, error) && history_clear(&machine->root, error) &&
         write_record(run, RECORD_TEMPLATE,
                      "this machine is the template now: every other machine that boots a copy of this disk gets an "
                      "identity of its own",
                      error);
}

static gboolean adopt(Run *run, GError **error) {
  return machine_observe(&run->machine, FALSE, error) &&
         write_record(run, RECORD_SETTLED, "this machine is right as it is: it is recorded as settled", error);
}

static int run_command(const Arguments *arguments, const char *kind, gboolean (*work)(Run *run, GError **error)) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_begin(&run, arguments, kind, &error) && work(&run, &error) && arguments->poweroff &&
      capabilities_live(&run.machine.can))
    (void)running_power_off(&error);
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}

int command_seal(const Arguments *arguments) {
  if (arguments->poweroff && strcmp(arguments->root, "/") != 0) {
    output_tone(stderr, TONE_BAD,
                "reset-identity: --poweroff shuts the running machine down: it cannot be given with --root\n");
    return RI_EXIT_USAGE;
  }
  return run_command(arguments, "seal", seal);
}

int command_adopt(const Arguments *arguments) {
  return run_command(arguments, "adopt", adopt);
}
