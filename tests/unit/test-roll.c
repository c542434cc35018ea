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
  fixture_write(fixture, "/var/log/old/system.journal", "journal");
  fixture_write(fixture, "/run/log/old/system.journal", "old journal");
  fixture_write(fixture, "/run/log/new/system.journal", "new journal");
  commit_plan_write(fixture, plan, RI_RECORD_FILE, "new record\n")->flags = EDIT_LAST;
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)commit_plan_write(fixture, plan, "/etc/made/by/us", "made\n");
  (void)commit_plan_remove(fixture, plan, "/var/lease");
  (void)plan_rename(plan, "step", "/var/log/old", "/var/log/new", "why");
  (void)plan_rename(plan, "step", "/run/log/old", "/run/log/new", "why");
  staged.fd = stage_run(&fixture->root, state, plan, &info, NULL);
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

static gboolean roll(const Staged *staged, RollDirection direction, gboolean *begun, GError **error) {
  Roll run = {&staged->fixture->root, staged->fd, staged->manifest, direction, FALSE};
  gboolean done = roll_run(&run, error);

  if (begun != NULL)
    *begun = run.begun;
  return done;
}

static void assert_rolled(const Staged *staged, RollDirection direction) {
  g_autoptr(GError) error = NULL;

  (void)roll(staged, direction, NULL, &error);
  g_assert_no_error(error);
}

static char *targets(const Staged *staged) {
  return fixture_snapshot(staged->fixture, RI_TRANSACTION_DIR);
}

static void forward_puts_the_new_in_place(void) {
  g_auto(Staged) staged = staged_machine();
  Fixture *fixture = staged.fixture;

  assert_rolled(&staged, ROLL_FORWARD);
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  commit_assert_content(fixture, "/etc/made/by/us", "made\n");
  commit_assert_content(fixture, "/var/lease", NULL);
  commit_assert_content(fixture, "/var/log/new/system.journal", "journal");
  commit_assert_content(fixture, "/run/log/new/system.journal", "new journal");
  commit_assert_content(fixture, "/run/log/new/system.journal~", "old journal");
  commit_assert_content(fixture, RI_RECORD_FILE, "new record\n");
}

static void backward_brings_everything_back(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *before = targets(&staged);
  g_autofree char *after = NULL;

  assert_rolled(&staged, ROLL_FORWARD);
  assert_rolled(&staged, ROLL_BACKWARD);
  after = targets(&staged);
  g_assert_cmpstr(before, ==, after);
}

static void twice_is_once(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *before = targets(&staged);
  g_autofree char *forward = NULL;
  g_autofree char *forward_again = NULL;
  g_autofree char *backward = NULL;

  assert_rolled(&staged, ROLL_FORWARD);
  forward = targets(&staged);
  assert_rolled(&staged, ROLL_FORWARD);
  forward_again = targets(&staged);
  g_assert_cmpstr(forward, ==, forward_again);
  assert_rolled(&staged, ROLL_BACKWARD);
  assert_rolled(&staged, ROLL_BACKWARD);
  backward = targets(&staged);
  g_assert_cmpstr(before, ==, backward);
}

static void a_directory_that_came_since_is_merged(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *source = fixture_path(staged.fixture, "/var/log/old");

  fixture_write(staged.fixture, "/var/log/new/system.journal", "came since");
  assert_rolled(&staged, ROLL_FORWARD);
  commit_assert_content(staged.fixture, "/var/log/new/system.journal", "came since");
  commit_assert_content(staged.fixture, "/var/log/new/system.journal~", "journal");
  g_assert_false(g_file_test(source, G_FILE_TEST_EXISTS));
}

static void damaged_content_changes_nothing(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;
  Roll run = {&staged.fixture->root, staged.fd, staged.manifest, ROLL_FORWARD, FALSE};

  fixture_write(staged.fixture, RI_TRANSACTION_DIR "/new/2", "MADE\n");
  before = targets(&staged);
  g_assert_false(roll_run(&run, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  g_assert_nonnull(strstr(error->message, "/etc/made/by/us"));
  g_assert_false(run.begun);
  g_assert_true(roll_withdraw(&run, NULL));
  after = targets(&staged);
  g_assert_cmpstr(before, ==, after);
}

static void a_failure_in_the_middle_has_begun(void) {
  g_auto(Staged) staged = staged_machine();
  g_autofree char *target = fixture_path(staged.fixture, "/etc/made/by/us");
  g_autoptr(GError) error = NULL;
  gboolean begun = FALSE;

  fixture_mkdir(staged.fixture, "/etc/made/by/us");
  g_assert_false(roll(&staged, ROLL_FORWARD, &begun, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_true(g_str_has_prefix(error->message, "/etc/made/by/us: replacing it: "));
  g_assert_true(begun);
  g_assert_cmpint(rmdir(target), ==, 0);
  assert_rolled(&staged, ROLL_FORWARD);
  commit_assert_content(staged.fixture, "/etc/made/by/us", "made\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/roll/forward-puts-the-new-in-place", forward_puts_the_new_in_place);
  g_test_add_func("/roll/backward-brings-everything-back", backward_brings_everything_back);
  g_test_add_func("/roll/twice-is-once", twice_is_once);
  g_test_add_func("/roll/a-directory-that-came-since-is-merged", a_directory_that_came_since_is_merged);
  g_test_add_func("/roll/damaged-content-changes-nothing", damaged_content_changes_nothing);
  g_test_add_func("/roll/a-failure-in-the-middle-has-begun", a_failure_in_the_middle_has_begun);
  return g_test_run();
}
