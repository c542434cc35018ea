/* The journal's directory follows the machine-id (agent/system/journal-directory.c, running-system.c). */
#include "fixture.h"
#include "system/journal-directory.h"
#include "system/running-system.h"

#define OLD "11111111111111111111111111111111"
#define NEW "22222222222222222222222222222222"

static GPtrArray *follow(Fixture *fixture) {
  GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);

  journal_directories_follow(&fixture->root, "/journal", OLD, NEW, warnings);
  return warnings;
}

static void move(Fixture *fixture) {
  g_autoptr(GPtrArray) warnings = follow(fixture);

  g_assert_cmpuint(warnings->len, ==, 0);
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

static void test_name_spaces_follow_and_others_stay(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/journal/" OLD ".audit/system.journal", "audit");
  fixture_write(fixture, "/journal/" OLD "0/system.journal", "longer");
  fixture_write(fixture, "/journal/remote/system.journal", "remote");
  move(fixture);
  assert_content(fixture, "/journal/" NEW ".audit/system.journal", "audit");
  assert_content(fixture, "/journal/" OLD "0/system.journal", "longer");
  assert_content(fixture, "/journal/remote/system.journal", "remote");
}

static void test_what_cannot_move_stays_and_is_named(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) warnings = NULL;

  fixture_write(fixture, "/journal/" OLD "/system.journal", "old");
  fixture_write(fixture, "/journal/" NEW, "a file in the way");
  warnings = follow(fixture);
  g_assert_cmpuint(warnings->len, ==, 1);
  g_assert_nonnull(strstr(warnings->pdata[0], "/journal/" OLD));
  assert_content(fixture, "/journal/" OLD "/system.journal", "old");
}

/* The action converges: what the file says now, whichever of the two it is. */
static void test_the_action_goes_both_ways(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
  char data[] = NEW " " OLD;
  const Action action = {.kind = ACTION_MACHINE_ID, .data = data, .time_limit_s = 5};
  const Surroundings around = {.root = &fixture->root, .warnings = warnings};
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/var/log/journal/" OLD "/system.journal", "entries");
  fixture_write(fixture, "/etc/machine-id", NEW "\n");
  g_assert_true(running_machine_id(&action, &around, &error));
  assert_content(fixture, "/var/log/journal/" NEW "/system.journal", "entries");
  fixture_write(fixture, "/etc/machine-id", OLD "\n");
  g_assert_true(running_machine_id(&action, &around, &error));
  g_assert_true(running_machine_id(&action, &around, &error));
  assert_content(fixture, "/var/log/journal/" OLD "/system.journal", "entries");
  g_assert_no_error(error);
  g_assert_cmpuint(warnings->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/journal-directory/renames", test_renames);
  g_test_add_func("/journal-directory/merges-without-loss", test_merges_without_loss);
  g_test_add_func("/journal-directory/nothing-to-move", test_nothing_to_move);
  g_test_add_func("/journal-directory/name-spaces-follow-and-others-stay", test_name_spaces_follow_and_others_stay);
  g_test_add_func("/journal-directory/what-cannot-move-stays-and-is-named", test_what_cannot_move_stays_and_is_named);
  g_test_add_func("/journal-directory/the-action-goes-both-ways", test_the_action_goes_both_ways);
  return g_test_run();
}
