/* tree.c: files and directories of the machine, as GLib's types. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/tree.h"
#include "fixture.h"

static void reads_through_links_and_names_the_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/srv/state/hostname", "golden\n");
  fixture_symlink(fixture, "/etc/hostname", "/srv/state/hostname");
  g_assert_true(tree_read(&fixture->root, "/etc/hostname", &content, &resolved, &error));
  g_assert_no_error(error);
  g_assert_cmpmem("golden\n", 7, g_bytes_get_data(content, NULL), g_bytes_get_size(content));
  g_assert_cmpstr(resolved, ==, "/srv/state/hostname");
}

static void names_a_file_that_is_not_there(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  GBytes *content = NULL;
  g_autofree char *resolved = NULL;

  fixture_mkdir(fixture, "/srv/real");
  fixture_symlink(fixture, "/etc/link", "/srv/real");
  g_assert_true(tree_read(&fixture->root, "/etc/link/no/such/file", &content, &resolved, NULL));
  g_assert_null(content);
  g_assert_cmpstr(resolved, ==, "/srv/real/no/such/file");
}

static void below_a_file_there_is_nothing(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = NULL;
  GBytes *content = NULL;

  fixture_write(fixture, "/run/NetworkManager", "");
  g_assert_true(tree_read(&fixture->root, "/run/NetworkManager/conf.d/x.conf", &content, NULL, &error));
  g_assert_no_error(error);
  g_assert_null(content);
  names = tree_list(&fixture->root, "/run/NetworkManager/conf.d", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(g_strv_length(names), ==, 0);
}

static void an_empty_file_is_not_absent(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GBytes) content = NULL;

  fixture_write(fixture, "/etc/machine-id", "");
  g_assert_true(tree_read(&fixture->root, "/etc/machine-id", &content, NULL, NULL));
  g_assert_nonnull(content);
  g_assert_cmpuint(g_bytes_get_size(content), ==, 0);
}

static void refuse(Fixture *fixture, const char *path) {
  g_autoptr(GError) error = NULL;
  GBytes *content = NULL;

  g_assert_false(tree_read(&fixture->root, path, &content, NULL, &error));
  g_assert_null(content);
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, path));
}

static void refuses_what_is_no_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = fixture_path(fixture, "/fifo");

  fixture_mkdir(fixture, "/directory");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  refuse(fixture, "/directory");
  refuse(fixture, "/fifo");
}

static void refuses_a_huge_file(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *path = fixture_path(fixture, "/huge");

  fixture_write(fixture, "/huge", "");
  g_assert_cmpint(truncate(path, 16 * 1024 * 1024 + 1), ==, 0);
  refuse(fixture, "/huge");
}

static void lists_sorted(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_auto(GStrv) names = NULL;

  fixture_write(fixture, "/etc/d/b", "");
  fixture_write(fixture, "/etc/d/.hidden", "");
  fixture_write(fixture, "/etc/d/B", "");
  names = tree_list(&fixture->root, "/etc/d", NULL);
  g_assert_cmpuint(g_strv_length(names), ==, 3);
  g_assert_cmpstr(names[0], ==, ".hidden");
  g_assert_cmpstr(names[1], ==, "B");
  g_assert_cmpstr(names[2], ==, "b");
}

static void an_absent_directory_is_an_empty_list(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = tree_list(&fixture->root, "/no/such", &error);

  g_assert_no_error(error);
  g_assert_nonnull(names);
  g_assert_null(names[0]);
}

static void a_file_is_no_directory(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/file", "");
  g_assert_null(tree_list(&fixture->root, "/etc/file", &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
}

static void a_glob_finds_what_is_there(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  fixture_write(fixture, "/etc/a.d/2.conf", "");
  fixture_write(fixture, "/etc/a.d/1.conf", "");
  fixture_write(fixture, "/etc/a.d/.3.conf", "");
  fixture_write(fixture, "/etc/b.d", "a file");
  g_assert_true(tree_glob(&fixture->root, "/etc/?.d/*.conf", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "/etc/absent", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "/etc/absent/*", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "//etc//a.d//1*", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "/e*//a.d/2.conf", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "/etc//a.d/", paths, NULL));
  g_assert_true(tree_glob(&fixture->root, "/et*", paths, NULL));
  g_assert_cmpuint(paths->len, ==, 7);
  g_assert_cmpstr(paths->pdata[0], ==, "/etc/a.d/1.conf");
  g_assert_cmpstr(paths->pdata[1], ==, "/etc/a.d/2.conf");
  g_assert_cmpstr(paths->pdata[2], ==, "/etc/absent");
  g_assert_cmpstr(paths->pdata[3], ==, "/etc/a.d/1.conf");
  g_assert_cmpstr(paths->pdata[4], ==, "/etc/a.d/2.conf");
  g_assert_cmpstr(paths->pdata[5], ==, "/etc/a.d");
  g_assert_cmpstr(paths->pdata[6], ==, "/etc");
}

static void a_new_file_gets_a_name_that_is_free(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_mkdir(fixture, "/srv/profiles");
  fixture_symlink(fixture, "/profiles", "/srv/profiles");
  g_autofree char *first = tree_unused(&fixture->root, "/profiles", "eth0", ".conf", NULL);
  fixture_write(fixture, "/srv/profiles/eth0.conf", "");
  fixture_write(fixture, "/srv/profiles/eth0-1.conf", "");
  g_autofree char *third = tree_unused(&fixture->root, "/profiles", "eth0", ".conf", NULL);
  g_assert_cmpstr(first, ==, "/srv/profiles/eth0.conf");
  g_assert_cmpstr(third, ==, "/srv/profiles/eth0-2.conf");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tree/a-glob-finds-what-is-there", a_glob_finds_what_is_there);
  g_test_add_func("/tree/reads-through-links-and-names-the-file", reads_through_links_and_names_the_file);
  g_test_add_func("/tree/names-a-file-that-is-not-there", names_a_file_that_is_not_there);
  g_test_add_func("/tree/below-a-file-there-is-nothing", below_a_file_there_is_nothing);
  g_test_add_func("/tree/an-empty-file-is-not-absent", an_empty_file_is_not_absent);
  g_test_add_func("/tree/refuses-what-is-no-file", refuses_what_is_no_file);
  g_test_add_func("/tree/refuses-a-huge-file", refuses_a_huge_file);
  g_test_add_func("/tree/lists-sorted", lists_sorted);
  g_test_add_func("/tree/an-absent-directory-is-an-empty-list", an_absent_directory_is_an_empty_list);
  g_test_add_func("/tree/a-new-file-gets-a-name-that-is-free", a_new_file_gets_a_name_that_is_free);
  g_test_add_func("/tree/a-file-is-no-directory", a_file_is_no_directory);
  return g_test_run();
}
