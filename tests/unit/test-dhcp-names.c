/* dhcp-names.c: a DHCP client's configuration that sends the template's name. */
#include "plan-fixture.h"

static void dhclient_sends_the_new_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(
      machine->fixture, "/etc/dhcp/dhclient.conf",
      "# golden\n  send host-name \"golden\"; # was golden\nsend fqdn.fqdn-name \"golden.example.org.\";\n"
      "request subnet-mask, host-name;\nsend dhcp-client-identifier \"golden\";\nsend host-name = gethostname();");
  plan_fixture_run(machine, step_dhcp);
  assert_written(
      machine, "/etc/dhcp/dhclient.conf",
      "# golden\n  send host-name \"web-17\"; # was web-17\nsend fqdn.fqdn-name \"web-17.example.org.\";\n"
      "request subnet-mask, host-name;\nsend dhcp-client-identifier \"golden\";\nsend host-name = gethostname();");
}

static void dhcpcd_sends_the_new_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/dhcpcd.conf", "hostname golden\r\nhostname\nhostname_short\nclientid golden\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, "/etc/dhcpcd.conf", "hostname web-17\r\nhostname\nhostname_short\nclientid golden\n");
}

static void a_client_that_asks_the_kernel_is_left(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/dhcp/dhclient.conf", "send host-name = gethostname();\n");
  fixture_write(machine->fixture, "/etc/dhcpcd.conf", "");
  fixture_mkdir(machine->fixture, "/etc/dhclient.conf");
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

static void a_kept_name_changes_nothing(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  plan_fixture_rename(machine, "golden", "golden");
  fixture_write(machine->fixture, "/etc/dhcp/dhclient.conf", "send host-name \"golden\";\n");
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dhcp-names/dhclient-sends-the-new-name", dhclient_sends_the_new_name);
  g_test_add_func("/dhcp-names/dhcpcd-sends-the-new-name", dhcpcd_sends_the_new_name);
  g_test_add_func("/dhcp-names/a-client-that-asks-the-kernel-is-left", a_client_that_asks_the_kernel_is_left);
  g_test_add_func("/dhcp-names/a-kept-name-changes-nothing", a_kept_name_changes_nothing);
  return g_test_run();
}
