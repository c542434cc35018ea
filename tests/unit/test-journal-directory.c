/* The journal's directory follows the machine-id (agent/system/journal-directory.c, running-system.c). */
#include "fixture.h"
#include "system/journal-directory.h"
#include "system/running-system.h"

#define OLD "11111111111111111111111111111111"
#define NEW "22222222222222222222222222222222"

static void move(Fixture *fixture) {
  g_autofree char *journal = fixture_path(fixture, "/journal");
  g_autoptr(GError) error = NULL;

  g_assert_true(journal_directory_move(journal, OLD, NEW, &error));
  g_assert_no_error(error);
}

static void assert_content(Fixture *fixture, const char *path, const char *expected) {
  g_autofree char *content = fixture_read(fixture, path);

  g_assert_cmpstr(content, ==, expected);
}

static void test_renames(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/journal/" OLD "/system.journal", "entries");
  move(fixture);
  assert_content(fixture, "/journal/" NEW "/system.journal", "entries");
  assert_content(fixture, "/journal/" OLD "/system.journal", NULL);
}

static void test_merges_without_loss(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *old_directory = fixture_path(fixture, "/journal/" OLD);

  fixture_write(fixture, "/journal/" OLD "/system.journal", "old");
  fixture_write(fixture, "/journal/" OLD "/user-1000.journal", "user");
  fixture_write(fixture, "/journal/" NEW "/system.journal", "new");
  move(fixture);
  assert_content(fixture, "/journal/" NEW "/system.journal", "new");
  assert_content(fixture, "/journal/" NEW "/system@" OLD ".journal", "old");
  assert_content(fixture, "/journal/" NEW "/user-1000.journal", "user");
  g_assert_false(g_file_test(old_directory, G_FILE_TEST_EXISTS));
}

static void test_nothing_to_move(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  move(fixture);
  fixture_write(fixture, "/journal/" NEW "/system.journal", "new");
  move(fixture);
  assert_content(fixture, "/journal/" NEW "/system.journal", "new");
}

static void test_failure_names_the_directory(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *journal = fixture_path(fixture, "/journal");
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/journal/" OLD "/system.journal", "old");
  fixture_write(fixture, "/journal/" NEW, "a file in the way");
  g_assert_false(journal_directory_move(journal, OLD, NEW, &error));
  g_assert_nonnull(strstr(error->message, "/journal/" OLD));
}

static void test_same_id_changes_nothing(void) {
  g_autoptr(GError) error = NULL;

  g_assert_true(running_machine_id_adopt(OLD, OLD, &error));
  g_assert_no_error(error);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/journal-directory/renames", test_renames);
  g_test_add_func("/journal-directory/merges-without-loss", test_merges_without_loss);
  g_test_add_func("/journal-directory/nothing-to-move", test_nothing_to_move);
  g_test_add_func("/journal-directory/failure-names-the-directory", test_failure_names_the_directory);
  g_test_add_func("/journal-directory/same-id-changes-nothing", test_same_id_changes_nothing);
  return g_test_run();
}
