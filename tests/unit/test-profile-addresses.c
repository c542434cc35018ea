/* agent/plan/profile-addresses.c: a clone gets its own addresses, and never keeps the template's unless told to. */
#include "profile-world.h"

#define HEAD "[connection]\nid=x\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\ninterface-name=eth0\n"
#define HEAD_AFTER "[connection]\nid=x\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\ninterface-name=eth0\n"

typedef enum { ASSIGN_NOTHING = 0, ASSIGN_V4 = 1, ASSIGN_V6 = 2 } Assign;

/* One profile "x" with HEAD and REST under POLICY_TEXT. */
static World *planned(const char *policy_text, Assign assign, const char *rest) {
  World *world = world_new();
  g_autofree char *text = g_strconcat(HEAD, rest, NULL);
  static char policy[2048];

  g_strlcpy(policy, policy_text, sizeof policy);
  world_card(world, "eth0", "00:50:56:aa:00:01", "eth0", "52:54:00:cc:00:01");
  world_profile(world, "x", text);
  world_policy(world, policy);
  world_read(world);
  if (assign & ASSIGN_V4)
    world_assign(world, "x", NULL, AF_INET);
  if (assign & ASSIGN_V6)
    world_assign(world, "x", NULL, AF_INET6);
  world_plan(world);
  return world;
}

static void assert_becomes(const char *policy, Assign assign, const char *rest, const char *new_rest) {
  g_autoptr(World) world = planned(policy, assign, rest);
  g_autofree char *expected = g_strconcat(HEAD_AFTER, new_rest, NULL);

  world_assert_quiet(world);
  world_assert_after(world, "x", expected);
}

#define HOST "[host web-17]\nmatch-serial = x\naddress = 10.0.0.17/24, 2001:db8::17/64\n"

static void addresses_and_gateway_take_the_old_ones_place(void) {
  assert_becomes(HOST "gateway = 10.0.0.1\n", ASSIGN_V4,
                 "[ipv4]\n# old\naddress1=10.9.0.10/24,10.9.0.1\ndns=1.1.1.1;\nmethod=manual\naddress2=10.9.0.11/24\n",
                 "[ipv4]\n# old\naddress1=10.0.0.17/24\ngateway=10.0.0.1\ndns=1.1.1.1;\nmethod=manual\n");
  assert_becomes(HOST "gateway = 10.0.0.1, 2001:db8::1\n", ASSIGN_V4 | ASSIGN_V6,
                 "[ipv4]\ngateway=10.9.0.1\nmethod=manual\naddress=10.9.0.10/24\n"
                 "[ipv6]\naddr-gen-mode=eui64\nmethod=manual\naddresses=fd00::1/64,fd00::2\n",
                 "[ipv4]\ngateway=10.0.0.1\nmethod=manual\naddress1=10.0.0.17/24\n"
                 "[ipv6]\naddr-gen-mode=eui64\nmethod=manual\naddress1=2001:db8::17/64\ngateway=2001:db8::1\n");
}

/* A token is a static address in all but name; libnm takes it for eui64 where no mode is said. */
static void an_ipv6_token_goes_unless_it_is_kept(void) {
  static const char rest[] = "[ipv4]\nmethod=auto\n[ipv6]\naddr-gen-mode=eui64\nmethod=auto\ntoken=::5\n";
  g_autoptr(World) kept = planned("[network]\nmethod = keep\n", ASSIGN_NOTHING, rest);

  assert_becomes("", ASSIGN_NOTHING, rest, "[ipv4]\nmethod=auto\n[ipv6]\naddr-gen-mode=eui64\nmethod=auto\n");
  assert_becomes("", ASSIGN_NOTHING, "[ipv6]\nmethod=auto\ntoken=::5\n", "[ipv6]\nmethod=auto\n");
  assert_becomes(HOST, ASSIGN_V6, "[ipv6]\nmethod=auto\ntoken=::5\n",
                 "[ipv6]\nmethod=manual\naddress1=2001:db8::17/64\n");
  world_assert_after(kept, "x",
                     HEAD_AFTER "[ipv4]\nmethod=auto\n[ipv6]\naddr-gen-mode=eui64\nmethod=auto\ntoken=::5\n");
  g_assert_true(world_warns(kept, "/x: keeps the template's ipv6.token ::5"));
}

static void several_addresses_are_numbered(void) {
  assert_becomes("[host h]\nmatch-serial = x\naddress = 10.0.0.17/24, 10.0.1.17/16\n", ASSIGN_V4,
                 "[ipv4]\naddress7=10.9.0.10/24\nmethod=manual\n",
                 "[ipv4]\naddress1=10.0.0.17/24\naddress2=10.0.1.17/16\nmethod=manual\n");
}

static void a_dhcp_profile_becomes_manual(void) {
  assert_becomes(HOST, ASSIGN_V4, "[ipv4]\nmethod=auto\nnever-default=true\n",
                 "[ipv4]\nmethod=manual\nnever-default=true\naddress1=10.0.0.17/24\n");
  assert_becomes(HOST, ASSIGN_V4, "", "\n[ipv4]\naddress1=10.0.0.17/24\nmethod=manual\n");
}

static void an_added_ipv6_group_changes_no_more_than_it_says(void) {
  g_autoptr(World) world = planned(HOST, ASSIGN_V6, "[ipv4]\nmethod=auto\n");
  g_autofree char *text = world_after(world, "x");

  world_assert_quiet(world);
  g_assert_nonnull(strstr(text, "\n\n[ipv6]\naddr-gen-mode="));
  g_assert_nonnull(strstr(text, "\naddress1=2001:db8::17/64\nmethod=manual\n"));
}

static void the_old_gateway_stays_where_a_new_prefix_holds_it(void) {
  assert_becomes(HOST, ASSIGN_V4, "[ipv4]\naddress1=10.0.0.10/24,10.0.0.254\nmethod=manual\n",
                 "[ipv4]\naddress1=10.0.0.17/24\ngateway=10.0.0.254\nmethod=manual\n");
  assert_becomes(HOST, ASSIGN_V6, "[ipv6]\naddress1=2001:db8::10/64\ngateway=fe80::1\nmethod=manual\n",
                 "[ipv6]\naddress1=2001:db8::17/64\ngateway=fe80::1\nmethod=manual\n");
}

static void a_gateway_that_is_out_of_reach_is_dropped_aloud(void) {
  g_autoptr(World) world = planned(HOST, ASSIGN_V4, "[ipv4]\naddress1=10.9.0.10/24\ngateway=10.9.0.1\nmethod=manual\n");

  world_assert_after(world, "x", HEAD_AFTER "[ipv4]\naddress1=10.0.0.17/24\nmethod=manual\n");
  g_assert_true(world_warns(world, "the gateway 10.9.0.1 is in none of the new IPv4 prefixes"));
}

static void a_default_route_is_a_gateway_however_it_is_written(void) {
  static const char rest[] = "[ipv4]\naddress1=10.0.0.10/24\nmethod=manual\nroute1=0.0.0.0/0,10.0.0.1,50\n"
                             "route1_options=mtu=1400\nroute2=10.8.0.0/16,10.0.0.9\n"
                             "route3=0.0.0.0/0,10.0.0.8\nroute3_options=table=7\n";
  g_autoptr(World) far = planned("[host h]\nmatch-serial = x\naddress = 10.0.9.17/24\n", ASSIGN_V4,
                                 "[ipv4]\naddress1=10.0.0.10/24\nmethod=manual\nroute1=0.0.0.0/0,10.0.0.1\n");

  assert_becomes(HOST "gateway = 10.0.0.254\n", ASSIGN_V4, rest,
                 "[ipv4]\naddress1=10.0.0.17/24\ngateway=10.0.0.254\nmethod=manual\nroute2=10.8.0.0/16,10.0.0.9\n"
                 "route3=0.0.0.0/0,10.0.0.8\nroute3_options=table=7\n");
  assert_becomes(HOST, ASSIGN_V4, rest,
                 "[ipv4]\naddress1=10.0.0.17/24\nmethod=manual\nroute1=0.0.0.0/0,10.0.0.1,50\n"
                 "route1_options=mtu=1400\nroute2=10.8.0.0/16,10.0.0.9\n"
                 "route3=0.0.0.0/0,10.0.0.8\nroute3_options=table=7\n");
  assert_becomes("", ASSIGN_NOTHING, rest,
                 "[ipv4]\nmethod=auto\nroute2=10.8.0.0/16,10.0.0.9\n"
                 "route3=0.0.0.0/0,10.0.0.8\nroute3_options=table=7\n");
  assert_becomes("", ASSIGN_NOTHING, "[ipv6]\nmethod=manual\naddress1=2001:db8::1/64\nroutes1=::/0,fe80::1\n",
                 "[ipv6]\nmethod=auto\n");
  world_assert_after(far, "x", HEAD_AFTER "[ipv4]\naddress1=10.0.9.17/24\nmethod=manual\n");
  g_assert_true(world_warns(far, "/x: the gateway 10.0.0.1 is in none of the new IPv4 prefixes and is dropped"));
}

/* As hosting companies have it: 203.0.113.10/32 by a gateway beyond. */
static void a_next_hop_on_the_link_needs_no_prefix(void) {
  static const char rest[] = "[ipv4]\naddress1=203.0.113.10/32\nmethod=manual\nroute1=0.0.0.0/0,172.31.1.1\n"
                             "route1_options=onlink=true\n";

  assert_becomes("[host h]\nmatch-serial = x\naddress = 203.0.113.17/32\n", ASSIGN_V4, rest,
                 "[ipv4]\naddress1=203.0.113.17/32\nmethod=manual\nroute1=0.0.0.0/0,172.31.1.1\n"
                 "route1_options=onlink=true\n");
  assert_becomes("", ASSIGN_NOTHING, rest, "[ipv4]\nmethod=auto\n");
}

static void dns_is_the_hosts_before_the_networks_by_family(void) {
  assert_becomes("[network]\ndns = 10.0.0.53, 2001:db8::53, 10.0.0.54\ndns-search = a.example, b.example\n" HOST,
                 ASSIGN_V4 | ASSIGN_V6, "[ipv4]\nmethod=auto\ndns=1.1.1.1;\n[ipv6]\naddr-gen-mode=eui64\nmethod=auto\n",
                 "[ipv4]\nmethod=manual\ndns=10.0.0.53;10.0.0.54;\naddress1=10.0.0.17/24\n"
                 "dns-search=a.example;b.example;\n[ipv6]\naddr-gen-mode=eui64\nmethod=manual\n"
                 "address1=2001:db8::17/64\ndns=2001:db8::53;\ndns-search=a.example;b.example;\n");
  assert_becomes("[network]\ndns = 10.0.0.53\ndns-search = a.example\n" HOST
                 "dns = 10.0.0.99\ndns-search = h.example\n",
                 ASSIGN_V4, "[ipv4]\nmethod=auto\n",
                 "[ipv4]\nmethod=manual\naddress1=10.0.0.17/24\ndns=10.0.0.99;\ndns-search=h.example;\n");
}

static void network_dns_is_not_forced_on_dhcp_but_a_nics_own_is(void) {
  assert_becomes("[network]\ndns = 10.0.0.53\n", ASSIGN_NOTHING, "[ipv4]\nmethod=auto\n", "[ipv4]\nmethod=auto\n");
  assert_becomes("[network]\ndns = 10.0.0.53\n[network eth0]\ndns = 10.0.0.99\n", ASSIGN_NOTHING,
                 "[ipv4]\nmethod=auto\n", "[ipv4]\nmethod=auto\ndns=10.0.0.99;\n");
}

static void without_an_address_of_its_own_a_static_profile_becomes_auto(void) {
  assert_becomes("", ASSIGN_NOTHING,
                 "[ipv4]\naddress1=10.9.0.10/24,10.9.0.1\naddresses2=10.9.0.11;24;\nmethod=manual\ngateway=10.9.0.1\n"
                 "route1=10.0.0.0/8,10.9.0.2\n[ipv6]\naddress1=fd00::1/64\nmethod=manual\n",
                 "[ipv4]\nmethod=auto\nroute1=10.0.0.0/8,10.9.0.2\n[ipv6]\nmethod=auto\n");
  assert_becomes("", ASSIGN_NOTHING, "[ipv4]\naddress1=10.9.0.10/24\nmethod=auto\n", "[ipv4]\nmethod=auto\n");
  assert_becomes("", ASSIGN_NOTHING, "[ipv4]\naddress1=10.42.0.1/24\nmethod=shared\n", "[ipv4]\nmethod=shared\n");
}

static void the_other_family_goes_by_the_method(void) {
  assert_becomes(HOST, ASSIGN_V4,
                 "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n[ipv6]\naddress1=fd00::1/64\nmethod=manual\n",
                 "[ipv4]\naddress1=10.0.0.17/24\nmethod=manual\n[ipv6]\nmethod=auto\n");
  assert_becomes("[network]\nmethod = disabled\n" HOST, ASSIGN_V4,
                 "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n[ipv6]\nmethod=auto\n",
                 "[ipv4]\naddress1=10.0.0.17/24\nmethod=manual\n[ipv6]\nmethod=auto\n");
}

static void disabled_turns_both_families_off(void) {
  assert_becomes("[network eth0]\nmethod = disabled\n", ASSIGN_NOTHING,
                 "[ipv4]\naddress1=10.9.0.10/24,10.9.0.1\ndns=1.1.1.1;\ndns-search=x.example;\nmethod=manual\n"
                 "[ipv6]\nmethod=auto\n",
                 "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n");
  assert_becomes("[network eth0]\nmethod = disabled\n", ASSIGN_NOTHING,
                 "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=ignore\n",
                 "[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n");
  /* libnm evens out may-fail of a family that is off. */
  assert_becomes("[network eth0]\nmethod = disabled\n", ASSIGN_NOTHING,
                 "[ipv4]\nmethod=auto\nmay-fail=false\n[ipv6]\nmethod=disabled\n",
                 "[ipv4]\nmethod=disabled\nmay-fail=false\n[ipv6]\nmethod=disabled\n");
  assert_becomes("[network eth9]\nmethod = disabled\n", ASSIGN_NOTHING, "[ipv4]\nmethod=auto\n",
                 "[ipv4]\nmethod=auto\n");
}

static void keep_keeps_and_says_so(void) {
  g_autoptr(World) world =
      planned("[network]\nmethod = keep\n", ASSIGN_NOTHING, "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n");

  world_assert_after(world, "x", HEAD_AFTER "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n");
  g_assert_true(world_warns(world, "/x: keeps the template's address 10.9.0.10; every clone has it too"));
}

static void a_route_without_a_next_hop_stays_and_is_said(void) {
  g_autoptr(World) world = planned(
      HOST, ASSIGN_V4,
      "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\nroute1=172.16.0.0/12,10.9.0.2,50\nroute1_options=mtu=1400\n"
      "routes2=172.17.0.0;16;10.9.0.3;\nroute3=172.18.0.0/16,10.0.0.9\nroute4=172.19.0.0/16\nroute5=172.20.0.0/"
      "16,0.0.0.0\n"
      "route6=172.21.0.0/16,192.0.2.1\nroute6_options=onlink=true\n");
  g_autofree char *text = world_after(world, "x");

  g_assert_nonnull(strstr(text, "route1=172.16.0.0/12,10.9.0.2,50\nroute1_options=mtu=1400\n"));
  g_assert_true(world_warns(world, "ipv4.route1 = 172.16.0.0/12,10.9.0.2,50: the next hop 10.9.0.2"));
  g_assert_true(world_warns(world, "ipv4.routes2 = "));
  g_assert_cmpuint(world->plan->warnings->len, ==, 2);
}

static void links_without_dhcp_are_disabled_instead(void) {
  g_autoptr(World) world = world_new();

  world_profile(world, "dummy",
                "[connection]\nid=d\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000a\ntype=dummy\ninterface-name=d0\n"
                "[ipv4]\naddress1=10.255.0.1/32\nmethod=manual\n");
  world_plan(world);
  world_assert_after(world, "dummy",
                     "[connection]\nid=d\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000a\ntype=dummy\ninterface-name=d0\n"
                     "[ipv4]\nmethod=disabled\n");
  g_assert_true(world_warns(world, "nothing assigns others on such a link"));
}

static void a_shared_interface_stays_one_without_dns(void) {
  assert_becomes("[network]\ndns = 10.0.0.53\n" HOST, ASSIGN_V4, "[ipv4]\naddress1=10.42.0.1/24\nmethod=shared\n",
                 "[ipv4]\naddress1=10.0.0.17/24\nmethod=shared\n");
}

static void ports_are_left_to_their_controller(void) {
  g_autoptr(World) world = world_new();
  static char policy[] = "[network]\nmethod = disabled\n";

  world_profile(world, "port",
                "[connection]\nid=p\nuuid=7e570001-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\nmaster=br0\n"
                "slave-type=bridge\n");
  world_policy(world, policy);
  world_plan(world);
  world_assert_after(world, "port",
                     "[connection]\nid=p\nuuid=c10e0000-5a1e-4c0f-9d3b-00000000000a\ntype=ethernet\nmaster=br0\n"
                     "slave-type=bridge\n");
  world_assert_quiet(world);
}

static void the_reason_is_one_that_an_admin_would_sign(void) {
  g_autoptr(World) world = planned(HOST "gateway = 10.0.0.1\n", ASSIGN_V4, "[ipv4]\nmethod=auto\n");
  g_autoptr(World) automatic = planned("", ASSIGN_NOTHING, "[ipv4]\naddress1=10.9.0.10/24\nmethod=manual\n");

  g_assert_cmpstr(world_edit(world, "x")->why, ==,
                  "own connection UUID; address 10.0.0.17/24 by [host web-17]; gateway 10.0.0.1");
  g_assert_cmpstr(world_edit(automatic, "x")->why, ==,
                  "own connection UUID; IPv4 by DHCP or router in place of the template's static addresses");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  WORLD_NEEDS_ROOT();
  g_test_add_func("/profile-addresses/addresses-and-gateway-take-the-old-ones-place",
                  addresses_and_gateway_take_the_old_ones_place);
  g_test_add_func("/profile-addresses/several-addresses-are-numbered", several_addresses_are_numbered);
  g_test_add_func("/profile-addresses/a-dhcp-profile-becomes-manual", a_dhcp_profile_becomes_manual);
  g_test_add_func("/profile-addresses/an-added-ipv6-group-changes-no-more-than-it-says",
                  an_added_ipv6_group_changes_no_more_than_it_says);
  g_test_add_func("/profile-addresses/the-old-gateway-stays-where-a-new-prefix-holds-it",
                  the_old_gateway_stays_where_a_new_prefix_holds_it);
  g_test_add_func("/profile-addresses/a-gateway-that-is-out-of-reach-is-dropped-aloud",
                  a_gateway_that_is_out_of_reach_is_dropped_aloud);
  g_test_add_func("/profile-addresses/a-default-route-is-a-gateway-however-it-is-written",
                  a_default_route_is_a_gateway_however_it_is_written);
  g_test_add_func("/profile-addresses/a-next-hop-on-the-link-needs-no-prefix", a_next_hop_on_the_link_needs_no_prefix);
  g_test_add_func("/profile-addresses/dns-is-the-hosts-before-the-networks-by-family",
                  dns_is_the_hosts_before_the_networks_by_family);
  g_test_add_func("/profile-addresses/network-dns-is-not-forced-on-dhcp-but-a-nics-own-is",
                  network_dns_is_not_forced_on_dhcp_but_a_nics_own_is);
  g_test_add_func("/profile-addresses/without-an-address-of-its-own-a-static-profile-becomes-auto",
                  without_an_address_of_its_own_a_static_profile_becomes_auto);
  g_test_add_func("/profile-addresses/the-other-family-goes-by-the-method", the_other_family_goes_by_the_method);
  g_test_add_func("/profile-addresses/disabled-turns-both-families-off", disabled_turns_both_families_off);
  g_test_add_func("/profile-addresses/an-ipv6-token-goes-unless-it-is-kept", an_ipv6_token_goes_unless_it_is_kept);
  g_test_add_func("/profile-addresses/keep-keeps-and-says-so", keep_keeps_and_says_so);
  g_test_add_func("/profile-addresses/a-route-without-a-next-hop-stays-and-is-said",
                  a_route_without_a_next_hop_stays_and_is_said);
  g_test_add_func("/profile-addresses/links-without-dhcp-are-disabled-instead",
                  links_without_dhcp_are_disabled_instead);
  g_test_add_func("/profile-addresses/a-shared-interface-stays-one-without-dns",
                  a_shared_interface_stays_one_without_dns);
  g_test_add_func("/profile-addresses/ports-are-left-to-their-controller", ports_are_left_to_their_controller);
  g_test_add_func("/profile-addresses/the-reason-is-one-that-an-admin-would-sign",
                  the_reason_is_one_that_an_admin_would_sign);
  return g_test_run();
}
