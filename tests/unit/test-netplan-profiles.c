/* netplan-files.c, netplan-profiles.c: what netplan's files define, as the record that all formats fill. */
#include <netinet/in.h>
#include <string.h>

#include "fixture.h"
#include "profiles/netplan/netplan-files.h"
#include "profiles/netplan/netplan-profiles.h"

static const ProfileFormat format = {"netplan", "netplan", "netplan", netplan_profiles, netplan_make, NULL};

static Profiles *read_profiles(Fixture *fixture) {
  Profiles *profiles = profiles_new();
  g_autoptr(GError) error = NULL;

  g_assert_true(netplan_profiles(&fixture->root, &format, profiles, &error));
  g_assert_no_error(error);
  return profiles;
}

static void append(GString *out, const char *name, const char *value) {
  if (value != NULL)
    g_string_append_printf(out, " %s=%s", name, value);
}

static void append_family(GString *out, const PlainFamily *family, const char *name) {
  for (guint i = 0; i < family->addresses->len; i++)
    append(out, name, family->addresses->pdata[i]);
  append(out, "gateway", family->gateway);
  if (family->automatic)
    g_string_append_printf(out, " %s-auto", name);
}

/* "ID TYPE name=... 4=...", one profile a line. */
static char *list(const Profiles *profiles) {
  GString *out = g_string_new(NULL);

  for (guint i = 0; i < profiles->items->len; i++) {
    const Profile *profile = profiles->items->pdata[i];
    PlainProfile *plain = profile->plain;

    if (plain == NULL) {
      g_string_append_printf(out, "! %s\n", profile->why_not);
      continue;
    }
    g_string_append_printf(out, "%s %s", profile->id, profile->type);
    append(out, "name", profile->interface_name);
    append(out, "mac", profile->mac_address);
    append(out, "glob", plain->name_globs != NULL ? plain->name_globs[0] : NULL);
    append(out, "controller", profile->controller);
    append(out, "parent", plain->parent);
    append(out, "uuid", profile->uuid);
    append_family(out, plain_family(plain, AF_INET), "4");
    append_family(out, plain_family(plain, AF_INET6), "6");
    g_string_append_printf(out, "%s%s%s%s\n", plain->is_port ? " port" : "", plain->starts ? "" : " manual",
                           plain->carries_ip ? "" : " no-ip", profile->why_not != NULL ? " fixed" : "");
  }
  return g_string_free(out, FALSE);
}

static void assert_profiles(const char *yaml, const char *expected) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  g_autofree char *listed = NULL;

  fixture_write(fixture, "/etc/netplan/50.yaml", yaml);
  profiles = read_profiles(fixture);
  listed = list(profiles);
  g_assert_cmpstr(listed, ==, expected);
}

static void a_nic_is_named_or_matched(void) {
  assert_profiles("network:\n"
                  "  ethernets:\n"
                  "    renderer: networkd\n"
                  "    ens3: {dhcp4: yes}\n"
                  "    a: {match: {macaddress: '52:54:00:AA:00:01'}}\n"
                  "    b: {match: {macaddress: 52:54:00:aa:00:02}, set-name: lan0}\n"
                  "    c: {match: {name: ens5}}\n"
                  "    d: {match: {name: 'en*'}}\n"
                  "    e: {match: {driver: virtio_net}}\n",
                  "ens3 802-3-ethernet name=ens3 4-auto\n"
                  "a 802-3-ethernet mac=52:54:00:aa:00:01\n"
                  "b 802-3-ethernet name=lan0 mac=52:54:00:aa:00:02\n"
                  "c 802-3-ethernet name=ens5\n"
                  "d 802-3-ethernet glob=en*\n"
                  "e 802-3-ethernet\n");
}

static void addresses_gateways_and_dhcp_are_read(void) {
  assert_profiles(
      "network: {ethernets: {\n"
      "  a: {addresses: [10.0.0.4/24, 'fd00::4/64', {10.0.0.5/24: {label: x}}], gateway4: 10.0.0.1},\n"
      "  b: {addresses: [fd00::5/64], routes: [{to: 10.9.0.0/16, via: 10.0.0.9}, {to: default, via: 'fd00::1'}]},\n"
      "  c: {dhcp4: true, dhcp6: on, routes: [{to: 0.0.0.0/0, via: 10.0.0.1, table: 7}]},\n"
      "  d: {accept-ra: yes, activation-mode: 'off'}}}\n",
      "a 802-3-ethernet name=a 4=10.0.0.4/24 4=10.0.0.5/24 gateway=10.0.0.1 6=fd00::4/64\n"
      "b 802-3-ethernet name=b 6=fd00::5/64 gateway=fd00::1\n"
      "c 802-3-ethernet name=c 4-auto 6-auto\n"
      "d 802-3-ethernet name=d 6-auto manual\n");
}

static void what_lies_over_nics_is_told_apart(void) {
  assert_profiles("network:\n"
                  "  ethernets: {lan: {match: {name: ens3}}, ens4: {}}\n"
                  "  bonds: {bond0: {interfaces: [lan, ens4]}}\n"
                  "  vlans: {v7: {id: 7, link: bond0}, v8: {id: 8, link: lan}}\n"
                  "  vrfs: {red: {table: 1, interfaces: [v7]}}\n"
                  "  tunnels: {wg0: {mode: wireguard, addresses: [10.9.0.1/24]}, t: {mode: gre}}\n"
                  "  dummy-devices: {d0: {}}\n"
                  "  modems: {m: {}}\n",
                  "lan 802-3-ethernet name=ens3 controller=bond0 port\n"
                  "ens4 802-3-ethernet name=ens4 controller=bond0 port\n"
                  "bond0 bond name=bond0\n"
                  "v7 vlan name=v7 parent=bond0\n"
                  "v8 vlan name=v8 parent=ens3\n"
                  "red vrf name=red\n"
                  "wg0 wireguard name=wg0 4=10.9.0.1/24\n"
                  "t ip-tunnel name=t\n"
                  "d0 dummy name=d0\n"
                  "m gsm name=m no-ip\n");
}

static void what_is_handed_to_networkmanager_counts(void) {
  assert_profiles(
      "network:\n  ethernets:\n    NM-x:\n      match: {}\n      networkmanager:\n        uuid: U\n        "
      "passthrough:\n"
      "          ethernet.mac-address: '52:54:00:aa:00:01'\n          ipv4.method: manual\n"
      "          ipv4.address1: 10.0.0.4/24,10.0.0.1\n          ipv4.address2: 10.0.0.5/24\n          ipv6.method: "
      "auto\n"
      "          connection.autoconnect: 'false'\n"
      "  nm-devices:\n    NM-v: {networkmanager: {passthrough: {connection.type: vpn}}}\n"
      "    NM-b: {networkmanager: {passthrough: {connection.type: bridge, connection.interface-name: br0}}}\n",
      "NM-x 802-3-ethernet mac=52:54:00:aa:00:01 uuid=U 4=10.0.0.4/24 4=10.0.0.5/24 gateway=10.0.0.1 6-auto manual\n"
      "NM-v vpn no-ip\n"
      "NM-b bridge name=br0\n");
}

static void files_add_up_and_hide_each_other(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  g_autofree char *listed = NULL;

  fixture_write(fixture, "/usr/lib/netplan/10.yaml",
                "network: {ethernets: {ens3: {mtu: 1400, addresses: [10.0.0.9/24]}}}\n");
  fixture_write(fixture, "/run/netplan/20.yaml", "network: {ethernets: {ens7: {addresses: [10.7.0.4/24]}}}\n");
  fixture_write(fixture, "/usr/lib/netplan/50.yaml", "network: {ethernets: {ens8: {}}}\n");
  fixture_write(fixture, "/etc/netplan/50.yaml", "network: {ethernets: {ens3: {dhcp4: true}}}\n");
  fixture_write(fixture, "/etc/netplan/60.yaml",
                "network: {ethernets: {ens3: {dhcp4: false, addresses: [10.0.0.4/24]}}}\n");
  fixture_write(fixture, "/etc/netplan/.hidden.yaml", "network: {ethernets: {ens9: {}}}\n");
  fixture_write(fixture, "/etc/netplan/70.yml", "network: {ethernets: {ens9: {}}}\n");
  fixture_write(fixture, "/etc/netplan/80.yaml", "network: [\n");
  profiles = read_profiles(fixture);
  listed = list(profiles);
  g_assert_cmpstr(listed, ==,
                  "ens3 802-3-ethernet name=ens3 4=10.0.0.9/24 4=10.0.0.4/24\n"
                  "ens7 802-3-ethernet name=ens7 4=10.7.0.4/24 fixed\n"
                  "! /etc/netplan/80.yaml:2: not YAML: did not find expected node content\n");
  const Profile *first = profiles->items->pdata[0];
  g_assert_cmpstr(first->path, ==, "/etc/netplan/60.yaml");
  g_assert_cmpstr(first->plain->more_paths[0], ==, "/etc/netplan/50.yaml");
  g_assert_null(first->plain->more_paths[1]);
}

static void what_netplan_made_is_known_by_its_id(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Profiles) profiles = NULL;
  static const struct {
    const char *path, *id;
  } cases[] = {
      {"/run/systemd/network/10-netplan-ens3.network", "ens3"},
      {"/run/systemd/network/10-netplan-ens3.link", "ens3"},
      {"/run/systemd/network/10-netplan-bond0.7.netdev", "bond0.7"},
      {"/run/systemd/network/10-netplan-bond0.8.network", NULL},
      {"/run/systemd/network/10-netplan-ens33.network", NULL},
      {"/run/systemd/network/10-netplan-ens3.network.d/x.conf", NULL},
      {"/etc/systemd/network/10-netplan-ens3.network", NULL},
      {"/run/NetworkManager/system-connections/netplan-ens3.nmconnection", "ens3"},
      {"/run/NetworkManager/system-connections/netplan-ens3-home.nmconnection", NULL},
      {"/run/NetworkManager/system-connections/netplan-wlan0-home%20net.nmconnection", "wlan0"},
      {"/run/NetworkManager/system-connections/netplan-other.nmconnection", NULL},
  };

  fixture_write(
      fixture, "/etc/netplan/50.yaml",
      "network: {ethernets: {ens3: {}}, wifis: {wlan0: {}}, bonds: {bond0: {}}, vlans: {bond0.7: {link: bond0}}}\n");
  profiles = read_profiles(fixture);
  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    const Profile *maker = netplan_maker(profiles, cases[i].path);
    g_assert_cmpstr(maker != NULL ? maker->id : NULL, ==, cases[i].id);
  }
}

static void the_back_end_is_said_for_one_for_a_kind_or_for_all(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GString) seen = g_string_new(NULL);

  fixture_write(fixture, "/etc/netplan/10.yaml",
                "network: {renderer: NetworkManager, ethernets: {a: {}, b: {renderer: networkd}}}\n");
  fixture_write(fixture, "/etc/netplan/20.yaml", "network: {bonds: {renderer: networkd, c: {}}}\n");
  g_autoptr(GPtrArray) files = netplan_files_read(&fixture->root, NULL);
  g_autoptr(GPtrArray) interfaces = netplan_interfaces(files);
  for (guint i = 0; i < interfaces->len; i++)
    g_string_append_printf(seen, "%s%d ", ((const NetplanInterface *)interfaces->pdata[i])->id,
                           netplan_is_manager(files, interfaces->pdata[i]));
  g_assert_cmpstr(seen->str, ==, "a1 b0 c0 ");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/netplan-profiles/a-nic-is-named-or-matched", a_nic_is_named_or_matched);
  g_test_add_func("/netplan-profiles/addresses-gateways-and-dhcp-are-read", addresses_gateways_and_dhcp_are_read);
  g_test_add_func("/netplan-profiles/what-lies-over-nics-is-told-apart", what_lies_over_nics_is_told_apart);
  g_test_add_func("/netplan-profiles/what-is-handed-to-networkmanager-counts", what_is_handed_to_networkmanager_counts);
  g_test_add_func("/netplan-profiles/files-add-up-and-hide-each-other", files_add_up_and_hide_each_other);
  g_test_add_func("/netplan-profiles/what-netplan-made-is-known-by-its-id", what_netplan_made_is_known_by_its_id);
  g_test_add_func("/netplan-profiles/the-back-end-is-said-for-one-for-a-kind-or-for-all",
                  the_back_end_is_said_for_one_for_a_kind_or_for_all);
  return g_test_run();
}
