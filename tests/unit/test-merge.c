/* merge.c: a directory that is renamed onto another one. */
#include <fcntl.h>

#include "base/autofd.h"
#include "commit/merge.h"
#include "fixture.h"

static int open_directory(Fixture *fixture, const char *path) {
  return root_open_at(&fixture->root, path, O_RDONLY | O_DIRECTORY, 0);
}

static Fixture *two_journals(void) {
  Fixture *fixture = fixture_new();

  fixture_write(fixture, "/old/system.journal", "old system");
  fixture_write(fixture, "/old/user.journal", "old user");
  fixture_write(fixture, "/old/system.journal~", "old unclean");
  fixture_write(fixture, "/new/system.journal", "new system");
  return fixture;
}

static void a_taken_name_gets_a_tilde(void) {
  g_autoptr(Fixture) fixture = two_journals();
  autofd source = open_directory(fixture, "/old");
  autofd destination = open_directory(fixture, "/new");
  g_auto(GStrv) moved = NULL;
  g_autofree char *list = NULL;

  g_assert_cmpint(merge_list(source, destination, &moved), ==, 0);
  list = g_strjoinv(" ", moved);
  g_assert_cmpstr(list, ==,
                  "system.journal system.journal~ system.journal~ system.journal~~ user.journal user.journal");
}

static void goes_there_and_back(void) {
  g_autoptr(Fixture) fixture = two_journals();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *between = NULL;
  g_autofree char *after = NULL;
  autofd source = open_directory(fixture, "/old");
  autofd destination = open_directory(fixture, "/new");
  g_auto(GStrv) moved = NULL;

  g_assert_cmpint(merge_list(source, destination, &moved), ==, 0);
  g_assert_cmpint(merge_move(source, destination, moved, FALSE), ==, 0);
  g_assert_cmpint(merge_move(source, destination, moved, FALSE), ==, 0);
  between = fixture_read(fixture, "/new/system.journal~");
  g_assert_cmpstr(between, ==, "old system");
  g_assert_cmpint(merge_move(source, destination, moved, TRUE), ==, 0);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void overwrites_nothing(void) {
  g_autoptr(Fixture) fixture = two_journals();
  autofd source = open_directory(fixture, "/old");
  autofd destination = open_directory(fixture, "/new");
  char *moved[] = {g_strdup("user.journal"), g_strdup("user.journal"), NULL};
  g_autofree char *kept = NULL;

  fixture_write(fixture, "/new/user.journal", "came since");
  g_assert_cmpint(merge_move(source, destination, moved, FALSE), ==, 0);
  kept = fixture_read(fixture, "/new/user.journal");
  g_assert_cmpstr(kept, ==, "came since");
  g_free(moved[0]);
  g_free(moved[1]);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/merge/a-taken-name-gets-a-tilde", a_taken_name_gets_a_tilde);
  g_test_add_func("/merge/goes-there-and-back", goes_there_and_back);
  g_test_add_func("/merge/overwrites-nothing", overwrites_nothing);
  return g_test_run();
}
