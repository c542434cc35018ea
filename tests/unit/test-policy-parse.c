#include <errno.h>

#include "fixture.h"
#include "policy-text.h"

#define MATCH "match-mac = 00:50:56:aa:bb:01\n"

static void test_no_policy_means_the_defaults(void) {
  g_auto(ParsedPolicy) parsed, empty;

  parse_policies(&parsed, (const char *const[]){NULL});
  assert_valid(&parsed);
  g_assert_true(parsed.policy.detect.uuid && parsed.policy.detect.mac && parsed.policy.isolate);
  g_assert_null(parsed.policy.hostname);
  parse_policy(&empty, "");
  assert_valid(&empty);
  g_assert_cmpint(empty.policy.network.method, ==, METHOD_AUTO);
}

static void test_unknown_sections_are_errors_also_without_a_key(void) {
  assert_error("[detects]\n", "policy.ini:1: detects", "unknown section; there are detect");
  assert_error("[pool lan]\nnic = ens192\n", "policy.ini:1: pool lan", "unknown section");
  assert_error("[Identity]\nhostname = x\n", "policy.ini:1: Identity", "unknown section");
  assert_error("[identity now]\n", "policy.ini:1: identity now", "takes no name");
  assert_error("[host]\n", "policy.ini:1: host", "needs a name");
  assert_error("[]\n", "policy.ini:1: []", "unknown section");
  assert_error("[network a/b]\n", "policy.ini:1: network a/b", "neither a NIC's name");
  assert_error("[network a-very-long-name]\n", "policy.ini:1: network a-very-long-name", "at most 15");
}

static void test_unknown_keys_are_errors_that_name_the_known_ones(void) {
  assert_error("[identity]\nhost-name = x\n", "policy.ini:2: identity.host-name",
               "unknown key; [identity] has hostname, machine-id, connection-uuid");
  assert_error("[identity]\nHostname = x\n", "policy.ini:2: identity.Hostname", "unknown key");
  assert_error("[network ens1]\naddress = 10.0.0.1/24\n", "policy.ini:2: network ens1.address",
               "[network] has method, gateway, gateway-onlink, dns, dns-search");
  assert_error("[host a]\n" MATCH "addresses = 10.0.0.1/24\n", "policy.ini:3: host a.addresses",
               "[host] has match-uuid");
  assert_error("hostname = x\n", "policy.ini:1: (no section)", "above the first [section]");
}

static void test_a_key_twice_in_one_file_is_an_error(void) {
  assert_error("[identity]\nhostname = a\n\nhostname = b\n", "policy.ini:4: identity.hostname", "at line 2");
  assert_error("[host a]\n" MATCH "address.e1 = 10.0.0.1/24\naddress.e1 = 10.0.0.2/24\n",
               "policy.ini:4: host a.address.e1", "at line 3");
  assert_error("[host a]\n" MATCH "address.00:50:56:aa:bb:01 = 10.0.0.1/24\naddress.00-50-56-AA-BB-01 = 10.0.0.2/24\n",
               "policy.ini:4: host a.address.00-50-56-AA-BB-01", "at line 3");
}

static void test_a_section_twice_in_one_file_is_an_error(void) {
  assert_error("[run]\n[identity]\n[run]\n", "policy.ini:3: run", "in the file already, at line 1");
  assert_error("[host a]\n" MATCH "[host   a]\n", "policy.ini:3: host a", "at line 1");
  assert_error("[network 00:50:56:aa:bb:01]\n[network 00-50-56-AA-BB-01]\n", "policy.ini:2: network 00:50:56:aa:bb:01",
               "at line 1");
}

static void test_what_stands_in_a_repeated_section_is_judged_too(void) {
  assert_errors("[identity]\nhostname = a\n[run]\n[identity]\nhostname = b\nmachine-id = x\n",
                "policy.ini:4: identity: this section is in the file already, at line 1\n"
                "policy.ini:5: identity.hostname: this key is in the section already, at line 2\n"
                "policy.ini:6: identity.machine-id: \"x\" is not random, derive or keep\n");
}

static void test_a_long_host_name_is_kept_whole(void) {
  g_autofree char *label = g_strnfill(63, 'h'), *text = g_strdup_printf("[host %s]\n" MATCH, label);
  g_autofree char *longer = g_strnfill(65, 'h'), *bad = g_strdup_printf("[host %s]\n" MATCH, longer);
  g_autofree char *place = g_strdup_printf("policy.ini:1: host %s", longer);
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, text);
  assert_valid(&parsed);
  g_assert_nonnull(parsed.policy.hosts);
  g_assert_cmpstr(parsed.policy.hosts[0].name, ==, label);
  g_assert_cmpstr(parsed.policy.hosts[0].hostname, ==, label);
  assert_error(bad, place, "has 65 characters");
}

static void test_a_later_file_wins_key_by_key(void) {
  g_auto(ParsedPolicy) parsed;
  const Policy *policy = &parsed.policy;

  parse_policy(&parsed,
               "[identity]\nhostname = a\nmachine-id = keep\n[network]\ngateway = 10.0.0.1\ndns = 10.0.0.2\n"
               "[network ens1]\nmethod = keep\ndns = 10.0.0.3\n[steps]\nhostname = off\n",
               "[identity]\nhostname = b\n[network]\ngateway = 10.0.0.254\n[network ens1]\nmethod = auto\n"
               "[steps]\nhostname = on\n");
  assert_valid(&parsed);
  g_assert_cmpstr(policy->hostname, ==, "b");
  g_assert_cmpint(policy->machine_id, ==, CHOICE_KEEP);
  g_assert_cmpuint(policy->network.gateways.count, ==, 1);
  g_assert_cmpstr(policy->network.gateways.items[0].text, ==, "10.0.0.254");
  g_assert_cmpstr(policy->network.gateways.items[0].file, ==, "policy.d/1.ini");
  g_assert_cmpstr(policy->network.dns.items[0].text, ==, "10.0.0.2");
  g_assert_cmpuint(policy->n_nics, ==, 1);
  g_assert_cmpint(policy->nics[0].method, ==, METHOD_AUTO);
  g_assert_cmpstr(policy->nics[0].dns.items[0].text, ==, "10.0.0.3");
  g_assert_true(policy_step_enabled(policy, "hostname", false));
}

static void test_a_host_of_a_later_file_replaces_the_whole_section(void) {
  g_auto(ParsedPolicy) parsed;
  const HostPolicy *host;

  parse_policy(&parsed,
               "[host a]\n" MATCH "match-serial = x\nhostname = web\naddress = 10.0.0.1/24\ngateway = 10.0.0.2\n"
               "[host b]\nmatch-serial = y\n",
               "[host a]\nmatch-serial = z\n");
  assert_valid(&parsed);
  g_assert_cmpuint(parsed.policy.n_hosts, ==, 2);
  host = &parsed.policy.hosts[0];
  g_assert_cmpstr(host->file, ==, "policy.d/1.ini");
  g_assert_cmpuint(host->n_match_mac, ==, 0);
  g_assert_cmpstr(host->match_serial[0], ==, "z");
  g_assert_null(host->match_serial[1]);
  g_assert_cmpstr(host->hostname, ==, "a");
  g_assert_cmpuint(host->addresses.count, ==, 0);
  g_assert_cmpuint(host->gateways.count, ==, 0);
}

static void test_what_a_replaced_host_had_is_free_again(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[host a]\n" MATCH "hostname = web\naddress = 10.0.0.1/24\n",
               "[host a]\nmatch-serial = z\n[host b]\n" MATCH "hostname = web\naddress = 10.0.0.1/24\n");
  assert_valid(&parsed);
}

static void test_all_errors_are_listed_in_order(void) {
  g_auto(ParsedPolicy) parsed;
  g_autofree char *errors = NULL;

  parse_policy(&parsed,
               "[host a]\nmatch-mac = 00:50:56:aa:bb:01\naddress = 10.0.0.0/24\n[identity]\nhostname = a_b\nnoise\n"
               "[run]\non-failure = panic\n[nothing]\n",
               "[host b]\nmatch-mac = 00:50:56:AA:BB:01\n[host c]\n\xff\n");
  errors = errors_text(&parsed.errors);
  g_assert_cmpint(parsed.result, ==, -EINVAL);
  g_assert_cmpstr(
      errors, ==,
      "policy.ini:3: host a.address: 10.0.0.0/24 is the address of the network itself: no host can have it\n"
      "policy.ini:5: identity.hostname: \"a_b\" is not a host name: letters, digits and dashes, in labels of 1 "
      "to 63 that neither start nor end with a dash\n"
      "policy.ini:6: identity: neither [section] nor key = value, nor the indented rest of a list\n"
      "policy.ini:8: run.on-failure: \"panic\" is not isolate or continue\n"
      "policy.ini:9: nothing: unknown section; there are detect, identity, network, network NIC, host NAME, "
      "steps and run\n"
      "policy.d/1.ini:2: host b.match-mac: 00:50:56:aa:bb:01 belongs to [host a] already, at policy.ini:2\n"
      "policy.d/1.ini:3: host c: no machine can be this host: it needs match-uuid, match-mac or "
      "match-serial\n"
      "policy.d/1.ini:4: host c: invalid UTF-8: save the file as UTF-8\n");
}

static void test_thousands_of_errors_have_an_end(void) {
  g_autoptr(GString) text = g_string_new("[identity]\n");
  g_auto(ParsedPolicy) parsed;

  for (unsigned i = 0; i < 20000; i++)
    g_string_append_printf(text, "key%u = 1\n", i);
  parse_policy(&parsed, text->str);
  g_assert_cmpuint(parsed.errors.count, ==, 201);
  g_assert_nonnull(strstr(parsed.errors.items[200].text, "more errors"));
}

static void test_thousands_of_hosts_are_read(void) {
  g_autoptr(GString) text = g_string_new(NULL);
  g_auto(ParsedPolicy) parsed;

  for (unsigned i = 0; i < 10000; i++)
    g_string_append_printf(text, "[host h%u]\nmatch-mac = 00:50:56:00:%02x:%02x\naddress = 10.%u.%u.9/24\n", i, i / 256,
                           i % 256, i / 256, i % 256);
  parse_policy(&parsed, text->str);
  assert_valid(&parsed);
  g_assert_cmpuint(parsed.policy.n_hosts, ==, 10000);
  g_assert_cmpstr(parsed.policy.hosts[9999].hostname, ==, "h9999");
}

static void test_long_lists_go_on_in_indented_lines(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[host a]\n  match-serial = x,\n     VMware-42 1c, z\n  address =\n    10.0.0.1/24\n"
                        "    2001:db8::1/64 ; v6\n  dns-search = a\n    b\n");
  assert_valid(&parsed);
  g_assert_nonnull(parsed.policy.hosts);
  g_assert_cmpstr(parsed.policy.hosts[0].match_serial[1], ==, "VMware-42 1c");
  g_assert_cmpstr(parsed.policy.hosts[0].match_serial[2], ==, "z");
  g_assert_cmpuint(parsed.policy.hosts[0].addresses.items[1].line, ==, 6);
  g_assert_cmpstr(parsed.policy.hosts[0].dns_search[1], ==, "b");
  assert_error("[identity]\nhostname = a\n  b\n", "policy.ini:3: identity.hostname", "is not a list");
}

static void test_garbage_is_refused_and_nothing_else_happens(void) {
  g_auto(ParsedPolicy) parsed = {.result = 0};
  guint8 data[4096];

  for (gsize i = 0; i < sizeof data; i++)
    data[i] = (guint8)g_test_rand_int_range(0, 256);
  parsed_policy_add(&parsed, data, sizeof data);
  parsed_policy_add(&parsed, "\0\0\0", 3);
  parsed.result = policy_parse(&parsed.files, test_steps, &parsed.policy, &parsed.errors);
  g_assert_cmpint(parsed.result, ==, -EINVAL);
  g_assert_cmpuint(parsed.errors.count, >=, 2);
}

/* Lines that make sense alone, thrown together. */
static void test_any_mixture_of_lines_is_survived(void) {
  static const char *const lines[] = {"[host a]",
                                      "[host b]",
                                      "[host]",
                                      "[network ens1]",
                                      "[network]",
                                      "[identity]",
                                      "[network ens*]",
                                      "[steps]",
                                      "match-mac = 00:50:56:aa:bb:01",
                                      "match-uuid = x",
                                      "match-serial = a, b",
                                      "address = 10.0.0.1/24",
                                      "address.ens1 = 10.0.0.2/24",
                                      "  10.0.0.3/24",
                                      "gateway = 10.0.0.9",
                                      "gateway = 2001:db8::9",
                                      "hostname = {",
                                      "hostname = a",
                                      "gateway-onlink = yes",
                                      "dns = 1.1.1.1",
                                      "\t 2001:db8::5/64",
                                      "dns-search = a",
                                      "method = keep",
                                      "hostname = off",
                                      "= 3",
                                      "[",
                                      "x"};

  for (unsigned round = 0; round < fixture_rounds(2000); round++) {
    g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
    g_auto(ParsedPolicy) parsed;

    for (unsigned i = 0; i < 40; i++)
      g_string_append_printf(i < 25 ? first : second, "%s\n", lines[g_test_rand_int_range(0, G_N_ELEMENTS(lines))]);
    parse_policy(&parsed, first->str, second->str);
    g_assert_cmpint(parsed.result == 0, ==, parsed.errors.count == 0);
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/policy-parse/" name, function)
  TEST("no-policy-means-the-defaults", test_no_policy_means_the_defaults);
  TEST("unknown-sections-are-errors-also-without-a-key", test_unknown_sections_are_errors_also_without_a_key);
  TEST("unknown-keys-are-errors-that-name-the-known-ones", test_unknown_keys_are_errors_that_name_the_known_ones);
  TEST("a-key-twice-in-one-file-is-an-error", test_a_key_twice_in_one_file_is_an_error);
  TEST("a-section-twice-in-one-file-is-an-error", test_a_section_twice_in_one_file_is_an_error);
  TEST("what-stands-in-a-repeated-section-is-judged-too", test_what_stands_in_a_repeated_section_is_judged_too);
  TEST("a-long-host-name-is-kept-whole", test_a_long_host_name_is_kept_whole);
  TEST("a-later-file-wins-key-by-key", test_a_later_file_wins_key_by_key);
  TEST("a-host-of-a-later-file-replaces-the-whole-section", test_a_host_of_a_later_file_replaces_the_whole_section);
  TEST("what-a-replaced-host-had-is-free-again", test_what_a_replaced_host_had_is_free_again);
  TEST("all-errors-are-listed-in-order", test_all_errors_are_listed_in_order);
  TEST("thousands-of-errors-have-an-end", test_thousands_of_errors_have_an_end);
  TEST("thousands-of-hosts-are-read", test_thousands_of_hosts_are_read);
  TEST("long-lists-go-on-in-indented-lines", test_long_lists_go_on_in_indented_lines);
  TEST("garbage-is-refused-and-nothing-else-happens", test_garbage_is_refused_and_nothing_else_happens);
  TEST("any-mixture-of-lines-is-survived", test_any_mixture_of_lines_is_survived);
  return g_test_run();
}
