/* address-target.c: the NIC that an address of the policy means, or a refusal that names the candidates. */

#include "address-target-fixture.h"

static void the_only_profile_carries_the_default_route(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens4", "");

  assert_found(machine, "address", lan, "ens4");
}

static void else_the_one_with_a_gateway(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "storage", "ens3", STATIC);
  lan = add_ethernet(machine, "lan", "ens4", STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens4");
}

static void else_the_one_with_a_gateway_of_the_other_family(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "storage", "ens3", STATIC);
  lan = add_ethernet(machine, "lan", "ens4", "[ipv6]\naddress1=2001:db8::5/64\ngateway=2001:db8::1\n");
  assert_found(machine, "address", lan, "ens4");
}

/* Both families of one list go to one NIC, also where the template has switched one of them off there. */
static void a_family_that_is_off_there_does_not_go_to_another_nic(void) {
  static const char *const others[] = {"", "[ipv6]\nmethod=manual\naddress1=fd00::5/64\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
    g_autoptr(IdentityFixture) machine = machine_with_cards();
    AddressTarget target = {0};

    add_ethernet(machine, "storage", "ens3", others[i]);
    const Profile *lan = add_ethernet(machine, "lan", "ens4", STATIC_WITH_GATEWAY "[ipv6]\nmethod=disabled\n");
    assert_found(machine, "address", lan, "ens4");
    g_assert_true(address_target_default_route(&machine->context, AF_INET6, &target));
    g_assert_true(target.profile == lan);
  }
}

/* What NetworkManager does not use is no gateway. */
static void a_gateway_of_a_family_that_is_off_does_not_count(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "old", "ens4", "[ipv4]\nmethod=disabled\ngateway=10.0.0.1\n[ipv6]\nmethod=disabled\n");
  assert_found(machine, "address", lan, "ens3");
}

static void ambiguous_is_refused_with_the_candidates(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  add_ethernet(machine, "two", "ens4", STATIC);
  assert_refused(machine, "address", "one (" PROFILES_DIR "/one.nmconnection, ens3)",
                 "two (" PROFILES_DIR "/two.nmconnection, ens4)");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_refused(machine, "address", "write address.NIC", "10.0.0.17/24");
}

static void profiles_that_do_not_connect_are_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "spare", "ens4", "[connection]\nautoconnect=false\n" STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens3");
}

static void profiles_of_absent_cards_are_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "gone", "ens192", STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens3");
}

static void ports_carry_nothing_their_bond_does(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *bond;

  add_ethernet(machine, "port1", "ens3", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_ethernet(machine, "port2", "ens4", "[connection]\ncontroller=bond0\nport-type=bond\n");
  bond = add_profile(machine, "bond", "[connection]\nid=bond\ntype=bond\ninterface-name=bond0\n");
  assert_found(machine, "address", bond, NULL);
}

static void a_port_by_name_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "port1", "ens3", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_profile(machine, "bond", "[connection]\nid=bond\ntype=bond\ninterface-name=bond0\n");
  assert_refused(machine, "address.ens3", "ens3 is a port", "name that device");
}

static void a_vlan_with_the_gateway_beats_its_disabled_parent(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *vlan;

  add_ethernet(machine, "parent", "ens3", "[ipv4]\nmethod=disabled\n");
  vlan = add_profile(machine, "vlan", "[connection]\nid=vlan\ntype=vlan\ninterface-name=ens3.7\n" STATIC);
  assert_found(machine, "address", vlan, NULL);
}

static void macsec_with_the_gateway_beats_another_device(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "parent", "ens3", "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n");
  add_profile(machine, "macvlan",
              "[connection]\nid=macvlan\ntype=macvlan\ninterface-name=mv0\n[macvlan]\nparent=ens4\nmode=2\n" STATIC);
  const Profile *macsec = add_profile(machine, "macsec",
                                      "[connection]\nid=macsec\ntype=macsec\ninterface-name=macsec0\n"
                                      "[macsec]\nparent=ens3\nmode=0\n" STATIC_WITH_GATEWAY);
  assert_found(machine, "address", macsec, NULL);
}

#define VXLAN "[connection]\nid=vxlan\ntype=vxlan\ninterface-name=vx0\n[vxlan]\nid=7\nparent=ens3\nremote=10.9.9.9\n"

static void vxlan_carries_it_only_with_the_gateway(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "under", "ens3", "[ipv4]\nmethod=auto\n");
  assert_found(machine, "address", add_profile(machine, "vxlan", VXLAN STATIC_WITH_GATEWAY), NULL);
  g_autoptr(IdentityFixture) other = machine_with_cards();
  const Profile *lan = add_ethernet(other, "lan", "ens3", "[ipv4]\nmethod=auto\n");
  add_profile(other, "vxlan", VXLAN STATIC);
  assert_found(other, "address", lan, "ens3");
}

static void a_dummy_and_a_vrf_never_carry_it(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "[ipv4]\nmethod=auto\n");

  add_profile(machine, "dummy", "[connection]\nid=dummy\ntype=dummy\ninterface-name=d0\n" STATIC_WITH_GATEWAY);
  add_profile(machine, "vrf",
              "[connection]\nid=vrf\ntype=vrf\ninterface-name=vrf0\n[vrf]\ntable=7\n" STATIC_WITH_GATEWAY);
  assert_found(machine, "address", lan, "ens3");
}

static void a_profile_that_is_never_the_default_is_passed_over(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");

  add_ethernet(machine, "storage", "ens4", STATIC "never-default=true\n");
  assert_found(machine, "address", lan, "ens3");
}

static void a_tunnel_is_meant_only_by_its_name(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan = add_ethernet(machine, "lan", "ens3", "");
  const Profile *tunnel = add_profile(machine, "wg", "[connection]\nid=wg\ntype=wireguard\ninterface-name=wg0\n");

  assert_found(machine, "address", lan, "ens3");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_found(machine, "address.wg0", tunnel, NULL);
}

static void two_profiles_of_the_card_the_one_that_would_come_up(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();
  const Profile *lan;

  add_ethernet(machine, "dhcp", "ens3", "");
  lan = add_ethernet(machine, "lan", "ens3", "[connection]\nautoconnect-priority=10\n");
  assert_found(machine, "address", lan, "ens3");
}

static void a_name_a_glob_and_a_mac_find_the_profile(void) {
  static const char *const keys[] = {"address.ens4", "address.*4", "address.52:54:00:00:00:02"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autoptr(IdentityFixture) machine = machine_with_cards();
    const Profile *two;

    add_ethernet(machine, "one", "ens3", STATIC);
    two = add_ethernet(machine, "two", "ens4", STATIC);
    assert_found(machine, keys[i], two, "ens4");
  }
}

static void a_glob_over_two_cards_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  add_ethernet(machine, "two", "ens4", "");
  assert_refused(machine, "address.ens*", "one (", "two (");
}

static void a_card_without_a_profile_gets_one(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "one", "ens3", STATIC);
  assert_found(machine, "address.ens4", NULL, "ens4");
}

static void the_only_card_without_any_profile_gets_one(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  assert_found(machine, "address", NULL, "ens3");
}

static void several_cards_without_profiles_are_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  assert_refused(machine, "address", "ens3 (52:54:00:00:00:01)", "ens4 (52:54:00:00:00:02)");
}

static void no_card_at_all_is_refused(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  assert_refused(machine, "address", "neither a profile", "nor a NIC");
}

static void an_unknown_nic_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  assert_refused(machine, "address.ens9", "ens9", "no profile and no NIC");
}

static void the_unbound_profile_is_the_only_cards(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();
  const Profile *wired;

  add_card(machine, "ens3", "52:54:00:00:00:01");
  wired = add_ethernet(machine, "wired", NULL, "");
  assert_found(machine, "address.ens3", wired, "ens3");
}

static void a_profile_that_something_else_renders_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_cards();

  add_ethernet(machine, "netplan", "ens3", "")->why_not = g_strdup("netplan renders it");
  assert_refused(machine, "address", "netplan renders it", "set the address where");
  policy_clear(&machine->policy);
  g_clear_pointer(&machine->file.text, g_free);
  assert_refused(machine, "address.ens3", "netplan renders it", "set the address where");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/address-target/the-only-profile-carries-the-default-route",
                  the_only_profile_carries_the_default_route);
  g_test_add_func("/address-target/else-the-one-with-a-gateway", else_the_one_with_a_gateway);
  g_test_add_func("/address-target/else-the-one-with-a-gateway-of-the-other-family",
                  else_the_one_with_a_gateway_of_the_other_family);
  g_test_add_func("/address-target/ambiguous-is-refused-with-the-candidates", ambiguous_is_refused_with_the_candidates);
  g_test_add_func("/address-target/profiles-that-do-not-connect-are-passed-over",
                  profiles_that_do_not_connect_are_passed_over);
  g_test_add_func("/address-target/profiles-of-absent-cards-are-passed-over", profiles_of_absent_cards_are_passed_over);
  g_test_add_func("/address-target/ports-carry-nothing-their-bond-does", ports_carry_nothing_their_bond_does);
  g_test_add_func("/address-target/a-port-by-name-is-refused", a_port_by_name_is_refused);
  g_test_add_func("/address-target/a-family-that-is-off-there-does-not-go-to-another-nic",
                  a_family_that_is_off_there_does_not_go_to_another_nic);
  g_test_add_func("/address-target/a-gateway-of-a-family-that-is-off-does-not-count",
                  a_gateway_of_a_family_that_is_off_does_not_count);
  g_test_add_func("/address-target/a-vlan-with-the-gateway-beats-its-disabled-parent",
                  a_vlan_with_the_gateway_beats_its_disabled_parent);
  g_test_add_func("/address-target/macsec-with-the-gateway-beats-another-device",
                  macsec_with_the_gateway_beats_another_device);
  g_test_add_func("/address-target/vxlan-carries-it-only-with-the-gateway", vxlan_carries_it_only_with_the_gateway);
  g_test_add_func("/address-target/a-dummy-and-a-vrf-never-carry-it", a_dummy_and_a_vrf_never_carry_it);
  g_test_add_func("/address-target/a-profile-that-is-never-the-default-is-passed-over",
                  a_profile_that_is_never_the_default_is_passed_over);
  g_test_add_func("/address-target/a-tunnel-is-meant-only-by-its-name", a_tunnel_is_meant_only_by_its_name);
  g_test_add_func("/address-target/two-profiles-of-the-card-the-one-that-would-come-up",
                  two_profiles_of_the_card_the_one_that_would_come_up);
  g_test_add_func("/address-target/a-name-a-glob-and-a-mac-find-the-profile", a_name_a_glob_and_a_mac_find_the_profile);
  g_test_add_func("/address-target/a-glob-over-two-cards-is-refused", a_glob_over_two_cards_is_refused);
  g_test_add_func("/address-target/a-card-without-a-profile-gets-one", a_card_without_a_profile_gets_one);
  g_test_add_func("/address-target/the-only-card-without-any-profile-gets-one",
                  the_only_card_without_any_profile_gets_one);
  g_test_add_func("/address-target/several-cards-without-profiles-are-refused",
                  several_cards_without_profiles_are_refused);
  g_test_add_func("/address-target/no-card-at-all-is-refused", no_card_at_all_is_refused);
  g_test_add_func("/address-target/an-unknown-nic-is-refused", an_unknown_nic_is_refused);
  g_test_add_func("/address-target/the-unbound-profile-is-the-only-cards", the_unbound_profile_is_the_only_cards);
  g_test_add_func("/address-target/a-profile-that-something-else-renders-is-refused",
                  a_profile_that_something_else_renders_is_refused);
  return g_test_run();
}
