/* program.h - another program, run with an argument vector, a fixed environment and a time limit.
 *
 * It gets nothing to read; what it prints is kept, what it says on standard error becomes the error's text. GLib starts
 * it and watches it: what is ours is that nothing is waited for without end. Not GSubprocess, whose streams and tasks
 * are a tenth of all that a clone's boot executes.
 */
#pragma once

#include <glib.h>

typedef struct {
  GPid pid;
  int printed, said; /* its standard output and standard error */
  char *command;     /* as people read it: "ssh-keygen -q -t rsa" */
  gint64 started;    /* g_get_monotonic_time() */
} Program;

/* program_start_as_we_are: ARGUMENTS[0] is an absolute path; NULL-terminated. Several may run at once. End each with
 * program_finish. No set-user-ID bit counts, and SELinux lets it keep our domain: in one of its own it may write only
 * where its own files belong. For what ends by itself: SIGINT, SIGQUIT, SIGHUP and SIGTERM may be blocked in it. */
gboolean program_start_as_we_are(Program *program, const char *const *arguments,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* program_finish: wait until it ends, at most until LIMIT_S seconds after its start, when it is killed. OUTPUT, where
 * not NULL, gets what it printed. An exit status other than 0 is RI_ERROR_FAILED, with what it said. */
gboolean program_finish(Program *program, unsigned limit_s, char **output, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* program_run: both, of a program that runs as any does. */
gboolean program_run(const char *const *arguments, unsigned limit_s, char **output,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
