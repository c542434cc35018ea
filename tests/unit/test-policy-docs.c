/* The man page and the example say what the parser knows: all of it, and nothing else. Run in the source directory. */
#include "decide/policy-draft.h"
#include "plan/steps.h"
#include "policy-text.h"

#define MAN_PAGE "packaging/reset-identity.ini.5"
#define EXAMPLE "conf/policy.ini"

static char **lines_of(const char *path) {
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  (void)g_file_get_contents(path, &text, NULL, &error);
  g_assert_no_error(error);
  return g_strsplit(text, "\n", -1);
}

/* "section.key" of every row of the grammar. */
static GHashTable *known_keys(void) {
  GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < n_policy_keys; i++)
    g_hash_table_add(keys, g_strdup_printf("%s.%s", policy_keys[i].section, policy_keys[i].key));
  return keys;
}

static void assert_same_keys(GHashTable *documented, const char *path) {
  g_autoptr(GHashTable) known = known_keys();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init(&iter, known);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    if (!g_hash_table_contains(documented, key))
      g_error("%s does not mention %s", path, (char *)key);
  g_hash_table_iter_init(&iter, documented);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    if (!g_hash_table_contains(known, key))
      g_error("%s mentions %s, which the parser does not know", path, (char *)key);
}

/* The page's own way of writing a key's line: "\fBsettled\-uuid\fR = ...". NULL: LINE is none. */
static char *tagged_key(const char *line) {
  const char *end = g_str_has_prefix(line, "\\fB") ? strstr(line, "\\fR = ") : NULL;

  if (end == NULL)
    return NULL;
  g_autofree char *written = g_strndup(line + strlen("\\fB"), (gsize)(end - line) - strlen("\\fB"));
  g_auto(GStrv) parts = g_strsplit(written, "\\-", -1);
  return g_strjoinv("-", parts);
}

/* The word between a bracket and a blank or the closing bracket. */
static char *section_word(const char *text) {
  return g_strndup(text + 1, strcspn(text + 1, " ]"));
}

static void test_the_man_page_has_every_key_and_no_other(void) {
  g_auto(GStrv) lines = lines_of(MAN_PAGE);
  g_autoptr(GHashTable) documented = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *section = NULL;

  for (gsize i = 0; lines[i] != NULL; i++) {
    g_autofree char *key = tagged_key(lines[i]);

    if (g_str_has_prefix(lines[i], ".SS [")) {
      g_free(section);
      section = section_word(lines[i] + strlen(".SS "));
    } else if (key != NULL) {
      g_hash_table_add(documented, g_strdup_printf("%s.%s", section, key));
    }
  }
  assert_same_keys(documented, MAN_PAGE);
}

static void test_the_man_page_has_every_step(void) {
  g_auto(GStrv) lines = lines_of(MAN_PAGE);

  for (gsize i = 0; i < n_steps; i++) {
    g_auto(GStrv) parts = g_strsplit(steps[i].name, "-", -1);
    g_autofree char *written = g_strjoinv("\\-", parts);
    g_autofree char *line = g_strdup_printf("\\fB%s\\fR", written);

    if (!g_strv_contains((const char *const *)lines, line))
      g_error(MAN_PAGE " does not mention the step %s", steps[i].name);
  }
}

/* The example with everything in it in force. */
static char *uncommented_example(void) {
  g_auto(GStrv) lines = lines_of(EXAMPLE);
  GString *text = g_string_new(NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    g_string_append_printf(text, "%s\n", lines[i] + (lines[i][0] == ';'));
  return g_string_free(text, FALSE);
}

static void parse_with_real_steps(ParsedPolicy *parsed, const char *text) {
  *parsed = (ParsedPolicy){.result = 0};
  parsed_policy_add(parsed, text, strlen(text));
  parsed->result = policy_parse(&parsed->files, steps_names(), &parsed->policy, &parsed->errors);
  assert_valid(parsed);
}

static void assert_defaults(const Policy *policy) {
  Policy defaults;

  policy_defaults(&defaults);
  g_assert_cmpint(policy->detect.uuid, ==, defaults.detect.uuid);
  g_assert_cmpint(policy->detect.mac, ==, defaults.detect.mac);
  g_assert_cmpint(policy->detect.settled_uuid, ==, defaults.detect.settled_uuid);
  g_assert_cmpint(policy->detect.settled_mac, ==, defaults.detect.settled_mac);
  g_assert_cmpint(policy->machine_id, ==, defaults.machine_id);
  g_assert_cmpint(policy->connection_uuid, ==, defaults.connection_uuid);
  g_assert_cmpint(policy->network.method, ==, defaults.network.method);
  g_assert_cmpint(policy->unmatched, ==, defaults.unmatched);
  g_assert_cmpint(policy->foreign, ==, defaults.foreign);
  g_assert_cmpint(policy->probe, ==, defaults.probe);
  g_assert_cmpint(policy->isolate, ==, defaults.isolate);
}

static void test_the_example_changes_nothing_as_it_is(void) {
  g_auto(ParsedPolicy) parsed;
  g_auto(GStrv) lines = lines_of(EXAMPLE);
  g_autofree char *text = g_strjoinv("\n", lines);

  parse_with_real_steps(&parsed, text);
  assert_defaults(&parsed.policy);
  g_assert_null(parsed.policy.hostname);
  g_assert_cmpuint(parsed.policy.n_hosts + parsed.policy.n_nics + parsed.policy.n_steps, ==, 0);
  g_assert_false(parsed.policy.network.method_set);
}

static void test_the_uncommented_example_is_valid_and_shows_the_defaults(void) {
  g_auto(ParsedPolicy) parsed;
  g_autofree char *text = uncommented_example();

  parse_with_real_steps(&parsed, text);
  assert_defaults(&parsed.policy);
  g_assert_cmpstr(parsed.policy.hostname, ==, POLICY_DEFAULT_HOSTNAME);
  g_assert_cmpuint(parsed.policy.n_hosts, ==, 1);
  g_assert_cmpuint(parsed.policy.n_nics, ==, 1);
  g_assert_cmpuint(parsed.policy.n_steps, ==, n_steps);
  for (gsize i = 0; i < n_steps; i++)
    g_assert_cmpint(policy_step_enabled(&parsed.policy, steps[i].name, !steps[i].by_default), ==, steps[i].by_default);
}

static void test_the_example_has_every_key(void) {
  g_autofree char *text = uncommented_example();
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autoptr(GHashTable) shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *section = NULL;

  for (gsize i = 0; lines[i] != NULL; i++) {
    const char *equals = strstr(lines[i], " = ");

    if (lines[i][0] == '[') {
      g_free(section);
      section = section_word(lines[i]);
    } else if (lines[i][0] != '#' && equals != NULL) {
      g_autofree char *name = g_strndup(lines[i], (gsize)(equals - lines[i]));
      const PolicyKey *key = policy_key_find(section, name);

      g_assert_nonnull(key);
      g_hash_table_add(shown, g_strdup_printf("%s.%s", section, key->key));
    }
  }
  assert_same_keys(shown, EXAMPLE);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-docs/the-man-page-has-every-key-and-no-other", test_the_man_page_has_every_key_and_no_other);
  g_test_add_func("/policy-docs/the-man-page-has-every-step", test_the_man_page_has_every_step);
  g_test_add_func("/policy-docs/the-example-changes-nothing-as-it-is", test_the_example_changes_nothing_as_it_is);
  g_test_add_func("/policy-docs/the-uncommented-example-is-valid-and-shows-the-defaults",
                  test_the_uncommented_example_is_valid_and_shows_the_defaults);
  g_test_add_func("/policy-docs/the-example-has-every-key", test_the_example_has_every_key);
  return g_test_run();
}
