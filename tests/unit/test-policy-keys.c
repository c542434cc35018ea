#include "policy-text.h"

static void test_every_key_of_the_general_sections_is_read(void) {
  g_auto(ParsedPolicy) parsed;
  const Policy *policy = &parsed.policy;

  parse_policy(&parsed, "[detect]\nsignals = mac\nsettled-uuid = ignore\nsettled-mac = clone\n"
                        "[identity]\nhostname = n-{mac:6}\nmachine-id = derive\nconnection-uuid = keep\n"
                        "[network]\nmethod = disabled\ngateway = 10.0.0.1, 2001:db8::1\ngateway-onlink = yes\n"
                        "dns = 10.0.0.53, 2001:db8::53\n  127.0.0.1\ndns-search = a.example b.example\n"
                        "[steps]\nhostname = off\nmachine-id = yes\n"
                        "[run]\non-failure = continue\n");
  assert_valid(&parsed);
  g_assert_false(policy->detect.uuid);
  g_assert_true(policy->detect.mac);
  g_assert_cmpint(policy->detect.settled_uuid, ==, ON_IGNORE);
  g_assert_cmpint(policy->detect.settled_mac, ==, ON_CLONE);
  g_assert_cmpstr(policy->hostname, ==, "n-{mac:6}");
  g_assert_cmpuint(policy->hostname_at.line, ==, 6);
  g_assert_cmpint(policy->machine_id, ==, CHOICE_DERIVE);
  g_assert_cmpuint(policy->machine_id_at.line, ==, 7);
  g_assert_cmpint(policy->connection_uuid, ==, CHOICE_KEEP);
  g_assert_cmpuint(policy->connection_uuid_at.line, ==, 8);
  g_assert_true(policy->network.method_set);
  g_assert_cmpint(policy->network.method, ==, METHOD_DISABLED);
  g_assert_cmpuint(policy->network.method_at.line, ==, 10);
  g_assert_cmpuint(policy->network.gateways.count, ==, 2);
  g_assert_cmpstr(policy->network.gateways.items[1].text, ==, "2001:db8::1");
  g_assert_cmpuint(policy->network.gateways.items[1].line, ==, 11);
  g_assert_true(policy->network.gateway_onlink_set && policy->network.gateway_onlink);
  g_assert_true(policy->network.dns_set);
  g_assert_cmpuint(policy->network.dns.count, ==, 3);
  g_assert_cmpuint(policy->network.dns.items[2].line, ==, 14);
  g_assert_cmpstr(policy->network.dns_search[1], ==, "b.example");
  g_assert_false(policy_step_enabled(policy, "hostname", true));
  g_assert_true(policy_step_enabled(policy, "machine-id", false));
  g_assert_true(policy_step_enabled(policy, "ssh-host-keys", true));
  g_assert_false(policy_step_enabled(policy, "ssh-host-keys", false));
  g_assert_false(policy->isolate);
}

static void test_signals_are_both_or_one(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[detect]\nsignals = uuid, mac\n");
  assert_valid(&parsed);
  g_assert_true(parsed.policy.detect.uuid && parsed.policy.detect.mac);
  assert_error("[detect]\nsignals = uuid, serial\n", "policy.ini:2: detect.signals",
               "\"serial\" is not a signal: there are uuid and mac");
  assert_error("[detect]\nsignals =\n", "policy.ini:2: detect.signals", "the list is empty");
}

static void test_choices_are_told(void) {
  assert_error("[detect]\nsettled-uuid = rebind\n", "policy.ini:2: detect.settled-uuid",
               "\"rebind\" is not clone or ignore");
  assert_error("[detect]\nsettled-mac = keep\n", "policy.ini:2: detect.settled-mac",
               "\"keep\" is not rebind, clone or ignore");
  assert_error("[identity]\nmachine-id = no\n", "policy.ini:2: identity.machine-id",
               "\"no\" is not random, derive or keep");
  assert_error("[identity]\nconnection-uuid = Random\n", "policy.ini:2: identity.connection-uuid", "is not random");
  assert_error("[network]\nmethod = dhcp\n", "policy.ini:2: network.method", "\"dhcp\" is not auto, disabled or keep");
  assert_error("[run]\non-failure = stop\n", "policy.ini:2: run.on-failure", "\"stop\" is not isolate or continue");
  assert_error("[network]\ngateway-onlink = maybe\n", "policy.ini:2: network.gateway-onlink",
               "\"maybe\" is neither on nor off");
  assert_error("[steps]\nhostname = later\n", "policy.ini:2: steps.hostname", "neither on nor off");
}

static void test_host_name_templates_are_judged(void) {
  assert_error("[identity]\nhostname = {mac:6\n", "policy.ini:2: identity.hostname", "not closed");
  assert_error("[identity]\nhostname = my_{mac:6}\n", "policy.ini:2: identity.hostname", "is not a host name");
  assert_error("[identity]\nhostname = {mac:6}\n", "policy.ini:2: identity.hostname", "takes for an address");
  assert_error("[host 17]\nmatch-serial = 1\n", "policy.ini:1: host 17", "takes for an address");
  assert_error("[identity]\nhostname = two words\n", "policy.ini:2: identity.hostname", "is not a host name");
}

static void test_addresses_of_the_network_are_judged(void) {
  assert_error("[network]\ngateway = 10.0.0.1/24\n", "policy.ini:2: network.gateway", "has no prefix");
  assert_error("[network]\ngateway = 10.0.0.1, 10.0.0.2\n", "policy.ini:2: network.gateway", "second IPv4 gateway");
  assert_error("[network]\ngateway =\n", "policy.ini:2: network.gateway", "empty");
  assert_error("[network]\ndns = 10.0.0.1\n  dns.example\n", "policy.ini:3: network.dns", "is not an IPv4 or IPv6");
  assert_error("[network]\ndns-search = a b_c d/e\n", "policy.ini:2: network.dns-search", "\"d/e\" is not a domain");
}

static void test_an_empty_dns_list_means_none(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[network]\ndns = 10.0.0.1\ndns-search = a\n", "[network]\ndns =\ndns-search =\n");
  assert_valid(&parsed);
  g_assert_true(parsed.policy.network.dns_set);
  g_assert_cmpuint(parsed.policy.network.dns.count, ==, 0);
  g_assert_nonnull(parsed.policy.network.dns_search);
  g_assert_null(parsed.policy.network.dns_search[0]);
}

static void test_what_is_for_the_whole_machine_stands_in_network_only(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed,
               "[network]\nunmatched = refuse\nforeign = warn\nprobe = required\n[network ens*]\ndns = 10.0.0.1\n");
  assert_valid(&parsed);
  g_assert_cmpint(parsed.policy.unmatched, ==, UNMATCHED_REFUSE);
  g_assert_cmpint(parsed.policy.foreign, ==, FOREIGN_WARN);
  g_assert_cmpint(parsed.policy.probe, ==, PROBE_REQUIRED);
  assert_error("[network ens1]\nprobe = off\n", "policy.ini:2: network ens1.probe", "write it in [network]");
  assert_error("[network]\nunmatched = warn\n", "policy.ini:2: network.unmatched", "\"warn\" is not default or refuse");
  assert_error("[network]\nforeign = no\n", "policy.ini:2: network.foreign", "\"no\" is not refuse or warn");
  assert_error("[network]\nprobe = on\n", "policy.ini:2: network.probe", "is not best-effort, required or off");
}

static void test_steps_are_known_ones(void) {
  g_auto(ParsedPolicy) parsed;

  assert_error("[steps]\nhostnames = off\n", "policy.ini:2: steps.hostnames", "unknown step");
  parse_policy(&parsed, "[steps]\nhostnames = off\n");
  policy_errors_clear(&parsed.errors);
  policy_clear(&parsed.policy);
  parsed.result = policy_parse(&parsed.files, NULL, &parsed.policy, &parsed.errors);
  assert_valid(&parsed);
  g_assert_false(policy_step_enabled(&parsed.policy, "hostnames", true));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-keys/every-key-of-the-general-sections-is-read",
                  test_every_key_of_the_general_sections_is_read);
  g_test_add_func("/policy-keys/signals-are-both-or-one", test_signals_are_both_or_one);
  g_test_add_func("/policy-keys/choices-are-told", test_choices_are_told);
  g_test_add_func("/policy-keys/host-name-templates-are-judged", test_host_name_templates_are_judged);
  g_test_add_func("/policy-keys/addresses-of-the-network-are-judged", test_addresses_of_the_network_are_judged);
  g_test_add_func("/policy-keys/an-empty-dns-list-means-none", test_an_empty_dns_list_means_none);
  g_test_add_func("/policy-keys/what-is-for-the-whole-machine-stands-in-network-only",
                  test_what_is_for_the_whole_machine_stands_in_network_only);
  g_test_add_func("/policy-keys/steps-are-known-ones", test_steps_are_known_ones);
  return g_test_run();
}
