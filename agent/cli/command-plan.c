/* command-plan.c - what an apply would change, to the byte; nothing is touched. */
#include <stdio.h>

#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "commit/checks.h"
#include "commit/transaction.h"
#include "commit/unmounted.h"
#include "pager.h"
#include "seal-samples.h"
#include "show-plan.h"
#include "show.h"

static void print_json(const Machine *machine, const Plan *plan, gboolean open, int code) {
  Json json;

  show_json_begin(&json, machine->arguments->command);
  show_verdict_json(&json, machine);
  json_boolean(&json, "transaction_open", open);
  show_plan_json(&json, plan);
  show_json_end(&json, code, show_cause(machine));
}

static void print_text(const Machine *machine, const Proposal *proposal, const Plan *plan, gboolean open) {
  const gboolean whole = machine->arguments->verbosity > 0;

  if (machine->arguments->verbosity < 0)
    return;
  gboolean paged = proposal != NULL && pager_open();
  show_verdict(machine);
  if (open)
    show_open_transaction(&machine->root, "");
  if (proposal != NULL) {
    g_autofree char *title = machine_title(machine, proposal);
    show_summary(plan, title, whole);
  }
  show_plan(plan, whole);
  if (paged)
    pager_close();
}

typedef struct {
  gboolean open; /* a run is not finished */
  int code;
} Around;

/* What apply would refuse, plan shows, and refuses too. */
static gboolean show(const Machine *machine, const Proposal *proposal, gpointer data, GError **error) {
  const Around *around = data;
  g_autoptr(GPtrArray) warnings = show_warnings(machine);
  g_autoptr(Plan) empty = plan_new();
  Plan *shown = proposal != NULL ? proposal->plan : empty;

  list_each (const char *, warning, warnings)
    plan_warn(shown, "%s", warning);
  if (!machine->arguments->json)
    print_text(machine, proposal, shown, around->open);
  if (!unmounted_check_record(&machine->root, error) ||
      (proposal != NULL && !checks_run(&machine->root, proposal->plan, error)))
    return FALSE;
  if (machine->arguments->json)
    print_json(machine, shown, around->open, around->code);
  show_unreadable_record(machine);
  return TRUE;
}

static gboolean plan(Machine *machine, int *code, GError **error) {
  const char *as = machine->arguments->as;
  g_autoptr(Proposal) proposal = NULL;
  Around around = {FALSE, RI_EXIT_WORK};

  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  if (machine->policy_error != NULL)
    return ri_error_pass(error, g_steal_pointer(&machine->policy_error));
  *code = RI_EXIT_WORK;
  if (!transaction_check(&machine->root, error))
    return FALSE;
  /* What apply finishes first is half done: no plan that is made of that is ever carried out. */
  const gboolean half_done = transaction_is_committed(&machine->root);
  gboolean work = verdict_has_work(machine->verdict.kind);
  around.open = transaction_is_open(&machine->root);
  if (as != NULL && !half_done)
    return seal_samples_show(machine, as, show, &around, error);
  if (work && !half_done && (proposal = machine_propose(machine, FALSE, NULL, error)) == NULL)
    return FALSE;
  around.code = *code = verdict_is_unreadable(machine->verdict.kind) ? RI_EXIT_FAILED
                        : work || around.open                        ? RI_EXIT_WORK
                                                                     : RI_EXIT_OK;
  return show(machine, proposal, &around, error);
}

int command_plan(const Arguments *arguments) {
  return show_of_machine(arguments, plan);
}
