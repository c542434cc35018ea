/* tree-entry.c: links are told from what they lead to. */
#include <string.h>
#include <sys/stat.h>

#include "base/tree-entry.h"
#include "fixture.h"

static void tells_files_directories_links_and_fifos_apart(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");

  fixture_write(fixture, "/file", "");
  fixture_mkdir(fixture, "/dir");
  fixture_symlink(fixture, "/to-file", "/file");
  fixture_symlink(fixture, "/to-dir", "/dir");
  fixture_symlink(fixture, "/out", "../../../../etc/passwd");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  g_assert_true(tree_is_regular_file(&fixture->root, "/file"));
  g_assert_false(tree_is_regular_file(&fixture->root, "/to-file"));
  g_assert_false(tree_is_regular_file(&fixture->root, "/dir"));
  g_assert_false(tree_is_regular_file(&fixture->root, "/fifo"));
  g_assert_false(tree_is_regular_file(&fixture->root, "/absent"));
  g_assert_true(tree_means_regular_file(&fixture->root, "/to-file"));
  g_assert_false(tree_means_regular_file(&fixture->root, "/to-dir"));
  g_assert_false(tree_means_regular_file(&fixture->root, "/fifo"));
  g_assert_false(tree_means_regular_file(&fixture->root, "/out"));
  g_assert_true(tree_is_directory(&fixture->root, "/dir"));
  g_assert_false(tree_is_directory(&fixture->root, "/to-dir"));
  g_assert_false(tree_is_directory(&fixture->root, "/file"));
}

static void reads_only_what_is_a_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;
  g_autofree char *none = NULL;
  GBytes *nothing = NULL;

  fixture_write(fixture, "/file", "text");
  fixture_mkdir(fixture, "/dir");
  fixture_symlink(fixture, "/to-file", "/file");
  g_assert_true(tree_read_file(&fixture->root, "/to-file", &content, &resolved, NULL));
  g_assert_cmpuint(g_bytes_get_size(content), ==, strlen("text"));
  g_assert_cmpstr(resolved, ==, "/file");
  g_assert_true(tree_read_file(&fixture->root, "/dir", &nothing, &none, NULL));
  g_assert_null(nothing);
  g_assert_null(none);
  g_autofree char *text = tree_text(&fixture->root, "/to-file");
  g_autofree char *of_directory = tree_text(&fixture->root, "/dir");
  g_assert_cmpstr(text, ==, "text");
  g_assert_null(of_directory);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tree-entry/tells-files-directories-links-and-fifos-apart",
                  tells_files_directories_links_and_fifos_apart);
  g_test_add_func("/tree-entry/reads-only-what-is-a-file", reads_only_what_is_a_file);
  return g_test_run();
}
