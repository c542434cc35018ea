/* agent/plan/steps/step-ifupdown.c, ifupdown-edit.c: what a clone's /etc/network/interfaces says. */
#include <arpa/inet.h>

#include "decide/policy-parse.h"
#include "plan-fixture.h"
#include "profiles/ifupdown/ifupdown-profiles.h"

#define INTERFACES "/etc/network/interfaces"

static const ProfileFormat format = {"ifupdown", "ifupdown", "ifupdown", ifupdown_profiles, ifupdown_make, NULL};

/* A machine with the one file, and what the policy gives its eth0. */
typedef struct {
  PlanFixture *plan;
  Profiles *profiles;
  PolicyAddress addresses[4], gateway;
  guint n_addresses;
} Machine;

static Machine machine_new(const char *content) {
  Machine machine = {.plan = plan_fixture_new(), .profiles = profiles_new()};

  policy_defaults(&machine.plan->policy);
  fixture_write(machine.plan->fixture, INTERFACES, content);
  machine.plan->context.profiles = machine.profiles;
  g_assert_true(ifupdown_profiles(&machine.plan->fixture->root, &format, machine.profiles, NULL));
  return machine;
}

static void machine_clear(Machine *machine) {
  policy_clear(&machine->plan->policy);
  plan_fixture_free(machine->plan);
  profiles_free(machine->profiles);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Machine, machine_clear)

static void set_address(PolicyAddress *address, int family, const char *text, unsigned prefix) {
  *address = (PolicyAddress){.family = family, .prefix = prefix};
  g_strlcpy(address->text, text, sizeof address->text);
  g_assert_cmpint(inet_pton(family, text, &address->ip), ==, 1);
}

static Assignment *assignment_of(Machine *machine, int family) {
  GPtrArray *assignments = machine->plan->identity.assignments;

  for (guint i = 0; i < assignments->len; i++)
    if (((Assignment *)assignments->pdata[i])->family == family)
      return assignments->pdata[i];
  Assignment *assignment = g_new0(Assignment, 1);
  *assignment = (Assignment){.profile = machine->profiles->items->pdata[0], .family = family};
  assignment->addresses = g_ptr_array_new();
  g_ptr_array_add(assignments, assignment);
  return assignment;
}

static void give(Machine *machine, int family, const char *text, unsigned prefix) {
  PolicyAddress *address = &machine->addresses[machine->n_addresses++];

  set_address(address, family, text, prefix);
  g_ptr_array_add(assignment_of(machine, family)->addresses, address);
}

static void assert_becomes(Machine *machine, const char *expected) {
  plan_fixture_run(machine->plan, step_ifupdown);
  assert_written(machine->plan, INTERFACES, expected);
  for (guint i = 0; i < machine->plan->identity.assignments->len; i++)
    g_ptr_array_unref(((Assignment *)machine->plan->identity.assignments->pdata[i])->addresses);
}

static void an_address_takes_the_place_of_the_old_one(void) {
  g_auto(Machine) machine =
      machine_new("auto eth0\niface eth0 inet static\n\taddress 10.0.0.10/24 # ours\n\tgateway 10.0.0.1\n");

  give(&machine, AF_INET, "10.0.0.77", 16);
  assert_becomes(&machine, "auto eth0\niface eth0 inet static\n\taddress 10.0.0.77/16 # ours\n\tgateway 10.0.0.1\n");
}

static void a_netmask_stays_in_its_notation(void) {
  g_auto(Machine) machine = machine_new(
      "iface eth0 inet static\n address 10.0.0.10\n netmask 255.255.255.0\n network 10.0.0.0\n broadcast 10.0.0.255\n"
      "iface eth0 inet6 static\n address 2001:db8::10\n netmask 64\n");

  give(&machine, AF_INET, "10.1.2.3", 20);
  give(&machine, AF_INET6, "2001:db8:1::3", 56);
  assert_becomes(&machine, "iface eth0 inet static\n address 10.1.2.3\n netmask 255.255.240.0\n network 10.1.0.0\n"
                           " broadcast 10.1.15.255\niface eth0 inet6 static\n address 2001:db8:1::3\n netmask 56\n");
}

static void further_addresses_get_stanzas(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10/24\n mtu 1400\n# end\n");

  give(&machine, AF_INET, "10.0.0.77", 24);
  give(&machine, AF_INET, "10.0.0.78", 24);
  give(&machine, AF_INET6, "2001:db8::77", 64);
  assert_becomes(&machine, "iface eth0 inet static\n address 10.0.0.77/24\n mtu 1400\n\n"
                           "iface eth0 inet6 static\n address 2001:db8::77/64\n\n"
                           "iface eth0 inet static\n address 10.0.0.78/24\n# end\n");
}

static void addresses_that_are_too_many_go(void) {
  g_auto(Machine) machine =
      machine_new("auto eth0 eth0:1\niface eth0 inet static\n address 10.0.0.10/24\niface eth0 inet static\n"
                  " address 10.0.0.11\n netmask 24\n up a\niface eth0:1 inet static\n address 10.0.0.12/24\n");

  give(&machine, AF_INET, "10.0.0.77", 24);
  assert_becomes(&machine, "auto eth0 eth0:1\niface eth0 inet static\n address 10.0.0.77/24\niface eth0 inet manual\n"
                           " up a\niface eth0:1 inet manual\n");
}

static void an_alias_that_stays_down_gets_none(void) {
  g_auto(Machine) machine = machine_new(
      "auto eth0\niface eth0:1 inet static\n address 10.0.0.11/24\niface eth0 inet static\n address 10.0.0.10/24\n");

  give(&machine, AF_INET, "10.0.0.77", 24);
  assert_becomes(&machine, "auto eth0\niface eth0:1 inet manual\niface eth0 inet static\n address 10.0.0.77/24\n");
}

static void dhcp_becomes_static(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet dhcp\n    metric 5\niface eth0 inet6 auto\n");

  give(&machine, AF_INET, "10.0.0.77", 24);
  set_address(&machine.gateway, AF_INET, "10.0.0.254", 32);
  assignment_of(&machine, AF_INET)->gateway = &machine.gateway;
  assert_becomes(&machine, "iface eth0 inet static\n    address 10.0.0.77/24\n    gateway 10.0.0.254\n    metric 5\n"
                           "iface eth0 inet6 auto\n");
}

#define BOTH "auto eth0:0\niface eth0:0 inet static\n address 10.0.0.10/24\niface eth0 inet dhcp\n metric 5\n"

/* ifup refuses a `static` without an address, and two of `dhcp` are two clients. */
static void of_several_stanzas_one_has_the_address(void) {
  g_auto(Machine) alias = machine_new(BOTH);
  g_auto(Machine) second = machine_new(BOTH "iface eth0 inet static\n address 10.0.0.11\n netmask 255.255.255.0\n");
  g_auto(Machine) without = machine_new(BOTH "iface eth0 inet static\n address 10.0.0.11\n netmask 255.255.255.0\n");

  give(&alias, AF_INET, "10.0.0.77", 24);
  assert_becomes(&alias,
                 "auto eth0:0\niface eth0:0 inet manual\niface eth0 inet static\n address 10.0.0.77/24\n metric 5\n");
  give(&second, AF_INET, "10.0.0.77", 16);
  assert_becomes(&second, "auto eth0:0\niface eth0:0 inet manual\niface eth0 inet manual\n metric 5\n"
                          "iface eth0 inet static\n address 10.0.0.77\n netmask 255.255.0.0\n");
  assert_becomes(&without,
                 "auto eth0:0\niface eth0:0 inet manual\niface eth0 inet dhcp\n metric 5\niface eth0 inet manual\n");
}

#define FAR(gateway, far_end) " netmask 255.255.255.255\n gateway " gateway "\n pointopoint " far_end "\n"

static void the_far_end_that_was_the_gateway_is_the_new_one(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10\n" FAR("10.0.0.1", "10.0.0.1"));
  g_auto(Machine) lan = machine_new("iface eth0 inet static\n address 10.0.0.10\n" FAR("10.0.0.1", "10.0.0.1"));
  g_auto(Machine) tunnel = machine_new("iface eth0 inet static\n address 10.0.0.10\n" FAR("10.0.0.1", "10.0.0.2"));

  give(&machine, AF_INET, "10.9.0.77", 32);
  set_address(&machine.gateway, AF_INET, "10.9.0.1", 32);
  assignment_of(&machine, AF_INET)->gateway = &machine.gateway;
  assert_becomes(&machine, "iface eth0 inet static\n address 10.9.0.77\n" FAR("10.9.0.1", "10.9.0.1"));
  give(&lan, AF_INET, "10.0.0.77", 24);
  assert_becomes(&lan, "iface eth0 inet static\n address 10.0.0.77\n netmask 255.255.255.0\n gateway 10.0.0.1\n");
  give(&tunnel, AF_INET, "10.9.0.77", 32);
  set_address(&tunnel.gateway, AF_INET, "10.9.0.1", 32);
  assignment_of(&tunnel, AF_INET)->gateway = &tunnel.gateway;
  assert_becomes(&tunnel, "iface eth0 inet static\n address 10.9.0.77\n" FAR("10.9.0.1", "10.0.0.2"));
}

static void without_an_address_it_is_dhcp(void) {
  g_auto(Machine) machine = machine_new(
      "iface eth0 inet static\r\n address 10.0.0.10\r\n netmask 255.255.255.0\r\n network 10.0.0.0\r\n broadcast +\r\n"
      " gateway 10.0.0.1\r\n dns-nameservers 10.0.0.53\r\n dns-search lan\r\n mtu 1400\r\niface eth0 inet6 manual\r\n");

  assert_becomes(&machine, "iface eth0 inet dhcp\r\n mtu 1400\r\niface eth0 inet6 manual\r\n");
}

static void ipv6_listens_to_routers_then(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet dhcp\niface eth0 inet6 static\n address 2001:db8::10/64\n"
                                        " accept_ra 0\n autoconf 0\n gateway fe80::1\n privext 2\n");

  assert_becomes(&machine, "iface eth0 inet dhcp\niface eth0 inet6 auto\n privext 2\n");
}

static void ifupdown2_has_no_auto_of_ipv6(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet6 static\n address 2001:db8::10/64\n");

  fixture_mkdir(machine.plan->fixture, "/usr/share/ifupdown2");
  assert_becomes(&machine, "iface eth0 inet6 manual\n");
}

static void disabled_is_manual(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10/24\niface eth0 inet6 auto\n");

  machine.plan->policy.network.method = METHOD_DISABLED;
  assert_becomes(&machine, "iface eth0 inet manual\niface eth0 inet6 manual\n");
}

static void without_a_family_dhcp_is_a_stanza(void) {
  g_auto(Machine) machine =
      machine_new("iface eth0\n address 10.0.0.10/24\n address 2001:db8::10/64\n gateway 10.0.0.1\n");

  fixture_write(machine.plan->fixture, "/sbin/ifparse", "");
  g_clear_pointer(&((Profile *)machine.profiles->items->pdata[0])->why_not, g_free);
  give(&machine, AF_INET6, "2001:db8::77", 64);
  give(&machine, AF_INET6, "2001:db8::78", 64);
  assert_becomes(&machine, "iface eth0\n address 2001:db8::77/64\n address 2001:db8::78/64\n\niface eth0 inet dhcp\n");
}

static void servers_of_the_other_family_stay(void) {
  g_auto(Machine) machine = machine_new("iface eth0\n address 10.0.0.10/24\n dns-nameservers 10.0.0.53 2001:db8::53\n");

  fixture_write(machine.plan->fixture, "/sbin/ifparse", "");
  g_clear_pointer(&((Profile *)machine.profiles->items->pdata[0])->why_not, g_free);
  assert_becomes(&machine, "iface eth0\n dns-nameservers 2001:db8::53\n\niface eth0 inet dhcp\n");
}

static void what_is_kept_is_not_touched(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10/24\n");

  machine.plan->policy.network.method = METHOD_KEEP;
  assert_becomes(&machine, NULL);
  g_assert_cmpuint(machine.plan->plan->warnings->len, ==, 1);
}

static void a_file_that_ifupdown_refuses_is_left_alone(void) {
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10/24\nauto eth0\n mtu 1400\n");

  assert_becomes(&machine, NULL);
  g_assert_nonnull(strstr(machine.plan->plan->warnings->pdata[0], INTERFACES ":4: an option that belongs to no"));
}

static void commands_are_named_and_stay(void) {
  g_auto(Machine) machine =
      machine_new("iface eth0 inet static\n address 10.0.0.10/24\n up x 10.0.0.10\n down golden\n");
  const GPtrArray *warnings = machine.plan->plan->warnings;

  assert_becomes(&machine, "iface eth0 inet dhcp\n up x 10.0.0.10\n down golden\n");
  g_assert_cmpuint(warnings->len, ==, 2);
  g_assert_nonnull(
      strstr(warnings->pdata[0], INTERFACES ":3: the address 10.0.0.10 is mentioned here (iface eth0.up)"));
  g_assert_nonnull(strstr(warnings->pdata[1], INTERFACES ":4: the host name golden is mentioned here"));
}

#define ROUTES                                                                                                         \
  " up ip route add 10.1.0.0/16 via 10.0.0.254\n up route add -net 10.2.0.0/16 gw 10.0.0.254 || true\n"                \
  " post-up ip route add default via 10.0.0.1 dev $IFACE; ip route add default via 10.0.0.1 table 7\n"                 \
  " up ip route add 10.3.0.0/16 via 10.0.0.253 onlink\n up ip route add 10.4.0.0/16 via 172.16.0.1 dev gre1\n"         \
  " up ip route add 10.5.0.0/16 via 10.9.0.3\n up ip -6 route add 2001:db8:1::/48 via 2001:db8::3\n"                   \
  " down ip route del 10.1.0.0/16 via 10.0.0.254\n"

static void assert_warned(const Machine *machine, const char *const *expected, guint n) {
  const GPtrArray *warnings = machine->plan->plan->warnings;

  g_assert_cmpuint(warnings->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_nonnull(strstr(warnings->pdata[i], expected[i]));
}

/* ifup gives up at a route that cannot be set. */
static void routes_that_commands_set_are_named_where_they_do_not_fit(void) {
  static const char *const said[] = {INTERFACES ":3: the next hop 10.0.0.254 is in none",
                                     INTERFACES ":4: the next hop 10.0.0.254 is in none",
                                     INTERFACES ":5: the next hop 10.0.0.1 is in none"};
  static const char *const by_dhcp[] = {
      INTERFACES ":5: the template's default route by 10.0.0.1 stays beside the gateway that DHCP"};
  g_auto(Machine) machine = machine_new("iface eth0 inet static\n address 10.0.0.10/24\n" ROUTES);
  g_auto(Machine) other = machine_new("iface eth0 inet static\n address 10.0.0.10/24\n" ROUTES);

  give(&machine, AF_INET, "10.9.0.17", 16);
  assert_becomes(&machine, "iface eth0 inet static\n address 10.9.0.17/16\n" ROUTES);
  assert_warned(&machine, said, G_N_ELEMENTS(said));
  assert_becomes(&other, "iface eth0 inet dhcp\n" ROUTES);
  assert_warned(&other, by_dhcp, G_N_ELEMENTS(by_dhcp));
}

static void fixed_identities_are_named(void) {
  g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(NicSuccession));
  const NicMap map = {.items = none};
  g_auto(Machine) machine =
      machine_new("iface eth0 inet dhcp\n hwaddress ether 02:00:00:00:00:05\n client abc\n hostname golden\n");
  const GPtrArray *warnings = machine.plan->plan->warnings;

  machine.plan->context.nic_map = &map;
  assert_becomes(&machine, "iface eth0 inet dhcp\n hwaddress ether 02:00:00:00:00:05\n client abc\n hostname web-17\n");
  g_assert_cmpuint(warnings->len, ==, 2);
  g_assert_nonnull(strstr(warnings->pdata[0], "02:00:00:00:00:05 is no NIC's own address"));
  g_assert_nonnull(strstr(warnings->pdata[1], "client = abc is a fixed identity"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/step-ifupdown/an-address-takes-the-place-of-the-old-one",
                  an_address_takes_the_place_of_the_old_one);
  g_test_add_func("/step-ifupdown/a-netmask-stays-in-its-notation", a_netmask_stays_in_its_notation);
  g_test_add_func("/step-ifupdown/further-addresses-get-stanzas", further_addresses_get_stanzas);
  g_test_add_func("/step-ifupdown/addresses-that-are-too-many-go", addresses_that_are_too_many_go);
  g_test_add_func("/step-ifupdown/an-alias-that-stays-down-gets-none", an_alias_that_stays_down_gets_none);
  g_test_add_func("/step-ifupdown/dhcp-becomes-static", dhcp_becomes_static);
  g_test_add_func("/step-ifupdown/of-several-stanzas-one-has-the-address", of_several_stanzas_one_has_the_address);
  g_test_add_func("/step-ifupdown/the-far-end-that-was-the-gateway-is-the-new-one",
                  the_far_end_that_was_the_gateway_is_the_new_one);
  g_test_add_func("/step-ifupdown/without-an-address-it-is-dhcp", without_an_address_it_is_dhcp);
  g_test_add_func("/step-ifupdown/ipv6-listens-to-routers-then", ipv6_listens_to_routers_then);
  g_test_add_func("/step-ifupdown/ifupdown2-has-no-auto-of-ipv6", ifupdown2_has_no_auto_of_ipv6);
  g_test_add_func("/step-ifupdown/disabled-is-manual", disabled_is_manual);
  g_test_add_func("/step-ifupdown/without-a-family-dhcp-is-a-stanza", without_a_family_dhcp_is_a_stanza);
  g_test_add_func("/step-ifupdown/servers-of-the-other-family-stay", servers_of_the_other_family_stay);
  g_test_add_func("/step-ifupdown/what-is-kept-is-not-touched", what_is_kept_is_not_touched);
  g_test_add_func("/step-ifupdown/a-file-that-ifupdown-refuses-is-left-alone",
                  a_file_that_ifupdown_refuses_is_left_alone);
  g_test_add_func("/step-ifupdown/commands-are-named-and-stay", commands_are_named_and_stay);
  g_test_add_func("/step-ifupdown/routes-that-commands-set-are-named-where-they-do-not-fit",
                  routes_that_commands_set_are_named_where_they_do_not_fit);
  g_test_add_func("/step-ifupdown/fixed-identities-are-named", fixed_identities_are_named);
  return g_test_run();
}
