/* output.c: tables line up; nothing that was read can drive a terminal; no colours in a file. */
#include "cli/output.h"

#include <stdlib.h>

static char *capture(void (*print)(FILE *stream)) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = tmpfile();

  g_assert_nonnull(stream);
  print(stream);
  size = (size_t)ftell(stream);
  rewind(stream);
  text = g_malloc0(size + 1);
  g_assert_cmpuint(fread(text, 1, size, stream), ==, size);
  (void)fclose(stream);
  return text;
}

static void print_table(FILE *stream) {
  static const char *const headings[] = {"NAME", "X", "LAST", NULL};
  static const char *const first[] = {"a", "longer", "end"};
  static const char *const second[] = {"\xc3\xa9t\xc3\xa9", NULL, "fin"};
  g_autoptr(Table) table = table_new(headings);

  table_row(table, first);
  table_row(table, second);
  table_print(table, stream);
}

static void test_tables_line_up(void) {
  g_autofree char *text = capture(print_table);

  g_assert_cmpstr(text, ==, "NAME  X       LAST\na     longer  end\n\xc3\xa9t\xc3\xa9           fin\n");
}

static void print_controls(FILE *stream) {
  output_tone(stream, TONE_BAD, "a\x1b[2Jb\rc\n");
}

static void test_control_characters_are_disarmed(void) {
  g_autofree char *text = capture(print_controls);

  g_assert_cmpstr(text, ==, "a?[2Jb?c\n");
}

static void print_diff(FILE *stream) {
  output_diff(stream, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
}

static void test_a_diff_in_a_file_is_plain(void) {
  g_autofree char *text = capture(print_diff);

  g_assert_cmpstr(text, ==, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
}

static void test_no_control_character_reaches_a_terminal(void) {
  static const struct {
    const char *text, *clean;
  } cases[] = {{"a\x1b[2Jb\rc\x07", "a?[2Jb?c?"},
               {"\xc2\x9b"
                "2J",
                "?2J"},
               {"\x9b"
                "2J",
                "\\x9B2J"},
               {"caf\xe9", "caf\\xE9"},
               {"\xe2\x80\xae"
                "gpj",
                "?gpj"},
               {"\xc3\xa9\tok\n", "\xc3\xa9\tok\n"}};

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *clean = output_clean(cases[i].text);
    g_assert_cmpstr(clean, ==, cases[i].clean);
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/output/tables-line-up", test_tables_line_up);
  g_test_add_func("/output/control-characters-are-disarmed", test_control_characters_are_disarmed);
  g_test_add_func("/output/a-diff-in-a-file-is-plain", test_a_diff_in_a_file_is_plain);
  g_test_add_func("/output/no-control-character-reaches-a-terminal", test_no_control_character_reaches_a_terminal);
  return g_test_run();
}
