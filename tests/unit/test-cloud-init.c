/* What cloud-init would render again (agent/profiles/cloud-init.c), and what is made of it (agent/plan/foreign.c). */
#include <string.h>

#include "keyfile-fixture.h"
#include "plan-fixture.h"
#include "plan/foreign.h"
#include "profiles/static-address.h"

#define SEED "/var/lib/cloud/seed/nocloud"
#define UNIT "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service"

static char *found_in(Fixture *fixture) {
  g_autoptr(GPtrArray) found = static_addresses_new();
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true(cloud_init_read(&fixture->root, found, &error));
  g_assert_no_error(error);
  for (guint i = 0; i < found->len; i++) {
    const StaticAddress *item = found->pdata[i];
    g_autofree char *name = g_path_get_basename(item->path);
    g_string_append_printf(text, "%s:%u %s %s%s%s\n", name, item->line, item->interface != NULL ? item->interface : "-",
                           item->address, item->idle ? " idle" : "", item->is_given ? " given" : "");
  }
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static void reads(Fixture *fixture, const char *expected) {
  g_autofree char *found = found_in(fixture);

  g_assert_cmpstr(found, ==, expected);
}

static void test_configuration(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  reads(fixture, "");
  fixture_write(fixture, "/etc/cloud/cloud.cfg",
                "users:\n - default\nsystem_info: {network: {renderers: [netplan]}}\n");
  reads(fixture, "");
  /* As Ubuntu's installer leaves it. */
  fixture_write(
      fixture, "/etc/cloud/cloud.cfg.d/90-installer-network.cfg",
      "# This is the network config written by 'subiquity'\nnetwork:\n  ethernets:\n    ens18:\n"
      "      addresses:\n      - 10.40.0.4/24\n      - 2001:db8::4/64: {label: x}\n      nameservers:\n"
      "        addresses: [10.40.0.53]\n      routes:\n      - to: default\n        via: 10.40.0.1\n  version: 2\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/90-other.txt",
                "network: {ethernets: {a: {addresses: [10.1.0.1/8]}}}\n");
  reads(fixture, "90-installer-network.cfg:6 ens18 10.40.0.4\n90-installer-network.cfg:7 ens18 2001:db8::4\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg", "network: {config: disabled}\n");
  reads(fixture, "");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg", "network: {config: other}\n");
  g_autofree char *found = found_in(fixture);
  g_assert_nonnull(strstr(found, "10.40.0.4"));
  fixture_write(fixture, "/etc/cloud/cloud-init.disabled", "");
  reads(fixture, "");
}

static void test_version_1_and_what_is_no_yaml(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(
      fixture, "/etc/cloud/cloud.cfg.d/50-curtin-networking.cfg",
      "network:\n  version: 1\n  config:\n  - type: physical\n    name: ens3\n    subnets:\n    - type: dhcp\n"
      "    - type: static\n      address: 10.40.0.4\n      netmask: 255.255.255.0\n      gateway: 10.40.0.1\n"
      "  - type: nameserver\n    address: 10.40.0.53\n");
  reads(fixture, "50-curtin-networking.cfg:9 ens3 10.40.0.4\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/50-curtin-networking.cfg",
                "network: {a: 1}\nnetwork:\n  ethernets:\n    ens3:\n      addresses: [10.40.0.4/24]\n");
  reads(fixture, "50-curtin-networking.cfg:5 - 10.40.0.4\n");
}

static void seed(Fixture *fixture, const char *meta_data) {
  fixture_write(fixture, SEED "/user-data", "#cloud-config\n");
  fixture_write(fixture, SEED "/meta-data", meta_data);
}

static void test_a_seed(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, SEED "/network-config", "version: 2\nethernets:\n  lan: {addresses: [10.40.0.4/24]}\n");
  /* Neither is it looked at without the rest. */
  reads(fixture, "");
  seed(fixture, "instance-id: i-golden\n");
  reads(fixture, "network-config:3 lan 10.40.0.4\n");
  fixture_write(fixture, "/var/lib/cloud/data/instance-id", "i-golden\n");
  reads(fixture, "network-config:3 lan 10.40.0.4 idle\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/90.cfg", "updates: {network: {when: [boot]}}\n");
  reads(fixture, "network-config:3 lan 10.40.0.4\n");
  fixture_write(fixture, "/etc/cloud/cloud.cfg.d/90.cfg", "network: {ethernets: {lan: {addresses: [10.40.0.5/24]}}}\n");
  reads(fixture, "90.cfg:1 lan 10.40.0.5 idle\nnetwork-config:3 lan 10.40.0.4 idle\n");
  fixture_write(fixture, "/var/lib/cloud/data/instance-id", "i-other\n");
  reads(fixture, "90.cfg:1 lan 10.40.0.5\nnetwork-config:3 lan 10.40.0.4 given\n");
  fixture_write(fixture, "/var/lib/cloud/data/instance-id", "NO_PREVIOUS_INSTANCE_ID\n");
  reads(fixture, "90.cfg:1 lan 10.40.0.5\nnetwork-config:3 lan 10.40.0.4\n");
}

static void test_the_oldest_seeds(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/var/lib/cloud/seed/nocloud-net/user-data", "");
  fixture_write(fixture, "/var/lib/cloud/seed/nocloud-net/meta-data",
                "instance-id: i-golden\nnetwork-interfaces: |\n  iface eth0 inet static\n  address 10.40.0.4\n");
  reads(fixture, "meta-data:2 - 10.40.0.4\n");
}

static PlanFixture *machine_with_seed(const char *recorded) {
  PlanFixture *machine = plan_fixture_new();

  fixture_write(machine->fixture, SEED "/network-config",
                "version: 2\nethernets: {lan: {addresses: [10.40.0.4/24]}}\n");
  seed(machine->fixture, "instance-id: i-golden\n");
  fixture_write(machine->fixture, "/var/lib/cloud/data/instance-id", recorded);
  fixture_mkdir(machine->fixture, "/etc/systemd/system/cloud-init.target.wants");
  fixture_symlink(machine->fixture, UNIT, "/lib/systemd/system/cloud-init-local.service");
  return machine;
}

static void test_a_new_instance_is_an_error_and_a_known_one_a_warning(void) {
  g_autoptr(PlanFixture) cleaned = machine_with_seed("");
  g_autoptr(PlanFixture) known = machine_with_seed("i-golden");
  g_autoptr(GError) error = NULL;

  g_assert_false(foreign_check(&cleaned->context, cleaned->plan, &error));
  g_assert_nonnull(strstr(error->message, SEED "/network-config:2: cloud-init gives lan the static address 10.40.0.4"));
  g_assert_true(foreign_check(&known->context, known->plan, NULL));
  g_assert_cmpuint(known->plan->warnings->len, ==, 1);
  g_assert_nonnull(strstr(known->plan->warnings->pdata[0], "cloud-init clean"));
}

static void test_an_address_that_came_with_an_instance_of_its_own(void) {
  static char why[] = "it lives in /run";
  static char path[] = "/run/NetworkManager/system-connections/lan.nmconnection";
  static const char content[] = "[connection]\nid=lan\ntype=ethernet\ninterface-name=ens3\nautoconnect=false\n"
                                "[ipv4]\nmethod=manual\naddress1=10.40.0.4/24\n";
  g_autoptr(PlanFixture) machine = machine_with_seed("i-other");
  g_auto(Profile) profile = {.why_not = g_strdup(why)};

  keyfile_profile_read(&profile, path, content);
  g_assert_true(foreign_check(&machine->context, machine->plan, NULL));
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  /* But not the one that the template has too. */
  g_ptr_array_add(machine->profiles.items, &profile);
  g_assert_false(foreign_check(&machine->context, machine->plan, NULL));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cloud-init/configuration", test_configuration);
  g_test_add_func("/cloud-init/version-1-and-what-is-no-yaml", test_version_1_and_what_is_no_yaml);
  g_test_add_func("/cloud-init/a-seed", test_a_seed);
  g_test_add_func("/cloud-init/the-oldest-seeds", test_the_oldest_seeds);
  g_test_add_func("/cloud-init/a-new-instance-is-an-error-and-a-known-one-a-warning",
                  test_a_new_instance_is_an_error_and_a_known_one_a_warning);
  g_test_add_func("/cloud-init/an-address-that-came-with-an-instance-of-its-own",
                  test_an_address_that_came_with_an_instance_of_its_own);
  return g_test_run();
}
