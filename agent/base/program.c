/* program.c - another program, run with an argument vector, a fixed environment and a time limit */
#include "program.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "error.h"

typedef struct {
  gboolean done, late;
  char *printed, *said;
  GError *error;
  GCancellable *cancellable;
} Wait;

static char *join(const char *const *arguments) {
  GString *text = g_string_new(arguments[0]);

  for (gsize i = 1; arguments[i] != NULL; i++)
    g_string_append_printf(text, " %s", arguments[i]);
  return g_string_free(text, FALSE);
}

/* Ctrl-C is ours to answer: behind the commit point it waits, and what we have begun must go on. */
static void leave_process_group(gpointer data) {
  (void)setpgid(0, 0);
}

static void gain_nothing(gpointer data) {
  leave_process_group(data);
  (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static gboolean start(Program *program, const char *const *arguments, GSpawnChildSetupFunc set_up, GError **error) {
  static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  static char locale[] = "LC_ALL=C";
  char *environment[] = {path, locale, NULL};
  g_autoptr(GSubprocessLauncher) launcher =
      g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GError) cause = NULL;

  *program = (Program){.started = g_get_monotonic_time(), .command = join(arguments)};
  g_subprocess_launcher_set_environ(launcher, environment);
  g_subprocess_launcher_set_child_setup(launcher, set_up, NULL, NULL);
  program->process = g_subprocess_launcher_spawnv(launcher, arguments, &cause);
  if (program->process != NULL)
    return TRUE;
  g_clear_pointer(&program->command, g_free);
  return ri_error(error, RI_ERROR_FAILED, "cannot run %s: %s", arguments[0], cause->message);
}

gboolean program_start_as_we_are(Program *program, const char *const *arguments, GError **error) {
  return start(program, arguments, gain_nothing, error);
}

static void ended(GObject *source, GAsyncResult *result, gpointer data) {
  Wait *wait = data;

  (void)g_subprocess_communicate_utf8_finish(G_SUBPROCESS(source), result, &wait->printed, &wait->said, &wait->error);
  wait->done = TRUE;
}

static gboolean is_late(gpointer data) {
  Wait *wait = data;

  wait->late = TRUE;
  g_cancellable_cancel(wait->cancellable);
  return G_SOURCE_REMOVE;
}

/* On a main context of its own: nothing else of the caller is run while we wait. */
static void wait_for(const Program *program, unsigned limit_s, Wait *wait) {
  const gint64 left = program->started + (gint64)limit_s * G_USEC_PER_SEC - g_get_monotonic_time();
  g_autoptr(GMainContext) context = g_main_context_new();
  g_autoptr(GSource) timer = g_timeout_source_new((guint)(MAX(left, 0) / 1000));

  g_main_context_push_thread_default(context);
  g_source_set_callback(timer, is_late, wait, NULL);
  (void)g_source_attach(timer, context);
  g_subprocess_communicate_utf8_async(program->process, NULL, wait->cancellable, ended, wait);
  while (!wait->done)
    (void)g_main_context_iteration(context, TRUE);
  g_source_destroy(timer);
  if (wait->late) {
    g_subprocess_force_exit(program->process);
    (void)g_subprocess_wait(program->process, NULL, NULL);
  }
  g_main_context_pop_thread_default(context);
}

/* Why it did not end as it should; NULL: it did. */
static char *failure_of(const Program *program, unsigned limit_s, const Wait *wait) {
  if (wait->late)
    return g_strdup_printf("it did not end within %u s", limit_s);
  if (wait->error != NULL)
    return g_strdup(wait->error->message);
  if (g_subprocess_get_if_signaled(program->process))
    return g_strdup_printf("killed by signal %d (%s)", g_subprocess_get_term_sig(program->process),
                           strsignal(g_subprocess_get_term_sig(program->process)));
  if (g_subprocess_get_exit_status(program->process) == 0)
    return NULL;
  if (wait->said != NULL && *g_strstrip(wait->said) != '\0')
    return g_strdup(wait->said);
  return g_strdup_printf("exit status %d, and it gave no reason", g_subprocess_get_exit_status(program->process));
}

gboolean program_finish(Program *program, unsigned limit_s, char **output, GError **error) {
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  Wait wait = {.cancellable = cancellable};

  wait_for(program, limit_s, &wait);
  g_autofree char *failure = failure_of(program, limit_s, &wait);
  if (failure != NULL)
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s", program->command, failure);
  else if (output != NULL)
    *output = g_steal_pointer(&wait.printed);
  g_clear_object(&program->process);
  g_clear_pointer(&program->command, g_free);
  g_clear_error(&wait.error);
  g_free(wait.printed);
  g_free(wait.said);
  return failure == NULL;
}

gboolean program_run(const char *const *arguments, unsigned limit_s, char **output, GError **error) {
  Program program;

  return start(&program, arguments, leave_process_group, error) && program_finish(&program, limit_s, output, error);
}
