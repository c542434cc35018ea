/* tree-memory.c: a plan is of one moment; without a memory each question goes to the disk. */
#include <string.h>
#include <sys/stat.h>

#include "base/tree-entry.h"
#include "base/tree-memory.h"
#include "base/tree.h"
#include "fixture.h"

static char *text_of(const Root *root, const char *path) {
  g_autofree char *resolved = NULL;
  g_autoptr(GBytes) content = NULL;

  g_assert_true(tree_read(root, path, &content, &resolved, NULL));
  return content == NULL ? g_strdup_printf("absent %s", resolved)
                         : g_strdup_printf("%.*s %s", (int)g_bytes_get_size(content),
                                           (const char *)g_bytes_get_data(content, NULL), resolved);
}

static void assert_text(const Root *root, const char *path, const char *expected) {
  g_autofree char *text = text_of(root, path);

  g_assert_cmpstr(text, ==, expected);
}

static void assert_names(const Root *root, const char *path, const char *expected) {
  g_auto(GStrv) names = tree_list(root, path, NULL);
  g_autofree char *joined = g_strjoinv(" ", names);

  g_assert_cmpstr(joined, ==, expected);
}

/* What ROOT shows of the fixture as it was before somebody changed it. */
static void assert_before(const Root *root) {
  assert_text(root, "/etc/link", "one /etc/file");
  assert_text(root, "/etc/new", "absent /etc/new");
  assert_names(root, "/etc", "dir file link");
  assert_names(root, "/etc/later.d", "");
  g_assert_true(tree_type(root, "/etc/dir", FALSE) == S_IFDIR);
  g_assert_true(tree_type(root, "/etc/link", FALSE) == S_IFLNK);
  g_assert_true(tree_type(root, "/etc/link", TRUE) == S_IFREG);
}

static void assert_after(const Root *root) {
  assert_text(root, "/etc/link", "two /etc/file");
  assert_text(root, "/etc/new", "new /etc/new");
  assert_names(root, "/etc", "dir file later.d link new");
  assert_names(root, "/etc/later.d", "drop-in");
}

static void a_plan_is_of_one_moment(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};

  fixture_write(fixture, "/etc/file", "one");
  fixture_mkdir(fixture, "/etc/dir");
  fixture_symlink(fixture, "/etc/link", "file");
  assert_before(&remembering);
  assert_before(&fixture->root);
  fixture_write(fixture, "/etc/file", "two");
  fixture_write(fixture, "/etc/new", "new");
  fixture_write(fixture, "/etc/later.d/drop-in", "");
  assert_before(&remembering);
  assert_after(&fixture->root);
}

/* Where a directory was read, what it does not have is not looked for. */
static void a_listing_tells_what_is_absent(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};

  fixture_write(fixture, "/dir/b", "");
  fixture_write(fixture, "/dir/d", "");
  g_assert_false(tree_memory_says_absent(memory, "/dir/a"));
  assert_names(&remembering, "/dir", "b d");
  for (const char *const *name = (const char *const[]){"/dir/a", "/dir/c", "/dir/e", NULL}; *name != NULL; name++)
    g_assert_true(tree_memory_says_absent(memory, *name));
  for (const char *const *name = (const char *const[]){"/dir/b", "/dir/d", "/dir/", "/dir/.", "/dir/..", "/dir", "/",
                                                       "/other/a", "/dir/b/c", "/dir/a/../b", NULL};
       *name != NULL; name++)
    g_assert_false(tree_memory_says_absent(memory, *name));
  g_assert_true(tree_memory_says_absent(memory, "/dir/a/b/c"));
  assert_names(&remembering, "/", "dir");
  for (const char *const *name = (const char *const[]){"/other", "/other/a", NULL}; *name != NULL; name++)
    g_assert_true(tree_memory_says_absent(memory, *name));
  g_assert_false(tree_has_entry(&remembering, "/dir/c"));
  g_assert_true(tree_has_entry(&remembering, "/dir/d"));
}

/* What is not there is not asked for, file by file, where the directories of most questions are listed first. */
static void what_is_not_there_when_it_is_looked_around_is_absent(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};
  g_autoptr(GBytes) content = NULL;

  fixture_write(fixture, "/etc/hostname", "golden\n");
  tree_look_around(&remembering);
  fixture_write(fixture, "/etc/later/file", "");
  fixture_write(fixture, "/efi/loader/random-seed", "");
  g_assert_true(tree_read(&remembering, "/etc/later/file", &content, NULL, NULL));
  g_assert_null(content);
  g_assert_cmpuint(tree_type(&remembering, "/efi/loader/random-seed", TRUE), ==, 0);
  assert_text(&remembering, "/etc/hostname", "golden\n /etc/hostname");
  assert_text(&remembering, "/etc/later/file", "absent /etc/later/file");
}

/* A file that is read below it is not asked for name by name again, and is the one that a link means all the same. */
static void a_directory_without_links_is_walked_once(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};

  fixture_write(fixture, "/a/b/file", "one");
  fixture_write(fixture, "/a/c/file", "two");
  fixture_symlink(fixture, "/a/b/link", "../c/file");
  fixture_symlink(fixture, "/a/linked", "b");
  g_assert_false(tree_memory_is_below_plain(memory, "/a/b/link"));
  assert_text(&remembering, "/a/b/file", "one /a/b/file");
  g_assert_true(tree_memory_is_below_plain(memory, "/a/b/link"));
  assert_text(&remembering, "/a/b/link", "two /a/c/file");
  assert_text(&remembering, "/a/b/new", "absent /a/b/new");
  assert_text(&remembering, "/a/linked/file", "one /a/b/file");
  for (const char *const *name = (const char *const[]){"/a/b/", "/a/b/.", "/a/b/..", "/a/linked/file", "a", NULL};
       *name != NULL; name++)
    g_assert_false(tree_memory_is_below_plain(memory, *name));
  g_assert_false(tree_memory_is_below_plain(NULL, "/a/b/link"));
  assert_text(&remembering, "/a//b/./../c/file", "two /a/c/file");
  assert_text(&remembering, "/a/linked/../c/file", "two /a/c/file");
  g_assert_false(tree_memory_is_below_plain(memory, "/a/linked/../c/file"));
}

/* A directory that is not there has nothing in it; one that cannot be listed is no answer. */
static void an_error_is_not_remembered(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/file", "text");
  g_assert_null(tree_list(&remembering, "/file", &error));
  g_assert_nonnull(error);
  g_assert_null(tree_memory_names(memory, "/file"));
  assert_names(&remembering, "/absent", "");
  g_assert_true(tree_memory_says_absent(memory, "/absent/a"));
}

/* A log or a seed is read again, and not kept. */
static void a_large_file_is_not_kept(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(TreeMemory) memory = tree_memory_new();
  const Root remembering = {fixture->root.fd, fixture->root.is_host, memory};
  g_autofree char *large = g_strnfill((gsize)64 * 1024 + 1, 'x');
  g_autofree char *text = NULL;

  fixture_write(fixture, "/large", large);
  text = text_of(&remembering, "/large");
  g_assert_cmpuint(strlen(text), ==, strlen(large) + strlen(" /large"));
  g_assert_null(tree_memory_file(memory, "/large"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tree-memory/a-plan-is-of-one-moment", a_plan_is_of_one_moment);
  g_test_add_func("/tree-memory/a-listing-tells-what-is-absent", a_listing_tells_what_is_absent);
  g_test_add_func("/tree-memory/what-is-not-there-when-it-is-looked-around-is-absent",
                  what_is_not_there_when_it_is_looked_around_is_absent);
  g_test_add_func("/tree-memory/a-directory-without-links-is-walked-once", a_directory_without_links_is_walked_once);
  g_test_add_func("/tree-memory/an-error-is-not-remembered", an_error_is_not_remembered);
  g_test_add_func("/tree-memory/a-large-file-is-not-kept", a_large_file_is_not_kept);
  return g_test_run();
}
