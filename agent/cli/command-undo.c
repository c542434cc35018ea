/* command-undo.c - the files of the last apply as they were, byte for byte, as one transaction. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "carry-out.h"
#include "commit/checks.h"
#include "commit/history.h"
#include "output.h"
#include "run.h"
#include "show-plan.h"
#include "show.h"

static gboolean confirm(Run *run, const Plan *plan, GError **error) {
  const Arguments *arguments = run->machine.arguments;

  if (!arguments->json && arguments->verbosity >= 0 && (!arguments->yes || arguments->verbosity > 0)) {
    show_plan(plan, arguments->verbosity > 0);
    if (!checks_run(&run->machine.root, plan, error))
      return FALSE;
    show_summary(plan, NULL, arguments->verbosity > 0);
    (void)fflush(stdout);
  }
  return run_confirm(run, "Undo these changes?", error);
}

/* The public half stays with its private one, and goes without saying. */
static gboolean is_public_half(GPtrArray *kept, const char *path) {
  g_autofree char *private = g_str_has_suffix(path, ".pub") ? g_strndup(path, strlen(path) - strlen(".pub")) : NULL;

  return private != NULL && g_ptr_array_find_with_equal_func(kept, private, g_str_equal, NULL);
}

static void warn_of_kept(Run *run, GPtrArray *kept) {
  g_autoptr(GPtrArray) told = g_ptr_array_new();
  g_autoptr(GPtrArray) gone = g_ptr_array_new();

  for (guint i = 0; i < kept->len; i++)
    if (!tree_means_regular_file(&run->machine.root, kept->pdata[i]))
      g_ptr_array_add(gone, kept->pdata[i]);
    else if (!is_public_half(kept, kept->pdata[i]))
      g_ptr_array_add(told, kept->pdata[i]);
  g_autofree char *paths = list_join(told, ", ");
  if (told->len > 0)
    g_ptr_array_add(run->report.warnings,
                    g_strdup_printf("%s keep%s the new content: what was secret before is not kept anywhere", paths,
                                    told->len == 1 ? "s" : ""));
  g_autofree char *removed = list_join(gone, ", ");
  if (gone->len > 0)
    g_ptr_array_add(run->report.warnings, g_strdup_printf("%s stay%s removed: no copy of what belonged to the old "
                                                          "secrets is kept",
                                                          removed, gone->len == 1 ? "s" : ""));
}

/* The rule that decided says its reason last; where it is the UUID alone, that is said first. */
static const char *deciding_reason(const Verdict *verdict) {
  const char *last = verdict->n_reasons > 0 ? verdict->reasons[verdict->n_reasons - 1] : verdict_name(verdict->kind);

  return g_str_has_prefix(last, "NICs: ") ? verdict->reasons[0] : last;
}

/* The record is back too: what will the next boot make of it? The verdict of the run stays. */
static char *what_comes_next(Machine *machine) {
  const Verdict before = machine->verdict;
  gboolean seen = machine_observe(machine, FALSE, NULL);
  const Verdict after = machine->verdict;

  machine->verdict = before;
  if (seen && after.kind == VERDICT_SAME)
    return g_strdup(". The next boot leaves it as it is");
  if (!seen || !verdict_has_work(after.kind))
    return g_strdup("");
  return g_strdup_printf(
      ". The next boot %s it again (%s): to keep this machine as it is now, run reset-identity adopt",
      after.kind == VERDICT_CLONE ? "resets" : "rebinds", deciding_reason(&after));
}

/* The template's profile may be bound to the template's NIC, and then cannot come up here. */
static void add_network_hint(const Run *run, GError **error) {
  if (run->machine.can.wire && g_error_matches(*error, RI_ERROR, RI_ERROR_NETWORK))
    (void)ri_error_append(
        error, ". `reset-identity undo --no-network` takes the files back and leaves the network as it runs");
}

static gboolean undo(Run *run, GError **error) {
  Machine *machine = &run->machine;
  g_autoptr(GPtrArray) kept = NULL;
  TransactionInfo info = {0};
  unsigned number = 0;
  g_autoptr(Plan) plan = NULL;
  NetworkPresence presence = NETWORK_NO_BUS;

  if (!machine_observe(machine, FALSE, error))
    return FALSE;
  plan = history_undo_plan(&machine->root, machine->arguments->overwrite, &number, &kept, &info, error);
  if (plan == NULL)
    return FALSE;
  warn_of_kept(run, kept);
  gboolean done = run_can_ask(run, error) && carry_out_open(run, &presence, error) && confirm(run, plan, error) &&
                  carry_out(run, plan, &info, presence, error);
  transaction_info_clear(&info);
  if (!done) {
    add_network_hint(run, error);
    return FALSE;
  }
  run->report.outcome = OUTCOME_DONE;
  g_autofree char *next = what_comes_next(machine);
  run->report.message = g_strdup_printf("run %u is undone: its files are as they were before it%s", number, next);
  return TRUE;
}

/* What the run had prepared and cannot be removed now is in nobody's way: the next run tries it again. */
static gboolean recover_rest(Run *run, GError **error) {
  g_autoptr(GError) cause = NULL;

  if (run_recover(run, &cause))
    return TRUE;
  if (!transaction_is_open(&run->machine.root) || transaction_is_committed(&run->machine.root))
    return ri_error_pass(error, g_steal_pointer(&cause));
  g_ptr_array_add(run->report.warnings, g_strdup_printf("%s: the next run tries it again", cause->message));
  return TRUE;
}

/* What is open need not be finished first: perhaps it cannot be. An undo that is open is taken back too: then the files
 * are those of the run that it was to undo, which is not what somebody who asks for it twice may think. */
static gboolean undo_open(Run *run, GError **error) {
  g_autoptr(GPtrArray) secrets = transaction_new_secrets(&run->machine.root);
  const gboolean is_undo = transaction_is_undo(&run->machine.root);
  const char *question = is_undo ? "An undo is not finished. Take it back?" : "A run is not finished. Undo it?";
  g_autofree char *kept = NULL;

  if (!machine_observe(&run->machine, FALSE, error) || !run_confirm(run, question, error))
    return FALSE;
  if (!carry_out_open_back(run, &kept, error) || !recover_rest(run, error))
    return FALSE;
  if (*kept != '\0')
    g_ptr_array_add(run->report.warnings, g_strdup_printf("kept, because it was changed since: %s", kept));
  warn_of_kept(run, secrets);
  run->report.outcome = OUTCOME_DONE;
  g_autofree char *next = what_comes_next(&run->machine);
  run->report.message = g_strdup_printf(
      is_undo ? "the undo that was not finished is taken back: the files are those of the run that it was to undo, and "
                "another reset-identity undo undoes that%s"
              : "the run that was not finished is undone: its files are as they were before it%s",
      next);
  return TRUE;
}

int command_undo(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Run run;

  if (run_open(&run, arguments, "undo", &error))
    (void)(transaction_is_committed(&run.machine.root) ? undo_open(&run, &error)
                                                       : run_recover(&run, &error) && undo(&run, &error));
  int code = run_finish(&run, error);
  run_end(&run);
  return code;
}

/* The timer of a run that restarted the network and did not come to its end. One that goes on has the lock, and closes
 * what it had opened. */
int command_take_back(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Arguments given = *arguments;
  int code = RI_EXIT_OK;
  Run run;

  given.yes = TRUE;
  if (!run_open(&run, &given, "take-back", &error) || transaction_is_committed(&run.machine.root)) {
    if (error == NULL)
      (void)undo_open(&run, &error);
    code = run_finish(&run, error);
  } else if (!run_recover(&run, &error)) {
    code = run_finish(&run, error);
  }
  run_end(&run);
  return code;
}
