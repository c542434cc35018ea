/* plan-tree.c: edits for more than one file. */
#include "fixture.h"
#include "plan/plan-tree.h"

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

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/plan-tree/makes-only-what-is-missing", makes_only_what_is_missing);
  return g_test_run();
}
