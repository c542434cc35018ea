/* steps.c: the table, its order, what is switched off, and the record at the end. */
#include <glib/gstdio.h>

#include "base/names.h"
#include "plan-fixture.h"

#define UUID_TEXT "4dc56075-50f3-466d-98f2-79838106e82f"

/* A golden machine with one card and a file for each step that needs no profile. */
static PlanFixture *golden(void) {
  PlanFixture *machine = plan_fixture_new();
  static Nic nic = {.name = "ens3", .mac = "52:54:00:5f:3a:1c"};

  policy_defaults(&machine->policy);
  machine->facts.nics = (NicList){&nic, 1};
  g_assert_cmpint(product_uuid_parse(UUID_TEXT, &machine->facts.uuid), ==, 0);
  g_strlcpy(machine->facts.hostname, "golden", sizeof machine->facts.hostname);
  g_strlcpy(machine->facts.machine_id, OLD_ID, sizeof machine->facts.machine_id);
  machine->context.identity = NULL;
  fixture_write(machine->fixture, "/etc/machine-id", OLD_ID "\n");
  fixture_write(machine->fixture, "/etc/hostname", "golden\n");
  fixture_write(machine->fixture, "/etc/hosts", "127.0.1.1 golden\n");
  fixture_write(machine->fixture, "/var/lib/dhcp/dhclient.leases", "lease\n");
  fixture_write(machine->fixture, "/etc/ssh/ssh_host_ed25519_key", "");
  fixture_write(machine->fixture, RI_RECORD_FILE, "[record]\nold\n");
  fixture_mkdir(machine->fixture, RI_POLICY_HOME);
  return machine;
}

static char *describe(const Plan *plan) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = g_ptr_array_index(plan->edits, i);

    g_string_append_printf(text, "%s:%s ", edit->step, edit->path);
  }
  return g_string_free(text, FALSE);
}

static Plan *plan_all(PlanFixture *machine, Identity **identity) {
  g_autoptr(GError) error = NULL;
  Plan *plan = steps_plan(&machine->context, "[record]\nnew\n", identity, &error);

  g_assert_no_error(error);
  g_assert_nonnull(plan);
  return plan;
}

static void names_follow_the_table(void) {
  g_assert_null(steps_names()[n_steps]);
  for (gsize i = 0; i < n_steps; i++) {
    g_assert_cmpstr(steps_names()[i], ==, steps[i].name);
    g_assert_nonnull(steps[i].plan);
    g_assert_cmpuint(strlen(steps[i].summary), >, 10);
  }
}

static char *describe_actions(const Plan *plan) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < plan->actions->len; i++) {
    const Action *action = plan->actions->pdata[i];

    g_string_append_printf(text, "%s:%d%s%s ", action->step, action->kind, action->object != NULL ? ":" : "",
                           action->object != NULL ? action->object : "");
    g_assert_cmpuint(action->time_limit_s, >, 0);
    g_assert_nonnull(action->why);
  }
  return g_string_free(text, FALSE);
}

static void what_must_happen_beside_files_is_in_the_plan(void) {
  g_autoptr(PlanFixture) machine = golden();
  g_autoptr(Plan) plan = plan_all(machine, NULL);
  g_autofree char *text = describe_actions(plan);
  g_autofree char *expected =
      g_strdup_printf("machine-id:%d hostname:%d ssh-host-keys:%d:ssh.service ssh-host-keys:%d:sshd.service ",
                      ACTION_MACHINE_ID, ACTION_HOSTNAME, ACTION_UNIT, ACTION_UNIT);

  g_assert_cmpstr(text, ==, expected);
}

static void steps_run_in_order_and_the_record_is_last(void) {
  g_autoptr(PlanFixture) machine = golden();
  g_autoptr(Identity) identity = NULL;
  g_autoptr(Plan) plan = plan_all(machine, &identity);
  g_autofree char *text = describe(plan);
  const Edit *record = plan_find(plan, RI_RECORD_FILE);

  g_assert_cmpstr(text, ==,
                  "machine-id:/etc/machine-id hostname:/etc/hostname hosts:/etc/hosts "
                  "dhcp:/var/lib/dhcp/dhclient.leases ssh-host-keys:/etc/ssh/ssh_host_ed25519_key "
                  "ssh-host-keys:/etc/ssh/ssh_host_ed25519_key.pub record:" RI_RECORD_FILE
                  " record:" RI_RECORD_COPY_FILE " ");
  g_assert_cmpstr(identity->hostname, ==, "golden-5f3a1c");
  g_assert_true((record->flags & EDIT_LAST) != 0);
  g_assert_cmpint(record->mode, ==, 0600);
  g_assert_cmpuint(g_bytes_get_size(record->old), ==, strlen("[record]\nold\n"));
}

static void a_step_that_is_off_plans_nothing(void) {
  g_autoptr(PlanFixture) machine = golden();
  StepPolicy off[] = {{g_strdup("ssh-host-keys"), false}, {g_strdup("hosts"), false}, {g_strdup("dhcp"), false}};
  g_autoptr(Plan) plan = NULL;
  g_autofree char *text = NULL;

  machine->policy.steps = off;
  machine->policy.n_steps = G_N_ELEMENTS(off);
  plan = plan_all(machine, NULL);
  text = describe(plan);
  g_assert_cmpstr(text, ==,
                  "machine-id:/etc/machine-id hostname:/etc/hostname record:" RI_RECORD_FILE
                  " record:" RI_RECORD_COPY_FILE " ");
  for (gsize i = 0; i < G_N_ELEMENTS(off); i++)
    g_free(off[i].step);
}

static void a_rewired_machine_only_rebinds(void) {
  g_autoptr(PlanFixture) machine = golden();
  g_autoptr(Plan) plan = NULL;
  g_autofree char *text = NULL;

  machine->context.verdict = VERDICT_REWIRED;
  plan = plan_all(machine, NULL);
  text = describe(plan);
  g_assert_cmpstr(text, ==, "record:" RI_RECORD_FILE " record:" RI_RECORD_COPY_FILE " ");
}

static void a_machine_that_never_had_a_record_gets_one(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(Plan) plan = NULL;

  policy_defaults(&machine->policy);
  machine->context.verdict = VERDICT_REWIRED;
  plan = plan_all(machine, NULL);
  g_assert_cmpuint(plan->edits->len, ==, 3);
  g_assert_cmpint(plan_find(plan, RI_POLICY_HOME)->kind, ==, EDIT_MAKE_DIRECTORY);
  g_assert_null(plan_find(plan, RI_RECORD_FILE)->old);
}

static void an_error_names_the_step(void) {
  g_autoptr(PlanFixture) machine = golden();
  g_autofree char *path = fixture_path(machine->fixture, "/etc/hosts");
  g_autoptr(GError) error = NULL;
  Identity *identity = NULL;

  g_assert_cmpint(g_remove(path), ==, 0);
  fixture_mkdir(machine->fixture, "/etc/hosts");
  g_assert_null(steps_plan(&machine->context, "", &identity, &error));
  g_assert_null(identity);
  g_assert_true(g_str_has_prefix(error->message, "hosts: "));
}

#define TEST(name, function) g_test_add_func("/steps/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("names-follow-the-table", names_follow_the_table);
  TEST("what-must-happen-beside-files-is-in-the-plan", what_must_happen_beside_files_is_in_the_plan);
  TEST("steps-run-in-order-and-the-record-is-last", steps_run_in_order_and_the_record_is_last);
  TEST("a-step-that-is-off-plans-nothing", a_step_that_is_off_plans_nothing);
  TEST("a-rewired-machine-only-rebinds", a_rewired_machine_only_rebinds);
  TEST("a-machine-that-never-had-a-record-gets-one", a_machine_that_never_had_a_record_gets_one);
  TEST("an-error-names-the-step", an_error_names_the_step);
  return g_test_run();
}
