/* run.c - what apply, undo, seal and adopt share */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/names.h"
#include "base/run-directory.h"
#include "commit/signals.h"
#include "commit/unmounted.h"
#include "network/isolation.h"
#include "network/live.h"
#include "observe/hostname.h"
#include "output.h"
#include "show.h"

static void say_waiting(const char *holder, gpointer data) {
  output_printf(stderr, TONE_WARN, "reset-identity: waiting for %s to finish\n", holder);
}

void run_progress(const char *stage, gpointer data) {
  const Run *run = data;
  const Arguments *arguments = run->machine.arguments;

  if (arguments->verbosity < 0 || (arguments->verbosity == 0 && !output_is_terminal(stderr)) ||
      !output_takes_text(stderr))
    return;
  output_printf(stderr, TONE_FAINT, "[%6.2f s] %s\n", (double)(g_get_monotonic_time() - run->started) / G_USEC_PER_SEC,
                stage);
}

static char *read_first_line(const Root *root, const char *path) {
  char line[256];

  return g_strdup(root_read_line(root, path, line, sizeof line) > 0 ? line : "");
}

static char *read_hostname(const Root *root) {
  char name[HOSTNAME_SIZE];

  return g_strdup(hostname_read(root, name, sizeof name, NULL) == 0 ? name : "");
}

/* Where a killed run has already changed the file, what it had before: what runs may still have that. NULL: it has not.
 * The transaction knows a file by its name without links. */
static char *superseded(const Root *root, const char *path) {
  char *resolved = NULL;
  gsize size = 0;

  if (root_resolve(root, path, &resolved) < 0)
    return NULL;
  g_autoptr(GBytes) old = transaction_superseded(root, resolved);
  free(resolved);
  if (old == NULL)
    return NULL;
  const char *text = bytes_text(old, &size);
  return g_strndup(text, size);
}

static char *old_hostname(const Root *root) {
  g_autofree char *text = superseded(root, "/etc/hostname");
  char name[HOSTNAME_SIZE];

  if (text == NULL)
    return read_hostname(root);
  hostname_parse(text, name, sizeof name);
  return g_strdup(name);
}

static char *old_machine_id(const Root *root) {
  char *text = superseded(root, "/etc/machine-id");

  return text != NULL ? g_strstrip(text) : read_first_line(root, "/etc/machine-id");
}

static void note_old(Run *run) {
  run->report.old_hostname = old_hostname(&run->machine.root);
  run->report.old_machine_id = old_machine_id(&run->machine.root);
}

static void note_new(Run *run) {
  run->report.hostname = read_hostname(&run->machine.root);
  run->report.machine_id = read_first_line(&run->machine.root, "/etc/machine-id");
}

gboolean run_open(Run *run, const Arguments *arguments, const char *command, GError **error) {
  *run = (Run){.lock = -1, .started = g_get_monotonic_time(), .report = {.command = command}};
  run->report.warnings = g_ptr_array_new_with_free_func(g_free);
  if (!machine_open(&run->machine, arguments, error) || !unmounted_check_record(&run->machine.root, error))
    return FALSE;
  run->lock = state_lock(&run->machine.root, say_waiting, NULL, error);
  if (run->lock < 0)
    return FALSE;
  run_directory_clean(RI_RUN_DIR);
  note_old(run);
  return TRUE;
}

gboolean run_at_boot(const Run *run) {
  return run->machine.can.started_by == STARTED_BY_BOOT;
}

Executor run_executor(Run *run, const Plan *plan) {
  return (Executor){
      .machine = &run->machine, .warnings = run->report.warnings, .progress = run_progress, .data = run, .plan = plan};
}

static gboolean finish_open(Run *run, const Executor *executor, char **summary, GError **error) {
  Recovery recovery = RECOVERED_NOTHING;

  if (!transaction_recover(&run->machine.root, &recovery, summary, error))
    return FALSE;
  run->report.recovered = recovery != RECOVERED_NOTHING;
  if (recovery == RECOVERED_DISCARDED && capabilities_live(&run->machine.can) &&
      !live_network_forget(&run->machine.root, error))
    return FALSE;
  if (recovery != RECOVERED_FINISHED && recovery != RECOVERED_REVERTED)
    return run_at_boot(run) || executor_again(executor, error);
  if (!executor_run(executor, error))
    return FALSE;
  char *unlike = recovery == RECOVERED_REVERTED ? executor_look(executor) : NULL;
  if (unlike != NULL)
    g_ptr_array_add(run->report.warnings, unlike);
  if (!executor_close(executor, NULL, error))
    return FALSE;
  run->report.earlier = g_strdup(*summary);
  return TRUE;
}

gboolean run_recover(Run *run, GError **error) {
  const Executor executor = run_executor(run, NULL);
  g_autofree char *summary = NULL;

  if (transaction_is_open(&run->machine.root))
    run_hold_signals();
  gboolean done = finish_open(run, &executor, &summary, error);
  /* Not before the rest is done: nobody may be reading. */
  if (summary != NULL && run->machine.arguments->verbosity >= 0)
    output_error(TONE_WARN, summary);
  return done;
}

gboolean run_begin(Run *run, const Arguments *arguments, const char *command, GError **error) {
  return run_open(run, arguments, command, error) && run_recover(run, error);
}

void run_hold_signals(void) {
  signals_hold(SIGNALS_OF_RUN);
}

void run_end(Run *run) {
  if (run->lock >= 0)
    (void)close(run->lock);
  machine_close(&run->machine);
  report_clear(&run->report);
  /* A signal that was held ends us now: into a pipe the report would be lost. */
  (void)fflush(stdout);
  signals_release(SIGNALS_OF_RUN);
}

gboolean run_can_ask(const Run *run, GError **error) {
  const Arguments *arguments = run->machine.arguments;

  if (arguments->yes || run_at_boot(run) || isatty(STDIN_FILENO) == 1)
    return TRUE;
  return ri_error(
      error, RI_ERROR_USAGE,
      "%s asks before it changes anything: give --yes where standard input is no terminal; nothing is changed",
      arguments->command);
}

gboolean run_confirm(const Run *run, const char *question, GError **error) {
  char answer[16] = "";

  if (run->machine.arguments->yes || run_at_boot(run))
    return TRUE;
  if (!run_can_ask(run, error))
    return FALSE;
  output_printf(stderr, TONE_STRONG, "\n%s [y/N] ", question);
  if (fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
    return TRUE;
  return ri_error(error, RI_ERROR_CANCELLED, "not confirmed: nothing is changed");
}

static Tone tone_of(RunOutcome outcome) {
  return outcome == OUTCOME_FAILED || outcome == OUTCOME_UNFINISHED ? TONE_BAD : TONE_GOOD;
}

static void print_report(const Run *run) {
  const Report *report = &run->report;

  if (run->machine.arguments->verbosity < 0)
    return;
  output_folded(stdout, tone_of(report->outcome), "", report->message);
  for (guint i = 0; i < report->warnings->len; i++)
    output_folded(stderr, TONE_WARN, "warning: ", report->warnings->pdata[i]);
}

static void print_report_json(const Run *run, const GError *error) {
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  report_json(&json, &run->report, &run->machine);
  show_json_end(&json, error != NULL ? exit_code_of(error) : RI_EXIT_OK, error != NULL ? error->message : NULL);
}

gboolean run_lift_isolation(Run *run, GError **error) {
  gboolean was_set = FALSE;

  if (!capabilities_live(&run->machine.can))
    return TRUE;
  if (!isolation_lift(&run->machine.root, &was_set, error))
    return FALSE;
  run->report.isolated = FALSE;
  if (was_set && !run_at_boot(run))
    isolation_forget_failures();
  return TRUE;
}

int run_finish(Run *run, const GError *error) {
  Report *report = &run->report;

  if (error != NULL) {
    report->outcome = g_error_matches(error, RI_ERROR, RI_ERROR_OPEN) ? OUTCOME_UNFINISHED : OUTCOME_FAILED;
    g_free(report->message);
    report->message = report->earlier != NULL ? g_strdup_printf("%s. After that: %s", report->earlier, error->message)
                                              : g_strdup(error->message);
  }
  report->verdict = run->machine.verdict.kind;
  if (run->machine.root.fd >= 0)
    note_new(run);
  /* A line that was typed wrong is no run. */
  if (run->machine.root.fd >= 0 && !g_error_matches(error, RI_ERROR, RI_ERROR_USAGE))
    report_publish(report, &run->machine, run_at_boot(run));
  if (run_at_boot(run) && capabilities_live(&run->machine.can) && report->outcome == OUTCOME_DONE)
    report_want_verification(&run->machine.root);
  if (run->machine.arguments->json)
    print_report_json(run, error);
  else if (error == NULL)
    print_report(run);
  if (error == NULL)
    return RI_EXIT_OK;
  /* What was finished first has been said already, unless with --quiet. */
  output_error(TONE_BAD, run->machine.arguments->verbosity < 0 ? report->message : error->message);
  return exit_code_of(error);
}
