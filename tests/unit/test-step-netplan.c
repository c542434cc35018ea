/* agent/plan/steps/step-netplan.c: what is to run once netplan's files are changed. */
#include "decide/policy-parse.h"
#include "plan-fixture.h"
#include "profiles/netplan/netplan-profiles.h"

static const ProfileFormat format = {"netplan", "netplan", "netplan", netplan_profiles, netplan_make, NULL};

/* "PHASE OBJECT: NICS", an action a line. */
static char *actions_of(const char *first, const char *second) {
  PlanFixture *machine = plan_fixture_new();
  g_autoptr(Profiles) profiles = profiles_new();
  GString *out = g_string_new(NULL);

  policy_defaults(&machine->policy);
  fixture_write(machine->fixture, "/etc/netplan/10.yaml", first);
  fixture_write(machine->fixture, "/etc/netplan/20.yaml", second);
  g_assert_true(netplan_profiles(&machine->fixture->root, &format, profiles, NULL));
  machine->context.profiles = profiles;
  g_autoptr(Renames) renames = renames_new(&machine->context);
  machine->context.renames = renames;
  g_assert_true(step_netplan(&machine->context, machine->plan, NULL));
  for (guint i = 0; i < machine->plan->actions->len; i++) {
    const Action *action = machine->plan->actions->pdata[i];
    g_string_append_printf(out, "%s %s: %s\n", action->phase == PHASE_BEFORE ? "before" : "after",
                           action->object != NULL ? action->object : "NetworkManager",
                           action->data != NULL ? action->data : "");
  }
  policy_clear(&machine->policy);
  plan_fixture_free(machine);
  return g_string_free(out, FALSE);
}

static void netplan_makes_its_files_of_what_changed(void) {
  g_autofree char *actions = actions_of("network: {ethernets: {ens3: {addresses: [10.0.0.10/24]}, ens4: {}}}\n",
                                        "network: {ethernets: {ens5: {dhcp4: true}}}\n");

  g_assert_cmpstr(actions, ==, "before netplan: ens3 ens4\nafter netplan: ens3 ens4\n");
}

static void networkmanager_takes_them_behind_that(void) {
  g_autofree char *actions =
      actions_of("network: {ethernets: {ens3: {dhcp4: true}}}\n",
                 "network: {renderer: NetworkManager, ethernets: {ens5: {addresses: [10.0.0.10/24]}}}\n");

  g_assert_cmpstr(actions, ==, "before netplan: ens5\nafter netplan: ens5\nafter NetworkManager: \n");
}

static void nothing_runs_where_nothing_changes(void) {
  g_autofree char *actions = actions_of("network: {ethernets: {ens3: {dhcp4: true}}}\n", "# nothing\n");

  g_assert_cmpstr(actions, ==, "");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-netplan/netplan-makes-its-files-of-what-changed", netplan_makes_its_files_of_what_changed);
  g_test_add_func("/step-netplan/networkmanager-takes-them-behind-that", networkmanager_takes_them_behind_that);
  g_test_add_func("/step-netplan/nothing-runs-where-nothing-changes", nothing_runs_where_nothing_changes);
  return g_test_run();
}
