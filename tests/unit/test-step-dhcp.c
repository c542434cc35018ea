/* step-dhcp.c: what the template has of DHCP goes, what the profiles have of state follows them. */
#include <sys/stat.h>

#include "plan-fixture.h"

#define OLD_UUID "11111111-2222-4333-8444-555555555555"
#define CAPITAL_UUID "EEEEEEEE-2222-4333-8444-555555555555"
#define SMALL_UUID "eeeeeeee-2222-4333-8444-555555555555"
#define NEW_UUID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define OTHER_UUID "99999999-8888-4777-8666-555555555555"
#define NM "/var/lib/NetworkManager/"

static void give_new_uuid(PlanFixture *machine) {
  g_hash_table_insert(machine->identity.connection_uuids, g_strdup(OLD_UUID), g_strdup(NEW_UUID));
}

static void removes_every_lease_of_networkmanager(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, NM "internal-" OLD_UUID "-ens3.lease", "ADDRESS=10.0.0.5\n");
  fixture_write(machine->fixture, NM "dhclient6-" OTHER_UUID "-ens3.lease", "lease6 {}\n");
  fixture_write(machine->fixture, NM "dhclient-ens3.conf", "send host-name \"x\";\n");
  fixture_mkdir(machine->fixture, NM "odd.lease");
  plan_fixture_run(machine, step_dhcp);
  g_assert_true(is_removed(machine, NM "internal-" OLD_UUID "-ens3.lease"));
  g_assert_true(is_removed(machine, NM "dhclient6-" OTHER_UUID "-ens3.lease"));
  g_assert_cmpuint(machine->plan->edits->len, ==, 2);
}

static void removes_the_secret_key_unseen(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, NM "secret_key", "nm-v2:0123456789");
  plan_fixture_run(machine, step_dhcp);
  g_assert_true(is_removed(machine, NM "secret_key"));
  g_assert_true((plan_find(machine->plan, NM "secret_key")->flags & EDIT_SECRET) != 0);
}

/* What NetworkManager writes again as soon as it runs: none of it may stand in the way of an undo. */
static void what_its_owner_rewrites_is_volatile(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  give_new_uuid(machine);
  fixture_write(machine->fixture, NM "secret_key", "nm-v2:0123456789");
  fixture_write(machine->fixture, NM "timestamps", "[timestamps]\n" OLD_UUID "=1\n");
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 2);
  for (guint i = 0; i < machine->plan->edits->len; i++)
    g_assert_true((((const Edit *)machine->plan->edits->pdata[i])->flags & EDIT_VOLATILE) != 0);
}

static void removes_leases_of_other_clients(void) {
  static const char *const paths[] = {
      "/var/lib/dhcp/dhclient.leases",
      "/var/lib/dhcp/dhclient6.ens3.leases",
      "/var/lib/dhclient/dhclient.leases",
      "/var/lib/dhclient/dhclient-x.lease",
      "/var/lib/dhcp3/dhclient.ens3.leases",
      "/var/lib/dhcpcd5/dhcpcd-ens3.lease",
      "/var/lib/dhcpcd5/duid",
      "/var/lib/dhcpcd5/secret",
      "/var/lib/wicked/lease-ens3-dhcp-ipv4.xml",
      "/var/lib/wicked/duid.xml",
      "/var/lib/wicked/iaid.xml",
      "/var/lib/dhcpcd/ens3.lease",
      "/var/lib/dhcpcd/ens3.lease6",
      "/var/lib/dhcpcd/duid",
      "/var/lib/dhcpcd/secret",
      "/var/db/dhcpcd/ens3.lease",
      "/var/db/dhcpcd/duid",
      "/var/db/dhcpcd/secret",
      "/var/lib/dhcpv6/dhcp6c_duid",
      "/etc/dhcpcd.duid",
  };
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    fixture_write(machine->fixture, paths[i], "lease\n");
  plan_fixture_run(machine, step_dhcp);
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
    g_assert_true(is_removed(machine, paths[i]));
  g_assert_cmpuint(machine->plan->edits->len, ==, G_N_ELEMENTS(paths));
}

static void leaves_a_dhcp_servers_leases(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/var/lib/dhcp/dhcpd.leases", "lease 10.0.0.9 {}\n");
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

static void leaves_links_and_fifos(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autofree char *fifo = fixture_path(machine->fixture, NM "fifo.lease");

  fixture_write(machine->fixture, "/srv/kept", "x");
  fixture_mkdir(machine->fixture, NM);
  fixture_symlink(machine->fixture, NM "link.lease", "/srv/kept");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
}

static void state_follows_the_new_uuids(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  give_new_uuid(machine);
  fixture_write(machine->fixture, NM "timestamps",
                "[timestamps]\n" OTHER_UUID "=1\n" OLD_UUID "=1700000000\n# by hand\n");
  fixture_write(machine->fixture, NM "seen-bssids", "[seen-bssids]\n" OLD_UUID "=00:11:22:33:44:55,\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, NM "timestamps", "[timestamps]\n" OTHER_UUID "=1\n" NEW_UUID "=1700000000\n# by hand\n");
  assert_written(machine, NM "seen-bssids", "[seen-bssids]\n" NEW_UUID "=00:11:22:33:44:55,\n");
}

static void state_in_capitals_follows_too(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  g_hash_table_insert(machine->identity.connection_uuids, g_strdup(SMALL_UUID), g_strdup(NEW_UUID));
  fixture_write(machine->fixture, NM "timestamps", "[timestamps]\n" CAPITAL_UUID "=1700000000\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, NM "timestamps", "[timestamps]\n" NEW_UUID "=1700000000\n");
}

static void leases_go_when_the_uuids_are_kept(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, NM "internal-" OLD_UUID "-ens3.lease", "ADDRESS=10.0.0.5\n");
  fixture_write(machine->fixture, NM "timestamps", "[timestamps]\n" OLD_UUID "=1700000000\n");
  plan_fixture_run(machine, step_dhcp);
  g_assert_true(is_removed(machine, NM "internal-" OLD_UUID "-ens3.lease"));
  g_assert_cmpuint(machine->plan->edits->len, ==, 1);
}

/* NetworkManager refuses the whole file for its first line; what it says follows all the same. */
static void state_that_does_not_parse_follows_too(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  give_new_uuid(machine);
  fixture_write(machine->fixture, NM "timestamps", "no group\n" OLD_UUID "=1\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, NM "timestamps", "no group\n" NEW_UUID "=1\n");
}

static void no_auto_default_follows_the_successor(void) {
  static Nic recorded = {.name = "ens3", .mac = "52:54:00:00:00:01", .bus_path = "pci0/virtio0"};
  static Nic present = {.name = "ens3", .mac = "52:54:00:aa:bb:cc", .bus_path = "pci0/virtio0"};
  const NicList before = {&recorded, 1};
  const NicList after = {&present, 1};
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(NicMap) map = nic_map_new(&before, &after);

  machine->context.nic_map = map;
  fixture_write(machine->fixture, NM "no-auto-default.state",
                "52:54:00:00:00:01\n00:11:22:33:44:55\nmac:52:54:00:00:00:01\n52:54:00:00:00:01");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, NM "no-auto-default.state",
                 "52:54:00:aa:bb:cc\n00:11:22:33:44:55\nmac:52:54:00:aa:bb:cc\n52:54:00:aa:bb:cc");
}

static void an_empty_machine_has_nothing_to_do(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  give_new_uuid(machine);
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
}

static void dhclient_includes_are_followed(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/dhcp/dhclient.conf",
                "interface \"ens3\" {\n  include \"/etc/site/dhcp\";\n}\n");
  fixture_write(machine->fixture, "/etc/site/dhcp", "send host-name \"golden\";\ninclude \"/etc/site/dhcp\";\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, "/etc/site/dhcp", "send host-name \"web-17\";\ninclude \"/etc/site/dhcp\";\n");
}

static void dhclient_sends_the_new_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(
      machine->fixture, "/etc/dhcp/dhclient.conf",
      "# golden\n  send host-name \"golden\"; # was golden\nsend fqdn.fqdn-name \"golden.example.org.\";\n"
      "request subnet-mask, host-name;\nsend dhcp-client-identifier \"golden\";\nsend host-name = gethostname();");
  plan_fixture_run(machine, step_dhcp);
  assert_written(
      machine, "/etc/dhcp/dhclient.conf",
      "# golden\n  send host-name \"web-17\"; # was golden\nsend fqdn.fqdn-name \"web-17.example.org.\";\n"
      "request subnet-mask, host-name;\nsend dhcp-client-identifier \"web-17\";\nsend host-name = gethostname();");
}

static void dhcpcd_sends_the_new_name(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();

  fixture_write(machine->fixture, "/etc/dhcpcd.conf", "hostname golden\r\nhostname\nhostname_short\nclientid golden\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, "/etc/dhcpcd.conf", "hostname web-17\r\nhostname\nhostname_short\nclientid web-17\n");
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

/* A template with one NIC, whose successor has another address and another name. */
static void replace_nic(PlanFixture *machine, NicMap **map) {
  static Nic recorded = {.name = "ens3", .mac = "52:54:00:00:00:01", .bus_path = "pci0/virtio0"};
  static Nic present = {.name = "ens9", .mac = "52:54:00:aa:bb:cc", .bus_path = "pci0/virtio0"};
  const NicList before = {&recorded, 1};
  const NicList after = {&present, 1};

  *map = nic_map_new(&before, &after);
  machine->context.nic_map = *map;
}

static void dhclient_is_read_by_statements(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(NicMap) map = NULL;

  replace_nic(machine, &map);
  fixture_write(machine->fixture, "/etc/dhcp/dhclient.conf",
                "timeout 60; send host-name \"golden\";\ninterface \"ens3\" { send host-name \"golden\";\n"
                "  send dhcp-client-identifier 1:52:54:00:00:00:01; }\nsupersede host-name\n  # why\n  \"golden\";\n"
                "send dhcp-client-identifier 01:52:54:0:0:0:1;\n");
  fixture_write(machine->fixture, "/etc/dhcp/dhclient-ens3.conf", "send fqdn.fqdn \"golden.\"\n;");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, "/etc/dhcp/dhclient.conf",
                 "timeout 60; send host-name \"web-17\";\ninterface \"ens9\" { send host-name \"web-17\";\n"
                 "  send dhcp-client-identifier 1:52:54:00:aa:bb:cc; }\nsupersede host-name\n  # why\n  \"web-17\";\n"
                 "send dhcp-client-identifier 01:52:54:00:aa:bb:cc;\n");
  assert_written(machine, "/etc/dhcp/dhclient-ens3.conf", "send fqdn.fqdn \"web-17.\"\n;");
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_nonnull(
      strstr(g_ptr_array_index(machine->plan->warnings, 0), "/etc/dhcp/dhclient-ens3.conf is for the NIC"));
}

static void other_statements_are_warned_of(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(NicMap) map = NULL;

  replace_nic(machine, &map);
  fixture_write(machine->fixture, "/etc/dhcp/dhclient.conf", "# golden\nscript\n \"/etc/golden/script\";\n");
  fixture_write(machine->fixture, "/etc/dhcp/dhclient-exit-hooks.d/x", "#golden\n[ \"$interface\" = ens3 ] || exit\n");
  plan_fixture_run(machine, step_dhcp);
  g_assert_cmpuint(machine->plan->edits->len, ==, 0);
  g_assert_cmpuint(machine->plan->warnings->len, ==, 2);
  g_assert_true(g_str_has_prefix(machine->plan->warnings->pdata[0], "/etc/dhcp/dhclient.conf:3: the host name golden"));
  g_assert_true(
      g_str_has_prefix(machine->plan->warnings->pdata[1], "/etc/dhcp/dhclient-exit-hooks.d/x:2: the NIC name ens3"));
}

static void dhcpcd_follows_the_nic(void) {
  g_autoptr(PlanFixture) machine = plan_fixture_new();
  g_autoptr(NicMap) map = NULL;

  replace_nic(machine, &map);
  fixture_write(machine->fixture, "/etc/dhcpcd.conf",
                "interface ens3\nclientid 01:52:54:00:00:00:01\ndenyinterfaces eth0 ens3\n");
  plan_fixture_run(machine, step_dhcp);
  assert_written(machine, "/etc/dhcpcd.conf",
                 "interface ens9\nclientid 01:52:54:00:aa:bb:cc\ndenyinterfaces eth0 ens9\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-dhcp/removes-every-lease-of-networkmanager", removes_every_lease_of_networkmanager);
  g_test_add_func("/step-dhcp/removes-the-secret-key-unseen", removes_the_secret_key_unseen);
  g_test_add_func("/step-dhcp/what-its-owner-rewrites-is-volatile", what_its_owner_rewrites_is_volatile);
  g_test_add_func("/step-dhcp/removes-leases-of-other-clients", removes_leases_of_other_clients);
  g_test_add_func("/step-dhcp/leaves-a-dhcp-servers-leases", leaves_a_dhcp_servers_leases);
  g_test_add_func("/step-dhcp/leaves-links-and-fifos", leaves_links_and_fifos);
  g_test_add_func("/step-dhcp/state-follows-the-new-uuids", state_follows_the_new_uuids);
  g_test_add_func("/step-dhcp/state-in-capitals-follows-too", state_in_capitals_follows_too);
  g_test_add_func("/step-dhcp/leases-go-when-the-uuids-are-kept", leases_go_when_the_uuids_are_kept);
  g_test_add_func("/step-dhcp/state-that-does-not-parse-follows-too", state_that_does_not_parse_follows_too);
  g_test_add_func("/step-dhcp/no-auto-default-follows-the-successor", no_auto_default_follows_the_successor);
  g_test_add_func("/step-dhcp/an-empty-machine-has-nothing-to-do", an_empty_machine_has_nothing_to_do);
  g_test_add_func("/step-dhcp/dhclient-includes-are-followed", dhclient_includes_are_followed);
  g_test_add_func("/step-dhcp/dhclient-sends-the-new-name", dhclient_sends_the_new_name);
  g_test_add_func("/step-dhcp/dhcpcd-sends-the-new-name", dhcpcd_sends_the_new_name);
  g_test_add_func("/step-dhcp/a-client-that-asks-the-kernel-is-left", a_client_that_asks_the_kernel_is_left);
  g_test_add_func("/step-dhcp/a-kept-name-changes-nothing", a_kept_name_changes_nothing);
  g_test_add_func("/step-dhcp/dhclient-is-read-by-statements", dhclient_is_read_by_statements);
  g_test_add_func("/step-dhcp/other-statements-are-warned-of", other_statements_are_warned_of);
  g_test_add_func("/step-dhcp/dhcpcd-follows-the-nic", dhcpcd_follows_the_nic);
  return g_test_run();
}
