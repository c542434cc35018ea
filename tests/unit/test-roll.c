/* roll.c: forward and backward are the same work, and may be done again. */
#include <fcntl.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/roll.h"
#include "commit/stage.h"
#include "commit/state.h"

typedef struct {
  Fixture *fixture;
  Manifest *manifest;
  int fd;
} Staged;

static Staged staged_machine(void) {
  Fixture *fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  char empty[] = "";
  TransactionInfo info = {empty, empty, empty, empty, 0};
  autofd state = state_open(&fixture->root, NULL);
  Staged staged = {.fixture = fixture};

  fixture_write(fixture, RI_RECORD_FILE, "old record\n");
  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/var/lease", "lease\n");
  fixture_symlink(fixture, "/var/link", "/dev/null");
  fixture_write(fixture, "/var/tree/file", "in a tree\n");
  commit_plan_write(fixture, plan, RI_RECORD_FILE, "new record\n")->flags = EDIT_LAST;
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  commit_plan_made(fixture, plan);
  fixture_write(fixture, "/var/timestamps", "old\n");
  commit_plan_write(fixture, plan, "/var/timestamps", "new\n")->flags = EDIT_VOLATILE;
  (void)commit_plan_remove(fixture, plan, "/var/lease");
  (void)plan_unlink(plan, "step", "/var/link", "/dev/null", "why");
  (void)plan_link(plan, "step", "/var/link2", "/dev/zero", "why");
  (void)commit_plan_remove(fixture, plan, "/var/tree/file");
  (void)plan_remove_directory(plan, "step", "/var/tree", "why");
  g_autoptr(Manifest) manifest = manifest_new(plan, &info);
  g_autoptr(GBytes) text = manifest_format(manifest);
  staged.fd = stage_run(&fixture->root, state, plan, manifest, text, NULL);
  g_assert_cmpint(staged.fd, >=, 0);
  staged.manifest = manifest_read(staged.fd, MANIFEST_STAGED, "x", NULL);
  g_assert_nonnull(staged.manifest);
  return staged;
}

static void staged_clear(Staged *staged) {
  manifest_free(staged->manifest);
  (void)close(staged->fd);
  fixture_free(staged->fixture);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Staged, staged_clear)

static void assert_rolled(const Staged *staged, RollDirection direction) {
  g_auto(Roll) roll = ROLL_OF(&staged->fixture->root, staged->manifest, direction, TRUE);
  g_autoptr(GError) error = NULL;

  if (direction == ROLL_BACKWARD)
    (void)stage_back(&staged->fixture->root, staged->fd, staged->manifest, &error);
  g_assert_no_error(error);
  if (roll_files(&roll, &error))
    (void)roll_last(&roll, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(roll.kept->len, ==, 0);
}

/* Without what waits beside the targets. */
static char *targets(const Staged *staged) {
  return fixture_snapshot(staged->fixture, RI_TRANSACTION_DIR);
}

static gboolean exists(const Staged *staged, const char *path) {
  g_autofree char *full = fixture_path(staged->fixture, path);
  struct stat info;

  return lstat(full, &info) == 0;
}

static void forward_puts_the_new_in_place(void) {
  g_auto(Staged) staged = staged_machine();
  Fixture *fixture = staged.fixture;

  assert_rolled(&staged, ROLL_FORWARD);
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  commit_assert_content(fixture, "/etc/made/by/us", "made\n");
  commit_assert_content(fixture, "/var/lease", NULL);
  g_assert_false(exists(&staged, "/var/link"));
  g_assert_true(exists(&staged, "/var/link2"));
  g_assert_false(exists(&staged, "/var/tree"));
  commit_assert_content(fixture, RI_RECORD_FILE, "new record\n");
}

static void the_record_waits_for_the_rest(void) {
  g_auto(Staged) staged = staged_machine();
  g_auto(Roll) roll = ROLL_OF(&staged.fixture->root, staged.manifest, ROLL_FORWARD, FALSE);

  g_assert_true(roll_files(&roll, NULL));
  g_assert_true(roll.begun);
  commit_assert_content(staged.fixture, "/etc/hostname", "clone\n");
  commit_assert_content(staged.fixture, RI_RECORD_FILE, "old record\n");
  g_assert_true(roll_last(&roll, NULL));
  commit_assert_content(staged.fixture, RI_RECORD_FILE, "new record\n");
}

static void backward_brings_everything_back(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *after = NULL;

  assert_rolled(&staged, ROLL_FORWARD);
  assert_rolled(&staged, ROLL_BACKWARD);
  g_assert_false(exists(&staged, "/etc/made"));
  commit_assert_content(staged.fixture, "/etc/hostname", "golden\n");
  commit_assert_content(staged.fixture, "/var/tree/file", "in a tree\n");
  commit_assert_content(staged.fixture, RI_RECORD_FILE, "old record\n");
  g_assert_true(exists(&staged, "/var/link"));
  g_assert_false(exists(&staged, "/var/link2"));
  after = targets(&staged);
  g_assert_null(strstr(after, ".reset-identity"));
}

static void twice_is_once(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *forward = NULL;
  g_autofree char *forward_again = NULL;
  g_autofree char *backward = NULL;
  g_autofree char *backward_again = NULL;

  assert_rolled(&staged, ROLL_FORWARD);
  forward = targets(&staged);
  assert_rolled(&staged, ROLL_FORWARD);
  forward_again = targets(&staged);
  g_assert_cmpstr(forward, ==, forward_again);
  assert_rolled(&staged, ROLL_BACKWARD);
  backward = targets(&staged);
  assert_rolled(&staged, ROLL_BACKWARD);
  backward_again = targets(&staged);
  g_assert_cmpstr(backward, ==, backward_again);
}

/* A daemon has written it again since the run that died had brought it. */
static void what_a_daemon_wrote_again_is_done(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *path = fixture_path(staged.fixture, "/var/timestamps");
  g_autofree char *content = NULL;

  assert_rolled(&staged, ROLL_FORWARD);
  fixture_write(staged.fixture, "/var/timestamps", "the daemon's\n");
  assert_rolled(&staged, ROLL_FORWARD);
  g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
  g_assert_cmpstr(content, ==, "the daemon's\n");
}

static void assert_kept_with_mode(const Staged *staged, RollDirection direction, mode_t mode) {
  g_auto(Roll) roll = ROLL_OF(&staged->fixture->root, staged->manifest, direction, TRUE);
  g_autofree char *hostname = fixture_path(staged->fixture, "/etc/hostname");
  g_autofree char *volatile_file = fixture_path(staged->fixture, "/var/timestamps");
  struct stat info;

  g_assert_cmpint(chmod(hostname, mode), ==, 0);
  g_assert_cmpint(chmod(volatile_file, mode), ==, 0);
  if (direction == ROLL_BACKWARD)
    g_assert_true(stage_back(&staged->fixture->root, staged->fd, staged->manifest, NULL));
  g_assert_true(roll_files(&roll, NULL));
  g_assert_cmpuint(roll.kept->len, ==, 1);
  g_assert_cmpstr(roll.kept->pdata[0], ==, "/etc/hostname (its owner and permissions)");
  g_assert_cmpuint(roll.pending->len, ==, 0);
  g_assert_cmpint(stat(hostname, &info), ==, 0);
  g_assert_cmpint(info.st_mode & 07777, ==, mode);
}

static void permissions_that_somebody_changed_stay(void) {
  g_auto(Staged) staged = staged_machine();

  assert_kept_with_mode(&staged, ROLL_FORWARD, 0600);
  commit_assert_content(staged.fixture, "/etc/hostname", "clone\n");
  assert_kept_with_mode(&staged, ROLL_BACKWARD, 0640);
  commit_assert_content(staged.fixture, "/etc/hostname", "golden\n");
}

static void a_directory_that_is_not_empty_stays(void) {
  g_auto(Staged) staged = staged_machine();
  g_auto(Roll) roll = ROLL_OF(&staged.fixture->root, staged.manifest, ROLL_FORWARD, FALSE);

  fixture_write(staged.fixture, "/var/tree/came-since", "x");
  g_assert_true(roll_files(&roll, NULL));
  g_assert_cmpuint(roll.kept->len, ==, 1);
  g_assert_cmpstr(roll.kept->pdata[0], ==, "/var/tree");
  g_assert_cmpuint(roll.pending->len, ==, 0);
  commit_assert_content(staged.fixture, "/var/tree/came-since", "x");
}

static void a_failure_in_the_middle_has_begun(void) {
  g_auto(Staged) staged = staged_machine();
  g_auto(Roll) roll = ROLL_OF(&staged.fixture->root, staged.manifest, ROLL_FORWARD, FALSE);
  g_autofree char *target = fixture_path(staged.fixture, "/etc/made/by/us");
  g_autoptr(GError) error = NULL;

  fixture_mkdir(staged.fixture, "/etc/made/by/us");
  g_assert_false(roll_files(&roll, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_true(g_str_has_prefix(error->message, "/etc/made/by/us: replacing it: "));
  g_assert_true(roll.begun);
  g_assert_cmpint(rmdir(target), ==, 0);
  assert_rolled(&staged, ROLL_FORWARD);
  commit_assert_content(staged.fixture, "/etc/made/by/us", "made\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/roll/forward-puts-the-new-in-place", forward_puts_the_new_in_place);
  g_test_add_func("/roll/the-record-waits-for-the-rest", the_record_waits_for_the_rest);
  g_test_add_func("/roll/backward-brings-everything-back", backward_brings_everything_back);
  g_test_add_func("/roll/twice-is-once", twice_is_once);
  g_test_add_func("/roll/permissions-that-somebody-changed-stay", permissions_that_somebody_changed_stay);
  g_test_add_func("/roll/a-directory-that-is-not-empty-stays", a_directory_that_is_not_empty_stays);
  g_test_add_func("/roll/a-failure-in-the-middle-has-begun", a_failure_in_the_middle_has_begun);
  g_test_add_func("/roll/what-a-daemon-wrote-again-is-done", what_a_daemon_wrote_again_is_done);
  return g_test_run();
}
