/* run.h - what apply, undo, seal and adopt share: one locked run that begins with recovery and ends with a report. */
#pragma once

#include <glib.h>

#include "commit/transaction.h"
#include "executor.h"
#include "machine.h"
#include "report.h"

typedef struct {
  Machine machine;
  Report report;
  int lock;
  gint64 started; /* g_get_monotonic_time() */
} Run;

/* run_begin: open the machine, refuse an image whose record is on a file system that is not mounted, take the lock,
 * remove what a killed run left in /run, finish or discard what an earlier run left open, its actions too. End with
 * run_end whatever it returns. */
gboolean run_begin(Run *run, const Arguments *arguments, const char *command, GError **error);
void run_end(Run *run);

/* run_open, run_recover: the two halves of run_begin, for undo, which turns back what is open instead of finishing it.
 */
gboolean run_open(Run *run, const Arguments *arguments, const char *command, GError **error);
gboolean run_recover(Run *run, GError **error);

/* run_at_boot: started by the boot, not by a person. */
gboolean run_at_boot(const Run *run);

/* run_executor: of this run, for a PLAN of its own or, NULL, for what an earlier one left. */
Executor run_executor(Run *run, const Plan *plan);

/* run_hold_signals: from here on Ctrl-C waits until run_end, so that what was begun is ended and reported. Before the
 * commit point it ends the run, after it it is explained. */
void run_hold_signals(void);

/* run_progress: a line per stage with the elapsed time, on a terminal or with -v. DATA is the Run: fits
 * TransactionProgress and LiveProgress. */
void run_progress(const char *stage, gpointer data);

/* run_can_ask: there is nobody to ask where standard input is no terminal: RI_ERROR_USAGE unless --yes, for who knows
 * early that run_confirm will come. */
gboolean run_can_ask(const Run *run, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* run_confirm: ask on the terminal unless --yes. RI_ERROR_CANCELLED when the answer is no. */
gboolean run_confirm(const Run *run, const char *question, GError **error);

/* run_lift_isolation: what keeps a running machine off the wire goes, and, where a person has done it, systemd's memory
 * that the boot failed. */
gboolean run_lift_isolation(Run *run, GError **error);

/* run_finish: publish the report (ERROR: what went wrong, or NULL), print it or its JSON; returns the exit code. */
int run_finish(Run *run, const GError *error);
