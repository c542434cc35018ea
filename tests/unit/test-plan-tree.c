/* plan-tree.c: edits for more than one file. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "fixture.h"
#include "mount-fixture.h"
#include "plan/plan-tree.h"

static gboolean may_mount;

static void assert_edit(const Plan *plan, guint index, EditKind kind, const char *path) {
  const Edit *edit = plan->edits->pdata[index];

  g_assert_cmpint(edit->kind, ==, kind);
  g_assert_cmpstr(edit->path, ==, path);
}

static void makes_only_what_is_missing(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_mkdir(fixture, "/etc");
  plan_make_parents(plan, &fixture->root, "step", "/etc/a/b/file", "why");
  plan_make_parents(plan, &fixture->root, "step", "/etc/a/other", "why");
  plan_make_parents(plan, &fixture->root, "step", "/etc/file", "why");
  g_assert_cmpuint(plan->edits->len, ==, 2);
  assert_edit(plan, 0, EDIT_MAKE_DIRECTORY, "/etc/a");
  assert_edit(plan, 1, EDIT_MAKE_DIRECTORY, "/etc/a/b");
}

static void removes_what_is_in_a_directory_before_it(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/var/tree/a/file", "content");
  fixture_write(fixture, "/var/tree/empty-file", "");
  fixture_symlink(fixture, "/var/tree/link", "/nowhere");
  g_assert_true(plan_remove_tree(plan, &fixture->root, "step", "/var/tree", "why", &error));
  g_assert_no_error(error);
  g_assert_cmpuint(plan->edits->len, ==, 5);
  assert_edit(plan, 0, EDIT_REMOVE, "/var/tree/a/file");
  assert_edit(plan, 1, EDIT_REMOVE_DIRECTORY, "/var/tree/a");
  assert_edit(plan, 2, EDIT_REMOVE, "/var/tree/empty-file");
  assert_edit(plan, 3, EDIT_UNLINK, "/var/tree/link");
  assert_edit(plan, 4, EDIT_REMOVE_DIRECTORY, "/var/tree");
  g_assert_true(plan_remove_tree(plan, &fixture->root, "step", "/var/absent", "why", &error));
  g_assert_cmpuint(plan->edits->len, ==, 5);
}

static void assert_refused(Fixture *fixture, const char *says) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  g_assert_false(plan_remove_tree(plan, &fixture->root, "step", "/var/tree", "why", &error));
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void refuses_what_it_cannot_bring_back(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *fifo = NULL;

  fixture_mkdir(fixture, "/var/tree");
  fifo = fixture_path(fixture, "/var/tree/fifo");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  assert_refused(fixture, "/var/tree: there is something in it that is neither");
}

static void refuses_a_link_and_too_much(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *large = g_strnfill(10 << 20, 'x');

  fixture_symlink(fixture, "/var/tree", "elsewhere");
  assert_refused(fixture, "/var/tree: ");
  g_autoptr(Fixture) other = fixture_new();
  for (int i = 0; i < 8; i++) {
    g_autofree char *path = g_strdup_printf("/var/tree/%d", i);
    fixture_write(other, path, large);
  }
  assert_refused(other, "more in it than reset-identity removes");
}

static void crosses_no_mount(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *inside = fixture_path(fixture, "/var/tree/mounted");

  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  fixture_mkdir(fixture, "/var/tree/mounted");
  mount_fixture_tmpfs(inside, 0, NULL);
  assert_refused(fixture, "another file system is mounted in it");
  g_assert_cmpint(umount(inside), ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/plan-tree/makes-only-what-is-missing", makes_only_what_is_missing);
  g_test_add_func("/plan-tree/removes-what-is-in-a-directory-before-it", removes_what_is_in_a_directory_before_it);
  g_test_add_func("/plan-tree/refuses-what-it-cannot-bring-back", refuses_what_it_cannot_bring_back);
  g_test_add_func("/plan-tree/refuses-a-link-and-too-much", refuses_a_link_and_too_much);
  g_test_add_func("/plan-tree/crosses-no-mount", crosses_no_mount);
  return g_test_run();
}
