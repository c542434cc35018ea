/* lock.c: one run at a time; the second waits and says for whom. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"

/* Another process that holds the lock until it is told to let go. */
typedef struct {
  pid_t pid;
  int hold; /* closed: it ends */
  char *said;
} Holder;

static Holder start_holder(Fixture *fixture) {
  Holder holder = {0};
  int ready[2], hold[2];
  char byte;

  g_assert_cmpint(pipe(ready), ==, 0);
  g_assert_cmpint(pipe(hold), ==, 0);
  holder.pid = fork();
  g_assert_cmpint(holder.pid, >=, 0);
  if (holder.pid == 0) {
    (void)close(hold[1]);
    (void)close(ready[0]);
    if (state_lock(&fixture->root, NULL, NULL, NULL) < 0 || write(ready[1], "x", 1) != 1)
      _exit(1);
    while (read(hold[0], &byte, 1) > 0)
      ;
    _exit(0);
  }
  (void)close(hold[0]);
  (void)close(ready[1]);
  g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
  (void)close(ready[0]);
  holder.hold = hold[1];
  return holder;
}

static void end_holder(Holder *holder) {
  (void)close(holder->hold);
  g_assert_cmpint(waitpid(holder->pid, NULL, 0), ==, holder->pid);
  g_free(holder->said);
}

static void let_go(const char *who, gpointer data) {
  Holder *holder = data;

  holder->said = g_strdup(who);
  (void)close(holder->hold);
  holder->hold = -1;
}

static void makes_its_directory_private(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *state = fixture_path(fixture, RI_STATE_DIR);
  g_autoptr(GError) error = NULL;
  autofd lock = state_lock(&fixture->root, NULL, NULL, &error);
  struct stat info;

  g_assert_no_error(error);
  g_assert_cmpint(lock, >=, 0);
  g_assert_cmpint(stat(state, &info), ==, 0);
  g_assert_cmpint(info.st_mode & 07777, ==, 0700);
}

static void a_second_run_waits_and_says_for_whom(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  Holder holder = start_holder(fixture);
  g_autofree char *expected = g_strdup_printf("PID %d (", holder.pid);
  g_autoptr(GError) error = NULL;
  autofd lock = state_lock(&fixture->root, let_go, &holder, &error);

  g_assert_no_error(error);
  g_assert_cmpint(lock, >=, 0);
  g_assert_true(g_str_has_prefix(holder.said, expected));
  g_assert_nonnull(strstr(holder.said, "test-lock"));
  end_holder(&holder);
}

static void who_only_looks_is_told_too(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_assert_null(state_lock_holder(&fixture->root));
  Holder holder = start_holder(fixture);
  g_autofree char *expected = g_strdup_printf("PID %d (", holder.pid);
  g_autofree char *said = state_lock_holder(&fixture->root);

  g_assert_true(g_str_has_prefix(said, expected));
  end_holder(&holder);
}

static void interrupt(const char *who, gpointer data) {
  sigset_t *set = data;

  (void)sigemptyset(set);
  (void)sigaddset(set, SIGINT);
  (void)pthread_sigmask(SIG_BLOCK, set, NULL);
  g_assert_cmpint(raise(SIGINT), ==, 0);
}

static void ctrl_c_ends_the_wait(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  Holder holder = start_holder(fixture);
  g_autoptr(GError) error = NULL;
  sigset_t set;

  (void)signal(SIGINT, SIG_DFL); /* a test that was started in the background ignores it */
  g_assert_cmpint(state_lock(&fixture->root, interrupt, &set, &error), ==, -1);
  g_assert_error(error, RI_ERROR, RI_ERROR_CANCELLED);
  (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  end_holder(&holder);
}

static gpointer let_go_later(gpointer data) {
  g_usleep(500 * 1000UL);
  let_go("", data);
  return NULL;
}

/* The terminal of a run that was started with nohup(1) goes away while it waits. */
static void hang_up(const char *who, gpointer data) {
  sigset_t set;

  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGHUP);
  (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
  (void)raise(SIGHUP);
  g_thread_unref(g_thread_new("holder", let_go_later, data));
}

static void an_ignored_hang_up_does_not_end_the_wait(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  Holder holder = start_holder(fixture);
  g_autoptr(GError) error = NULL;
  sigset_t set;

  (void)signal(SIGHUP, SIG_IGN);
  autofd lock = state_lock(&fixture->root, hang_up, &holder, &error);
  g_assert_no_error(error);
  g_assert_cmpint(lock, >=, 0);
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGHUP);
  (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  (void)signal(SIGHUP, SIG_DFL);
  end_holder(&holder);
}

static void is_free_when_the_run_is_killed(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  Holder holder = start_holder(fixture);
  autofd lock = -1;

  g_assert_cmpint(kill(holder.pid, SIGKILL), ==, 0);
  end_holder(&holder);
  lock = state_lock(&fixture->root, let_go, &holder, NULL);
  g_assert_cmpint(lock, >=, 0);
}

static void leaves_no_file(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  autofd lock = state_lock(&fixture->root, NULL, NULL, NULL);

  g_assert_cmpint(lock, >=, 0);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/lock/makes-its-directory-private", makes_its_directory_private);
  g_test_add_func("/lock/a-second-run-waits-and-says-for-whom", a_second_run_waits_and_says_for_whom);
  g_test_add_func("/lock/ctrl-c-ends-the-wait", ctrl_c_ends_the_wait);
  g_test_add_func("/lock/an-ignored-hang-up-does-not-end-the-wait", an_ignored_hang_up_does_not_end_the_wait);
  g_test_add_func("/lock/is-free-when-the-run-is-killed", is_free_when_the_run_is_killed);
  g_test_add_func("/lock/leaves-no-file", leaves_no_file);
  g_test_add_func("/lock/who-only-looks-is-told-too", who_only_looks_is_told_too);
  return g_test_run();
}
