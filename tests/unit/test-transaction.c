/* transaction.c: the whole old or the whole new. tests/crash ends it at every system call; here is what it says. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "commit-fixture.h"
#include "mount-fixture.h"

static gboolean may_mount;

static Fixture *machine(void) {
  Fixture *fixture = commit_fixture_new();

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/etc/ssh/key", "old secret\n");
  fixture_write(fixture, RI_RECORD_FILE, "old record\n");
  return fixture;
}

static Plan *plan_of(Fixture *fixture) {
  Plan *plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  commit_plan_write(fixture, plan, "/etc/ssh/key", "new secret\n")->flags = EDIT_SECRET | EDIT_FORGET_OLD;
  (void)commit_plan_write(fixture, plan, "/etc/made/by/us", "made\n");
  commit_plan_write(fixture, plan, RI_RECORD_FILE, "new record\n")->flags = EDIT_LAST;
  return plan;
}

static gboolean exists(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);

  return g_file_test(full, G_FILE_TEST_EXISTS);
}

static Recovery recover(Fixture *fixture, char **summary) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  (void)transaction_recover(&fixture->root, &recovery, summary, &error);
  g_assert_no_error(error);
  return recovery;
}

static void commits_and_closes(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  g_assert_false(transaction_is_open(&fixture->root));
  commit_open(fixture, plan);
  g_assert_true(transaction_is_open(&fixture->root));
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  commit_assert_content(fixture, RI_RECORD_FILE, "new record\n");
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
  g_assert_false(transaction_is_open(&fixture->root));
  commit_assert_content(fixture, RI_HISTORY_DIR "/1/old/0", "golden\n");
  g_assert_false(exists(fixture, RI_HISTORY_DIR "/1/new"));
}

static void old_secrets_leave_the_history(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  commit_open(fixture, plan);
  commit_assert_content(fixture, RI_TRANSACTION_DIR "/old/1", "old secret\n");
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
  g_assert_false(exists(fixture, RI_HISTORY_DIR "/1/old/1"));
}

static void revert_brings_every_byte_back(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;

  commit_open(fixture, plan);
  g_assert_true(transaction_revert(&fixture->root, &error));
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
  g_assert_true(transaction_revert(&fixture->root, NULL));
  g_assert_cmpint(stat(path, &info), ==, 0);
  g_assert_cmpint(info.st_mtim.tv_sec, ==, 1000000000);
  g_assert_cmpint(info.st_mtim.tv_nsec, ==, 42);
}

static void assert_superseded(Fixture *fixture, const char *path, const char *content) {
  g_autoptr(GBytes) superseded = transaction_superseded(&fixture->root, path);

  g_assert_nonnull(superseded);
  g_assert_cmpmem(g_bytes_get_data(superseded, NULL), g_bytes_get_size(superseded), content, strlen(content));
}

static void tells_what_an_open_one_supersedes(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *forward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest");
  g_autofree char *backward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest.revert");

  g_assert_null(transaction_superseded(&fixture->root, "/etc/hostname"));
  commit_open(fixture, plan);
  assert_superseded(fixture, "/etc/hostname", "golden\n");
  g_assert_null(transaction_superseded(&fixture->root, "/etc/made/by/us"));
  g_assert_null(transaction_superseded(&fixture->root, "/etc/machine-id"));
  g_assert_cmpint(rename(forward, backward), ==, 0);
  assert_superseded(fixture, "/etc/hostname", "clone\n");
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_REVERTED);
  g_assert_null(transaction_superseded(&fixture->root, "/etc/hostname"));
}

static void recovery_finishes_what_is_committed(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *summary = NULL;

  commit_open(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "half\n");
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "is finished"));
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  g_assert_true(exists(fixture, RI_HISTORY_DIR "/1/manifest"));
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_NOTHING);
}

static void recovery_discards_what_never_was(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autofree char *summary = NULL;

  fixture_write(fixture, RI_TRANSACTION_DIR "/new/0", "clone\n");
  fixture_write(fixture, RI_TRANSACTION_DIR "/manifest.staged", "half a man");
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_DISCARDED);
  g_assert_nonnull(strstr(summary, "before it changed anything"));
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void recovery_keeps_its_hands_off(Fixture *fixture, const char *says) {
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  g_assert_false(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void a_bad_manifest_is_not_carried_out(void) {
  g_autoptr(Fixture) fixture = machine();

  fixture_write(fixture, RI_TRANSACTION_DIR "/manifest", "garbage\n");
  recovery_keeps_its_hands_off(fixture, RI_TRANSACTION_DIR "/manifest: damaged");
}

static void two_directions_are_none(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *manifest = NULL;

  commit_open(fixture, plan);
  manifest = fixture_read(fixture, RI_TRANSACTION_DIR "/manifest");
  fixture_write(fixture, RI_TRANSACTION_DIR "/manifest.revert", manifest);
  recovery_keeps_its_hands_off(fixture, "nobody knows its direction");
}

static void staged_content_that_rotted_is_not_put_in_place(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  commit_open(fixture, plan);
  fixture_write(fixture, RI_TRANSACTION_DIR "/new/2", "rotten\n");
  recovery_keeps_its_hands_off(fixture, "/etc/made/by/us: its content below " RI_TRANSACTION_DIR " is damaged");
}

static void a_second_commit_waits_for_the_first(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autoptr(Plan) second = plan_new();
  g_autoptr(GError) error = NULL;

  commit_open(fixture, plan);
  (void)commit_plan_write(fixture, second, "/etc/other", "x");
  g_assert_false(commit_try(fixture, second, "apply", &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_OPEN);
  g_assert_false(exists(fixture, "/etc/other"));
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
}

static void nothing_open_is_nothing_to_close(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(GError) error = NULL;

  g_assert_false(transaction_close(&fixture->root, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_clear_error(&error);
  g_assert_false(transaction_revert(&fixture->root, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
}

static void ctrl_c_before_the_commit_point_leaves_nothing(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autoptr(GCancellable) cancelled = g_cancellable_new();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;
  char empty[] = "";
  TransactionInfo info = {empty, empty, empty, empty, 0};

  g_cancellable_cancel(cancelled);
  g_assert_false(transaction_commit(&fixture->root, plan, &info, cancelled, NULL, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_CANCELLED);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void note_stage(const char *stage, gpointer data) {
  g_string_append_printf(data, "%s;", stage);
}

static void tells_its_stages(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autoptr(GString) stages = g_string_new(NULL);
  char empty[] = "";
  TransactionInfo info = {empty, empty, empty, empty, 0};

  g_assert_true(transaction_commit(&fixture->root, plan, &info, NULL, note_stage, stages, NULL));
  g_assert_cmpstr(stages->str, ==, "staged;committed;in place;");
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
}

static volatile sig_atomic_t delivered;

static void count(int number) {
  delivered++;
}

static void signals_wait_while_it_is_open(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  (void)signal(SIGTERM, count);
  commit_open(fixture, plan);
  g_assert_cmpint(raise(SIGTERM), ==, 0);
  g_assert_cmpint(delivered, ==, 0);
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
  g_assert_cmpint(delivered, ==, 1);
  (void)signal(SIGTERM, SIG_DFL);
}

static void links_never_lead_out(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *outside = g_build_filename(g_get_tmp_dir(), "reset-identity-outside", NULL);

  fixture_mkdir(fixture, "/tmp");
  fixture_symlink(fixture, "/etc/link", "/../../../../../../tmp");
  (void)commit_plan_write(fixture, plan, "/etc/link/reset-identity-outside", "x");
  (void)commit_closed(fixture, plan, "apply");
  g_assert_false(g_file_test(outside, G_FILE_TEST_EXISTS));
  commit_assert_content(fixture, "/tmp/reset-identity-outside", "x");
}

static void state_may_be_another_file_system(void) {
  g_autoptr(Fixture) fixture = NULL;
  g_autoptr(Plan) plan = NULL;
  g_autofree char *state = NULL;

  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  fixture = commit_fixture_new();
  state = fixture_path(fixture, RI_STATE_DIR);
  mount_fixture_tmpfs(state, 0, "mode=0700");
  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/etc/ssh/key", "old secret\n");
  plan = plan_of(fixture);
  g_assert_cmpuint(commit_closed(fixture, plan, "apply"), ==, 1);
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  commit_assert_content(fixture, RI_RECORD_FILE, "new record\n");
  g_assert_cmpint(umount(state), ==, 0);
}

static void a_read_only_state_is_a_clear_error(void) {
  g_autoptr(Fixture) fixture = NULL;
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *state = NULL;
  g_autoptr(GError) error = NULL;

  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  fixture = commit_fixture_new();
  state = fixture_path(fixture, RI_STATE_DIR);
  mount_fixture_tmpfs(state, MS_RDONLY, "mode=0700");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  g_assert_false(commit_try(fixture, plan, "apply", &error));
  g_assert_nonnull(strstr(error->message, "mounted read-only"));
  g_assert_false(exists(fixture, "/etc/hostname"));
  g_assert_cmpint(umount(state), ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/transaction/commits-and-closes", commits_and_closes);
  g_test_add_func("/transaction/old-secrets-leave-the-history", old_secrets_leave_the_history);
  g_test_add_func("/transaction/revert-brings-every-byte-back", revert_brings_every_byte_back);
  g_test_add_func("/transaction/revert-brings-the-time-back", revert_brings_the_time_back);
  g_test_add_func("/transaction/tells-what-an-open-one-supersedes", tells_what_an_open_one_supersedes);
  g_test_add_func("/transaction/recovery-finishes-what-is-committed", recovery_finishes_what_is_committed);
  g_test_add_func("/transaction/recovery-discards-what-never-was", recovery_discards_what_never_was);
  g_test_add_func("/transaction/a-bad-manifest-is-not-carried-out", a_bad_manifest_is_not_carried_out);
  g_test_add_func("/transaction/two-directions-are-none", two_directions_are_none);
  g_test_add_func("/transaction/staged-content-that-rotted-is-not-put-in-place",
                  staged_content_that_rotted_is_not_put_in_place);
  g_test_add_func("/transaction/a-second-commit-waits-for-the-first", a_second_commit_waits_for_the_first);
  g_test_add_func("/transaction/nothing-open-is-nothing-to-close", nothing_open_is_nothing_to_close);
  g_test_add_func("/transaction/ctrl-c-before-the-commit-point-leaves-nothing",
                  ctrl_c_before_the_commit_point_leaves_nothing);
  g_test_add_func("/transaction/tells-its-stages", tells_its_stages);
  g_test_add_func("/transaction/signals-wait-while-it-is-open", signals_wait_while_it_is_open);
  g_test_add_func("/transaction/links-never-lead-out", links_never_lead_out);
  g_test_add_func("/transaction/state-may-be-another-file-system", state_may_be_another_file_system);
  g_test_add_func("/transaction/a-read-only-state-is-a-clear-error", a_read_only_state_is_a_clear_error);
  return g_test_run();
}
