/* identity-addresses.c: addresses by profile and family, and whose the gateway is. */
#include "plan/identity-addresses.h"

#include "identity-fixture.h"

#define HOST "[host web-17]\nmatch-uuid = " UUID_TEXT "\n"
#define STATIC "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\n"
#define STATIC_WITH_GATEWAY "[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\n"

static IdentityFixture *machine_with_two_nics(void) {
  IdentityFixture *machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  add_ethernet(machine, "lan", "ens3", STATIC_WITH_GATEWAY);
  add_ethernet(machine, "storage", "ens4", STATIC);
  return machine;
}

/* "lan 4 10.0.0.17 via 10.0.0.1; ..." */
static char *describe(const GPtrArray *assignments) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < assignments->len; i++) {
    const Assignment *assignment = g_ptr_array_index(assignments, i);

    g_string_append_printf(text, "%s%s %d", i == 0 ? "" : "; ",
                           assignment->profile != NULL ? assignment->profile->id : assignment->nic->name,
                           assignment->family == AF_INET ? 4 : 6);
    for (guint j = 0; j < assignment->addresses->len; j++)
      g_string_append_printf(text, " %s", ((const PolicyAddress *)g_ptr_array_index(assignment->addresses, j))->text);
    if (assignment->gateway != NULL)
      g_string_append_printf(text, " via %s", assignment->gateway->text);
  }
  return g_string_free(text, FALSE);
}

static GPtrArray *assign(IdentityFixture *machine, const char *policy, GError **error) {
  const Facts *facts = &machine->facts;
  /* Keyfiles are none of these. */
  g_autoptr(Profiles) made = profiles_new();
  const HostPolicy *host;

  set_policy(machine, policy);
  g_assert_cmpint(policy_host_for(&machine->policy, &facts->uuid, &facts->nics, facts->serial, &host, NULL), >=, 0);
  return identity_assign_addresses(&machine->context, host, made, machine->plan, error);
}

static void assert_assigned(IdentityFixture *machine, const char *policy, const char *expected) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) assignments = assign(machine, policy, &error);
  g_autofree char *text = NULL;

  g_assert_no_error(error);
  text = describe(assignments);
  g_assert_cmpstr(text, ==, expected);
}

static void no_host_section_assigns_nothing(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine, "[network]\ngateway = 10.0.0.1\n", "");
}

static void both_families_of_the_default_routes_profile(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine, HOST "address = 10.0.0.17/24, 2001:db8::17/64, 10.0.0.18/24\n",
                  "lan 4 10.0.0.17 10.0.0.18; lan 6 2001:db8::17");
}

static void the_plain_gateway_is_the_default_routes(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine,
                  "[network]\ngateway = 10.0.0.254\n" HOST "address = 10.0.0.17/24\naddress.ens4 = 192.168.5.17/24\n",
                  "lan 4 10.0.0.17 via 10.0.0.254; storage 4 192.168.5.17");
}

static void the_hosts_gateway_beats_the_networks(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine, "[network]\ngateway = 10.0.0.254\n" HOST "address = 10.0.0.17/24\ngateway = 10.0.0.253\n",
                  "lan 4 10.0.0.17 via 10.0.0.253");
}

static void a_nics_own_gateway_goes_to_that_nic(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine,
                  "[network]\ngateway = 10.0.0.254\n[network ens4]\ngateway = 192.168.5.1\n" HOST
                  "address = 10.0.0.17/24\naddress.ens4 = 192.168.5.17/24\n",
                  "lan 4 10.0.0.17 via 10.0.0.254; storage 4 192.168.5.17 via 192.168.5.1");
}

static void addresses_by_name_leave_the_default_route_where_it_is(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine,
                  "[network]\ngateway = 10.0.0.254\n" HOST "address.ens4 = 10.0.0.18/24\naddress.ens3 = 10.0.0.17/24\n",
                  "storage 4 10.0.0.18; lan 4 10.0.0.17 via 10.0.0.254");
}

static void else_the_gateway_goes_to_the_only_nic_that_reaches_it(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  assert_assigned(
      machine, "[network]\ngateway = 10.0.0.254\n" HOST "address.ens3 = 10.0.0.17/24\naddress.ens4 = 192.168.5.17/24\n",
      "ens3 4 10.0.0.17 via 10.0.0.254; ens4 4 192.168.5.17");
}

static void a_gateway_outside_the_nics_prefixes_is_refused(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) assignments =
      assign(machine,
             "[network ens3]\ngateway = 10.9.0.1\n[network ens4]\ngateway = 10.0.0.1\n" HOST "address = 10.0.0.17/24\n",
             &error);

  g_assert_null(assignments);
  g_assert_error(error, RI_ERROR, RI_ERROR_POLICY);
  g_assert_nonnull(strstr(error->message, "policy.ini:2: gateway 10.9.0.1 is outside"));
  g_assert_nonnull(strstr(error->message, "gateway-onlink = yes"));
}

static void an_onlink_gateway_may_be_outside(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine, "[network]\ngateway = 172.31.1.1\ngateway-onlink = yes\n" HOST "address = 10.0.0.17/32\n",
                  "lan 4 10.0.0.17 via 172.31.1.1");
}

/* No profile says which NIC carries the default route, and no prefix can. */
static void an_onlink_gateway_goes_to_the_only_nic_with_an_address(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  assert_assigned(machine, HOST "gateway = 172.31.1.1\ngateway-onlink = yes\naddress.ens4 = 10.0.0.17/32\n",
                  "ens4 4 10.0.0.17 via 172.31.1.1");
  g_assert_cmpuint(machine->plan->warnings->len, ==, 0);
  assert_assigned(machine,
                  "[network]\ngateway = 172.31.1.1\ngateway-onlink = yes\n" HOST
                  "address.ens3 = 10.0.0.17/32\naddress.ens4 = 10.0.0.18/32, 2001:db8::17/64\n",
                  "ens3 4 10.0.0.17; ens4 4 10.0.0.18; ens4 6 2001:db8::17");
  g_autoptr(IdentityFixture) known = machine_with_two_nics();
  assert_assigned(known, "[network]\ngateway = 172.31.1.1\ngateway-onlink = yes\n" HOST "address.ens4 = 10.5.0.17/32\n",
                  "storage 4 10.5.0.17");
}

static void a_link_local_gateway_is_always_reachable(void) {
  g_autoptr(IdentityFixture) machine = machine_with_two_nics();

  assert_assigned(machine, "[network]\ngateway = fe80::1\n" HOST "address = 2001:db8::17/64\n",
                  "lan 6 2001:db8::17 via fe80::1");
}

static void a_gateway_that_no_nic_takes_is_a_warning(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  assert_assigned(machine, HOST "gateway = 10.0.0.1\naddress.ens3 = 10.0.0.17/24\naddress.ens4 = 10.0.0.18/24\n",
                  "ens3 4 10.0.0.17; ens4 4 10.0.0.18");
  g_assert_cmpuint(machine->plan->warnings->len, ==, 1);
  g_assert_nonnull(strstr(g_ptr_array_index(machine->plan->warnings, 0), "10.0.0.1"));
}

static void assert_default_nic(IdentityFixture *machine, const char *expected) {
  const Nic *nic = identity_default_nic(&machine->context);

  g_assert_cmpstr(nic == NULL ? NULL : nic->name, ==, expected);
}

static void the_default_nic_is_the_gateways(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  assert_default_nic(machine, NULL);
  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  assert_default_nic(machine, "ens3");
  add_ethernet(machine, "storage", "ens3", STATIC);
  add_ethernet(machine, "lan", "ens4", STATIC_WITH_GATEWAY);
  assert_default_nic(machine, "ens4");
}

static void the_default_nic_of_a_vlan_over_a_bond_is_its_first_port(void) {
  g_autoptr(IdentityFixture) machine = identity_fixture_new();

  add_card(machine, "ens3", "52:54:00:00:00:01");
  add_card(machine, "ens4", "52:54:00:00:00:02");
  add_card(machine, "ens5", "52:54:00:00:00:03");
  add_ethernet(machine, "port2", "ens5", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_ethernet(machine, "port1", "ens4", "[connection]\ncontroller=bond0\nport-type=bond\n");
  add_profile(machine, "bond",
              "[connection]\nid=bond\nuuid=b\ntype=bond\ninterface-name=bond0\n"
              "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n");
  add_profile(machine, "vlan", "[connection]\nid=vlan\ntype=vlan\n[vlan]\nparent=b\n" STATIC_WITH_GATEWAY);
  assert_default_nic(machine, "ens4");
}

#define TEST(name, function) g_test_add_func("/identity-addresses/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("no-host-section-assigns-nothing", no_host_section_assigns_nothing);
  TEST("both-families-of-the-default-routes-profile", both_families_of_the_default_routes_profile);
  TEST("the-plain-gateway-is-the-default-routes", the_plain_gateway_is_the_default_routes);
  TEST("the-hosts-gateway-beats-the-networks", the_hosts_gateway_beats_the_networks);
  TEST("a-nics-own-gateway-goes-to-that-nic", a_nics_own_gateway_goes_to_that_nic);
  TEST("addresses-by-name-leave-the-default-route-where-it-is", addresses_by_name_leave_the_default_route_where_it_is);
  TEST("else-the-gateway-goes-to-the-only-nic-that-reaches-it", else_the_gateway_goes_to_the_only_nic_that_reaches_it);
  TEST("a-gateway-outside-the-nics-prefixes-is-refused", a_gateway_outside_the_nics_prefixes_is_refused);
  TEST("an-onlink-gateway-goes-to-the-only-nic-with-an-address",
       an_onlink_gateway_goes_to_the_only_nic_with_an_address);
  TEST("an-onlink-gateway-may-be-outside", an_onlink_gateway_may_be_outside);
  TEST("a-link-local-gateway-is-always-reachable", a_link_local_gateway_is_always_reachable);
  TEST("a-gateway-that-no-nic-takes-is-a-warning", a_gateway_that_no_nic_takes_is_a_warning);
  TEST("the-default-nic-is-the-gateways", the_default_nic_is_the_gateways);
  TEST("the-default-nic-of-a-vlan-over-a-bond-is-its-first-port",
       the_default_nic_of_a_vlan_over_a_bond_is_its_first_port);
  return g_test_run();
}
