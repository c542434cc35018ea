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

  (void)plan_link(plan, "step", "/var/link", "/var/to", "why");
  g_assert_true(plan_find(plan, "/etc/removed") == removed);
  g_assert_cmpint(plan_find(plan, "/var/link")->kind, ==, EDIT_LINK);
  g_assert_null(plan_find(plan, "/var/to"));
}

static void collects_warnings(void) {
  g_autoptr(Plan) plan = plan_new();

  plan_warn(plan, "%s has no route.", "ens3");
  g_assert_cmpstr(plan->warnings->pdata[0], ==, "ens3 has no route.");
}

static void an_action_that_is_not_changed_may_fail(void) {
  g_autoptr(Plan) plan = plan_new();
  const Action *action = plan_act(plan, "ssh-host-keys", ACTION_UNIT, "try-reload-or-restart", "ssh.service", "why");

  g_assert_cmpint(action->phase, ==, PHASE_AFTER);
  g_assert_cmpint(action->needs, ==, NEEDS_LIVE);
  g_assert_false(action->must_succeed);
  g_assert_cmpuint(action->time_limit_s, ==, 30);
  g_assert_cmpstr(action->object, ==, "ssh.service");
  g_assert_true(plan->actions->pdata[0] == action);
}

static void choices_and_checks_keep_their_order(void) {
  g_autoptr(Plan) plan = plan_new();
  const Choice *name = plan_choose(plan, "hostname", "golden", "web-1", "policy.ini:6");

  (void)plan_choose(plan, "machine-id", NULL, "0123", "random");
  plan_check(plan, "hostname", "host name of the kernel", NULL, "web-1");
  g_assert_true(plan->choices->pdata[0] == name);
  g_assert_false(name->secret);
  g_assert_null(((const Choice *)plan->choices->pdata[1])->old);
  g_assert_cmpstr(((const Check *)plan->checks->pdata[0])->expected, ==, "web-1");
}

static void a_stack_is_taken_down_and_up_once(void) {
  g_autoptr(Plan) plan = plan_new();

  plan_act_stack(plan, "ifupdown", "ifupdown", "eth0 eth1", "why");
  plan_act_stack(plan, "other", "ifupdown", "eth1 eth2", "why");
  plan_act_stack(plan, "networkd", "systemd-networkd", "eth0", "why");
  g_assert_cmpuint(plan->actions->len, ==, 4);
  const Action *down = plan->actions->pdata[0];
  const Action *up = plan->actions->pdata[1];
  g_assert_cmpint(down->phase, ==, PHASE_BEFORE);
  g_assert_cmpint(up->phase, ==, PHASE_AFTER);
  g_assert_cmpstr(down->data, ==, "eth0 eth1 eth2");
  g_assert_cmpstr(up->data, ==, "eth0 eth1 eth2");
  g_assert_cmpstr(up->object, ==, "ifupdown");
  g_assert_true(up->must_succeed);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/plan/leaves-out-what-stays", leaves_out_what_stays);
  g_test_add_func("/plan/an-action-that-is-not-changed-may-fail", an_action_that_is_not_changed_may_fail);
  g_test_add_func("/plan/choices-and-checks-keep-their-order", choices_and_checks_keep_their_order);
  g_test_add_func("/plan/keeps-what-it-is-given", keeps_what_it_is_given);
  g_test_add_func("/plan/finds-an-edit-by-its-path", finds_an_edit_by_its_path);
  g_test_add_func("/plan/collects-warnings", collects_warnings);
  g_test_add_func("/plan/a-stack-is-taken-down-and-up-once", a_stack_is_taken_down_and_up_once);
  return g_test_run();
}
