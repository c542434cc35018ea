#include "decide/policy-lines.h"

#include <errno.h>

#include "fixture.h"
#include "policy-text.h"

/* What was read, as text: "[title]@line" and "key@line=value@line|value@line". */
static int note_section(void *user, const char *title, unsigned line) {
  g_string_append_printf(user, "[%s]@%u\n", title, line);
  return 0;
}

static int note_setting(void *user, const char *key, unsigned line, const PolicyLine *lines, size_t n_lines) {
  g_string_append_printf(user, "%s@%u=", key, line);
  for (size_t i = 0; i < n_lines; i++)
    g_string_append_printf(user, "%s%s@%u", i > 0 ? "|" : "", lines[i].text, lines[i].line);
  g_string_append_c(user, '\n');
  return 0;
}

static const PolicyHandlers handlers = {note_section, note_setting};

typedef struct {
  char *events;
  char *errors;
} Reading;

static void reading_clear(Reading *reading) {
  g_free(reading->events);
  g_free(reading->errors);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

static Reading read_bytes(const void *data, gsize size) {
  ParsedPolicy parsed = {.result = 0};
  GString *events = g_string_new(NULL);
  Reading reading;

  parsed_policy_add(&parsed, data, size);
  g_assert_cmpint(policy_lines_read(&parsed.files.items[0], &handlers, events, &parsed.errors), ==, 0);
  reading = (Reading){g_string_free(events, FALSE), errors_text(&parsed.errors)};
  parsed_policy_clear(&parsed);
  return reading;
}

static void assert_reads(const char *text, const char *events, const char *errors) {
  g_auto(Reading) reading = read_bytes(text, strlen(text));

  g_assert_cmpstr(reading.events, ==, events);
  g_assert_cmpstr(reading.errors, ==, errors);
}

static void test_sections_and_keys_have_their_lines(void) {
  assert_reads("", "", "");
  assert_reads("\n\n", "", "");
  assert_reads("[a]\nk=v\nl = w x \n[b]\n[c]\nm=\n", "[a]@1\nk@2=v@2\nl@3=w x@3\n[b]@4\n[c]@5\nm@6=@6\n", "");
  assert_reads("[a]\nk=v", "[a]@1\nk@2=v@2\n", "");
  assert_reads("[ host\t  web  17 ]", "[host web 17]@1\n", "");
  assert_reads("[network ens[12]]", "[network ens[12]]@1\n", "");
}

static void test_comments_are_no_part_of_it(void) {
  assert_reads("; x\n# y=z\n  ; [q]\n\t# r\n[a] ; c\nk = v ;c\nl = v;c # d\nm = ; none\n",
               "[a]@5\nk@6=v@6\nl@7=v;c # d@7\nm@8=@8\n", "");
  assert_reads("[a]\n;k = 1\n; a long comment may say anything: \"\xc3\xa4\"\n", "[a]@1\n", "");
}

static void test_bom_and_crlf_are_taken_off(void) {
  assert_reads("\xef\xbb\xbf[a]\r\nk = v\r\nl = w ; c\r\n", "[a]@1\nk@2=v@2\nl@3=w@3\n", "");
  assert_reads("\xef\xbb\xbf", "", "");
}

static void test_indented_lines_go_on_with_a_list(void) {
  assert_reads("[a]\nk = 1,\n  2, 3\n\n\t4 ; c\nl = 5\n", "[a]@1\nk@2=1,@2|2, 3@3|4@5\nl@6=5@6\n", "");
  assert_reads("[a]\nk =\n  2001:db8::1\n", "[a]@1\nk@2=@2|2001:db8::1@3\n", "");
  assert_reads("[a]\nk = 1\n[b]\n  2\n", "[a]@1\nk@2=1@2\n[b]@3\n",
               "policy.ini:4: b: neither [section] nor key = value, nor the indented rest of a list\n");
}

static void test_indented_keys_and_sections_are_keys_and_sections(void) {
  assert_reads("[a]\n  k = 1\n  l = 2\n  [b]\n    m = 3\n", "[a]@1\nk@2=1@2\nl@3=2@3\n[b]@4\nm@5=3@5\n", "");
}

static void test_long_names_and_colons_are_kept(void) {
  g_autofree char *long_name = g_strnfill(64, 'n');
  g_autofree char *text =
      g_strdup_printf("[host %s]\naddress.00:50:56:aa:bb:01 = 10.0.0.1/24\n%s.key = 1\n 2\n", long_name, long_name);
  g_autofree char *events = g_strdup_printf(
      "[host %s]@1\naddress.00:50:56:aa:bb:01@2=10.0.0.1/24@2\n%s.key@3=1@3|2@4\n", long_name, long_name);

  assert_reads(text, events, "");
}

static void test_lines_that_are_nothing_are_reported(void) {
  assert_reads("what\n[a]\nk: v\n= 3\nk = 4\nsome\n words\n[b\n[c] d\n[]\n", "[a]@2\nk@5=4@5\n[b]@8\n[c]@9\n[]@10\n",
               "policy.ini:1: (no section): neither [section] nor key = value, nor the indented rest of a list\n"
               "policy.ini:3: a: neither [section] nor key = value, nor the indented rest of a list\n"
               "policy.ini:4: a: there is no key before the =\n"
               "policy.ini:6: a: neither [section] nor key = value, nor the indented rest of a list\n"
               "policy.ini:7: a: neither [section] nor key = value, nor the indented rest of a list\n"
               "policy.ini:8: b: a section is [NAME], with nothing after the ] but a comment\n"
               "policy.ini:9: c: a section is [NAME], with nothing after the ] but a comment\n");
}

static void test_a_line_too_long_for_the_library_is_an_error(void) {
  g_autofree char *value = g_strnfill(3000, 'v');
  g_autofree char *text = g_strdup_printf("[a]\nk = %s\nl = 1\nm = 1\n  %s\n  2\n", value, value);
  g_auto(Reading) reading = read_bytes(text, strlen(text));

  g_assert_cmpstr(reading.events, ==, "[a]@1\nk@2=\nl@3=1@3\nm@4=1@4|2@6\n");
  g_assert_true(g_str_has_prefix(reading.errors, "policy.ini:2: a.k: 3002 bytes in one line"));
  g_assert_nonnull(strstr(reading.errors, "\npolicy.ini:5: a.m: 3002 bytes in one line"));
}

/* Every length around the library's limit: whole, or an error; never cut. */
static void test_no_length_is_cut_silently(void) {
  for (gsize length = 150; length < 300; length++) {
    g_autofree char *value = g_strnfill(length, 'v');
    g_autofree char *text = g_strdup_printf("[a]\nk = %s\n", value);
    g_autofree char *whole = g_strdup_printf("[a]@1\nk@2=%s@2\n", value);
    g_auto(Reading) reading = read_bytes(text, strlen(text));

    g_assert_cmpint(*reading.errors == '\0', ==, strcmp(reading.events, whole) == 0);
    g_assert_true(length > 190 || *reading.errors == '\0');
  }
}

static void test_a_line_of_a_mebibyte_is_an_error(void) {
  g_autofree char *line = g_strnfill(1 << 20, 'x');
  g_auto(Reading) plain = read_bytes(line, 1 << 20), comment = {NULL, NULL}, section = {NULL, NULL}, key = {NULL, NULL};

  g_assert_true(g_str_has_prefix(plain.errors, "policy.ini:1: (no section): neither"));
  line[0] = ';';
  comment = read_bytes(line, 1 << 20);
  g_assert_cmpstr(comment.errors, ==, "");
  line[0] = '[';
  section = read_bytes(line, 1 << 20);
  g_assert_nonnull(strstr(section.errors, "a section is [NAME]"));
  line[0] = 'x';
  line[1 << 19] = '=';
  key = read_bytes(line, 1 << 20);
  g_assert_nonnull(strstr(key.errors, "1048576 bytes in one line"));
}

static void assert_byte_error(const char *data, gsize size, const char *error) {
  g_auto(Reading) reading = read_bytes(data, size);

  g_assert_cmpstr(reading.errors, ==, error);
}

static void test_bytes_that_are_no_text_are_errors(void) {
#define ASSERT_BYTES(data, error) assert_byte_error((data), sizeof(data) - 1, (error))
  ASSERT_BYTES("[a]\nk=\xe4\nl=1\n\xe4=2\n", "policy.ini:2: a: invalid UTF-8: save the file as UTF-8\n"
                                             "policy.ini:4: a: invalid UTF-8: save the file as UTF-8\n");
  ASSERT_BYTES("[a]\nk=1\0002\nl=\n\0\n", "policy.ini:2: a: a NUL byte: this is not a text file\n");
  ASSERT_BYTES("; \x1b[31m\n", "policy.ini:1: (no section): a control character: write plain text\n");
  ASSERT_BYTES("; \xc2\x9b\n", "policy.ini:1: (no section): a control character: write plain text\n");
  ASSERT_BYTES("; a\rb\n", "policy.ini:1: (no section): a control character: write plain text\n");
  ASSERT_BYTES("; \x7f\n", "policy.ini:1: (no section): a control character: write plain text\n");
#undef ASSERT_BYTES
}

static void test_utf8_is_judged_as_unicode_has_it(void) {
  static const char *const good[] = {"\xc2\xa0",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",
                                     "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", NULL};
  static const char *const bad[] = {"\x80",
                                    "\xc0\x80",
                                    "\xc1\xbf",
                                    "\xc2",
                                    "\xc2\x41",
                                    "\xe0\x9f\xbf",
                                    "\xed\xa0\x80",
                                    "\xe2\x82",
                                    "\xe2\x82\x41",
                                    "\xf0\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80",
                                    "\xf5\x80\x80\x80",
                                    "\xff",
                                    "\xf0\x9f\x98",
                                    NULL};

  for (gsize i = 0; good[i] != NULL; i++) {
    g_autofree char *text = g_strdup_printf(";%s", good[i]);

    assert_reads(text, "", "");
  }
  for (gsize i = 0; bad[i] != NULL; i++) {
    g_autofree char *text = g_strdup_printf(";%s", bad[i]);

    assert_reads(text, "", "policy.ini:1: (no section): invalid UTF-8: save the file as UTF-8\n");
  }
}

static void test_garbage_never_harms(void) {
  static const char alphabet[] = "[]=;#: \t\r\n\\\"',.ab0\xc3\xa4\xff";

  for (unsigned round = 0; round < fixture_rounds(3000); round++) {
    guint8 data[400];
    gsize size = (gsize)g_test_rand_int_range(0, sizeof data);

    for (gsize i = 0; i < size; i++)
      data[i] = round % 3 == 0 ? (guint8)g_test_rand_int_range(0, 256)
                               : (guint8)alphabet[g_test_rand_int_range(0, sizeof alphabet - 1)];
    g_auto(Reading) reading = read_bytes(data, size);

    g_assert_nonnull(reading.events);
  }
}

static int refuse_section(void *user, const char *title, unsigned line) {
  return line > 1 ? -ENOMEM : 0;
}

static void test_an_error_of_a_handler_ends_the_reading(void) {
  static const PolicyHandlers refusing = {refuse_section, note_setting};
  g_autoptr(GString) events = g_string_new(NULL);
  g_auto(ParsedPolicy) parsed = {.result = 0};

  parsed_policy_add(&parsed, "[a]\nk=1\n[b]\nl=2\n", 16);
  g_assert_cmpint(policy_lines_read(&parsed.files.items[0], &refusing, events, &parsed.errors), ==, -ENOMEM);
  g_assert_cmpstr(events->str, ==, "k@2=1@2\n");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-lines/sections-and-keys-have-their-lines", test_sections_and_keys_have_their_lines);
  g_test_add_func("/policy-lines/comments-are-no-part-of-it", test_comments_are_no_part_of_it);
  g_test_add_func("/policy-lines/bom-and-crlf-are-taken-off", test_bom_and_crlf_are_taken_off);
  g_test_add_func("/policy-lines/indented-lines-go-on-with-a-list", test_indented_lines_go_on_with_a_list);
  g_test_add_func("/policy-lines/indented-keys-and-sections-are-keys-and-sections",
                  test_indented_keys_and_sections_are_keys_and_sections);
  g_test_add_func("/policy-lines/long-names-and-colons-are-kept", test_long_names_and_colons_are_kept);
  g_test_add_func("/policy-lines/lines-that-are-nothing-are-reported", test_lines_that_are_nothing_are_reported);
  g_test_add_func("/policy-lines/a-line-too-long-for-the-library-is-an-error",
                  test_a_line_too_long_for_the_library_is_an_error);
  g_test_add_func("/policy-lines/no-length-is-cut-silently", test_no_length_is_cut_silently);
  g_test_add_func("/policy-lines/a-line-of-a-mebibyte-is-an-error", test_a_line_of_a_mebibyte_is_an_error);
  g_test_add_func("/policy-lines/bytes-that-are-no-text-are-errors", test_bytes_that_are_no_text_are_errors);
  g_test_add_func("/policy-lines/utf8-is-judged-as-unicode-has-it", test_utf8_is_judged_as_unicode_has_it);
  g_test_add_func("/policy-lines/garbage-never-harms", test_garbage_never_harms);
  g_test_add_func("/policy-lines/an-error-of-a-handler-ends-the-reading", test_an_error_of_a_handler_ends_the_reading);
  return g_test_run();
}
