#include "policy-text.h"

#define HOST "[host web]\nmatch-serial = 1\n" /* the address is on line 3 where the host comes first */

static void assert_fine(const char *text) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, text);
  assert_valid(&parsed);
}

static void test_a_gateway_inside_is_fine(void) {
  assert_fine(HOST "address = 10.0.0.17/24, 2001:db8::17/64\ngateway = 10.0.0.1, 2001:db8::1\n");
  assert_fine(HOST "address = 10.0.1.17/24, 10.0.0.17/24\ngateway = 10.0.0.1\n");
  assert_fine(HOST "address = 10.0.0.17/24\n[network]\ngateway = 10.0.0.1, 2001:db8::1\n");
  assert_fine("[network]\ngateway = 10.0.0.1\n" HOST);
}

static void test_the_hosts_own_gateway_outside(void) {
  assert_error(HOST "address = 10.0.0.17/24\ngateway = 10.0.1.1\n", "policy.ini:4: host web.gateway",
               "gateway 10.0.1.1 is outside the network of 10.0.0.17/24 (the address is at policy.ini:3); if that is "
               "meant: gateway-onlink = yes");
  assert_error(HOST "address = 2001:db8::17/64\ngateway = 2001:db8:1::1\n", "policy.ini:4: host web.gateway",
               "is outside");
}

static void test_the_networks_gateway_outside(void) {
  assert_error(HOST "address = 10.0.1.17/24\n[network]\ngateway = 10.0.0.1\n", "policy.ini:3: host web.address",
               "gateway 10.0.0.1 is outside the network of 10.0.1.17/24 (the gateway is at policy.ini:5)");
}

static void test_the_hosts_own_gateway_beats_the_networks(void) {
  assert_fine(HOST "address = 10.0.1.17/24\ngateway = 10.0.1.1\n[network]\ngateway = 10.0.0.1\n");
}

static void test_onlink_gateways_may_be_anywhere(void) {
  assert_fine(HOST "address = 10.0.0.17/32\ngateway = 10.9.9.9\ngateway-onlink = yes\n");
  assert_fine(HOST "address = 10.0.0.17/32\n[network]\ngateway = 10.9.9.9\ngateway-onlink = yes\n");
  assert_error(HOST "address = 10.0.0.17/32\ngateway-onlink = no\n[network]\ngateway = 10.9.9.9\n"
                    "gateway-onlink = yes\n",
               "policy.ini:3: host web.address", "is outside");
  assert_fine(HOST "address.ens1 = 10.0.0.17/32\n[network ens1]\ngateway = 10.9.9.9\ngateway-onlink = yes\n");
}

static void test_link_local_gateways_are_always_reached(void) {
  assert_fine(HOST "address = 2001:db8::17/64\ngateway = fe80::1\n");
}

static void test_a_host_is_not_its_own_gateway(void) {
  assert_error(HOST "address = 10.0.0.1/24\ngateway = 10.0.0.1\n", "policy.ini:4: host web.gateway",
               "is the host's own address");
  assert_error(HOST "address = 10.0.0.1/24\n[network]\ngateway = 10.0.0.1\n", "policy.ini:3: host web.address",
               "is the host's own address");
  assert_error(HOST "address = 10.0.0.1/24\ngateway = 10.0.0.1\ngateway-onlink = yes\n",
               "policy.ini:4: host web.gateway", "is the host's own address");
}

static void test_the_ends_of_a_network_are_no_gateway(void) {
  assert_error(HOST "address = 10.0.0.17/24\ngateway = 10.0.0.255\n", "policy.ini:4: host web.gateway",
               "is the network or broadcast address of 10.0.0.17/24");
}

static void test_a_gateway_without_an_address_is_told(void) {
  assert_error(HOST "address = 10.0.0.17/24\ngateway = 2001:db8::1\n", "policy.ini:4: host web.gateway",
               "serves no address: [host web] (policy.ini:1) has no IPv6 address");
  assert_error(HOST "gateway = 10.0.0.1\n", "policy.ini:3: host web.gateway", "has no IPv4 address");
}

static void test_an_address_on_a_nic_takes_the_gateway_of_its_section(void) {
  assert_fine(HOST "address.ens1 = 10.0.1.17/24\n[network]\ngateway = 10.0.0.1\n");
  assert_fine(HOST "address.ens1 = 10.0.1.17/24\n[network ens1]\ngateway = 10.0.1.1\n");
  assert_fine(HOST "address.ens1 = 10.0.1.17/24\n[network ens2]\ngateway = 10.0.0.1\n");
  assert_error(HOST "address.ens1 = 10.0.1.17/24\n[network ens1]\ngateway = 10.0.0.1\n",
               "policy.ini:3: host web.address.ens1",
               "gateway 10.0.0.1 is outside the network of 10.0.1.17/24 (the gateway is at policy.ini:5)");
  assert_error(HOST "address.ens1 = 10.0.1.17/24\n[network ens*]\ngateway = 10.0.0.1\n",
               "policy.ini:3: host web.address.ens1", "is outside");
  assert_fine(HOST "address.ens1 = 10.0.1.17/24\n[network ens1]\ngateway = 10.0.1.1\n[network ens*]\n"
                   "gateway = 10.0.0.1\n");
  assert_error(HOST "address.00:50:56:aa:bb:01 = 10.0.1.17/24\n[network 00-50-56-AA-BB-01]\ngateway = 10.0.0.1\n",
               "policy.ini:3: host web.address.00:50:56:aa:bb:01", "is outside");
}

static void test_a_hosts_gateway_may_serve_an_address_on_a_nic(void) {
  assert_fine(HOST "address.ens1 = 10.0.1.17/24\naddress.ens2 = 10.0.2.17/24\ngateway = 10.0.2.1\n");
  assert_error(HOST "address.ens1 = 10.0.1.17/24\ngateway = 10.0.2.1\n", "policy.ini:4: host web.gateway",
               "is outside");
}

/* Which NIC carries the default route, only the machine knows. */
static void test_a_nics_gateway_may_serve_the_plain_address(void) {
  assert_fine(HOST "address = 10.0.1.17/24\n[network]\ngateway = 10.0.0.1\n[network ens1]\ngateway = 10.0.1.1\n");
}

static void test_a_bad_address_is_one_error_not_two(void) {
  assert_error(HOST "address = 10.0.0.17\ngateway = 10.0.0.1\n", "policy.ini:3: host web.address", "lacks its prefix");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/policy-gateways/" name, function)
  TEST("a-gateway-inside-is-fine", test_a_gateway_inside_is_fine);
  TEST("the-hosts-own-gateway-outside", test_the_hosts_own_gateway_outside);
  TEST("the-networks-gateway-outside", test_the_networks_gateway_outside);
  TEST("the-hosts-own-gateway-beats-the-networks", test_the_hosts_own_gateway_beats_the_networks);
  TEST("onlink-gateways-may-be-anywhere", test_onlink_gateways_may_be_anywhere);
  TEST("link-local-gateways-are-always-reached", test_link_local_gateways_are_always_reached);
  TEST("a-host-is-not-its-own-gateway", test_a_host_is_not_its_own_gateway);
  TEST("the-ends-of-a-network-are-no-gateway", test_the_ends_of_a_network_are_no_gateway);
  TEST("a-gateway-without-an-address-is-told", test_a_gateway_without_an_address_is_told);
  TEST("an-address-on-a-nic-takes-the-gateway-of-its-section",
       test_an_address_on_a_nic_takes_the_gateway_of_its_section);
  TEST("a-hosts-gateway-may-serve-an-address-on-a-nic", test_a_hosts_gateway_may_serve_an_address_on_a_nic);
  TEST("a-nics-gateway-may-serve-the-plain-address", test_a_nics_gateway_may_serve_the_plain_address);
  TEST("a-bad-address-is-one-error-not-two", test_a_bad_address_is_one_error_not_two);
  return g_test_run();
}
