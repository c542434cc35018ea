/* command-plan.c - what an apply would change, to the byte; nothing is touched. */
#include <stdio.h>

#include "base/error.h"
#include "base/names.h"
#include "commit/checks.h"
#include "commit/transaction.h"
#include "output.h"
#include "show.h"

static gboolean print_json(const Machine *machine, const Proposal *proposal, gboolean open, GError **error) {
  g_autoptr(Plan) empty = plan_new();
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "command", "plan");
  show_verdict_json(&json, machine);
  json_boolean(&json, "transaction_open", open);
  gboolean shown = show_plan_json(&json, proposal != NULL ? proposal->plan : empty, error);
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  if (shown)
    (void)fputs(text, stdout);
  return shown;
}

static gboolean print_text(const Machine *machine, const Proposal *proposal, gboolean open, GError **error) {
  show_verdict(machine);
  if (open)
    show_open_transaction(&machine->root, "");
  return proposal == NULL || show_plan(proposal->plan, error);
}

static gboolean plan(Machine *machine, int *code, GError **error) {
  g_autoptr(Proposal) proposal = NULL;

  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  if (machine->policy_error != NULL) {
    g_propagate_error(error, g_steal_pointer(&machine->policy_error));
    return FALSE;
  }
  gboolean work = verdict_has_work(machine->verdict.kind);
  if (work && (proposal = machine_propose(machine, FALSE, NULL, error)) == NULL)
    return FALSE;
  gboolean open = transaction_is_open(&machine->root);
  *code = machine->verdict.kind == VERDICT_DAMAGED ? RI_EXIT_FAILED : work || open ? RI_EXIT_WORK : RI_EXIT_OK;
  /* What apply would refuse, plan shows, and refuses too. */
  if (machine->arguments->json)
    return (proposal == NULL || checks_run(&machine->root, proposal->plan, error)) &&
           print_json(machine, proposal, open, error);
  return print_text(machine, proposal, open, error) &&
         (proposal == NULL || checks_run(&machine->root, proposal->plan, error));
}

int command_plan(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Machine machine;
  int code = RI_EXIT_OK;

  if (!machine_open(&machine, arguments, &error) || !plan(&machine, &code, &error))
    code = show_failure(arguments, error);
  machine_close(&machine);
  return code;
}
