/* agent/profiles/text/keyfile-text.c: what changes is what was asked for, and GKeyFile reads it so.
 */
#include <string.h>

#include "fixture.h"
#include "profiles/text/keyfile-text.h"

static KeyfileText *parse_bytes(const char *data, gsize size) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);
  g_autoptr(GError) error = NULL;
  KeyfileText *text = keyfile_text_parse(bytes, &error);

  g_assert_no_error(error);
  g_assert_nonnull(text);
  return text;
}

static KeyfileText *parse(const char *data) {
  return parse_bytes(data, strlen(data));
}

static void assert_text(const KeyfileText *text, const char *expected) {
  g_autoptr(GBytes) bytes = keyfile_text_bytes(text);
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);
  g_autofree char *copy = g_strndup(data != NULL ? data : "", size);

  g_assert_cmpstr(copy, ==, expected);
}

static void assert_value(const KeyfileText *text, const char *group, const char *key, const char *expected) {
  g_autofree char *value = keyfile_text_get(text, group, key);

  g_assert_cmpstr(value, ==, expected);
}

static void reads_by_gkeyfiles_rules(void) {
  g_autoptr(KeyfileText) text = parse("# [no]\n  [a] \n b \t=  c d  \n;semi=1\nb=last\n[z]\n[a]\nmore=2\nb=\n");
  g_auto(GStrv) groups = keyfile_text_groups(text);
  g_auto(GStrv) keys = keyfile_text_keys(text, "a");
  g_autofree char *group_list = g_strjoinv(",", groups);
  g_autofree char *key_list = g_strjoinv(",", keys);

  g_assert_cmpstr(group_list, ==, "a,z");
  g_assert_cmpstr(key_list, ==, "b,;semi,more");
  assert_value(text, "a", "b", "");
  assert_value(text, "a", ";semi", "1");
  assert_value(text, "a", "absent", NULL);
  assert_value(text, "no", "b", NULL);
  g_assert_true(keyfile_text_has_group(text, "z"));
  g_assert_false(keyfile_text_has_group(text, "no"));
}

static void sets_the_winning_line_only(void) {
  g_autoptr(KeyfileText) text = parse("[a]\nb=1\n# b=x\nb = 2 \n[c]\nb=3\n[a]\n");

  keyfile_text_set(text, "a", "b", "new");
  assert_text(text, "[a]\nb=1\n# b=x\nb = new\n[c]\nb=3\n[a]\n");
  assert_value(text, "a", "b", "new");
  keyfile_text_set(text, "a", "b", "");
  assert_text(text, "[a]\nb=1\n# b=x\nb = \n[c]\nb=3\n[a]\n");
}

static void keeps_crlf_and_a_missing_final_newline(void) {
  g_autoptr(KeyfileText) text = parse("[a]\r\nb=1\r\nc=2");

  keyfile_text_set(text, "a", "c", "3");
  assert_text(text, "[a]\r\nb=1\r\nc=3");
  keyfile_text_set(text, "a", "d", "4");
  assert_text(text, "[a]\r\nb=1\r\nc=3\r\nd=4");
  keyfile_text_set(text, "e", "f", "5");
  assert_text(text, "[a]\r\nb=1\r\nc=3\r\nd=4\r\n\r\n[e]\r\nf=5");
  g_assert_true(keyfile_text_remove(text, "e", "f"));
  assert_text(text, "[a]\r\nb=1\r\nc=3\r\nd=4\r\n\r\n[e]");
}

static void keeps_what_stands_behind_a_nul(void) {
  static const char before[] = "[a]\nb=1\0x\n";
  g_autoptr(KeyfileText) text = parse_bytes(before, sizeof before - 1);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GBytes) expected = g_bytes_new_static("[a]\nb=22\0x\n", 11);

  assert_value(text, "a", "b", "1");
  keyfile_text_set(text, "a", "b", "22");
  bytes = keyfile_text_bytes(text);
  g_assert_true(g_bytes_equal(bytes, expected));
}

static void adds_like_the_neighbours(void) {
  g_autoptr(KeyfileText) text = parse("[a]\n  b = 1\n\n# about c\n[c]\n\n[d]\nx=1\n");

  keyfile_text_set(text, "a", "n", "2");
  keyfile_text_set(text, "c", "n", "3");
  assert_text(text, "[a]\n  b = 1\n  n = 2\n\n# about c\n[c]\n  n = 3\n\n[d]\nx=1\n");
  keyfile_text_set(text, "e", "k", "v");
  assert_text(text, "[a]\n  b = 1\n  n = 2\n\n# about c\n[c]\n  n = 3\n\n[d]\nx=1\n\n[e]\n  k = v\n");
}

static void adds_to_an_empty_text(void) {
  g_autoptr(KeyfileText) text = parse("");

  keyfile_text_set(text, "a", "b", "c");
  keyfile_text_set(text, "a", "d", "e");
  assert_text(text, "[a]\nb=c\nd=e\n");
}

static void removes_all_duplicates_and_no_comment(void) {
  g_autoptr(KeyfileText) text = parse("[a]\n# why b\nb=1\nc=1\nb=2\n[d]\nb=3\n[a]\nb=4\n");

  g_assert_true(keyfile_text_remove(text, "a", "b"));
  g_assert_false(keyfile_text_remove(text, "a", "b"));
  g_assert_false(keyfile_text_remove(text, "none", "b"));
  assert_text(text, "[a]\n# why b\nc=1\n[d]\nb=3\n[a]\n");
}

static void replaces_keys_where_the_first_of_them_stood(void) {
  const char *const old_keys[] = {"addresses2", "address1", "address", NULL};
  const char *const pairs[] = {"address1", "10.0.0.17/24", "address2", "10.0.0.18/24", NULL};
  g_autoptr(KeyfileText) text =
      parse("[ipv4]\nmethod=manual\naddress = 1.1.1.1/24\n# second\naddresses2=2.2.2.2\naddress=3\ndns=9.9.9.9;\n");
  g_autoptr(KeyfileText) none = parse("[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto");

  keyfile_text_replace(text, "ipv4", old_keys, pairs);
  assert_text(text,
              "[ipv4]\nmethod=manual\naddress1 = 10.0.0.17/24\naddress2 = 10.0.0.18/24\n# second\ndns=9.9.9.9;\n");
  assert_value(text, "ipv4", "address2", "10.0.0.18/24");
  assert_value(text, "ipv4", "address", NULL);
  keyfile_text_set(text, "ipv4", "address1", "again");
  assert_text(text, "[ipv4]\nmethod=manual\naddress1 = again\naddress2 = 10.0.0.18/24\n# second\ndns=9.9.9.9;\n");

  keyfile_text_replace(none, "ipv4", old_keys, pairs);
  keyfile_text_replace(none, "ipv6", old_keys, pairs);
  assert_text(none, "[ipv4]\nmethod=auto\naddress1=10.0.0.17/24\naddress2=10.0.0.18/24\n\n"
                    "[ipv6]\nmethod=auto\naddress1=10.0.0.17/24\naddress2=10.0.0.18/24");
}

static void collect_line(const char *group, const char *key, const char *value, guint line, gpointer data) {
  g_string_append_printf(data, "%u:%s.%s=%s ", line, group, key, value);
}

static void walks_over_the_values_in_force(void) {
  g_autoptr(KeyfileText) text = parse("#\n[a]\nb=1\nc=2\nb=3\n[d]\ne=4");
  g_autoptr(GString) seen = g_string_new(NULL);

  keyfile_text_foreach(text, collect_line, seen);
  g_assert_cmpstr(seen->str, ==, "4:a.c=2 5:a.b=3 7:d.e=4 ");
}

static void refuses_what_gkeyfile_refuses(void) {
  static const char *const texts[] = {"\xef\xbb\xbf[a]\nb=c\n", "b=c\n", "[a]\nb\n", "[a\n", "[a]\n;comment\n",
                                      "[a]\nEncoding=latin1\n"};

  for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(texts[i], strlen(texts[i]));
    g_autoptr(GError) error = NULL;

    g_assert_null(keyfile_text_parse(bytes, &error));
    g_assert_nonnull(error);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
  }
}

/* A refused line may be half a secret: only its number is said. */
static void says_the_number_of_a_refused_line_only(void) {
  static const struct {
    const char *text, *message;
  } rows[] = {
      {"[a]\nb=c\n# d\nMIIEvQIBADANBg\ne=f\nsecond\n", "line 4 is no key, group or comment"},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n", "line 1 is no key, group or comment"},
      {"\nb=hunter2\n[a]\n", "line 2 is a key in front of the first group"},
      {"[a]\nb=1\nEncoding=hunter2\n", "line 3 says an encoding that is not UTF-8"},
      {"[a]\nb=1\nhunter2", "line 3 is no key, group or comment"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].text, strlen(rows[i].text));
    g_autoptr(GError) error = NULL;

    g_assert_null(keyfile_text_parse(bytes, &error));
    g_assert_cmpstr(error->message, ==, rows[i].message);
  }
}

static void is_linear_in_duplicates_and_long_lines(void) {
  GString *many = g_string_new("[a]\n");
  const char *const old_keys[] = {"b", NULL};
  const char *const pairs[] = {"c", "1", NULL};

  for (guint i = 0; i < fixture_rounds(300000); i++)
    g_string_append(many, "b=1\n");
  g_string_append_printf(many, "d=%0*d\n", 1 << 20, 0);
  {
    g_autoptr(KeyfileText) text = parse(many->str);

    keyfile_text_set(text, "a", "d", "short");
    keyfile_text_replace(text, "a", old_keys, pairs);
    assert_text(text, "[a]\nc=1\nd=short\n");
  }
  g_string_free(many, TRUE);
}

/* A random text of the bytes that matter to the rules. */
static GBytes *random_text(void) {
  static const char *const pieces[] = {"[a]",  "[b]", "[a] ", "k",  "key", "=",   " = ",     "\n", "\n",   "\r\n",
                                       "\r",   " ",   "\t",   "#",  ";",   "x",   "\f",      "\v", "\xe9", "k=v",
                                       "k=w;", "[",   "]",    "\\", "\n#", "k2=", "\n[c]\n", "\n", "\nq=", "\n[a]"};
  GString *text = g_string_new(g_test_rand_bit() ? "[a]\n" : "");
  int count = g_test_rand_int_range(0, 24);
  gsize size;

  for (int i = 0; i < count; i++) {
    if (g_test_rand_int_range(0, 40) == 0)
      g_string_append_c(text, '\0');
    g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
  }
  size = text->len;
  return g_bytes_new_take(g_string_free(text, FALSE), size);
}

static GKeyFile *load(GBytes *bytes) {
  GKeyFile *keyfile = g_key_file_new();
  gsize size;
  const char *data = g_bytes_get_data(bytes, &size);

  if (g_key_file_load_from_data(keyfile, data != NULL ? data : "", size, G_KEY_FILE_NONE, NULL))
    return keyfile;
  g_key_file_unref(keyfile);
  return NULL;
}

/* Every group and value as GKeyFile sees it, but for translations ("key[de]"), which it drops by the locale. */
static char *as_gkeyfile_reads(GKeyFile *keyfile) {
  g_auto(GStrv) groups = g_key_file_get_groups(keyfile, NULL);
  GString *seen = g_string_new(NULL);

  for (char **group = groups; *group != NULL; group++) {
    g_auto(GStrv) keys = g_key_file_get_keys(keyfile, *group, NULL, NULL);
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);

    g_string_append_printf(seen, "[%s]\n", *group);
    for (char **key = keys; *key != NULL; key++) {
      g_autofree char *value = g_key_file_get_value(keyfile, *group, *key, NULL);

      if (strchr(*key, '[') == NULL && g_hash_table_add(listed, *key))
        g_string_append_printf(seen, "%s=%s\n", *key, value);
    }
  }
  return g_string_free(seen, FALSE);
}

static char *as_we_read(const KeyfileText *text) {
  g_auto(GStrv) groups = keyfile_text_groups(text);
  GString *seen = g_string_new(NULL);

  for (char **group = groups; *group != NULL; group++) {
    g_auto(GStrv) keys = keyfile_text_keys(text, *group);

    g_string_append_printf(seen, "[%s]\n", *group);
    for (char **key = keys; *key != NULL; key++) {
      g_autofree char *value = keyfile_text_get(text, *group, *key);

      if (strchr(*key, '[') == NULL)
        g_string_append_printf(seen, "%s=%s\n", *key, value);
    }
  }
  return g_string_free(seen, FALSE);
}

static void agrees_with_gkeyfile_on_random_texts(void) {
  const char *const old_keys[] = {"k2", "k", NULL};
  const char *const pairs[] = {"k", "new", "k2", "newer", NULL};
  guint accepted = 0;

  for (guint i = 0; i < fixture_rounds(20000); i++) {
    g_autoptr(GBytes) bytes = random_text();
    g_autoptr(GKeyFile) keyfile = load(bytes);
    g_autoptr(KeyfileText) text = keyfile_text_parse(bytes, NULL);
    g_autoptr(GBytes) same = NULL;

    g_assert_true((keyfile != NULL) == (text != NULL));
    if (text == NULL)
      continue;
    accepted++;
    same = keyfile_text_bytes(text);
    g_assert_true(g_bytes_equal(same, bytes));
    {
      g_autofree char *theirs = as_gkeyfile_reads(keyfile);
      g_autofree char *ours = as_we_read(text);

      g_assert_cmpstr(ours, ==, theirs);
    }
    keyfile_text_replace(text, "a", old_keys, pairs);
    keyfile_text_set(text, "b", "key", "set");
    keyfile_text_set(text, "a", "k", "set");
    (void)keyfile_text_remove(text, "c", "q");
    {
      g_autoptr(GBytes) after = keyfile_text_bytes(text);
      g_autoptr(GKeyFile) edited = load(after);
      g_autofree char *k = NULL;
      g_autofree char *k2 = NULL;
      g_autofree char *key = NULL;

      g_assert_nonnull(edited);
      k = g_key_file_get_value(edited, "a", "k", NULL);
      k2 = g_key_file_get_value(edited, "a", "k2", NULL);
      key = g_key_file_get_value(edited, "b", "key", NULL);
      g_assert_cmpstr(k, ==, "set");
      g_assert_cmpstr(k2, ==, "newer");
      g_assert_cmpstr(key, ==, "set");
      g_assert_false(g_key_file_has_key(edited, "c", "q", NULL));
    }
  }
  g_assert_cmpuint(accepted, >, fixture_rounds(1000));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/keyfile-text/reads-by-gkeyfiles-rules", reads_by_gkeyfiles_rules);
  g_test_add_func("/keyfile-text/sets-the-winning-line-only", sets_the_winning_line_only);
  g_test_add_func("/keyfile-text/keeps-crlf-and-a-missing-final-newline", keeps_crlf_and_a_missing_final_newline);
  g_test_add_func("/keyfile-text/keeps-what-stands-behind-a-nul", keeps_what_stands_behind_a_nul);
  g_test_add_func("/keyfile-text/adds-like-the-neighbours", adds_like_the_neighbours);
  g_test_add_func("/keyfile-text/adds-to-an-empty-text", adds_to_an_empty_text);
  g_test_add_func("/keyfile-text/removes-all-duplicates-and-no-comment", removes_all_duplicates_and_no_comment);
  g_test_add_func("/keyfile-text/replaces-keys-where-the-first-of-them-stood",
                  replaces_keys_where_the_first_of_them_stood);
  g_test_add_func("/keyfile-text/walks-over-the-values-in-force", walks_over_the_values_in_force);
  g_test_add_func("/keyfile-text/refuses-what-gkeyfile-refuses", refuses_what_gkeyfile_refuses);
  g_test_add_func("/keyfile-text/says-the-number-of-a-refused-line-only", says_the_number_of_a_refused_line_only);
  g_test_add_func("/keyfile-text/is-linear-in-duplicates-and-long-lines", is_linear_in_duplicates_and_long_lines);
  g_test_add_func("/keyfile-text/agrees-with-gkeyfile-on-random-texts", agrees_with_gkeyfile_on_random_texts);
  return g_test_run();
}
