/* command-verify.c - is the identity that the files have in effect? */
#include <stdio.h>

#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "network/verify.h"
#include "output.h"
#include "plan/steps.h"
#include "report.h"
#include "show.h"

/* The result as one JSON object. The caller frees. */
static char *to_json(const Verification *verification) {
  Json json;

  show_json_begin(&json, "verify");
  json_boolean(&json, "ok", verification->ok);
  json_array(&json, "checks");
  list_each (const CheckRow *, check, verification->checks) {
    json_object(&json, NULL);
    json_string(&json, "what", check->what);
    json_string(&json, "expected", check->expected);
    json_string(&json, "found", check->found);
    json_string(&json, "result", check_result_name(check->result));
    json_string(&json, "advice", check->advice);
    json_object_end(&json);
  }
  json_array_end(&json);
  json_null(&json, "error");
  json_object_end(&json);
  return json_finish(&json);
}

static void print_text(const Verification *verification) {
  static const char *const headings[] = {"RESULT", "WHAT", "EXPECTED", "FOUND", NULL};
  g_autoptr(Table) table = table_new(headings);

  list_each (const CheckRow *, check, verification->checks) {
    const char *const row[] = {check_result_name(check->result), check->what, check->expected, check->found};
    table_row(table, row);
  }
  table_print(table, stdout);
  list_each (const CheckRow *, check, verification->checks)
    if (check->advice != NULL)
      output_printf(stdout, TONE_WARN, "%s: %s\n", check->what, check->advice);
}

static gboolean verify(Machine *machine, int *code, GError **error) {
  if (!capabilities_live(&machine->can))
    return ri_error(error, RI_ERROR_FAILED,
                    "verify asks the machine that runs: it cannot be used with --root or in a chroot");
  g_autoptr(Plan) plan = plan_new();
  steps_check(&machine->root, plan);
  /* The policy only says where a value comes from. */
  (void)machine_observe(machine, FALSE, NULL);
  VerifyOptions options = {.root = &machine->root,
                           .checks = plan->checks,
                           .policy = &machine->policy,
                           .host = machine->host,
                           .wait_s = MAX(machine->arguments->wait_s, 0)};
  g_autoptr(Verification) verification = verify_run(&options, error);
  if (verification == NULL)
    return FALSE;
  g_autofree char *text = to_json(verification);
  g_autofree char *summary = verification_summary(verification);
  report_verification(&machine->root, text, summary);
  if (machine->arguments->json)
    (void)fputs(text, stdout);
  else if (machine->arguments->verbosity >= 0 || !verification->ok)
    print_text(verification);
  *code = verification->ok ? RI_EXIT_OK : RI_EXIT_FAILED;
  return TRUE;
}

int command_verify(const Arguments *arguments) {
  return show_of_machine(arguments, verify);
}
