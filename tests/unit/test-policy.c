#include "decide/policy-draft.h"
#include "policy-text.h"

#define UUID "4dc56075-50f3-466d-98f2-79838106e82f"
#define UUID_SWAPPED "7560c54d-f350-6d46-98f2-79838106e82f"
#define OTHER_UUID "aaaaaaaa-50f3-466d-98f2-79838106e82f"

static const Nic ens192 = {.name = "ens192", .mac = "00:50:56:aa:bb:01"};
static const Nic ens224 = {.name = "ens224", .mac = "00:50:56:aa:bb:02"};

static void test_defaults(void) {
  Policy policy;

  policy_defaults(&policy);
  g_assert_true(policy.detect.uuid && policy.detect.mac);
  g_assert_cmpint(policy.detect.settled_uuid, ==, ON_CLONE);
  g_assert_cmpint(policy.detect.settled_mac, ==, ON_REBIND);
  g_assert_null(policy.hostname);
  g_assert_cmpint(policy.machine_id, ==, CHOICE_RANDOM);
  g_assert_cmpint(policy.connection_uuid, ==, CHOICE_RANDOM);
  g_assert_cmpint(policy.network.method, ==, METHOD_AUTO);
  g_assert_cmpint(policy.unmatched, ==, UNMATCHED_DEFAULT);
  g_assert_cmpint(policy.foreign, ==, FOREIGN_REFUSE);
  g_assert_cmpint(policy.probe, ==, PROBE_BEST_EFFORT);
  g_assert_true(policy.isolate);
  g_assert_cmpuint(policy.n_hosts + policy.n_nics + policy.n_steps, ==, 0);
  policy_clear(&policy);
}

static void test_clear_leaves_the_defaults(void) {
  g_auto(ParsedPolicy) parsed;
  const HostPolicy *host;

  parse_policy(&parsed, "[run]\non-failure = continue\n[host a]\nmatch-serial = 1\n[network ens1]\ndns = 1.1.1.1\n");
  assert_valid(&parsed);
  policy_clear(&parsed.policy);
  g_assert_cmpuint(parsed.policy.n_hosts, ==, 0);
  g_assert_true(parsed.policy.isolate);
  g_assert_cmpint(policy_host_for(&parsed.policy, NULL, NULL, "1", &host, NULL), ==, 0);
}

/* The name of the host that the machine is, NULL: none, or "twice: " and what is said of it. The caller frees. */
static char *host_for(const Policy *policy, const char *uuid_text, const char *mac, const char *serial) {
  ProductUuid uuid = {.present = false};
  Nic own[] = {ens192, ens224};
  NicList nics = {own, mac != NULL ? 2 : 0};
  const HostPolicy *host;
  Problem problem;

  if (uuid_text != NULL)
    g_assert_cmpint(product_uuid_parse(uuid_text, &uuid), ==, 0);
  g_strlcpy(own[0].mac, mac != NULL ? mac : "", sizeof own[0].mac);
  if (policy_host_for(policy, &uuid, &nics, serial, &host, &problem) < 0)
    return g_strdup_printf("twice: %s", problem.text);
  return g_strdup(host != NULL ? host->name : NULL);
}

static void assert_host(const Policy *policy, const char *uuid, const char *mac, const char *serial,
                        const char *expected) {
  g_autofree char *name = host_for(policy, uuid, mac, serial);

  g_assert_cmpstr(name, ==, expected);
}

static void test_a_host_is_found_by_uuid_mac_or_serial(void) {
  g_auto(ParsedPolicy) parsed;
  const Policy *policy = &parsed.policy;

  parse_policy(&parsed, "[host s]\nmatch-serial = VMware-42 1C\n[host m]\nmatch-mac = 00:50:56:AA:BB:09, "
                        "00-50-56-AA-BB-01\n[host u]\nmatch-uuid = " OTHER_UUID ", " UUID_SWAPPED "\n");
  assert_valid(&parsed);
  assert_host(policy, UUID, NULL, NULL, "u");
  assert_host(policy, UUID_SWAPPED, NULL, NULL, "u");
  assert_host(policy, OTHER_UUID, NULL, NULL, "u");
  assert_host(policy, NULL, "00:50:56:aa:bb:01", NULL, "m");
  assert_host(policy, NULL, "00:50:56:aa:bb:07", "vmware-42  1c ", "s");
  assert_host(policy, NULL, NULL, "VMware-42", NULL);
  assert_host(policy, NULL, NULL, "", NULL);
  assert_host(policy, NULL, NULL, NULL, NULL);
}

static void test_a_machine_of_two_hosts_is_an_error_that_names_both(void) {
  g_auto(ParsedPolicy) parsed;
  const Policy *policy = &parsed.policy;

  parse_policy(&parsed, "[host s]\nmatch-serial = 4711\n[host m]\nmatch-mac = 00:50:56:aa:bb:01\n"
                        "[host n]\nmatch-mac = 00:50:56:aa:bb:02\n[host u]\nmatch-uuid = " UUID "\n");
  assert_valid(&parsed);
  assert_host(policy, NULL, "00:50:56:aa:bb:01", NULL,
              "twice: policy.ini:5: host n.match-mac: this machine is [host m] too, by match-mac at policy.ini:3; a "
              "machine can be one host only");
  assert_host(
      policy, UUID_SWAPPED, NULL, "4711",
      "twice: policy.ini:7: host u.match-uuid: this machine is [host s] too, by match-serial at policy.ini:1; a "
      "machine can be one host only");
}

static void test_patterns_mean_nics_by_name_glob_or_mac(void) {
  g_assert_true(policy_nic_matches("ens192", "ens192", &ens192));
  g_assert_true(policy_nic_matches("ens*", "ens192", NULL));
  g_assert_true(policy_nic_matches("ens[12]92", "ens192", NULL));
  g_assert_true(policy_nic_matches("00-50-56-AA-BB-01", "whatever", &ens192));
  g_assert_false(policy_nic_matches("ens19", "ens192", &ens192));
  g_assert_false(policy_nic_matches("00:50:56:aa:bb:01", "ens192", NULL));
  g_assert_false(policy_nic_matches("00:50:56:aa:bb:01", "ens224", &ens224));
  g_assert_false(policy_nic_matches("ens192", NULL, NULL));
  g_assert_false(policy_nic_matches("*", NULL, NULL));
}

static void test_a_mac_beats_a_name_beats_a_glob_beats_all(void) {
  g_auto(ParsedPolicy) parsed;
  NetworkPolicy network;

  parse_policy(&parsed, "[network 00:50:56:aa:bb:01]\ndns = 10.0.0.4\n"
                        "[network ens192]\ndns = 10.0.0.3\nmethod = disabled\n"
                        "[network ens*]\ndns = 10.0.0.2\nmethod = keep\ngateway = 10.0.0.254\ngateway-onlink = yes\n"
                        "[network]\ndns = 10.0.0.1\nmethod = auto\ngateway = 10.0.0.253\ndns-search = a\n");
  assert_valid(&parsed);
  network = policy_network_for(&parsed.policy, "ens192", &ens192);
  g_assert_cmpstr(network.dns.items[0].text, ==, "10.0.0.4");
  g_assert_cmpint(network.method, ==, METHOD_DISABLED);
  g_assert_cmpstr(network.gateways.items[0].text, ==, "10.0.0.254");
  g_assert_true(network.gateway_onlink);
  g_assert_cmpstr(network.dns_search[0], ==, "a");
  network = policy_network_for(&parsed.policy, "ens192", NULL);
  g_assert_cmpstr(network.dns.items[0].text, ==, "10.0.0.3");
  network = policy_network_for(&parsed.policy, "ens224", &ens224);
  g_assert_cmpstr(network.dns.items[0].text, ==, "10.0.0.2");
  g_assert_cmpint(network.method, ==, METHOD_KEEP);
  network = policy_network_for(&parsed.policy, "eth0", NULL);
  g_assert_cmpstr(network.dns.items[0].text, ==, "10.0.0.1");
  g_assert_cmpstr(network.gateways.items[0].text, ==, "10.0.0.253");
  g_assert_false(network.gateway_onlink);
}

static void test_the_last_of_several_globs_wins(void) {
  g_auto(ParsedPolicy) parsed;
  NetworkPolicy network;

  parse_policy(&parsed, "[network e*]\nmethod = keep\ndns = 10.0.0.1\n[network *2]\nmethod = disabled\n");
  assert_valid(&parsed);
  network = policy_network_for(&parsed.policy, "ens192", NULL);
  g_assert_cmpint(network.method, ==, METHOD_DISABLED);
  g_assert_cmpstr(network.dns.items[0].text, ==, "10.0.0.1");
}

static void test_an_empty_dns_list_takes_the_wider_one_away(void) {
  g_auto(ParsedPolicy) parsed;
  NetworkPolicy network;

  parse_policy(&parsed, "[network]\ndns = 10.0.0.1\n[network ens192]\ndns =\n");
  assert_valid(&parsed);
  network = policy_network_for(&parsed.policy, "ens192", NULL);
  g_assert_true(network.dns_set);
  g_assert_cmpuint(network.dns.count, ==, 0);
}

static void test_nic_patterns_are_names_globs_or_macs(void) {
  char pattern[NIC_MAC_TEXT];
  Problem problem;

  g_assert_cmpint(policy_nic_pattern("00-50-56-AA-BB-01", pattern, &problem), ==, 0);
  g_assert_cmpstr(pattern, ==, "00:50:56:aa:bb:01");
  g_assert_cmpint(policy_nic_pattern("enp0s31f6.12345", pattern, &problem), ==, 0);
  g_assert_cmpstr(pattern, ==, "enp0s31f6.12345");
  g_assert_cmpint(policy_nic_pattern("enp0s31f6[0-9]*.12345", pattern, &problem), ==, 0);
  g_assert_cmpint(policy_nic_pattern("enp0s31f6.123456", pattern, &problem), <, 0);
  g_assert_cmpint(policy_nic_pattern("", pattern, &problem), <, 0);
  g_assert_cmpint(policy_nic_pattern("a b", pattern, &problem), <, 0);
  g_assert_cmpint(policy_nic_pattern("a/b", pattern, &problem), <, 0);
  g_assert_cmpint(policy_nic_pattern("*23456789012345678901234567890123456789012345678901234567890", pattern, &problem),
                  <, 0);
}

static void test_serials_are_compared_without_case_and_blanks(void) {
  g_autofree char *serial = policy_serial_canonical(" VMware-42 1C\t50 ");

  g_assert_cmpstr(serial, ==, "vmware-421c50");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/policy/" name, function)
  TEST("defaults", test_defaults);
  TEST("clear-leaves-the-defaults", test_clear_leaves_the_defaults);
  TEST("a-host-is-found-by-uuid-mac-or-serial", test_a_host_is_found_by_uuid_mac_or_serial);
  TEST("a-machine-of-two-hosts-is-an-error-that-names-both", test_a_machine_of_two_hosts_is_an_error_that_names_both);
  TEST("patterns-mean-nics-by-name-glob-or-mac", test_patterns_mean_nics_by_name_glob_or_mac);
  TEST("a-mac-beats-a-name-beats-a-glob-beats-all", test_a_mac_beats_a_name_beats_a_glob_beats_all);
  TEST("the-last-of-several-globs-wins", test_the_last_of_several_globs_wins);
  TEST("an-empty-dns-list-takes-the-wider-one-away", test_an_empty_dns_list_takes_the_wider_one_away);
  TEST("nic-patterns-are-names-globs-or-macs", test_nic_patterns_are_names_globs_or_macs);
  TEST("serials-are-compared-without-case-and-blanks", test_serials_are_compared_without_case_and_blanks);
  return g_test_run();
}
