/* transaction.c: the whole old or the whole new. tests/crash ends it at every system call; here is what it says. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/autofd.h"
#include "mount-fixture.h"
#include "transaction-fixture.h"

static gboolean may_mount;

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

/* Not one byte is left. */
static void fill(Fixture *fixture) {
  g_autofree char *path = fixture_path(fixture, RI_STATE_DIR "/filler");
  autofd fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const char byte = 'x';

  g_assert_cmpint(fd, >=, 0);
  while (write(fd, &byte, 1) == 1) {
  }
}

static void needs_no_space_behind_the_commit_point(void) {
  g_autoptr(Fixture) fixture = NULL;
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *state = NULL, *filler = NULL;
  g_autoptr(GError) error = NULL;

  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  fixture = commit_fixture_new();
  state = fixture_path(fixture, RI_STATE_DIR);
  filler = fixture_path(fixture, RI_STATE_DIR "/filler");
  mount_fixture_tmpfs(state, 0, "mode=0700,size=128k");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)plan_act(plan, "hostname", ACTION_HOSTNAME, NULL, NULL, "why");
  (void)plan_act(plan, "ssh-host-keys", ACTION_UNIT, "try-restart", "ssh.service", "why");
  commit_open(fixture, plan);
  fill(fixture);
  g_assert_true(transaction_action_done(&fixture->root, 1, &error));
  g_assert_true(transaction_action_done(&fixture->root, 0, &error));
  assert_actions(fixture, FALSE, TRUE, TRUE);
  g_assert_true(transaction_revert(&fixture->root, NULL, &error));
  g_assert_true(transaction_action_done(&fixture->root, 1, &error));
  assert_actions(fixture, TRUE, FALSE, TRUE);
  assert_closed(fixture);
  g_assert_cmpint(unlink(filler), ==, 0);
  commit_open(fixture, plan);
  fill(fixture);
  assert_closed(fixture);
  g_assert_true(exists(fixture, RI_HISTORY_DIR "/1/manifest"));
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
  g_test_add_func("/transaction/tells-what-an-open-one-supersedes", tells_what_an_open_one_supersedes);
  g_test_add_func("/transaction/a-second-commit-waits-for-the-first", a_second_commit_waits_for_the_first);
  g_test_add_func("/transaction/nothing-open-is-nothing-to-close", nothing_open_is_nothing_to_close);
  g_test_add_func("/transaction/ctrl-c-before-the-commit-point-leaves-nothing",
                  ctrl_c_before_the_commit_point_leaves_nothing);
  g_test_add_func("/transaction/tells-its-stages", tells_its_stages);
  g_test_add_func("/transaction/signals-wait-while-it-is-open", signals_wait_while_it_is_open);
  g_test_add_func("/transaction/links-never-lead-out", links_never_lead_out);
  g_test_add_func("/transaction/state-may-be-another-file-system", state_may_be_another_file_system);
  g_test_add_func("/transaction/needs-no-space-behind-the-commit-point", needs_no_space_behind_the_commit_point);
  g_test_add_func("/transaction/a-read-only-state-is-a-clear-error", a_read_only_state_is_a_clear_error);
  g_test_add_func("/transaction/knows-which-actions-are-done", knows_which_actions_are_done);
  return g_test_run();
}
