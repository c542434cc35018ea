/* command-seal.c - seal a template, adopt a machine: both write the record and nothing else. */
#include "base/error.h"
#include "base/names.h"
#include "commit/record-store.h"
#include "run.h"
#include "show.h"
#include "system/running-system.h"

static gboolean write_record(Run *run, RecordState state, const char *message, GError **error) {
  Machine *machine = &run->machine;

  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  /* A clone of a template whose policy cannot be read would stay off the wire: say it here, where it can be mended. */
  if (state == RECORD_TEMPLATE && machine->policy_error != NULL) {
    g_propagate_error(error, g_error_copy(machine->policy_error));
    return FALSE;
  }
  g_autofree char *text = machine_record_text(machine, state, machine->facts.hostname, TRUE);
  if (!record_store(&machine->root, text, error))
    return FALSE;
  run->report.outcome = OUTCOME_SETTLED;
  run->report.message = g_strdup(message);
  return TRUE;
}

static int seal_or_adopt(const Arguments *arguments, RecordState state, const char *kind, const char *message) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_begin(&run, arguments, kind, &error) && write_record(&run, state, message, &error) && arguments->poweroff &&
      capabilities_live(&run.machine.can))
    (void)running_power_off(&error);
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}

int command_seal(const Arguments *arguments) {
  return seal_or_adopt(arguments, RECORD_TEMPLATE, "seal",
                       "this machine is the template now: every other machine that boots a copy of this disk gets an "
                       "identity of its own");
}

int command_adopt(const Arguments *arguments) {
  return seal_or_adopt(arguments, RECORD_SETTLED, "adopt", "this machine is right as it is: it is recorded as settled");
}
