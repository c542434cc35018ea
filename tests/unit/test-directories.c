/* directories.c: made and removed. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit/directories.h"
#include "fixture.h"

static gboolean is_there(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);

  return g_file_test(full, G_FILE_TEST_EXISTS);
}

static void makes_them_readable_whatever_the_umask(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *made = fixture_path(fixture, "/etc/a/b");
  mode_t mask = umask(077);
  struct stat info;

  g_assert_cmpint(directories_make(&fixture->root, "/etc/a/b/c"), ==, 0);
  g_assert_cmpint(umask(mask), ==, 077);
  g_assert_cmpint(stat(made, &info), ==, 0);
  g_assert_cmpint(info.st_mode & 07777, ==, 0755);
  g_assert_false(is_there(fixture, "/etc/a/b/c"));
}

static void stays_below_the_root(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_mkdir(fixture, "/inside");
  fixture_symlink(fixture, "/link", "/../../inside");
  g_assert_cmpint(directories_make(&fixture->root, "/link/new/file"), ==, 0);
  g_assert_true(is_there(fixture, "/inside/new"));
}

static void removes_a_tree_and_follows_no_link(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  autofd top = open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  fixture_write(fixture, "/outside/kept", "");
  fixture_write(fixture, "/tree/a/file", "");
  fixture_symlink(fixture, "/tree/a/link", "../../outside");
  g_assert_cmpint(directories_remove_tree(top, "tree"), ==, 0);
  g_assert_false(is_there(fixture, "/tree"));
  g_assert_true(is_there(fixture, "/outside/kept"));
  g_assert_cmpint(directories_remove_tree(top, "tree"), ==, 0);
  fixture_symlink(fixture, "/link", "outside");
  g_assert_cmpint(directories_remove_tree(top, "link"), ==, 0);
  g_assert_false(is_there(fixture, "/link"));
  g_assert_true(is_there(fixture, "/outside/kept"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/directories/makes-them-readable-whatever-the-umask", makes_them_readable_whatever_the_umask);
  g_test_add_func("/directories/stays-below-the-root", stays_below_the_root);
  g_test_add_func("/directories/removes-a-tree-and-follows-no-link", removes_a_tree_and_follows_no_link);
  return g_test_run();
}
