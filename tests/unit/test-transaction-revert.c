/* transaction.c: the way back: every byte and time, but for what somebody changed since. */
#include <fcntl.h>

#include "transaction-fixture.h"

static void revert_brings_every_byte_back(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;

  commit_open(fixture, plan);
  g_assert_true(transaction_revert(&fixture->root, NULL, &error));
  g_assert_no_error(error);
  g_assert_true(transaction_is_open(&fixture->root));
  g_assert_true(transaction_close(&fixture->root, NULL, &error));
  g_assert_no_error(error);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void revert_brings_the_time_back(void) {
  const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000, .tv_nsec = 42}};
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = NULL;
  g_autofree char *path = fixture_path(fixture, "/etc/hostname");
  struct stat info;

  g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
  plan = plan_of(fixture);
  commit_open(fixture, plan);
  g_assert_cmpint(stat(path, &info), ==, 0);
  g_assert_cmpint(info.st_mtim.tv_sec, >, 1000000000);
  g_assert_true(transaction_revert(&fixture->root, NULL, NULL));
  g_assert_cmpint(stat(path, &info), ==, 0);
  g_assert_cmpint(info.st_mtim.tv_sec, ==, 1000000000);
  g_assert_cmpint(info.st_mtim.tv_nsec, ==, 42);
}

static void half_of_a_run_can_be_undone(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;

  commit_and_go_back_to_the_commit_point(fixture, plan);
  g_assert_true(transaction_revert(&fixture->root, NULL, &error));
  g_assert_no_error(error);
  assert_closed(fixture);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void a_way_back_that_cannot_be_staged_changes_nothing(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;

  commit_open(fixture, plan);
  fixture_write(fixture, RI_TRANSACTION_DIR "/old/0", "rotten\n");
  before = fixture_snapshot(fixture, NULL);
  g_assert_false(transaction_revert(&fixture->root, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_nonnull(strstr(error->message, "/etc/hostname: its backup"));
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_FINISHED);
  assert_closed(fixture);
}

static void a_revert_brings_back_what_a_daemon_rewrote(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *kept = NULL;
  g_autoptr(GError) error = NULL;

  plan_find(plan, "/etc/hostname")->flags |= EDIT_VOLATILE;
  commit_open(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "a daemon was here\n");
  g_assert_true(transaction_revert(&fixture->root, &kept, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(kept, ==, "");
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
  assert_closed(fixture);
}

static void a_revert_keeps_what_somebody_changed(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *kept = NULL;
  g_autoptr(GError) error = NULL;

  commit_open(fixture, plan);
  fixture_write(fixture, "/etc/made/by/us", "made, and changed\n");
  g_assert_true(transaction_revert(&fixture->root, &kept, &error));
  g_assert_no_error(error);
  g_assert_nonnull(strstr(kept, "/etc/made/by/us"));
  commit_assert_content(fixture, "/etc/made/by/us", "made, and changed\n");
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
  assert_closed(fixture);
}

static void whole_trees_go_and_come_back(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  fixture_write(fixture, "/var/tree/a/file", "content");
  fixture_symlink(fixture, "/var/tree/link", "a/file");
  fixture_mkdir(fixture, "/var/tree/empty");
  before = fixture_snapshot(fixture, NULL);
  (void)commit_plan_remove(fixture, plan, "/var/tree/a/file");
  (void)plan_remove_directory(plan, "step", "/var/tree/a", "why");
  (void)plan_remove_directory(plan, "step", "/var/tree/empty", "why");
  (void)plan_unlink(plan, "step", "/var/tree/link", "a/file", "why");
  (void)plan_remove_directory(plan, "step", "/var/tree", "why");
  commit_open(fixture, plan);
  g_assert_false(exists(fixture, "/var/tree"));
  g_assert_true(transaction_revert(&fixture->root, NULL, NULL));
  assert_closed(fixture);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void what_somebody_removed_stays_so_and_that_is_said(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *path = fixture_path(fixture, "/etc/hostname");

  fixture_write(fixture, "/etc/hostname", "golden\n");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "web-17\n");
  commit_open(fixture, plan);
  g_assert_cmpint(unlink(path), ==, 0);
  g_assert_true(transaction_revert(&fixture->root, &kept, &error));
  g_assert_no_error(error);
  g_assert_cmpstr(kept, ==, "/etc/hostname (it is gone)");
  g_assert_false(root_exists(&fixture->root, "/etc/hostname"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/transaction-revert/revert-brings-every-byte-back", revert_brings_every_byte_back);
  g_test_add_func("/transaction-revert/revert-brings-the-time-back", revert_brings_the_time_back);
  g_test_add_func("/transaction-revert/half-of-a-run-can-be-undone", half_of_a_run_can_be_undone);
  g_test_add_func("/transaction-revert/a-way-back-that-cannot-be-staged-changes-nothing",
                  a_way_back_that_cannot_be_staged_changes_nothing);
  g_test_add_func("/transaction-revert/a-revert-brings-back-what-a-daemon-rewrote",
                  a_revert_brings_back_what_a_daemon_rewrote);
  g_test_add_func("/transaction-revert/a-revert-keeps-what-somebody-changed", a_revert_keeps_what_somebody_changed);
  g_test_add_func("/transaction-revert/whole-trees-go-and-come-back", whole_trees_go_and_come_back);
  g_test_add_func("/transaction-revert/what-somebody-removed-stays-so-and-that-is-said",
                  what_somebody_removed_stays_so_and_that_is_said);
  return g_test_run();
}
