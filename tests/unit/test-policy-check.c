#include "policy-text.h"

#define UUID "4dc56075-50f3-466d-98f2-79838106e82f"
#define UUID_SWAPPED "7560C54D-F350-6D46-98F2-79838106E82F"

/* Two files; the one error is at PLACE and holds MESSAGE. */
static void assert_error_in_two(const char *first, const char *second, const char *place, const char *message) {
  g_auto(ParsedPolicy) parsed;
  g_autofree char *errors = NULL, *start = g_strdup_printf("%s: ", place);

  parse_policy(&parsed, first, second);
  errors = errors_text(&parsed.errors);
  if (parsed.errors.count != 1 || !g_str_has_prefix(errors, start) || strstr(errors, message) == NULL)
    g_error("expected one error at %s with \"%s\", got:\n%s", place, message, errors);
}

static void test_a_host_needs_a_match(void) {
  assert_error("[run]\n[host a]\naddress = 10.0.0.1/24\n", "policy.ini:2: host a", "it needs match-uuid");
}

static void test_a_bad_match_is_one_error_not_two(void) {
  assert_error("[host a]\nmatch-uuid = x\n", "policy.ini:2: host a.match-uuid", "is not a UUID");
}

static void test_two_hosts_with_one_uuid(void) {
  assert_error("[host a]\nmatch-uuid = " UUID "\n[host b]\nmatch-uuid = " UUID "\n", "policy.ini:4: host b.match-uuid",
               "belongs to [host a] already, at policy.ini:2");
  assert_error_in_two("[host a]\nmatch-uuid = " UUID "\n", "[host b]\nmatch-uuid = " UUID_SWAPPED "\n",
                      "policy.d/1.ini:2: host b.match-uuid", "belongs to [host a] already, at policy.ini:2");
}

static void test_two_hosts_with_one_mac(void) {
  assert_error_in_two("[host b]\nmatch-mac = 00:50:56:aa:bb:02 00:50:56:aa:bb:01\n",
                      "[host a]\nmatch-mac = 00:50:56:aa:bb:03\n 00-50-56-AA-BB-01\n",
                      "policy.d/1.ini:3: host a.match-mac", "belongs to [host b] already, at policy.ini:2");
}

static void test_two_hosts_with_one_serial(void) {
  assert_error("[host a]\nmatch-serial = VMware-42 1c 50\n[host b]\nmatch-serial = vmware-421C50\n",
               "policy.ini:4: host b.match-serial", "belongs to [host a] already, at policy.ini:2");
}

static void test_two_hosts_with_one_name(void) {
  assert_error("[host web]\nmatch-serial = 1\n[host b]\nmatch-serial = 2\nhostname = WEB\n",
               "policy.ini:5: host b.hostname", "web belongs to [host web] already, at policy.ini:1");
}

static void test_two_hosts_may_have_one_template(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[host a]\nmatch-serial = 1\nhostname = n-{mac:6}\n[host b]\nmatch-serial = 2\n"
                        "hostname = n-{mac:6}\n");
  assert_valid(&parsed);
}

static void test_two_hosts_with_one_address(void) {
  assert_error_in_two("[host a]\nmatch-serial = 1\naddress = 10.0.0.1/24, 2001:db8::17/64\n",
                      "[host b]\nmatch-serial = 2\naddress.ens1 = 2001:DB8:0::17/48\n",
                      "policy.d/1.ini:3: host b.address", "2001:db8::17 belongs to [host a] already, at policy.ini:3");
  assert_error("[host a]\nmatch-serial = 1\naddress = 10.0.0.1/24\naddress.ens1 = 10.0.0.1/24\n",
               "policy.ini:4: host a.address", "10.0.0.1 belongs to [host a] already, at policy.ini:3");
}

static void test_three_hosts_with_one_thing_all_point_to_the_first(void) {
  assert_errors("[host c]\nmatch-serial = x\n[host b]\nmatch-serial = x\n[host a]\nmatch-serial = x\n",
                "policy.ini:4: host b.match-serial: x belongs to [host c] already, at policy.ini:2\n"
                "policy.ini:6: host a.match-serial: x belongs to [host c] already, at policy.ini:2\n");
}

static void test_one_host_may_say_a_match_twice(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[host a]\nmatch-uuid = " UUID " " UUID_SWAPPED "\n");
  assert_valid(&parsed);
}

static void test_a_section_name_that_is_no_host_name_needs_one(void) {
  g_auto(ParsedPolicy) parsed;

  assert_error("[host web 17]\nmatch-serial = 1\n", "policy.ini:1: host web 17", "\"web 17\" is not a host name");
  parse_policy(&parsed, "[host web 17]\nmatch-serial = 1\nhostname = web-17\n");
  assert_valid(&parsed);
}

/* Each warning of TEXT is one line of EXPECTED; it is valid nevertheless. */
static void assert_warnings(const char *text, const char *expected) {
  g_auto(ParsedPolicy) parsed;
  g_autoptr(GString) found = g_string_new(NULL);

  parse_policy(&parsed, text);
  assert_valid(&parsed);
  for (size_t i = 0; i < parsed.errors.n_warnings; i++)
    g_string_append_printf(found, "%u %s: %s\n", parsed.errors.warnings[i].line, parsed.errors.warnings[i].where,
                           parsed.errors.warnings[i].text);
  if (*expected == '\0' ? found->len > 0 : strstr(found->str, expected) == NULL)
    g_error("%s\nwarns of:\n%s\nnot of:\n%s", text, found->str, expected);
}

static void test_one_name_for_all_clones_is_a_warning(void) {
  assert_warnings("[identity]\nhostname = web\n", "2 identity.hostname: every clone gets the same name, \"web\"");
  assert_warnings("[identity]\nhostname = {template}\n", "every clone gets the same name");
  assert_warnings("[identity]\nhostname = n-{mac[0]}\n", "every clone gets the same name");
  assert_warnings("[identity]\nhostname = n-{ip[3]}\n", "no clone can be called");
  assert_warnings("[identity]\nhostname = n-{mac:6}\n", "");
  assert_warnings("[identity]\nhostname = web\n[steps]\nhostname = off\n", "");
  assert_warnings("[identity]\nhostname = web\n[network]\nunmatched = refuse\n[host a]\nmatch-serial = 4711\n", "");
}

static void test_a_section_that_means_no_nic_is_a_warning(void) {
  assert_warnings("[network ens1,ens2]\ndns = 10.0.0.1\n", "1 network ens1,ens2: this can match no NIC");
  assert_warnings("[network 52:54:00:aa:bb]\ndns = 10.0.0.1\n", "six bytes");
  assert_warnings("[network 01:00:5e:00:00:01]\ndns = 10.0.0.1\n", "group address");
  assert_warnings("[network \"ens1\"]\ndns = 10.0.0.1\n", "quote");
  assert_warnings("[network ens[12]\ndns = 10.0.0.1\n", "not closed");
  assert_warnings("[network enp0s31f6.123456*]\ndns = 10.0.0.1\n", "15 characters");
  assert_warnings("[host a]\nmatch-serial = 1\naddress.ens1,ens2 = 10.0.0.1/24\n", "3 host a.address.ens1,ens2: this");
  assert_warnings("[network ens*]\ndns = 10.0.0.1\n[network ens[12]]\n[network 52:54:00:aa:bb:cc]\n[network e]\n", "");
}

static void test_a_comment_that_cuts_a_list_is_a_warning(void) {
  assert_warnings("[network]\ndns = 10.0.0.1 ; 10.0.0.2\n", "2 network.dns: \"10.0.0.2\" is not in the list");
  assert_warnings("[network]\ndns = 10.0.0.1,\n  10.0.0.2 ; 2001:db8::1, 10.0.0.3\n", "3 network.dns");
  assert_warnings("[network]\ndns-search = a.example ; b.example\n", "network.dns-search");
  assert_warnings("[detect]\nsignals = uuid ; mac\n", "detect.signals");
  assert_warnings("[host a]\nmatch-mac = 00:50:56:aa:bb:01 ; 00:50:56:aa:bb:02\n", "host a.match-mac");
  assert_warnings("[network]\ndns = 10.0.0.1 ; since 2024-01-05\ngateway = 10.0.0.1 ; the old router\n", "");
  assert_warnings("[network]\ndns = 10.0.0.1 ; ns1.example.org\n", "");
}

static void test_vmwares_spelling_of_a_uuid_is_one_uuid(void) {
  g_auto(ParsedPolicy) parsed;

  parse_policy(&parsed, "[host a]\nmatch-uuid = 42 1c 50 75 56 f3 6d 46-98 f2 79 83 81 06 e8 2f, "
                        "4dc56075-50f3-466d-98f2-79838106e82f 5dc56075-50f3-466d-98f2-79838106e82f\n");
  assert_valid(&parsed);
  g_assert_cmpuint(parsed.policy.hosts[0].n_match_uuid, ==, 3);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add_func("/policy-check/" name, function)
  TEST("a-host-needs-a-match", test_a_host_needs_a_match);
  TEST("a-bad-match-is-one-error-not-two", test_a_bad_match_is_one_error_not_two);
  TEST("two-hosts-with-one-uuid", test_two_hosts_with_one_uuid);
  TEST("two-hosts-with-one-mac", test_two_hosts_with_one_mac);
  TEST("two-hosts-with-one-serial", test_two_hosts_with_one_serial);
  TEST("two-hosts-with-one-name", test_two_hosts_with_one_name);
  TEST("two-hosts-may-have-one-template", test_two_hosts_may_have_one_template);
  TEST("two-hosts-with-one-address", test_two_hosts_with_one_address);
  TEST("three-hosts-with-one-thing-all-point-to-the-first", test_three_hosts_with_one_thing_all_point_to_the_first);
  TEST("one-host-may-say-a-match-twice", test_one_host_may_say_a_match_twice);
  TEST("a-section-name-that-is-no-host-name-needs-one", test_a_section_name_that_is_no_host_name_needs_one);
  g_test_add_func("/policy-check/one-name-for-all-clones-is-a-warning", test_one_name_for_all_clones_is_a_warning);
  g_test_add_func("/policy-check/a-section-that-means-no-nic-is-a-warning",
                  test_a_section_that_means_no_nic_is_a_warning);
  g_test_add_func("/policy-check/a-comment-that-cuts-a-list-is-a-warning",
                  test_a_comment_that_cuts_a_list_is_a_warning);
  g_test_add_func("/policy-check/vmwares-spelling-of-a-uuid-is-one-uuid", test_vmwares_spelling_of_a_uuid_is_one_uuid);
  return g_test_run();
}
