/* signals.c: a signal that comes while a transaction is open is delivered when it is not any more. */
#include <glib.h>
#include <signal.h>
#include <unistd.h>

#include "commit/signals.h"

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

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/signals/waits-and-is-delivered-once", waits_and_is_delivered_once);
  g_test_add_func("/signals/an-ignored-signal-stays-ignored", an_ignored_signal_stays_ignored);
  g_test_add_func("/signals/a-reader-that-goes-away-ends-nothing", a_reader_that_goes_away_ends_nothing);
  g_test_add_func("/signals/others-wait-too", others_wait_too);
  g_test_add_func("/signals/a-file-that-may-not-grow-ends-nothing", a_file_that_may_not_grow_ends_nothing);
  return g_test_run();
}
