#include <errno.h>
#include <glib.h>
#include <string.h>

#include "decide/addresses.h"

static PolicyAddress parsed(const char *text, AddressUse use) {
  PolicyAddress address;
  Problem problem;

  if (address_parse(text, use, &address, &problem) != 0)
    g_error("%s: %s", text, problem.text);
  return address;
}

static void assert_refused(const char *text, AddressUse use, const char *message) {
  PolicyAddress address;
  Problem problem = {.text = ""};

  g_assert_cmpint(address_parse(text, use, &address, &problem), ==, -EINVAL);
  if (strstr(problem.text, message) == NULL)
    g_error("%s: expected \"%s\", got \"%s\"", text, message, problem.text);
}

static void test_addresses_are_canonical(void) {
  PolicyAddress address = parsed("2001:DB8:0::0017/64", ADDRESS_OF_HOST);

  g_assert_cmpstr(address.text, ==, "2001:db8::17");
  g_assert_cmpuint(address.prefix, ==, 64);
  g_assert_cmpint(address.family, ==, AF_INET6);
  address = parsed("10.0.0.17/24", ADDRESS_OF_HOST);
  g_assert_cmpstr(address.text, ==, "10.0.0.17");
  g_assert_cmpuint(address.prefix, ==, 24);
  g_assert_cmpint(address.family, ==, AF_INET);
  g_assert_cmpuint(parsed("10.0.0.1", ADDRESS_OF_GATEWAY).prefix, ==, 32);
  g_assert_cmpuint(parsed("fe80::1", ADDRESS_OF_GATEWAY).prefix, ==, 128);
}

static void test_links_of_two_and_of_one_are_fine(void) {
  (void)parsed("10.0.0.0/31", ADDRESS_OF_HOST);
  (void)parsed("10.0.0.1/31", ADDRESS_OF_HOST);
  (void)parsed("10.0.0.0/32", ADDRESS_OF_HOST);
  (void)parsed("2001:db8::/127", ADDRESS_OF_HOST);
  (void)parsed("2001:db8::/128", ADDRESS_OF_HOST);
}

static void test_what_is_no_address(void) {
  static const char *const texts[] = {"",
                                      "web",
                                      "10.0.0",
                                      "10.0.0.256/24",
                                      "010.0.0.1/24",
                                      "/24",
                                      "10.0.0.1.2/8",
                                      "2001:db8::g",
                                      "10.0.0.17 /24",
                                      "fe80::1%eth0",
                                      "1:2:3:4:5",
                                      "::ffff:1.2.3",
                                      "0x0a.0.0.1/8",
                                      NULL};

  for (gsize i = 0; texts[i] != NULL; i++)
    assert_refused(texts[i], ADDRESS_OF_HOST, "is not an IPv4 or IPv6 address");
}

static void test_the_prefix_of_a_host(void) {
  assert_refused("10.0.0.17", ADDRESS_OF_HOST, "write 10.0.0.17/24");
  assert_refused("2001:db8::17", ADDRESS_OF_HOST, "write 2001:db8::17/64");
  assert_refused("10.0.0.17/0", ADDRESS_OF_HOST, "from /1 to /32");
  assert_refused("10.0.0.17/", ADDRESS_OF_HOST, "from /1 to /32");
  assert_refused("10.0.0.17/33", ADDRESS_OF_HOST, "from /1 to /32");
  assert_refused("2001:db8::17/129", ADDRESS_OF_HOST, "from /1 to /128");
  assert_refused("10.0.0.17/255.255.255.0", ADDRESS_OF_HOST, "not a netmask");
  assert_refused("10.0.0.17/24/8", ADDRESS_OF_HOST, "no prefix length");
  assert_refused("10.0.0.17/-1", ADDRESS_OF_HOST, "no prefix length");
  assert_refused("10.0.0.17/4294967320", ADDRESS_OF_HOST, "no prefix length");
}

static void test_addresses_that_no_host_can_have(void) {
  assert_refused("10.0.0.0/24", ADDRESS_OF_HOST, "the address of the network itself");
  assert_refused("10.0.0.255/24", ADDRESS_OF_HOST, "the broadcast address of its network");
  assert_refused("10.0.3.255/22", ADDRESS_OF_HOST, "the broadcast address of its network");
  assert_refused("2001:db8::/64", ADDRESS_OF_HOST, "subnet-router anycast");
  assert_refused("224.0.0.251/24", ADDRESS_OF_HOST, "a multicast address");
  assert_refused("ff02::1/64", ADDRESS_OF_HOST, "a multicast address");
  assert_refused("127.0.0.1/8", ADDRESS_OF_HOST, "a loopback address");
  assert_refused("::1/128", ADDRESS_OF_HOST, "the loopback address");
  assert_refused("0.0.0.0/8", ADDRESS_OF_HOST, "an unspecified address");
  assert_refused("::/64", ADDRESS_OF_HOST, "the unspecified address");
  assert_refused("255.255.255.255/32", ADDRESS_OF_HOST, "the broadcast address");
  assert_refused("::ffff:10.0.0.1/96", ADDRESS_OF_HOST, "an IPv4-mapped IPv6 address");
}

static void test_gateways_and_servers(void) {
  assert_refused("10.0.0.1/24", ADDRESS_OF_GATEWAY, "a gateway has no prefix, write 10.0.0.1");
  assert_refused("10.0.0.1/24", ADDRESS_OF_SERVER, "a DNS server has no prefix");
  assert_refused("127.0.0.1", ADDRESS_OF_GATEWAY, "loopback");
  assert_refused("0.0.0.0", ADDRESS_OF_GATEWAY, "unspecified");
  assert_refused("ff02::1", ADDRESS_OF_SERVER, "multicast");
  g_assert_cmpstr(parsed("127.0.0.53", ADDRESS_OF_SERVER).text, ==, "127.0.0.53");
  g_assert_cmpstr(parsed("::1", ADDRESS_OF_SERVER).text, ==, "::1");
}

static gboolean contains(const char *network, const char *address) {
  PolicyAddress first = parsed(network, ADDRESS_OF_HOST), second = parsed(address, ADDRESS_OF_SERVER);

  return policy_address_contains(&first, &second);
}

static void test_contains_looks_at_the_prefix_only(void) {
  g_assert_true(contains("10.0.0.17/24", "10.0.0.1"));
  g_assert_false(contains("10.0.0.17/24", "10.0.1.1"));
  g_assert_true(contains("10.0.1.17/23", "10.0.0.1"));
  g_assert_false(contains("10.0.2.17/23", "10.0.0.1"));
  g_assert_true(contains("10.0.0.17/1", "100.0.0.1"));
  g_assert_false(contains("10.0.0.17/32", "10.0.0.16"));
  g_assert_true(contains("2001:db8::17/64", "2001:db8::ffff:1"));
  g_assert_false(contains("2001:db8::17/64", "2001:db8:0:1::1"));
  g_assert_true(contains("2001:db8::17/61", "2001:db8:0:7::1"));
  g_assert_false(contains("2001:db8::17/61", "2001:db8:0:8::1"));
  g_assert_false(contains("10.0.0.17/24", "2001:db8::1"));
}

static void test_edges_are_the_ends_of_a_network(void) {
  PolicyAddress network = parsed("10.0.0.17/24", ADDRESS_OF_HOST), pair = parsed("10.0.0.17/31", ADDRESS_OF_HOST);
  PolicyAddress first = parsed("10.0.0.0", ADDRESS_OF_GATEWAY), last = parsed("10.0.0.255", ADDRESS_OF_GATEWAY);
  PolicyAddress inner = parsed("10.0.0.16", ADDRESS_OF_GATEWAY), outer = parsed("10.0.1.0", ADDRESS_OF_GATEWAY);

  g_assert_true(address_is_edge(&network, &first));
  g_assert_true(address_is_edge(&network, &last));
  g_assert_false(address_is_edge(&network, &inner));
  g_assert_false(address_is_edge(&network, &outer));
  g_assert_false(address_is_edge(&pair, &inner));
}

static void test_equal_and_link_local(void) {
  PolicyAddress a = parsed("2001:db8::1/64", ADDRESS_OF_HOST), b = parsed("2001:DB8:0:0::1", ADDRESS_OF_GATEWAY);
  PolicyAddress c = parsed("fe80::1", ADDRESS_OF_GATEWAY), d = parsed("169.254.0.1", ADDRESS_OF_GATEWAY);

  g_assert_true(address_equal(&a, &b));
  g_assert_false(address_equal(&a, &c));
  g_assert_false(address_equal(&c, &d));
  g_assert_true(address_is_link_local(&c));
  g_assert_false(address_is_link_local(&a));
  g_assert_false(address_is_link_local(&d));
  g_assert_cmpstr(address_family_name(AF_INET), ==, "IPv4");
  g_assert_cmpstr(address_family_name(AF_INET6), ==, "IPv6");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/addresses/are-canonical", test_addresses_are_canonical);
  g_test_add_func("/addresses/links-of-two-and-of-one-are-fine", test_links_of_two_and_of_one_are_fine);
  g_test_add_func("/addresses/what-is-no-address", test_what_is_no_address);
  g_test_add_func("/addresses/the-prefix-of-a-host", test_the_prefix_of_a_host);
  g_test_add_func("/addresses/that-no-host-can-have", test_addresses_that_no_host_can_have);
  g_test_add_func("/addresses/gateways-and-servers", test_gateways_and_servers);
  g_test_add_func("/addresses/contains-looks-at-the-prefix-only", test_contains_looks_at_the_prefix_only);
  g_test_add_func("/addresses/edges-are-the-ends-of-a-network", test_edges_are_the_ends_of_a_network);
  g_test_add_func("/addresses/equal-and-link-local", test_equal_and_link_local);
  return g_test_run();
}
