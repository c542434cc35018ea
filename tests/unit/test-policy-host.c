#include "policy-text.h"

#define HOST "[host web-17]\nmatch-mac = 00:50:56:aa:bb:01\n"

static void test_every_key_of_a_host_is_read(void) {
  g_auto(ParsedPolicy) parsed;
  const HostPolicy *host;

  parse_policy(&parsed, "\n[host web-17]\nmatch-uuid = 4DC56075-50f3-466d-98f2-79838106e82f\n"
                        "match-mac = 00-50-56-AA-BB-01, 00:50:56:aa:bb:02\n"
                        "match-serial = VMware-42 1c 50 75 56 f3 6d 46-98 f2 79 83 81 06 e8 2f, SN-1\n"
                        "hostname = web-17.example.org\n"
                        "address = 10.0.0.17/24, 2001:db8::17/64\n"
                        "address.ens224 = 192.168.5.17/24\n"
                        "address.00-50-56-AA-BB-02 = 192.168.6.17/24\n"
                        "gateway = 10.0.0.1\ngateway-onlink = no\ndns = 10.0.0.2\ndns-search = a.example\n");
  assert_valid(&parsed);
  g_assert_cmpuint(parsed.policy.n_hosts, ==, 1);
  host = &parsed.policy.hosts[0];
  g_assert_cmpstr(host->name, ==, "web-17");
  g_assert_cmpstr(host->file, ==, "policy.ini");
  g_assert_cmpuint(host->line, ==, 2);
  g_assert_cmpuint(host->n_match_uuid, ==, 1);
  g_assert_true(host->match_uuid[0].present);
  g_assert_cmpuint(host->n_match_mac, ==, 2);
  g_assert_cmpstr(host->match_mac[0], ==, "00:50:56:aa:bb:01");
  g_assert_cmpstr(host->match_serial[0], ==, "VMware-42 1c 50 75 56 f3 6d 46-98 f2 79 83 81 06 e8 2f");
  g_assert_cmpstr(host->match_serial[1], ==, "SN-1");
  g_assert_null(host->match_serial[2]);
  g_assert_cmpstr(host->hostname, ==, "web-17.example.org");
  g_assert_cmpuint(host->addresses.count, ==, 4);
  g_assert_cmpstr(host->addresses.items[0].nic, ==, "");
  g_assert_cmpstr(host->addresses.items[1].text, ==, "2001:db8::17");
  g_assert_cmpstr(host->addresses.items[2].nic, ==, "ens224");
  g_assert_cmpuint(host->addresses.items[2].line, ==, 8);
  g_assert_cmpstr(host->addresses.items[3].nic, ==, "00:50:56:aa:bb:02");
  g_assert_cmpstr(host->gateways.items[0].text, ==, "10.0.0.1");
  g_assert_true(host->gateway_onlink_set && !host->gateway_onlink);
  g_assert_cmpstr(host->dns.items[0].text, ==, "10.0.0.2");
  g_assert_cmpstr(host->dns_search[0], ==, "a.example");
}

static void test_the_name_of_the_section_is_the_default_host_name(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, HOST);
  assert_valid(&parsed);
  g_assert_nonnull(parsed.policy.hosts);
  g_assert_cmpstr(parsed.policy.hosts[0].hostname, ==, "web-17");
}

static void test_every_machines_name_is_no_hosts(void) {
  assert_error("[host localhost]\nmatch-serial = 1\n", "policy.ini:1: host localhost", "is every machine's name");
  assert_error("[host a]\nmatch-serial = 1\nhostname = LocalHost.localdomain\n", "policy.ini:3: host a.hostname",
               "is every machine's name");
  assert_error("[identity]\nhostname = localhost\n", "policy.ini:2: identity.hostname", "is every machine's name");
}

static void test_bad_matches_are_told(void) {
  assert_error("[host a]\nmatch-uuid = 4dc56075\n", "policy.ini:2: host a.match-uuid", "is not a UUID");
  assert_error("[host a]\nmatch-uuid = 00000000-0000-0000-0000-000000000000\n", "policy.ini:2: host a.match-uuid",
               "is a placeholder");
  assert_error("[host a]\nmatch-uuid = 03000200-0400-0500-0006-000700080009\n", "policy.ini:2: host a.match-uuid",
               "is a placeholder");
  assert_error("[host a]\nmatch-uuid = 00020003-0004-0005-0006-000700080009\n", "policy.ini:2: host a.match-uuid",
               "is a placeholder");
  assert_error("[host a]\nmatch-mac = 00 50 56 aa bb 01, 00:50:56:aa:bb:02\n", "policy.ini:2: host a.match-mac",
               "\"00 50 56 aa bb 01\" is not a MAC address");
  assert_error("[host a]\nmatch-mac = 00:50:56:aa:bb:01; 00:50:56:aa:bb:02\n", "policy.ini:2: host a.match-mac",
               "a list is split at commas");
  assert_error("[host a]\nmatch-mac = 00:50:56:aa:bb\n", "policy.ini:2: host a.match-mac", "is not a MAC address");
  assert_error("[host a]\nmatch-mac = 00:00:00:00:00:00\n", "policy.ini:2: host a.match-mac", "no NIC has");
  assert_error("[host a]\nmatch-mac = ff:ff:ff:ff:ff:ff\n", "policy.ini:2: host a.match-mac", "a group address");
  assert_error("[host a]\nmatch-mac = 01:00:5e:00:00:01\n", "policy.ini:2: host a.match-mac", "a group address");
  assert_error("[host a]\nmatch-serial = , ,\n", "policy.ini:2: host a.match-serial", "the list is empty");
}

static void test_bad_addresses_are_told(void) {
  assert_error(HOST "address = 10.0.0.17\n", "policy.ini:3: host web-17.address", "lacks its prefix length");
  assert_error(HOST "address = 10.0.0.17/0\n", "policy.ini:3: host web-17.address", "from /1 to /32");
  assert_error(HOST "address = 10.0.0.0/24\n", "policy.ini:3: host web-17.address", "network itself");
  assert_error(HOST "address = 10.0.0.255/24\n", "policy.ini:3: host web-17.address", "broadcast");
  assert_error(HOST "address = 224.0.0.1/24\n", "policy.ini:3: host web-17.address", "multicast");
  assert_error(HOST "address = 127.0.0.2/8\n", "policy.ini:3: host web-17.address", "loopback");
  assert_error(HOST "address = ::/64\n", "policy.ini:3: host web-17.address", "unspecified");
  assert_error(HOST "address =\n", "policy.ini:3: host web-17.address", "the list is empty");
  assert_error(HOST "address = 10.0.0.17/24\n  10.0.0.18\n", "policy.ini:4: host web-17.address", "lacks its prefix");
  assert_error(HOST "address.ens224 = web\n", "policy.ini:3: host web-17.address.ens224", "is not an IPv4 or IPv6");
  assert_error(HOST "address. = 10.0.0.17/24\n", "policy.ini:3: host web-17.address.", "neither a NIC's name");
  assert_error(HOST "address.a-very-long-name-of-a-nic = 10.0.0.17/24\n",
               "policy.ini:3: host web-17.address.a-very-long-name-of-a-nic", "at most 15");
  assert_error(HOST "address = 10.0.0.17/24\ngateway = 10.0.0.300\n", "policy.ini:4: host web-17.gateway",
               "is not an IPv4 or IPv6");
}

static void test_links_of_two_and_one_are_fine(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, HOST "address = 10.0.0.0/31 10.0.0.255/32\ngateway = 10.0.0.1\n");
  assert_valid(&parsed);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-host/every-key-of-a-host-is-read", test_every_key_of_a_host_is_read);
  g_test_add_func("/policy-host/the-name-of-the-section-is-the-default-host-name",
                  test_the_name_of_the_section_is_the_default_host_name);
  g_test_add_func("/policy-host/every-machines-name-is-no-hosts", test_every_machines_name_is_no_hosts);
  g_test_add_func("/policy-host/bad-matches-are-told", test_bad_matches_are_told);
  g_test_add_func("/policy-host/bad-addresses-are-told", test_bad_addresses_are_told);
  g_test_add_func("/policy-host/links-of-two-and-one-are-fine", test_links_of_two_and_one_are_fine);
  return g_test_run();
}
