/* agent/profiles/ifcfg/ifcfg-profiles.c: ifcfg files as records, with the files that belong to them. */
#include <arpa/inet.h>
#include <string.h>

#include "fixture.h"
#include "profiles/ifcfg/ifcfg-profiles.h"

static const ProfileFormat format = {
    .name = "ifcfg", .step = "nm-ifcfg", .stack = "ifcfg", .read = ifcfg_profiles, .make = ifcfg_make};

static void add(Fixture *fixture, const char *name, const char *content) {
  g_autofree char *path = g_build_filename(IFCFG_DIR, name, NULL);

  fixture_write(fixture, path, content);
}

static Profiles *read_all(Fixture *fixture) {
  Profiles *profiles = profiles_new();
  g_autoptr(GError) error = NULL;

  g_assert_true(ifcfg_profiles(&fixture->root, &format, profiles, &error));
  g_assert_no_error(error);
  return profiles;
}

static const Profile *only(const Profiles *profiles) {
  g_assert_cmpuint(profiles->items->len, ==, 1);
  return profiles->items->pdata[0];
}

static void assert_addresses(const Profile *profile, int family, const char *expected) {
  GPtrArray *addresses = plain_family(profile->plain, family)->addresses;
  g_autoptr(GString) list = g_string_new(NULL);

  for (guint i = 0; i < addresses->len; i++)
    g_string_append_printf(list, "%s%s", i == 0 ? "" : " ", (const char *)addresses->pdata[i]);
  g_assert_cmpstr(list->str, ==, expected);
}

static void a_static_connection_says_all_of_itself(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  const Profile *profile;

  add(fixture, "ifcfg-lan",
      "TYPE=Ethernet\nDEVICE='ens3'\nNAME=\"office lan\"\nUUID=7e570010-5a1e-4c0f-9d3b-0000000ec001\n"
      "HWADDR=52-54-00-AA-00-01\nBOOTPROTO=none\nIPADDR0=192.0.2.10\nPREFIX0=24\nIPADDR7=10.0.0.3\n"
      "NETMASK7=255.0.0.0\nGATEWAY=192.0.2.1\nIPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=2001:db8::1/64\n"
      "IPV6ADDR_SECONDARIES=\"2001:db8::2 2001:db8::3/48\"\nIPV6_DEFAULTGW=fe80::1%ens3\n");
  profiles = read_all(fixture);
  profile = only(profiles);
  g_assert_cmpstr(profile->path, ==, IFCFG_DIR "/ifcfg-lan");
  g_assert_cmpstr(profile->id, ==, "office lan");
  g_assert_cmpstr(profile->uuid, ==, "7e570010-5a1e-4c0f-9d3b-0000000ec001");
  g_assert_cmpstr(profile->type, ==, "802-3-ethernet");
  g_assert_cmpstr(profile->interface_name, ==, "ens3");
  g_assert_cmpstr(profile->mac_address, ==, "52:54:00:aa:00:01");
  g_assert_null(profile->why_not);
  assert_addresses(profile, AF_INET, "192.0.2.10/24 10.0.0.3/8");
  assert_addresses(profile, AF_INET6, "2001:db8::1/64 2001:db8::2 2001:db8::3/48");
  g_assert_cmpstr(plain_family(profile->plain, AF_INET)->gateway, ==, "192.0.2.1");
  g_assert_cmpstr(plain_family(profile->plain, AF_INET6)->gateway, ==, "fe80::1");
  g_assert_true(profile_is_manual(profile, AF_INET));
  g_assert_true(profile_is_manual(profile, AF_INET6));
  g_assert_true(profile_autoconnects(profile));
  g_assert_true(profile_carries_ip(profile));
}

/* The name that NetworkManager hashes is the file's, not what a link leads to. */
static void without_a_uuid_it_has_the_one_that_networkmanager_makes(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;

  add(fixture, "ifcfg-eth0", "DEVICE=eth0\nBOOTPROTO=dhcp\n");
  profiles = read_all(fixture);
  /* md5 of /etc/sysconfig/network-scripts/ifcfg-eth0: what every RHEL shows for "System eth0". */
  g_assert_cmpstr(only(profiles)->uuid, ==, "5fb06bd0-0bb0-7ffb-45f1-d6edd65f3e03");
  g_assert_cmpstr(only(profiles)->id, ==, "System eth0");
}

static void what_networkmanager_makes_no_connection_of_has_no_uuid(void) {
  static const char *const texts[] = {"DEVICE=eth0\nNM_CONTROLLED=no\n", "DEVICE=eth0\nBOOTPROTO=ibft\n",
                                      "DEVICE=eth0\nTYPE=IPoAC\n", "BOOTPROTO=dhcp\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    g_autoptr(Profiles) profiles = NULL;

    add(fixture, "ifcfg-eth0", texts[i]);
    profiles = read_all(fixture);
    g_assert_null(only(profiles)->uuid);
  }
}

static void aliases_and_ranges_are_parts_of_their_connection(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  const Profile *profile;

  add(fixture, "ifcfg-eth0", "DEVICE=eth0\nIPADDR=192.0.2.10\nPREFIX=24\n");
  add(fixture, "ifcfg-eth0:1", "DEVICE=eth0:1\nIPADDR=192.0.2.11\n");
  add(fixture, "ifcfg-eth0-range0", "IPADDR_START=192.0.2.20\nIPADDR_END=192.0.2.29\n");
  add(fixture, "ifcfg-eth0:1.bak", "DEVICE=eth0:1\nIPADDR=192.0.2.12\n");
  profiles = read_all(fixture);
  profile = only(profiles);
  assert_addresses(profile, AF_INET, "192.0.2.10/24 192.0.2.20 192.0.2.29 192.0.2.11");
  g_assert_cmpuint(ifcfg_of(profile)->parts->len, ==, 2);
  g_assert_true(g_strv_contains((const char *const *)profile->plain->more_paths, IFCFG_DIR "/ifcfg-eth0:1"));
}

static void an_alias_of_nothing_is_a_connection(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;

  add(fixture, "ifcfg-eth0:1", "DEVICE=eth0:1\nIPADDR=192.0.2.11\n");
  profiles = read_all(fixture);
  assert_addresses(only(profiles), AF_INET, "192.0.2.11");
}

static void what_a_shell_would_have_to_run_is_not_edited(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;

  add(fixture, "ifcfg-eth0", "DEVICE=eth0\nIPADDR=$BASE.1\n");
  add(fixture, "ifcfg-eth1", "DEVICE=eth1\nIPADDR=192.0.2.10\n");
  add(fixture, "ifcfg-eth1:1", ". ./common\nDEVICE=eth1:1\n");
  profiles = read_all(fixture);
  g_assert_cmpuint(profiles->items->len, ==, 2);
  g_assert_cmpstr(((const Profile *)profiles->items->pdata[0])->why_not, ==,
                  "in line 2 a shell would have to work out what it says");
  g_assert_cmpstr(((const Profile *)profiles->items->pdata[1])->why_not, ==,
                  IFCFG_DIR "/ifcfg-eth1:1 belongs to it, and in line 1 a command is run");
}

static void ports_have_their_controller_and_carry_nothing(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  const Profile *bond, *bridge, *vlan;

  add(fixture, "ifcfg-a", "DEVICE=eth0\nMASTER=bond0\nMASTER_UUID=7e570010-5a1e-4c0f-9d3b-0000000ec0b0\nSLAVE=yes\n");
  add(fixture, "ifcfg-b", "DEVICE=eth1\nBRIDGE=br0\nBOOTPROTO=dhcp\n");
  add(fixture, "ifcfg-c", "DEVICE=eth0.9\nVLAN=yes\nVRF=blue\n");
  profiles = read_all(fixture);
  bond = profiles->items->pdata[0];
  bridge = profiles->items->pdata[1];
  vlan = profiles->items->pdata[2];
  g_assert_cmpstr(bond->controller, ==, "7e570010-5a1e-4c0f-9d3b-0000000ec0b0");
  g_assert_true(profile_is_port(bond));
  g_assert_cmpstr(bridge->controller, ==, "br0");
  g_assert_false(profile_carries_ip(bridge));
  g_assert_cmpstr(vlan->plain->parent, ==, "eth0");
  g_assert_false(profile_is_port(vlan));
}

static void the_common_gateway_is_for_the_nic_that_it_names_or_reaches(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) reached = NULL;
  g_autoptr(Profiles) named = NULL;

  add(fixture, "ifcfg-eth0", "DEVICE=eth0\nIPADDR=192.0.2.10\nPREFIX=24\n");
  add(fixture, "ifcfg-eth1", "DEVICE=eth1\nIPADDR=198.51.100.10\nPREFIX=24\n");
  fixture_write(fixture, IFCFG_COMMON_FILE, "GATEWAY=192.0.2.1\n");
  reached = read_all(fixture);
  g_assert_true(profile_has_gateway(reached->items->pdata[0], AF_INET));
  g_assert_true(ifcfg_of(reached->items->pdata[0])->common_gateway[0]);
  g_assert_false(profile_has_gateway(reached->items->pdata[1], AF_INET));
  fixture_write(fixture, IFCFG_COMMON_FILE, "GATEWAY=192.0.2.1\nGATEWAYDEV=eth1\n");
  named = read_all(fixture);
  g_assert_false(profile_has_gateway(named->items->pdata[0], AF_INET));
  g_assert_true(profile_has_gateway(named->items->pdata[1], AF_INET));
}

static void what_is_no_file_is_passed_over(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;

  fixture_mkdir(fixture, IFCFG_DIR "/ifcfg-directory");
  fixture_mkdir(fixture, IFCFG_COMMON_FILE); /* SUSE's */
  fixture_symlink(fixture, IFCFG_DIR "/ifcfg-nowhere", "/no/such/file");
  add(fixture, "ifcfg-eth0", "DEVICE=eth0\n");
  fixture_symlink(fixture, IFCFG_DIR "/ifcfg-second-name", "ifcfg-eth0");
  profiles = read_all(fixture);
  g_assert_cmpstr(only(profiles)->path, ==, IFCFG_DIR "/ifcfg-eth0");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ifcfg-profiles/a-static-connection-says-all-of-itself", a_static_connection_says_all_of_itself);
  g_test_add_func("/ifcfg-profiles/without-a-uuid-it-has-the-one-that-networkmanager-makes",
                  without_a_uuid_it_has_the_one_that_networkmanager_makes);
  g_test_add_func("/ifcfg-profiles/what-networkmanager-makes-no-connection-of-has-no-uuid",
                  what_networkmanager_makes_no_connection_of_has_no_uuid);
  g_test_add_func("/ifcfg-profiles/aliases-and-ranges-are-parts-of-their-connection",
                  aliases_and_ranges_are_parts_of_their_connection);
  g_test_add_func("/ifcfg-profiles/an-alias-of-nothing-is-a-connection", an_alias_of_nothing_is_a_connection);
  g_test_add_func("/ifcfg-profiles/what-a-shell-would-have-to-run-is-not-edited",
                  what_a_shell_would_have_to_run_is_not_edited);
  g_test_add_func("/ifcfg-profiles/ports-have-their-controller-and-carry-nothing",
                  ports_have_their_controller_and_carry_nothing);
  g_test_add_func("/ifcfg-profiles/the-common-gateway-is-for-the-nic-that-it-names-or-reaches",
                  the_common_gateway_is_for_the_nic_that_it_names_or_reaches);
  g_test_add_func("/ifcfg-profiles/what-is-no-file-is-passed-over", what_is_no_file_is_passed_over);
  return g_test_run();
}
