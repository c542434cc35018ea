#include <errno.h>
#include <glib.h>
#include <string.h>

#include "decide/name-template.h"

static const NameFacts facts = {.uuid = "4DC56075-50f3-466d-98f2-79838106e82f",
                                .mac = "00:50:56:aa:bb:01",
                                .serial = "VMware-42 1c 50/75_",
                                .template_name = "golden.example.org",
                                .ipv4 = "10.1.2.203",
                                .random = "0123456789abcdef0123456789abcdef"};

static void assert_name(const char *template, const char *expected) {
  char name[65];
  Problem problem = {.text = ""};

  g_assert_cmpint(name_template_check(template, &problem), ==, 0);
  g_assert_cmpint(name_template_expand(template, &facts, name, sizeof name, &problem), ==, 0);
  g_assert_cmpstr(problem.text, ==, "");
  g_assert_cmpstr(name, ==, expected);
}

static void test_each_field_yields_its_fact(void) {
  assert_name("plain", "plain");
  assert_name("n-{uuid:8}", "n-4dc56075");
  assert_name("{uuid}", "4dc5607550f3466d98f279838106e82f");
  assert_name("node-{mac:6}", "node-aabb01");
  assert_name("{mac}", "005056aabb01");
  assert_name("{mac[5]}-{mac[0]}", "01-00");
  assert_name("{serial}", "vmware-421c5075");
  assert_name("x{serial:4}", "x5075");
  assert_name("r{random:4}", "r0123");
  assert_name("{template}-{mac:6}.lan", "golden-aabb01.lan");
  assert_name("ip{ip[3]}-{ip[0]}", "ip203-10");
}

static void test_serial_never_begins_or_ends_with_a_dash(void) {
  NameFacts own = facts;
  char name[65];

  own.serial = "--AB-12--";
  g_assert_cmpint(name_template_expand("{serial}", &own, name, sizeof name, NULL), ==, 0);
  g_assert_cmpstr(name, ==, "ab-12");
  g_assert_cmpint(name_template_expand("x{serial:3}", &own, name, sizeof name, NULL), ==, 0);
  g_assert_cmpstr(name, ==, "x12");
  g_assert_cmpint(name_template_expand("{serial:64}", &own, name, sizeof name, NULL), ==, 0);
  g_assert_cmpstr(name, ==, "ab-12");
}

static void assert_refused(const char *template, const char *message) {
  char name[65];
  Problem problem = {.text = ""};

  g_assert_cmpint(name_template_check(template, &problem), ==, -EINVAL);
  g_assert_nonnull(strstr(problem.text, message));
  g_assert_cmpint(name_template_expand(template, &facts, name, sizeof name, &problem), ==, -EINVAL);
}

static void test_other_braces_are_errors(void) {
  assert_refused("", "empty");
  assert_refused("a}b", "without its {");
  assert_refused("{{mac}}", "no known field");
  assert_refused("{", "no known field");
  assert_refused("a{}", "no known field");
  assert_refused("{name}", "no known field");
  assert_refused("{MAC:6}", "no known field");
  assert_refused("{mac:6", "not closed");
  assert_refused("{mac:6:7}", "{mac...} is written otherwise");
  assert_refused("{mac[5}", "index from 0 to 5");
  assert_refused("{mac[", "index from 0 to 5");
}

static void test_counts_and_indexes_have_limits(void) {
  assert_refused("{uuid:0}", "from 1 to 32");
  assert_refused("{uuid:33}", "from 1 to 32");
  assert_refused("{mac:13}", "from 1 to 12");
  assert_refused("{mac:}", "from 1 to 12");
  assert_refused("{mac:-1}", "from 1 to 12");
  assert_refused("{random:4294967297}", "from 1 to 32");
  assert_refused("{mac[6]}", "index from 0 to 5");
  assert_refused("{ip[4]}", "index from 0 to 3");
  assert_refused("{ip}", "needs an index");
  assert_refused("n{template:3}", "{template...} is written otherwise: {template}");
  assert_refused("n{uuid[2]}", "{uuid...} is written otherwise: {uuid} or {uuid:8}");
  assert_refused("n{mac:6x}", "{mac...} is written otherwise: {mac}, {mac:6} or {mac[5]}");
  assert_refused("n{template", "{template is not closed");
}

static void test_a_missing_fact_is_named(void) {
  static const struct {
    const char *template, *message;
  } cases[] = {{"a{uuid:8}", "product UUID"},           {"a{mac:6}", "MAC address"},
               {"a{serial}", "serial number"},          {"a{random:4}", "random"},
               {"a{template}", "template's host name"}, {"a{ip[3]}", "IPv4 address"}};
  const NameFacts none = {.serial = ""};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    Problem problem = {.text = ""};
    char name[65];

    g_assert_cmpint(name_template_expand(cases[i].template, &none, name, sizeof name, &problem), ==, -ENODATA);
    g_assert_nonnull(strstr(problem.text, cases[i].message));
  }
}

static void test_a_serial_of_nothing_but_signs_is_missing(void) {
  NameFacts own = facts;
  char name[65];

  own.serial = " -- /";
  g_assert_cmpint(name_template_expand("a{serial}", &own, name, sizeof name, NULL), ==, -ENODATA);
}

static void test_a_bad_result_is_named(void) {
  Problem problem;
  char name[65];
  NameFacts own = facts;

  g_assert_cmpint(name_template_expand("web_{mac:6}", &facts, name, sizeof name, &problem), ==, -EINVAL);
  g_assert_nonnull(strstr(problem.text, "\"web_aabb01\" is not a host name"));
  g_assert_cmpint(name_template_expand("{uuid}{uuid}x", &facts, name, sizeof name, &problem), ==, -EINVAL);
  g_assert_nonnull(strstr(problem.text, "has 65 characters"));
  own.serial = "x1234567890123456789012345678901234567890123456789012345678901234567890";
  g_assert_cmpint(
      name_template_expand("{serial}{serial}{serial}{serial}{serial}{serial}", &own, name, sizeof name, &problem), ==,
      -EINVAL);
  g_assert_nonnull(strstr(problem.text, "has 426 characters"));
  g_assert_cmpint(name_template_expand("abcdef", &facts, name, 6, &problem), ==, -ENAMETOOLONG);
}

static void test_host_names_are_those_of_rfc_1123(void) {
  static const char *const good[] = {"a", "3com", "web-17", "Web-17.example.org", "1.2.c", NULL};
  static const char *const bad[] = {"",    "-a", "a-",   "a..b",      ".a",     "a.", "a_b",
                                    "a b", "ä",  "a\nb", "10.0.0.17", "a.-b.c", NULL};
  char long_label[66], long_name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

  for (gsize i = 0; good[i] != NULL; i++)
    g_assert_true(host_name_is_valid(good[i]));
  for (gsize i = 0; bad[i] != NULL; i++)
    g_assert_false(host_name_is_valid(bad[i]));
  memset(long_label, 'a', sizeof long_label);
  long_label[63] = '\0';
  g_assert_true(host_name_is_valid(long_label));
  long_label[63] = 'a';
  long_label[64] = '\0';
  g_assert_false(host_name_is_valid(long_label));
  g_assert_cmpuint(strlen(long_name), ==, 65);
  g_assert_false(host_name_is_valid(long_name));
  long_name[64] = '\0';
  g_assert_true(host_name_is_valid(long_name));
}

static void test_a_template_that_may_give_a_number_is_told_apart(void) {
  static const char *const numbers[] = {
      "{mac:6}", "{uuid:8}",   "{random:4}", "{serial}",        "{serial:4}",     "{mac[5]}",
      "17",      "1{mac:6}",   "{ip[3]}",    "{ip[0]}.{ip[1]}", "10.{mac[5]}",    "0x{mac:6}",
      "0X1f",    "{serial}ab", "0{serial}",  "1.2.3.{mac:2}",   "{mac:3}{uuid:2}"};
  static const char *const names[] = {"n{mac:6}",
                                      "{mac:6}n",
                                      "node-{mac:6}",
                                      "{template}-{mac:6}",
                                      "{template}{mac:6}",
                                      "{mac:6}.example.org",
                                      "1.2.3.4.{mac:2}",
                                      "{mac:2}-{mac:3}",
                                      "x{serial}",
                                      "0xg{mac:2}",
                                      "a",
                                      "{template}"};

  for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
    if (!name_template_may_be_address(numbers[i]))
      g_error("%s may give a number", numbers[i]);
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (name_template_may_be_address(names[i]))
      g_error("%s gives a name", names[i]);
}

static void test_a_name_that_is_a_number_is_refused(void) {
  static const char *const numbers[] = {"102030", "0x1f", "017", "10.1", "1.2.3.4"};
  NameFacts own = {.template_name = "102030"};
  char name[65];
  Problem problem;

  for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
    g_assert_false(host_name_is_valid(numbers[i]));
  g_assert_true(host_name_is_valid("10a") && host_name_is_valid("99999999999"));
  g_assert_cmpint(name_template_expand("{template}", &own, name, sizeof name, &problem), ==, -EINVAL);
  g_assert_nonnull(strstr(problem.text, "is a number"));
}

static void test_a_fixed_template_is_told_apart(void) {
  g_assert_true(name_template_is_fixed("web") && name_template_is_fixed("{template}-x") &&
                name_template_is_fixed("n-{mac[0]}{mac[2]}"));
  g_assert_false(name_template_is_fixed("{template}-{mac:6}") || name_template_is_fixed("n{mac[3]}") ||
                 name_template_is_fixed("n{random:1}") || name_template_is_fixed("n{serial}") ||
                 name_template_is_fixed("n{ip[3]}"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/name-template/each-field-yields-its-fact", test_each_field_yields_its_fact);
  g_test_add_func("/name-template/serial-never-begins-or-ends-with-a-dash",
                  test_serial_never_begins_or_ends_with_a_dash);
  g_test_add_func("/name-template/other-braces-are-errors", test_other_braces_are_errors);
  g_test_add_func("/name-template/counts-and-indexes-have-limits", test_counts_and_indexes_have_limits);
  g_test_add_func("/name-template/a-missing-fact-is-named", test_a_missing_fact_is_named);
  g_test_add_func("/name-template/a-serial-of-nothing-but-signs-is-missing",
                  test_a_serial_of_nothing_but_signs_is_missing);
  g_test_add_func("/name-template/a-bad-result-is-named", test_a_bad_result_is_named);
  g_test_add_func("/name-template/host-names-are-those-of-rfc-1123", test_host_names_are_those_of_rfc_1123);
  g_test_add_func("/name-template/a-template-that-may-give-a-number-is-told-apart",
                  test_a_template_that_may_give_a_number_is_told_apart);
  g_test_add_func("/name-template/a-name-that-is-a-number-is-refused", test_a_name_that_is_a_number_is_refused);
  g_test_add_func("/name-template/a-fixed-template-is-told-apart", test_a_fixed_template_is_told_apart);
  return g_test_run();
}
