/* step-machine-id.c: every file and directory that is named by, or holds, the machine-id. */
#include <sys/stat.h>

#include "plan-fixture.h"

static void writes_the_new_id_with_a_newline(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  plan_fixture_run(machine, step_machine_id);
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
  assert_written(machine, "/etc/machine-id", NEW_ID "\n");
}

static void makes_a_missing_file_read_only(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  machine->identity.old_machine_id[0] = '\0';
  fixture_mkdir(machine->fixture, "/etc");
  plan_fixture_run(machine, step_machine_id);
  assert_written(machine, "/etc/machine-id", NEW_ID "\n");
  g_assert_cmpint(plan_find(machine->plan, "/etc/machine-id")->mode, ==, 0444);
}

static void replaces_uninitialized(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  machine->identity.old_machine_id[0] = '\0';
  fixture_write(machine->fixture, "/etc/machine-id", "uninitialized\n");
  plan_fixture_run(machine, step_machine_id);
  assert_written(machine, "/etc/machine-id", NEW_ID "\n");
}

static void edits_the_file_behind_a_link(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/srv/state/machine-id", OLD_ID "\n");
  fixture_symlink(machine->fixture, "/etc/machine-id", "/srv/state/machine-id");
  plan_fixture_run(machine, step_machine_id);
  assert_written(machine, "/srv/state/machine-id", NEW_ID "\n");
}

static void keeps_a_kept_id(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  g_free(machine->identity.machine_id);
  machine->identity.machine_id = g_strdup(OLD_ID);
  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_mkdir(machine->fixture, "/var/log/journal/" OLD_ID);
  plan_fixture_run(machine, step_machine_id);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->actions->len, ==, 0);
}

static void rewrites_a_copy_of_dbus(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_write(machine->fixture, "/var/lib/dbus/machine-id", OLD_ID "\n");
  plan_fixture_run(machine, step_machine_id);
  assert_written(machine, "/var/lib/dbus/machine-id", NEW_ID "\n");
}

static void leaves_a_link_of_dbus(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_mkdir(machine->fixture, "/var/lib/dbus");
  fixture_symlink(machine->fixture, "/var/lib/dbus/machine-id", "/etc/machine-id");
  plan_fixture_run(machine, step_machine_id);
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
  g_assert_nonnull(plan_find(machine->plan, "/etc/machine-id"));
}

static void leaves_what_is_no_id_in_dbus(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_write(machine->fixture, "/var/lib/dbus/machine-id", "not an id\n");
  plan_fixture_run(machine, step_machine_id);
  g_assert_null(plan_find(machine->plan, "/var/lib/dbus/machine-id"));
}

static void what_runs_may_have_either_id(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_mkdir(machine->fixture, "/var/log/journal/" OLD_ID);
  plan_fixture_run(machine, step_machine_id);
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
  g_assert_cmpuint(machine->plan->actions->len, ==, 1);
  const Action *action = machine->plan->actions->pdata[0];
  g_assert_cmpint(action->kind, ==, ACTION_MACHINE_ID);
  g_assert_cmpint(action->needs, ==, NEEDS_NOTHING);
  g_assert_cmpstr(action->data, ==, NEW_ID " " OLD_ID);
  g_assert_false(action->must_succeed);
}

static void refuses_a_fifo(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *path = fixture_path(machine->fixture, "/etc/machine-id");
  g_autoptr(GError) error = NULL;

  fixture_mkdir(machine->fixture, "/etc");
  g_assert_cmpint(mkfifo(path, 0600), ==, 0);
  g_assert_false(step_machine_id(&machine->context, machine->plan, &error));
  g_assert_nonnull(strstr(error->message, "/etc/machine-id"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-machine-id/writes-the-new-id-with-a-newline", writes_the_new_id_with_a_newline);
  g_test_add_func("/step-machine-id/makes-a-missing-file-read-only", makes_a_missing_file_read_only);
  g_test_add_func("/step-machine-id/replaces-uninitialized", replaces_uninitialized);
  g_test_add_func("/step-machine-id/edits-the-file-behind-a-link", edits_the_file_behind_a_link);
  g_test_add_func("/step-machine-id/keeps-a-kept-id", keeps_a_kept_id);
  g_test_add_func("/step-machine-id/rewrites-a-copy-of-dbus", rewrites_a_copy_of_dbus);
  g_test_add_func("/step-machine-id/leaves-a-link-of-dbus", leaves_a_link_of_dbus);
  g_test_add_func("/step-machine-id/leaves-what-is-no-id-in-dbus", leaves_what_is_no_id_in_dbus);
  g_test_add_func("/step-machine-id/what-runs-may-have-either-id", what_runs_may_have_either_id);
  g_test_add_func("/step-machine-id/refuses-a-fifo", refuses_a_fifo);
  return g_test_run();
}
