/* state.c: the directory of the books. */
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

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/state/absent-is-no-error", absent_is_no_error);
  g_test_add_func("/state/entries-are-directories-and-no-links", entries_are_directories_and_no_links);
  return g_test_run();
}
