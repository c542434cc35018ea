/* base/program.c: another program ends, whatever it does, and what it said is told. */
#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program.h"

static void what_it_prints_is_kept(void) {
  const char *arguments[] = {"/bin/sh", "-c", "echo printed; echo said >&2", NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  g_assert_true(program_run(arguments, 10, &output, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(output, ==, "printed\n");
}

static void assert_fails(const char *script, unsigned limit_s, const char *pattern) {
  const char *arguments[] = {"/bin/sh", "-c", script, NULL};
  g_autoptr(GError) error = NULL;

  g_assert_false(program_run(arguments, limit_s, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  if (!g_pattern_match_simple(pattern, error->message))
    g_error("%s: expected %s", error->message, pattern);
}

static void what_it_says_is_the_error(void) {
  assert_fails("echo no such key >&2; exit 3", 10, "/bin/sh -c *: no such key");
  assert_fails("exit 3", 10, "*exit status 3, and it gave no reason");
  assert_fails("kill -SEGV $$", 10, "*killed by signal 11 (*");
}

static void it_is_not_waited_for_without_end(void) {
  const gint64 started = g_get_monotonic_time();

  assert_fails("exec sleep 600", 1, "*it did not end within 1 s");
  g_assert_cmpint(g_get_monotonic_time() - started, <, 60 * G_USEC_PER_SEC);
}

static void nothing_of_our_environment_reaches_it(void) {
  const char *arguments[] = {"/usr/bin/env", NULL};
  g_autofree char *output = NULL;

  g_assert_true(program_run(arguments, 10, &output, NULL));
  g_assert_cmpstr(output, ==, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
}

static void it_reads_nothing(void) {
  const char *arguments[] = {"/bin/cat", NULL};
  g_autofree char *output = NULL;

  g_assert_true(program_run(arguments, 10, &output, NULL));
  g_assert_cmpstr(output, ==, "");
}

static void a_program_that_is_not_there_is_named(void) {
  const char *arguments[] = {"/nowhere/program", NULL};
  g_autoptr(GError) error = NULL;

  g_assert_false(program_run(arguments, 10, NULL, &error));
  g_assert_nonnull(strstr(error->message, "/nowhere/program"));
}

static void it_gains_nothing_where_it_shall_not(void) {
  const char *arguments[] = {"/bin/grep", "NoNewPrivs", "/proc/self/status", NULL};
  g_autofree char *output = NULL;
  Program program;

  g_assert_true(program_start_as_we_are(&program, arguments, NULL));
  g_assert_true(program_finish(&program, 10, &output, NULL));
  g_assert_cmpstr(output, ==, "NoNewPrivs:\t1\n");
}

static void on_interrupt(int number) {
}

/* A process that interrupts our group without end, as fast as it can. */
static pid_t interrupter_start(void) {
  const pid_t group = getpgrp();
  const pid_t pid = fork();

  if (pid == 0) {
    (void)setpgid(0, 0);
    while (kill(-group, SIGINT) == 0)
      (void)sched_yield();
    _exit(0);
  }
  return pid;
}

static gboolean run_as_we_are(const char *const *arguments, unsigned limit_s, char **output, GError **error) {
  Program program;

  return program_start_as_we_are(&program, arguments, error) && program_finish(&program, limit_s, output, error);
}

static void assert_is_not_interrupted(gboolean (*run)(const char *const *, unsigned, char **, GError **)) {
  const char *arguments[] = {"/bin/true", NULL};

  (void)setpgid(0, 0);
  (void)signal(SIGINT, on_interrupt);
  const pid_t interrupter = interrupter_start();
  for (unsigned i = 0; i < 100; i++) {
    g_autoptr(GError) error = NULL;

    if (!run(arguments, 60, NULL, &error))
      g_error("run %u: %s", i, error->message);
  }
  (void)kill(interrupter, SIGKILL);
  (void)waitpid(interrupter, NULL, 0);
  (void)signal(SIGINT, SIG_DFL);
}

static void what_interrupts_us_does_not_reach_it(void) {
  assert_is_not_interrupted(program_run);
  assert_is_not_interrupted(run_as_we_are);
}

/* As it is for us, once somebody has stopped us and let us go on. */
static void what_ended_in_time_is_not_late(void) {
  const char *arguments[] = {"/bin/echo", "printed", NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;
  Program program;

  g_assert_true(program_start_as_we_are(&program, arguments, &error));
  g_usleep(1500 * 1000UL);
  g_assert_true(program_finish(&program, 1, &output, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(output, ==, "printed\n");
}

static void assert_is_as_we_are(const char *program, const char *expected) {
  const char *arguments[] = {program, NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  g_assert_true(run_as_we_are(arguments, 10, &output, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(output, ==, expected);
}

/* As in a unit with NoNewPrivileges=, which is for good: in a process of its own. */
static void nothing_changes_where_we_gain_nothing_ourselves(void) {
  if (!g_test_subprocess()) {
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
    g_test_trap_assert_passed();
    return;
  }
  g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  it_gains_nothing_where_it_shall_not();
  assert_is_not_interrupted(run_as_we_are);
  what_ended_in_time_is_not_late();
  assert_is_as_we_are("/bin/cat", "");
  assert_is_as_we_are("/usr/bin/env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
}

static void assert_is_not_late(const char *script, gsize size) {
  const char *arguments[] = {"/bin/sh", "-c", script, NULL};
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  g_assert_true(program_run(arguments, 1, &output, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(strlen(output), ==, size);
}

/* We are stopped for longer than it is given, and so may it have been. */
static void a_standstill_of_ours_is_not_its_end(void) {
  assert_is_not_late("kill -STOP $PPID; sleep 1.3; kill -CONT $PPID; echo printed", strlen("printed\n"));
  assert_is_not_late(
      "(sleep 1.3; kill -CONT $PPID) >/dev/null 2>&1 & kill -STOP $PPID; head -c 20000 /dev/zero | tr '\\0' x", 20000);
}

int main(int argc, char **argv) {
  (void)g_setenv("SECRET", "1", TRUE);
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/program/what-it-prints-is-kept", what_it_prints_is_kept);
  g_test_add_func("/program/what-it-says-is-the-error", what_it_says_is_the_error);
  g_test_add_func("/program/it-is-not-waited-for-without-end", it_is_not_waited_for_without_end);
  g_test_add_func("/program/nothing-of-our-environment-reaches-it", nothing_of_our_environment_reaches_it);
  g_test_add_func("/program/it-reads-nothing", it_reads_nothing);
  g_test_add_func("/program/a-program-that-is-not-there-is-named", a_program_that_is_not_there_is_named);
  g_test_add_func("/program/it-gains-nothing-where-it-shall-not", it_gains_nothing_where_it_shall_not);
  g_test_add_func("/program/what-interrupts-us-does-not-reach-it", what_interrupts_us_does_not_reach_it);
  g_test_add_func("/program/nothing-changes-where-we-gain-nothing-ourselves",
                  nothing_changes_where_we_gain_nothing_ourselves);
  g_test_add_func("/program/a-standstill-of-ours-is-not-its-end", a_standstill_of_ours_is_not_its_end);
  g_test_add_func("/program/what-ended-in-time-is-not-late", what_ended_in_time_is_not_late);
  return g_test_run();
}
