/* state.c: the directory of the books. */
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/state.h"

static void absent_is_no_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;

  g_assert_cmpint(state_open(&fixture->root, &error), ==, -1);
  g_assert_no_error(error);
}

static void entries_are_directories_and_no_links(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GError) error = NULL;
  autofd state = state_open(&fixture->root, NULL);

  g_assert_cmpint(state, >=, 0);
  g_assert_cmpint(state_open_directory(state, "history", &error), ==, -1);
  g_assert_no_error(error);
  fixture_mkdir(fixture, "/elsewhere");
  fixture_symlink(fixture, RI_STATE_DIR "/history", "/elsewhere");
  g_assert_cmpint(state_open_directory(state, "history", &error), ==, -1);
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
}

static void assert_untrusted(Fixture *fixture, const char *path, mode_t mode) {
  g_autofree char *full = fixture_path(fixture, path);
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  g_assert_cmpint(chmod(full, mode), ==, 0);
  g_assert_false(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_UNTRUSTED);
  g_assert_nonnull(strstr(error->message, path));
  g_assert_cmpint(chmod(full, 0700), ==, 0);
}

static void what_others_can_write_is_not_carried_out(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();

  fixture_mkdir(fixture, RI_TRANSACTION_DIR);
  assert_untrusted(fixture, RI_STATE_DIR, 0777);
  assert_untrusted(fixture, RI_TRANSACTION_DIR, 0702);
}

/* Root's group is root. */
static void another_group_than_roots_is_others(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *state = fixture_path(fixture, RI_STATE_DIR);
  Recovery recovery;
  g_autoptr(GError) error = NULL;

  if (chown(state, 0, 65534) < 0)
    return g_test_skip("not root");
  assert_untrusted(fixture, RI_STATE_DIR, 0720);
  g_assert_cmpint(chown(state, 0, 0), ==, 0);
  g_assert_cmpint(chmod(state, 0770), ==, 0);
  g_assert_true(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_no_error(error);
}

static void another_owner_is_not_trusted(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *state = fixture_path(fixture, RI_STATE_DIR);
  g_autoptr(GError) error = NULL;

  if (chown(state, 65534, 65534) < 0)
    return g_test_skip("not root");
  g_assert_cmpint(state_lock(&fixture->root, NULL, NULL, &error), ==, -1);
  g_assert_error(error, RI_ERROR, RI_ERROR_UNTRUSTED);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/state/absent-is-no-error", absent_is_no_error);
  g_test_add_func("/state/entries-are-directories-and-no-links", entries_are_directories_and_no_links);
  g_test_add_func("/state/what-others-can-write-is-not-carried-out", what_others_can_write_is_not_carried_out);
  g_test_add_func("/state/another-group-than-root-s-is-others", another_group_than_roots_is_others);
  g_test_add_func("/state/another-owner-is-not-trusted", another_owner_is_not_trusted);
  return g_test_run();
}
