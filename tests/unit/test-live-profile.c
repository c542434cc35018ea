/* agent/network/live-profile.c: keyfiles and ifcfg files as the running NetworkManager takes them. */
#include "fixture.h"
#include "network/live-profile.h"

#define LAN "/etc/sysconfig/network-scripts/ifcfg-lan"
#define OLD_UUID "11111111-1111-4111-8111-111111111111"
#define NEW_UUID "22222222-2222-4222-8222-222222222222"

static const char lan[] = "DEVICE=ens3\nUUID=" OLD_UUID "\nBOOTPROTO=none\nIPADDR=192.0.2.10\nNETMASK=255.255.255.0\n"
                          "GATEWAY=192.0.2.1\nIPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=2001:db8::10\n";

static char *shape_of(Fixture *fixture, const char *content) {
  g_autoptr(LiveProfile) profile = NULL;

  fixture_write(fixture, LAN, content);
  profile = live_profile_read(&fixture->root, LAN);
  g_assert_nonnull(profile);
  return g_strdup(profile->shape);
}

static void an_ifcfg_file_says_what_it_asks_for(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(LiveProfile) profile = NULL;
  NMSettingIPConfig *ip4, *ip6;

  fixture_write(fixture, LAN, lan);
  profile = live_profile_read(&fixture->root, LAN);
  g_assert_cmpstr(profile->uuid, ==, OLD_UUID);
  g_assert_cmpstr(nm_connection_get_interface_name(profile->connection), ==, "ens3");
  ip4 = nm_connection_get_setting_ip4_config(profile->connection);
  ip6 = nm_connection_get_setting_ip6_config(profile->connection);
  g_assert_cmpstr(nm_setting_ip_config_get_method(ip4), ==, "manual");
  g_assert_cmpuint(nm_setting_ip_config_get_num_addresses(ip4), ==, 1);
  g_assert_cmpstr(nm_ip_address_get_address(nm_setting_ip_config_get_address(ip4, 0)), ==, "192.0.2.10");
  g_assert_cmpuint(nm_ip_address_get_prefix(nm_setting_ip_config_get_address(ip4, 0)), ==, 24);
  g_assert_cmpstr(nm_setting_ip_config_get_gateway(ip4), ==, "192.0.2.1");
  g_assert_cmpstr(nm_setting_ip_config_get_method(ip6), ==, "manual");
  g_assert_cmpuint(nm_ip_address_get_prefix(nm_setting_ip_config_get_address(ip6, 0)), ==, 64);
}

static void another_identity_has_the_same_shape(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *before = shape_of(fixture, lan);
  g_autofree char *quoted = shape_of(fixture, "# now\nDEVICE='ens4'\nUUID=" NEW_UUID "\nNAME=x\nBOOTPROTO=none\n"
                                              "IPADDR=192.0.2.10\nNETMASK=255.255.255.0\nGATEWAY=192.0.2.1\n"
                                              "IPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=2001:db8::10\n");
  g_autofree char *other = shape_of(fixture, "DEVICE=ens3\nUUID=" OLD_UUID "\nIPADDR=192.0.2.11\n");

  g_assert_cmpstr(before, ==, quoted);
  g_assert_cmpstr(before, !=, other);
}

static void what_belongs_to_it_is_a_part_of_its_shape(void) {
  static const char *const files[] = {"/etc/sysconfig/network-scripts/ifcfg-lan:1",
                                      "/etc/sysconfig/network-scripts/route-lan", "/etc/sysconfig/network"};

  for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Fixture) fixture = fixture_new();
    g_autofree char *before = shape_of(fixture, lan);
    g_autofree char *after = NULL;

    fixture_write(fixture, files[i], "GATEWAY=192.0.2.2\n");
    after = shape_of(fixture, lan);
    g_assert_cmpstr(before, !=, after);
  }
}

static void parts_and_what_is_not_there_are_no_profiles(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, LAN, lan);
  fixture_write(fixture, LAN ":1", "DEVICE=lan:1\nIPADDR=192.0.2.12\n");
  g_assert_null(live_profile_read(&fixture->root, LAN ":1"));
  g_assert_null(live_profile_read(&fixture->root, LAN "-not-there"));
  g_assert_null(live_profile_read(&fixture->root, "/etc/NetworkManager/system-connections/none"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/live-profile/an-ifcfg-file-says-what-it-asks-for", an_ifcfg_file_says_what_it_asks_for);
  g_test_add_func("/live-profile/another-identity-has-the-same-shape", another_identity_has_the_same_shape);
  g_test_add_func("/live-profile/what-belongs-to-it-is-a-part-of-its-shape", what_belongs_to_it_is_a_part_of_its_shape);
  g_test_add_func("/live-profile/parts-and-what-is-not-there-are-no-profiles",
                  parts_and_what_is_not_there_are_no_profiles);
  return g_test_run();
}
