/* plan.c: only what changes something becomes an edit. */
#include <glib.h>
#include <string.h>

#include "plan/plan.h"

static GBytes *bytes_of(const char *text) {
  return g_bytes_new(text, strlen(text));
}

static void leaves_out_what_stays(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) one = bytes_of("same");
  g_autoptr(GBytes) two = bytes_of("same");

  g_assert_null(plan_write(plan, "step", "/etc/a", one, two, "why"));
  g_assert_null(plan_remove(plan, "step", "/etc/b", NULL, "why"));
  g_assert_null(plan_rename(plan, "step", "/etc/c", "/etc/c", "why"));
  g_assert_cmpuint(plan->edits->len, ==, 0);
}

static void keeps_what_it_is_given(void) {
  g_autoptr(Plan) plan = plan_new();
  GBytes *content = bytes_of("new");
  g_autoptr(GBytes) nothing = bytes_of("");
  const Edit *made = plan_write(plan, "step", "/etc/made", NULL, content, "why");
  const Edit *emptied;

  g_bytes_unref(content);
  g_assert_cmpint(made->kind, ==, EDIT_WRITE);
  g_assert_cmpint(made->mode, ==, 0644);
  g_assert_cmpuint(made->uid, ==, 0);
  g_assert_null(made->old);
  g_assert_cmpmem("new", 3, g_bytes_get_data(made->content, NULL), g_bytes_get_size(made->content));
  emptied = plan_write(plan, "step", "/etc/empty", NULL, nothing, "an empty file is not none");
  g_assert_nonnull(emptied);
}

static void finds_an_edit_by_its_path(void) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) old = bytes_of("old");
  const Edit *removed = plan_remove(plan, "step", "/etc/removed", old, "why");

  (void)plan_rename(plan, "step", "/var/from", "/var/to", "why");
  g_assert_true(plan_find(plan, "/etc/removed") == removed);
  g_assert_cmpstr(plan_find(plan, "/var/from")->destination, ==, "/var/to");
  g_assert_null(plan_find(plan, "/var/to"));
}

static void collects_warnings(void) {
  g_autoptr(Plan) plan = plan_new();

  plan_warn(plan, "%s has no route.", "ens3");
  g_assert_cmpstr(plan->warnings->pdata[0], ==, "ens3 has no route.");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/plan/leaves-out-what-stays", leaves_out_what_stays);
  g_test_add_func("/plan/keeps-what-it-is-given", keeps_what_it_is_given);
  g_test_add_func("/plan/finds-an-edit-by-its-path", finds_an_edit_by_its_path);
  g_test_add_func("/plan/collects-warnings", collects_warnings);
  return g_test_run();
}
