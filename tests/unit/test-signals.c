/* signals.c: a signal that comes while a transaction is open is delivered when it is not any more. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commit/signals.h"

enum { WAIT_S = 20 };

static volatile sig_atomic_t delivered;

static void count(int number) {
  delivered++;
}

static void waits_and_is_delivered_once(void) {
  struct sigaction action = {.sa_handler = count};
  struct sigaction now;

  delivered = 0;
  g_assert_cmpint(sigaction(SIGTERM, &action, NULL), ==, 0);
  signals_hold(SIGNALS_OF_TRANSACTION);
  signals_hold(SIGNALS_OF_TRANSACTION);
  signals_hold(SIGNALS_OF_RUN);
  g_assert_cmpint(raise(SIGTERM), ==, 0);
  g_assert_cmpint(raise(SIGTERM), ==, 0);
  g_assert_cmpint(delivered, ==, 0);
  signals_release(SIGNALS_OF_TRANSACTION);
  g_assert_cmpint(delivered, ==, 0);
  signals_release(SIGNALS_OF_RUN);
  g_assert_cmpint(delivered, ==, 1);
  g_assert_cmpint(sigaction(SIGTERM, NULL, &now), ==, 0);
  g_assert_true(now.sa_handler == count);
  signals_release(SIGNALS_OF_RUN);
  g_assert_cmpint(delivered, ==, 1);
}

static void an_ignored_signal_stays_ignored(void) {
  struct sigaction now;

  (void)signal(SIGHUP, SIG_IGN);
  signals_hold(SIGNALS_OF_RUN);
  g_assert_cmpint(sigaction(SIGHUP, NULL, &now), ==, 0);
  g_assert_true(now.sa_handler == SIG_IGN);
  g_assert_cmpint(raise(SIGHUP), ==, 0);
  signals_release(SIGNALS_OF_RUN);
  (void)signal(SIGHUP, SIG_DFL);
}

static void a_reader_that_goes_away_ends_nothing(void) {
  int ends[2];

  g_assert_cmpint(pipe(ends), ==, 0);
  (void)close(ends[0]);
  signals_hold(SIGNALS_OF_RUN);
  g_assert_cmpint(write(ends[1], "x", 1), ==, -1);
  g_assert_cmpint(raise(SIGPIPE), ==, 0);
  g_assert_false(signals_noted());
  signals_release(SIGNALS_OF_RUN);
  (void)close(ends[1]);
}

/* SIGUSR1 is what people send dd for a progress report; SIGXCPU is a limit's. */
static void others_wait_too(void) {
  static const int others[] = {SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGXCPU, SIGPWR};

  for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
    (void)signal(others[i], count);
    delivered = 0;
    signals_hold(SIGNALS_OF_RUN);
    g_assert_cmpint(raise(others[i]), ==, 0);
    g_assert_true(signals_noted());
    g_assert_cmpint(delivered, ==, 0);
    signals_release(SIGNALS_OF_RUN);
    g_assert_cmpint(delivered, ==, 1);
    (void)signal(others[i], SIG_DFL);
  }
}

static void a_file_that_may_not_grow_ends_nothing(void) {
  signals_hold(SIGNALS_OF_RUN);
  g_assert_cmpint(raise(SIGXFSZ), ==, 0);
  g_assert_false(signals_noted());
  signals_release(SIGNALS_OF_RUN);
}

/* In a process group of its own, where the kernel lets these signals stop somebody. */
static void nothing_stops_it(void) {
  static const int stopping[] = {SIGTSTP, SIGTTOU};

  for (gsize i = 0; i < G_N_ELEMENTS(stopping); i++) {
    const pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
      (void)setpgid(0, 0);
      (void)signal(stopping[i], SIG_DFL);
      signals_hold(SIGNALS_OF_RUN);
      (void)raise(stopping[i]);
      _exit(signals_noted() ? 1 : 0);
    }
    g_assert_cmpint(waitpid(pid, &status, WUNTRACED), ==, pid);
    if (WIFSTOPPED(status))
      (void)kill(pid, SIGKILL);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
  }
}

static int replace_stderr(int fd) {
  const int kept = dup(STDERR_FILENO);

  g_assert_cmpint(dup2(fd, STDERR_FILENO), ==, STDERR_FILENO);
  return kept;
}

static void give_back_stderr(int kept) {
  g_assert_cmpint(dup2(kept, STDERR_FILENO), ==, STDERR_FILENO);
  (void)close(kept);
}

/* What is said to who presses Ctrl-C fails where the terminal has gone: that is nothing to the call it interrupted. */
static void what_it_interrupts_keeps_its_error(void) {
  int ends[2];

  g_assert_cmpint(pipe(ends), ==, 0);
  (void)close(ends[0]);
  (void)signal(SIGINT, count);
  signals_hold(SIGNALS_OF_RUN);
  signals_explain("not so fast");
  const int kept = replace_stderr(ends[1]);
  errno = ENOSPC;
  (void)raise(SIGINT);
  const int error = errno;
  give_back_stderr(kept);
  g_assert_cmpint(error, ==, ENOSPC);
  signals_release(SIGNALS_OF_RUN);
  (void)signal(SIGINT, SIG_DFL);
  (void)close(ends[1]);
}

static void interrupt_where_nobody_reads(void) {
  static const char block[4096] = "";
  int ends[2];

  g_assert_cmpint(pipe2(ends, O_NONBLOCK), ==, 0);
  while (write(ends[1], block, sizeof block) > 0)
    ;
  g_assert_cmpint(fcntl(ends[1], F_SETFL, 0), ==, 0);
  (void)replace_stderr(ends[1]);
  signals_hold(SIGNALS_OF_RUN);
  signals_explain("not so fast");
  (void)raise(SIGINT);
}

static void who_reads_nothing_is_not_waited_for(void) {
  const gint64 end = g_get_monotonic_time() + WAIT_S * G_USEC_PER_SEC;
  const pid_t pid = fork();
  pid_t ended = 0;

  if (pid == 0) {
    interrupt_where_nobody_reads();
    _exit(0);
  }
  while ((ended = waitpid(pid, NULL, WNOHANG)) == 0 && g_get_monotonic_time() < end)
    g_usleep(1000);
  if (ended == 0)
    (void)kill(pid, SIGKILL);
  g_assert_cmpint(ended, ==, pid);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/signals/waits-and-is-delivered-once", waits_and_is_delivered_once);
  g_test_add_func("/signals/an-ignored-signal-stays-ignored", an_ignored_signal_stays_ignored);
  g_test_add_func("/signals/a-reader-that-goes-away-ends-nothing", a_reader_that_goes_away_ends_nothing);
  g_test_add_func("/signals/others-wait-too", others_wait_too);
  g_test_add_func("/signals/a-file-that-may-not-grow-ends-nothing", a_file_that_may_not_grow_ends_nothing);
  g_test_add_func("/signals/nothing-stops-it", nothing_stops_it);
  g_test_add_func("/signals/what-it-interrupts-keeps-its-error", what_it_interrupts_keeps_its_error);
  g_test_add_func("/signals/who-reads-nothing-is-not-waited-for", who_reads_nothing_is_not_waited_for);
  return g_test_run();
}
