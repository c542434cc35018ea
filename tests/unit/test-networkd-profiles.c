/* agent/profiles/networkd/networkd-profiles.c: what .network files say, as systemd-networkd reads them. */
#include <string.h>
#include <sys/socket.h>

#include "fixture.h"
#include "profiles/networkd/networkd-profiles.h"
#include "profiles/profile-formats.h"

#define ETC "/etc/systemd/network/"

typedef struct {
  Fixture *fixture;
  Profiles *profiles;
} World;

static World *world_new(void) {
  World *world = g_new0(World, 1);

  world->fixture = fixture_new();
  return world;
}

static void world_free(World *world) {
  profiles_free(world->profiles);
  fixture_free(world->fixture);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static const ProfileFormat *format(void) {
  for (gsize i = 0; i < n_profile_formats; i++)
    if (strcmp(profile_formats[i].step, "networkd") == 0)
      return &profile_formats[i];
  g_assert_not_reached();
}

static void world_read(World *world) {
  g_autoptr(GError) error = NULL;

  world->profiles = profiles_new();
  g_assert_true(networkd_profiles(&world->fixture->root, format(), world->profiles, &error));
  g_assert_no_error(error);
}

static const Profile *find(const World *world, const char *id) {
  for (guint i = 0; i < world->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(world->profiles->items, i);
    if (strcmp(profile->id, id) == 0)
      return profile;
  }
  return NULL;
}

static void assert_addresses(const Profile *profile, int family, const char *expected) {
  g_auto(GStrv) addresses = profile_static_addresses(profile, family);
  g_autofree char *joined = g_strjoinv(" ", addresses);

  g_assert_cmpstr(joined, ==, expected);
}

static void addresses_gateways_and_dhcp_are_read_of_all_sections(void) {
  g_autoptr(World) world = world_new();
  const Profile *profile;

  fixture_write(world->fixture, ETC "lan.network",
                "[Match]\nName=ens3\n[Network]\nDHCP=ipv6\nAddress=10.0.0.2/24\n[Address]\nAddress=10.0.0.3/24\n"
                "[Address]\nAddress=192.0.2.1/24\nAddress=fd00::2/64\n[Route]\nDestination=198.51.100.0/24\n"
                "Gateway=10.0.0.9\n[Route]\nGateway=10.0.0.8\nTable=7\n[Route]\nGateway=10.0.0.1\n");
  world_read(world);
  profile = find(world, "lan.network");
  assert_addresses(profile, AF_INET, "10.0.0.2 10.0.0.3");
  assert_addresses(profile, AF_INET6, "fd00::2");
  const char *gateway = profile_default_gateway(profile, AF_INET);
  g_assert_cmpstr(gateway, ==, "10.0.0.1");
  g_assert_false(profile_has_gateway(profile, AF_INET6));
  g_assert_false(profile_is_automatic(profile, AF_INET));
  g_assert_true(profile_is_automatic(profile, AF_INET6));
  g_assert_cmpstr(profile->interface_name, ==, "ens3");
  g_assert_cmpstr(profile->type, ==, "802-3-ethernet");
}

static void what_an_empty_address_takes_back_counts_all_the_same(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, ETC "lan.network", "[Network]\nAddress=10.0.0.2/24\nAddress=\nAddress=10.0.0.3/24\n");
  world_read(world);
  assert_addresses(find(world, "lan.network"), AF_INET, "10.0.0.2 10.0.0.3");
}

static void each_way_to_name_a_nic_is_read(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, ETC "a.network", "[Match]\nMACAddress=52-54-00-AA-BB-01\n");
  fixture_write(world->fixture, ETC "b.network", "[Match]\nName=ens3 en*\nName=eth0\n");
  fixture_write(world->fixture, ETC "c.network", "[Match]\nName=!lo\n");
  fixture_write(world->fixture, ETC "d.network", "[Match]\nMACAddress=52:54:00:aa:bb:01 52:54:00:aa:bb:02\n");
  fixture_write(world->fixture, ETC "f.network", "[Match]\nMACAddress=5254.00AA.bb01\n");
  fixture_write(world->fixture, ETC "e.network", "[Match]\nPath=pci-0000:00:03.*\n");
  world_read(world);
  g_assert_cmpstr(find(world, "a.network")->mac_address, ==, "52:54:00:aa:bb:01");
  g_assert_cmpstr(find(world, "f.network")->mac_address, ==, "52:54:00:aa:bb:01");
  g_assert_null(find(world, "b.network")->interface_name);
  g_assert_cmpuint(g_strv_length(find(world, "b.network")->plain->name_globs), ==, 3);
  g_assert_null(find(world, "c.network")->interface_name);
  g_assert_null(find(world, "c.network")->plain->name_globs);
  g_assert_null(find(world, "d.network")->mac_address);
  g_assert_cmpstr(find(world, "d.network")->plain->macs[1], ==, "52:54:00:aa:bb:02");
  g_assert_cmpstr(find(world, "e.network")->plain->path_globs[0], ==, "pci-0000:00:03.*");
}

static void kinds_ports_and_parents_are_told_apart(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, ETC "bond0.netdev", "[NetDev]\nName=bond0\nKind=bond\n");
  fixture_write(world->fixture, ETC "vlan.netdev", "[NetDev]\nName=ens3.7\nKind=vlan\n");
  fixture_write(world->fixture, ETC "1.network", "[Match]\nName=ens3\n[Network]\nBond=bond0\nVLAN=ens3.7\n");
  fixture_write(world->fixture, ETC "2.network", "[Match]\nName=bond0\n[Network]\nVRF=blue\n");
  fixture_write(world->fixture, ETC "3.network", "[Match]\nName=ens3.7\n[Link]\nActivationPolicy=manual\n");
  fixture_write(world->fixture, ETC "4.network", "[Match]\nName=ens4\n[Link]\nUnmanaged=yes\n");
  world_read(world);
  g_assert_true(profile_is_port(find(world, "1.network")));
  g_assert_cmpstr(find(world, "1.network")->controller, ==, "bond0");
  g_assert_false(profile_carries_ip(find(world, "1.network")));
  g_assert_cmpstr(find(world, "2.network")->type, ==, "bond");
  g_assert_true(profile_carries_ip(find(world, "2.network")));
  const char *parent = profile_parent(find(world, "3.network"));
  g_assert_cmpstr(parent, ==, "ens3");
  g_assert_cmpstr(find(world, "3.network")->type, ==, "vlan");
  g_assert_false(profile_autoconnects(find(world, "3.network")));
  g_assert_false(profile_autoconnects(find(world, "4.network")));
}

static void the_first_file_that_fits_a_name_hides_the_others(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, ETC "10-all.network", "[Match]\nName=en*\n");
  fixture_write(world->fixture, ETC "05-wlan.network", "[Match]\nName=en*\nType=wlan\n");
  fixture_write(world->fixture, ETC "20-lan.network", "[Match]\nName=ens3\n");
  fixture_write(world->fixture, ETC "30-eth.network", "[Match]\nName=eth0\n");
  world_read(world);
  g_assert_true(find(world, "20-lan.network")->hidden_by == find(world, "10-all.network"));
  g_assert_null(find(world, "30-eth.network")->hidden_by);
  g_assert_null(find(world, "10-all.network")->hidden_by);
}

static void drop_ins_belong_to_their_file(void) {
  g_autoptr(World) world = world_new();
  const Profile *profile;

  fixture_write(world->fixture, "/usr/lib/systemd/network/lan.network", "[Match]\nName=ens3\n");
  fixture_write(world->fixture, "/run/systemd/network/lan.network.d/20.conf", "[Network]\nAddress=10.0.0.2/24\n");
  fixture_write(world->fixture, ETC "lan.network.d/10.conf", "[Network]\nDHCP=ipv6\n");
  fixture_write(world->fixture, ETC "lan.network.d/15.conf", "[Network]\nDHCP=yes\n");
  world_read(world);
  profile = find(world, "lan.network");
  g_assert_null(profile->why_not);
  g_assert_cmpstr(profile->path, ==, ETC "lan.network.d/10.conf");
  g_assert_cmpstr(profile->plain->more_paths[0], ==, ETC "lan.network.d/15.conf");
  g_assert_null(profile->plain->more_paths[1]);
  assert_addresses(profile, AF_INET, "10.0.0.2");
  g_assert_true(profile_is_automatic(profile, AF_INET));
}

static void one_name_hides_another_directorys_and_an_empty_file_is_none(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, "/usr/lib/systemd/network/lan.network", "[Network]\nAddress=10.0.0.2/24\n");
  fixture_write(world->fixture, ETC "lan.network", "");
  fixture_write(world->fixture, "/usr/lib/systemd/network/wan.network", "[Network]\nAddress=10.0.0.3/24\n");
  fixture_write(world->fixture, "/run/systemd/network/10-netplan-ens3.network", "[Network]\nAddress=10.0.0.4/24\n");
  fixture_write(world->fixture, "/usr/lib/systemd/network/80-any.network", "[Match]\nName=*\n[Network]\nDHCP=yes\n");
  world_read(world);
  g_assert_null(find(world, "lan.network"));
  g_assert_null(find(world, "80-any.network"));
  g_assert_null(find(world, "10-netplan-ens3.network"));
  g_assert_nonnull(strstr(find(world, "wan.network")->why_not, "belongs to a package"));
}

static void what_networkd_refuses_is_said(void) {
  g_autoptr(World) world = world_new();

  fixture_write(world->fixture, ETC "lan.network", "[Match]\nName=ens3\n[Network\nAddress=10.0.0.2/24\n");
  world_read(world);
  g_assert_nonnull(strstr(find(world, "lan.network")->why_not, ETC "lan.network: line 3 is no section's head"));
  g_assert_false(profile_is_loaded(find(world, "lan.network")));
}

#define TEST(name, function) g_test_add_func("/networkd-profiles/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("addresses-gateways-and-dhcp-are-read-of-all-sections", addresses_gateways_and_dhcp_are_read_of_all_sections);
  TEST("what-an-empty-address-takes-back-counts-all-the-same", what_an_empty_address_takes_back_counts_all_the_same);
  TEST("each-way-to-name-a-nic-is-read", each_way_to_name_a_nic_is_read);
  TEST("kinds-ports-and-parents-are-told-apart", kinds_ports_and_parents_are_told_apart);
  TEST("the-first-file-that-fits-a-name-hides-the-others", the_first_file_that_fits_a_name_hides_the_others);
  TEST("drop-ins-belong-to-their-file", drop_ins_belong_to_their_file);
  TEST("one-name-hides-another-directorys-and-an-empty-file-is-none",
       one_name_hides_another_directorys_and_an_empty_file_is_none);
  TEST("what-networkd-refuses-is-said", what_networkd_refuses_is_said);
  return g_test_run();
}
