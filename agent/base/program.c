/* program.c - another program, run with an argument vector, a fixed environment and a time limit */
#include "program.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "error.h"
#include "list.h"

enum { BLOCK = 4096, PIPES_BLOCKS = 2 * 64 * 1024 / BLOCK };

/* What is waited for: the ends of both pipes, and of the program itself. */
typedef struct {
  GString *printed, *said;
  unsigned open;
  gboolean ended, late;
  int status; /* waitpid(2)'s */
} Wait;

/* What a terminal, or who ends a session, sends to a process group. */
static const int of_the_group[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM};

/* Ctrl-C is ours to answer: behind the commit point it waits, and what we have begun must go on. The program has been
 * in our group until here, with the signals blocked (start): one that came to the group is forgotten by being ignored.
 * DATA: our own mask. */
static void leave_process_group(gpointer data) {
  const sigset_t *mask = data;

  (void)setpgid(0, 0);
  for (gsize i = 0; i < G_N_ELEMENTS(of_the_group); i++) {
    void (*action)(int) = signal(of_the_group[i], SIG_IGN);
    (void)signal(of_the_group[i], action);
  }
  (void)sigprocmask(SIG_SETMASK, mask, NULL);
}

static void gain_nothing(gpointer data) {
  leave_process_group(data);
  (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* So are a unit's processes that NoNewPrivileges= is set for. */
static gboolean may_gain_nothing(void) {
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static char **copy_of(const char *const *arguments) {
  g_autoptr(GPtrArray) vector = g_ptr_array_new();

  for (; *arguments != NULL; arguments++)
    g_ptr_array_add(vector, g_strdup(*arguments));
  return list_strv(g_steal_pointer(&vector));
}

/* SET_UP: NULL where nothing is to be set up in the program's process. GLib needs no fork(2) then, which copies all our
 * pages; the program goes on with the signals blocked, so that none which comes to our group reaches it. */
static gboolean start(Program *program, const char *const *arguments, GSpawnChildSetupFunc set_up, GError **error) {
  const GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | (set_up == NULL ? G_SPAWN_LEAVE_DESCRIPTORS_OPEN : 0);
  static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  static char locale[] = "LC_ALL=C";
  char *environment[] = {path, locale, NULL};
  g_auto(GStrv) vector = copy_of(arguments);
  g_autoptr(GError) cause = NULL;
  sigset_t blocked, mask;

  *program = (Program){.started = g_get_monotonic_time()};
  (void)sigemptyset(&blocked);
  for (gsize i = 0; i < G_N_ELEMENTS(of_the_group); i++)
    (void)sigaddset(&blocked, of_the_group[i]);
  (void)sigprocmask(SIG_BLOCK, &blocked, &mask);
  gboolean runs = g_spawn_async_with_pipes(NULL, vector, environment, flags, set_up, &mask, &program->pid, NULL,
                                           &program->printed, &program->said, &cause);
  (void)sigprocmask(SIG_SETMASK, &mask, NULL);
  if (!runs)
    return ri_error(error, RI_ERROR_FAILED, "cannot run %s: %s", arguments[0], cause->message);
  program->command = g_strjoinv(" ", vector);
  return TRUE;
}

gboolean program_start_as_we_are(Program *program, const char *const *arguments, GError **error) {
  return start(program, arguments, may_gain_nothing() ? NULL : gain_nothing, error);
}

static gboolean read_block(int fd, GString *text, Wait *wait) {
  char block[BLOCK];
  const ssize_t size = read(fd, block, sizeof block);

  if (size > 0)
    g_string_append_len(text, block, size);
  if (size > 0 || (size < 0 && errno == EINTR))
    return G_SOURCE_CONTINUE;
  wait->open--;
  return G_SOURCE_REMOVE;
}

static gboolean on_printed(int fd, GIOCondition condition, gpointer data) {
  Wait *wait = data;

  return read_block(fd, wait->printed, wait);
}

static gboolean on_said(int fd, GIOCondition condition, gpointer data) {
  Wait *wait = data;

  return read_block(fd, wait->said, wait);
}

static void on_end(GPid pid, int status, gpointer data) {
  Wait *wait = data;

  wait->ended = TRUE;
  wait->status = status;
}

static gboolean is_late(gpointer data) {
  Wait *wait = data;

  wait->late = TRUE;
  return G_SOURCE_REMOVE;
}

static void attach(GSource *source, GSourceFunc answer, Wait *wait, GMainContext *context) {
  g_source_set_callback(source, answer, wait, NULL);
  (void)g_source_attach(source, context);
  g_source_unref(source);
}

/* On a main context of its own: nothing else of the caller is run while we wait. */
static void wait_for(const Program *program, unsigned limit_s, Wait *wait) {
  const gint64 left = program->started + (gint64)limit_s * G_USEC_PER_SEC - g_get_monotonic_time();
  g_autoptr(GMainContext) context = g_main_context_new();

  g_autoptr(GSource) timer = deadline_source_new(left / 1000, is_late, wait);

  (void)g_source_attach(timer, context);
  attach(g_unix_fd_source_new(program->printed, G_IO_IN), G_SOURCE_FUNC(on_printed), wait, context);
  attach(g_unix_fd_source_new(program->said, G_IO_IN), G_SOURCE_FUNC(on_said), wait, context);
  attach(g_child_watch_source_new(program->pid), G_SOURCE_FUNC(on_end), wait, context);
  while (!wait->late && (!wait->ended || wait->open > 0))
    (void)g_main_context_iteration(context, TRUE);
  wait->late &= !wait->ended;
  if (!wait->ended)
    (void)kill(program->pid, SIGKILL);
  while (!wait->ended)
    (void)g_main_context_iteration(context, TRUE);
  /* Where we ourselves stood still meanwhile, it may have ended by itself before that. */
  wait->late &= WIFSIGNALED(wait->status) && WTERMSIG(wait->status) == SIGKILL;
  /* What it has started may hold the pipes open: that is not waited for, and a pipe holds no more than this. */
  for (int i = 0; i < PIPES_BLOCKS && wait->open > 0; i++)
    (void)g_main_context_iteration(context, FALSE);
}

/* Why it did not end as it should; NULL: it did. */
static char *failure_of(unsigned limit_s, const Wait *wait) {
  if (wait->late)
    return g_strdup_printf("it did not end within %u s", limit_s);
  if (WIFSIGNALED(wait->status))
    return g_strdup_printf("killed by signal %d (%s)", WTERMSIG(wait->status), strsignal(WTERMSIG(wait->status)));
  if (WEXITSTATUS(wait->status) == 0)
    return NULL;
  g_autofree char *said = g_strstrip(g_utf8_make_valid(wait->said->str, -1));
  if (g_str_has_suffix(said, "."))
    said[strlen(said) - 1] = '\0'; /* our sentence goes on behind it */
  return said[0] != '\0' ? g_steal_pointer(&said)
                         : g_strdup_printf("exit status %d, and it gave no reason", WEXITSTATUS(wait->status));
}

gboolean program_finish(Program *program, unsigned limit_s, char **output, GError **error) {
  Wait wait = {.printed = g_string_new(NULL), .said = g_string_new(NULL), .open = 2};

  wait_for(program, limit_s, &wait);
  g_autofree char *failure = failure_of(limit_s, &wait);
  if (failure != NULL)
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s", program->command, failure);
  else if (output != NULL)
    *output = g_utf8_make_valid(wait.printed->str, -1);
  (void)close(program->printed);
  (void)close(program->said);
  g_clear_pointer(&program->command, g_free);
  (void)g_string_free(wait.printed, TRUE);
  (void)g_string_free(wait.said, TRUE);
  return failure == NULL;
}

gboolean program_run(const char *const *arguments, unsigned limit_s, char **output, GError **error) {
  Program program;

  return start(&program, arguments, leave_process_group, error) && program_finish(&program, limit_s, output, error);
}
