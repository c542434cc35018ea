#include "decide/policy-values.h"

#include "policy-text.h"

/* A setting x = TEXT at line 7 whose errors go to ERRORS; further lines of a list follow on lines 8, 9, ... */
typedef struct {
  PolicyLine lines[4];
  PolicyValue value;
} Setting;

static void set(Setting *setting, PolicyErrors *errors, char *const *texts) {
  *errors = (PolicyErrors){.items = NULL};
  *setting = (Setting){.value = {.file = "p.ini", .where = "s.x", .key = "x", .line = 7, .errors = errors}};
  setting->value.lines = setting->lines;
  for (; *texts != NULL; texts++) {
    setting->lines[setting->value.n_lines] = (PolicyLine){.text = *texts, .line = 7 + (unsigned)setting->value.n_lines};
    setting->value.n_lines++;
  }
}
#define SET(setting, errors, ...) set(setting, errors, (char *const[]){__VA_ARGS__, NULL})

static void assert_reported(PolicyErrors *errors, const char *expected) {
  g_autofree char *text = errors_text(errors);

  g_assert_cmpstr(text, ==, expected);
  policy_errors_clear(errors);
}

static char yes[] = "yes", off[] = "Off", both[] = "both # of them", empty[] = "", list[] = "a,,b \tc ,";
static char spaced[] = "VMware-42 1c, x", addresses[] = "10.0.0.1/24 10.0.0.300/24", domains[] = "a.example ~b -- c..d";
static char template[] = "n-{mac:6}", bad_template[] = "n_{mac:6}", gateways[] = "10.0.0.1, 2001:db8::1, 10.0.0.2";

static void test_words_are_single_and_not_empty(void) {
  PolicyErrors errors;
  Setting setting;
  int error;

  SET(&setting, &errors, both);
  g_assert_cmpstr(policy_value_word(&setting.value, &error), ==, "both # of them");
  SET(&setting, &errors, empty);
  g_assert_null(policy_value_word(&setting.value, &error));
  g_assert_cmpint(error, ==, 0);
  assert_reported(&errors, "p.ini:7: s.x: there is no value; leave the line out to have the default\n");
  SET(&setting, &errors, yes, off);
  g_assert_null(policy_value_word(&setting.value, &error));
  g_assert_cmpint(error, ==, 0);
  assert_reported(&errors, "p.ini:8: s.x: x is not a list: an indented line cannot go on with it\n");
  SET(&setting, &errors, NULL);
  g_assert_null(policy_value_word(&setting.value, &error));
  g_assert_cmpint(error, ==, 0);
  assert_reported(&errors, "");
}

static void test_choices_name_what_there_is(void) {
  static const char *const choices[] = {"on", "off", "yes", NULL};
  PolicyErrors errors;
  Setting setting;
  unsigned choice = 0;

  SET(&setting, &errors, yes);
  g_assert_cmpint(policy_value_choice(&setting.value, choices, &choice), ==, 1);
  g_assert_cmpuint(choice, ==, 2);
  SET(&setting, &errors, both);
  g_assert_cmpint(policy_value_choice(&setting.value, choices, &choice), ==, 0);
  assert_reported(&errors, "p.ini:7: s.x: \"both # of them\" is not on, off or yes (a comment after a value starts "
                           "with \" ;\")\n");
}

static void test_switches_have_eight_words(void) {
  char words[][6] = {"on", "YES", "true", "1", "Off", "no", "False", "0"};
  PolicyErrors errors;
  Setting setting;

  for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
    bool on = i >= 4;

    SET(&setting, &errors, words[i]);
    g_assert_cmpint(policy_value_switch(&setting.value, &on), ==, 1);
    g_assert_cmpint(on, ==, i < 4);
  }
  bool unused;
  SET(&setting, &errors, both);
  g_assert_cmpint(policy_value_switch(&setting.value, &unused), ==, 0);
  assert_reported(&errors, "p.ini:7: s.x: \"both # of them\" is neither on nor off\n");
}

static void test_lists_know_the_line_of_each_item(void) {
  PolicyErrors errors;
  Setting setting;
  PolicyList items;

  SET(&setting, &errors, list, yes);
  g_assert_cmpint(policy_value_list(&setting.value, policy_separators, false, &items), ==, 1);
  g_assert_cmpuint(items.count, ==, 4);
  g_assert_cmpstr(items.items[2].text, ==, "c");
  g_assert_cmpuint(items.items[2].line, ==, 7);
  g_assert_cmpstr(items.items[3].text, ==, "yes");
  g_assert_cmpuint(items.items[3].line, ==, 8);
  policy_list_clear(&items);
  SET(&setting, &errors, spaced);
  g_assert_cmpint(policy_value_list(&setting.value, ",", false, &items), ==, 1);
  g_assert_cmpuint(items.count, ==, 2);
  g_assert_cmpstr(items.items[0].text, ==, "VMware-42 1c");
  g_assert_cmpstr(items.items[1].text, ==, "x");
  policy_list_clear(&items);
}

static void test_empty_lists_are_errors_unless_they_mean_something(void) {
  PolicyErrors errors;
  Setting setting;
  PolicyList items;

  SET(&setting, &errors, empty);
  g_assert_cmpint(policy_value_list(&setting.value, policy_separators, true, &items), ==, 1);
  policy_list_clear(&items);
  g_assert_cmpint(policy_value_list(&setting.value, policy_separators, false, &items), ==, 0);
  policy_list_clear(&items);
  assert_reported(&errors, "p.ini:7: s.x: the list is empty; leave the line out to have the default\n");
}

static void test_templates_are_tried(void) {
  PolicyErrors errors;
  Setting setting;
  char *text = NULL;

  SET(&setting, &errors, template);
  g_assert_cmpint(policy_value_template(&setting.value, &text), ==, 1);
  g_assert_cmpstr(text, ==, "n-{mac:6}");
  SET(&setting, &errors, bad_template);
  g_assert_cmpint(policy_value_template(&setting.value, &text), ==, 0);
  g_assert_cmpstr(text, ==, "n-{mac:6}");
  g_assert_nonnull(strstr(errors.items[0].text, "\"n_aabb01\" is not a host name"));
  policy_errors_clear(&errors);
  free(text);
}

static void test_addresses_know_file_line_and_nic(void) {
  PolicyAddresses own = {NULL, 0};
  PolicyErrors errors;
  Setting setting;

  SET(&setting, &errors, addresses);
  g_assert_cmpint(policy_value_add_addresses(&setting.value, ADDRESS_OF_HOST, "ens1", false, &own), ==, 0);
  g_assert_cmpuint(own.count, ==, 1);
  g_assert_cmpstr(own.items[0].text, ==, "10.0.0.1");
  g_assert_cmpstr(own.items[0].nic, ==, "ens1");
  g_assert_cmpstr(own.items[0].file, ==, "p.ini");
  g_assert_cmpuint(own.items[0].line, ==, 7);
  assert_reported(&errors, "p.ini:7: s.x: \"10.0.0.300/24\" is not an IPv4 or IPv6 address\n");
  SET(&setting, &errors, gateways);
  g_assert_cmpint(policy_value_addresses(&setting.value, ADDRESS_OF_GATEWAY, false, &own), ==, 0);
  g_assert_cmpuint(own.count, ==, 2);
  assert_reported(&errors, "p.ini:7: s.x: 10.0.0.2 is a second IPv4 gateway: there may be one of each family\n");
  free(own.items);
}

static void test_domains_replace_those_before(void) {
  PolicyErrors errors;
  Setting setting;
  char **own = NULL;

  SET(&setting, &errors, yes);
  g_assert_cmpint(policy_value_domains(&setting.value, false, &own), ==, 1);
  g_assert_cmpstr(own[0], ==, "yes");
  SET(&setting, &errors, domains);
  g_assert_cmpint(policy_value_domains(&setting.value, false, &own), ==, 1);
  g_assert_cmpstr(own[0], ==, "a.example");
  g_assert_cmpstr(own[1], ==, "~b");
  g_assert_cmpstr(own[2], ==, "--");
  g_assert_null(own[3]);
  assert_reported(&errors, "p.ini:7: s.x: \"c..d\" is not a domain\n");
  g_strfreev(own);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-values/words-are-single-and-not-empty", test_words_are_single_and_not_empty);
  g_test_add_func("/policy-values/choices-name-what-there-is", test_choices_name_what_there_is);
  g_test_add_func("/policy-values/switches-have-eight-words", test_switches_have_eight_words);
  g_test_add_func("/policy-values/lists-know-the-line-of-each-item", test_lists_know_the_line_of_each_item);
  g_test_add_func("/policy-values/empty-lists-are-errors-unless-they-mean-something",
                  test_empty_lists_are_errors_unless_they_mean_something);
  g_test_add_func("/policy-values/templates-are-tried", test_templates_are_tried);
  g_test_add_func("/policy-values/addresses-know-file-line-and-nic", test_addresses_know_file_line_and_nic);
  g_test_add_func("/policy-values/domains-replace-those-before", test_domains_replace_those_before);
  return g_test_run();
}
