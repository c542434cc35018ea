/* signals.c: a signal that comes while a transaction is open is delivered when it is not any more. */
#include <glib.h>
#include <signal.h>

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

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/signals/waits-and-is-delivered-once", waits_and_is_delivered_once);
  g_test_add_func("/signals/an-ignored-signal-stays-ignored", an_ignored_signal_stays_ignored);
  return g_test_run();
}
