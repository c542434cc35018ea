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
  commit_plan_made(fixture, plan);
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

static void assert_closed(Fixture *fixture) {
  g_autoptr(GError) error = NULL;

  (void)transaction_close(&fixture->root, NULL, &error);
  g_assert_no_error(error);
  g_assert_false(transaction_is_open(&fixture->root));
}

static void commits_and_closes(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  g_assert_false(transaction_is_open(&fixture->root));
  commit_open(fixture, plan);
  g_assert_true(transaction_is_open(&fixture->root));
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  commit_assert_content(fixture, RI_RECORD_FILE, "old record\n");
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
  commit_assert_content(fixture, RI_RECORD_FILE, "new record\n");
  g_assert_false(transaction_is_open(&fixture->root));
  commit_assert_content(fixture, RI_HISTORY_DIR "/1/old/0", "golden\n");
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

static void assert_superseded(Fixture *fixture, const char *path, const char *content) {
  g_autoptr(GBytes) superseded = transaction_superseded(&fixture->root, path);

  g_assert_nonnull(superseded);
  g_assert_cmpmem(g_bytes_get_data(superseded, NULL), g_bytes_get_size(superseded), content, strlen(content));
}

static void tells_what_an_open_one_supersedes(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  g_assert_null(transaction_superseded(&fixture->root, "/etc/hostname"));
  commit_open(fixture, plan);
  assert_superseded(fixture, "/etc/hostname", "golden\n");
  g_assert_null(transaction_superseded(&fixture->root, "/etc/made/by/us"));
  g_assert_null(transaction_superseded(&fixture->root, "/etc/machine-id"));
  assert_closed(fixture);
  g_assert_null(transaction_superseded(&fixture->root, "/etc/hostname"));
}

/* The transaction as it is when a run is killed right behind its commit point. */
static void commit_and_go_back_to_the_commit_point(Fixture *fixture, const Plan *plan) {
  static const struct {
    const char *path, *old;
  } files[] = {{"/etc/hostname", "golden\n"}, {"/etc/ssh/key", "old secret\n"}};

  commit_open(fixture, plan);
  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *content = fixture_read(fixture, files[i].path);
    g_autofree char *directory = g_path_get_dirname(files[i].path);
    g_autofree char *name = g_path_get_basename(files[i].path);
    g_autofree char *temporary = g_strdup_printf("%s/.%s.reset-identity", directory, name);
    fixture_write(fixture, temporary, content);
    fixture_write(fixture, files[i].path, files[i].old);
  }
}

static void recovery_finishes_what_is_committed(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *summary = NULL;

  commit_and_go_back_to_the_commit_point(fixture, plan);
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "is finished"));
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  assert_closed(fixture);
  g_assert_true(exists(fixture, RI_HISTORY_DIR "/1/manifest"));
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_NOTHING);
}

static void what_was_changed_behind_its_turn_is_kept_and_named(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *summary = NULL;

  commit_open(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "clone\nand more\n");
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "kept, because it was changed since: /etc/hostname"));
  commit_assert_content(fixture, "/etc/hostname", "clone\nand more\n");
  assert_closed(fixture);
}

static void recovery_is_refused(Fixture *fixture, const char *says) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  g_assert_false(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_OPEN);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
  g_assert_true(transaction_is_open(&fixture->root));
}

/* Brought, and then deleted: that is a change like any other, and has no old value. */
static void what_was_removed_behind_its_turn_stays_removed_and_is_named(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *hostname = fixture_path(fixture, "/etc/hostname");
  g_autofree char *summary = NULL;

  commit_open(fixture, plan);
  g_assert_cmpint(unlink(hostname), ==, 0);
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "kept, because it was changed since: /etc/hostname"));
  g_assert_false(exists(fixture, "/etc/hostname"));
  assert_closed(fixture);
}

static void what_was_changed_before_its_turn_is_kept_and_unfinished(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *theirs = fixture_path(fixture, "/etc/hostname");
  g_autofree char *aside = fixture_path(fixture, "/etc/hostname.mine");

  commit_and_go_back_to_the_commit_point(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "golden\nand more\n");
  recovery_is_refused(fixture, "/etc/hostname: it was changed after the change was prepared, so it is kept");
  commit_assert_content(fixture, "/etc/hostname", "golden\nand more\n");
  commit_assert_content(fixture, "/etc/ssh/key", "new secret\n");
  commit_assert_content(fixture, RI_RECORD_FILE, "old record\n");
  g_assert_cmpint(rename(theirs, aside), ==, 0);
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_FINISHED);
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  assert_closed(fixture);
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

static void assert_actions(Fixture *fixture, gboolean backward, gboolean first, gboolean second) {
  g_autoptr(GError) error = NULL;
  gboolean is_backward = !backward;
  g_autoptr(GPtrArray) actions = transaction_actions(&fixture->root, &is_backward, &error);

  g_assert_no_error(error);
  g_assert_cmpint(is_backward, ==, backward);
  g_assert_cmpuint(actions->len, ==, 2);
  g_assert_cmpstr(((OpenAction *)actions->pdata[1])->action->object, ==, "ssh.service");
  g_assert_cmpint(((OpenAction *)actions->pdata[0])->done, ==, first);
  g_assert_cmpint(((OpenAction *)actions->pdata[1])->done, ==, second);
}

static void knows_which_actions_are_done(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  (void)plan_act(plan, "hostname", ACTION_HOSTNAME, NULL, NULL, "why");
  (void)plan_act(plan, "ssh-host-keys", ACTION_UNIT, "try-restart", "ssh.service", "why");
  commit_open(fixture, plan);
  assert_actions(fixture, FALSE, FALSE, FALSE);
  g_assert_true(transaction_action_done(&fixture->root, 1, NULL));
  assert_actions(fixture, FALSE, FALSE, TRUE);
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_FINISHED);
  g_assert_true(transaction_action_done(&fixture->root, 0, NULL));
  assert_actions(fixture, FALSE, TRUE, TRUE);
  g_assert_true(transaction_revert(&fixture->root, NULL, NULL));
  assert_actions(fixture, TRUE, FALSE, FALSE);
  g_assert_true(transaction_action_done(&fixture->root, 0, NULL));
  assert_actions(fixture, TRUE, TRUE, FALSE);
  assert_closed(fixture);
  g_assert_null(transaction_actions(&fixture->root, &(gboolean){FALSE}, NULL));
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

static void recovery_discards_what_never_was(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autofree char *summary = NULL;

  fixture_write(fixture, RI_TRANSACTION_DIR "/old/0", "clone\n");
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
  g_autofree char *forward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest");
  g_autofree char *backward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest.revert");

  commit_open(fixture, plan);
  g_assert_cmpint(link(forward, backward), ==, 0);
  recovery_keeps_its_hands_off(fixture, "its direction is unknown");
}

static void staged_content_that_rotted_is_not_put_in_place(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  commit_and_go_back_to_the_commit_point(fixture, plan);
  fixture_write(fixture, "/etc/.hostname.reset-identity", "rotten\n");
  recovery_keeps_its_hands_off(fixture, "/etc/hostname: its staged content");
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
  g_assert_false(transaction_revert(&fixture->root, NULL, &error));
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
  fixture_write(fixture, RI_RECORD_FILE, "old record\n");
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
  g_test_add_func("/transaction/what-was-changed-behind-its-turn-is-kept-and-named",
                  what_was_changed_behind_its_turn_is_kept_and_named);
  g_test_add_func("/transaction/what-was-removed-behind-its-turn-stays-removed-and-is-named",
                  what_was_removed_behind_its_turn_stays_removed_and_is_named);
  g_test_add_func("/transaction/what-was-changed-before-its-turn-is-kept-and-unfinished",
                  what_was_changed_before_its_turn_is_kept_and_unfinished);
  g_test_add_func("/transaction/half-of-a-run-can-be-undone", half_of_a_run_can_be_undone);
  g_test_add_func("/transaction/a-way-back-that-cannot-be-staged-changes-nothing",
                  a_way_back_that_cannot_be_staged_changes_nothing);
  g_test_add_func("/transaction/a-revert-brings-back-what-a-daemon-rewrote",
                  a_revert_brings_back_what_a_daemon_rewrote);
  g_test_add_func("/transaction/a-revert-keeps-what-somebody-changed", a_revert_keeps_what_somebody_changed);
  g_test_add_func("/transaction/knows-which-actions-are-done", knows_which_actions_are_done);
  g_test_add_func("/transaction/whole-trees-go-and-come-back", whole_trees_go_and_come_back);
  return g_test_run();
}
