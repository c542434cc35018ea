/* root-file.c: the few files of this program's own. */
#include <errno.h>
#include <string.h>

#include "base/root-file.h"
#include "fixture.h"

static int write_text(Fixture *fixture, const char *path, const char *text) {
  return root_file_write(&fixture->root, path, text, strlen(text), 0600);
}

static void makes_directories_and_replaces_what_was_there(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  g_assert_cmpint(write_text(fixture, "/run/a/b/file", "the first, which is longer"), ==, 0);
  g_assert_cmpint(write_text(fixture, "/run/a/b/file", "second"), ==, 0);
  g_autofree char *content = fixture_read(fixture, "/run/a/b/file");
  g_autofree char *tree = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(content, ==, "second");
  g_assert_nonnull(strstr(tree, "600"));
  g_assert_null(strstr(tree, ".reset-identity"));
}

/* One that a killed run has left, or that somebody put there to have another file written to. */
static void an_old_temporary_is_in_nobodys_way(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/other", "untouched");
  fixture_mkdir(fixture, "/run");
  fixture_symlink(fixture, "/run/.file.reset-identity", "/other");
  g_assert_cmpint(write_text(fixture, "/run/file", "content"), ==, 0);
  g_autofree char *other = fixture_read(fixture, "/other");
  g_autofree char *content = fixture_read(fixture, "/run/file");
  g_assert_cmpstr(other, ==, "untouched");
  g_assert_cmpstr(content, ==, "content");
}

static void what_cannot_be_written_leaves_nothing(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/is-a-file", "content");
  fixture_mkdir(fixture, "/run/is-a-directory");
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_assert_cmpint(write_text(fixture, "/run/is-a-file/below", "x"), ==, -ENOTDIR);
  g_assert_cmpint(write_text(fixture, "/run/is-a-directory", "x"), ==, -EISDIR);
  g_autofree char *after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(after, ==, before);
}

static void empty_ones_are_made_beside_each_other(void) {
  static const char *const names[] = {"one", "two", "three", NULL};
  static const char *const bad[] = {"one", "below", NULL};
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/hold/two", "is there");
  g_assert_cmpint(root_file_make_empty(&fixture->root, "/run/hold", names), ==, 0);
  g_assert_cmpint(root_file_make_empty(&fixture->root, "/run/other/hold", names), ==, 0);
  g_autofree char *one = fixture_read(fixture, "/run/hold/one");
  g_autofree char *two = fixture_read(fixture, "/run/hold/two");
  g_autofree char *three = fixture_read(fixture, "/run/other/hold/three");
  g_assert_cmpstr(one, ==, "");
  g_assert_cmpstr(two, ==, "is there");
  g_assert_cmpstr(three, ==, "");
  fixture_mkdir(fixture, "/run/hold/below");
  g_assert_cmpint(root_file_make_empty(&fixture->root, "/run/hold", bad), ==, -EISDIR);
  g_assert_cmpint(root_file_make_empty(&fixture->root, "/run/hold/two", names), ==, -ENOTDIR);
}

static void removing_says_whether_it_was_there(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/file", "content");
  fixture_mkdir(fixture, "/run/directory");
  g_assert_cmpint(root_file_remove(&fixture->root, "/run/file"), ==, 1);
  g_assert_cmpint(root_file_remove(&fixture->root, "/run/file"), ==, 0);
  g_assert_cmpint(root_file_remove(&fixture->root, "/absent/file"), ==, 0);
  g_assert_cmpint(root_file_remove(&fixture->root, "/run/directory"), ==, -EISDIR);
}

static void removing_takes_what_a_killed_writer_left(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_mkdir(fixture, "/run");
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  fixture_write(fixture, "/run/file", "content");
  fixture_write(fixture, "/run/.file.reset-identity", "half of i");
  g_assert_cmpint(root_file_remove(&fixture->root, "/run/file"), ==, 1);
  fixture_write(fixture, "/run/.file.reset-identity", "half of i");
  g_assert_cmpint(root_file_remove(&fixture->root, "/run/file"), ==, 0);
  g_autofree char *after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(after, ==, before);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/root-file/makes-directories-and-replaces-what-was-there",
                  makes_directories_and_replaces_what_was_there);
  g_test_add_func("/root-file/an-old-temporary-is-in-nobodys-way", an_old_temporary_is_in_nobodys_way);
  g_test_add_func("/root-file/what-cannot-be-written-leaves-nothing", what_cannot_be_written_leaves_nothing);
  g_test_add_func("/root-file/empty-ones-are-made-beside-each-other", empty_ones_are_made_beside_each_other);
  g_test_add_func("/root-file/removing-says-whether-it-was-there", removing_says_whether_it_was_there);
  g_test_add_func("/root-file/removing-takes-what-a-killed-writer-left", removing_takes_what_a_killed_writer_left);
  return g_test_run();
}
