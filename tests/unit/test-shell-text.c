/* agent/profiles/text/shell-text.c: what changes is what was asked for, and a shell reads it so. The judge of what a
 * text says is bash, which reads these files on the systems that have them. */
#include <gio/gio.h>
#include <string.h>

#include "base/bytes.h"
#include "fixture.h"
#include "profiles/text/shell-text.h"

static const char corpus[] = "tests/corpus/ifcfg";

static ShellText *parse_bytes(const char *data, gsize size) {
  g_autoptr(GBytes) bytes = g_bytes_new(data, size);

  return shell_text_parse(bytes);
}

static ShellText *parse(const char *data) {
  return parse_bytes(data, strlen(data));
}

static void assert_text(const ShellText *text, const char *expected) {
  g_autoptr(GBytes) bytes = shell_text_bytes(text);
  g_autofree char *copy = bytes_dup(bytes);

  g_assert_cmpstr(copy, ==, expected);
}

static void assert_value(const ShellText *text, const char *key, const char *expected) {
  g_autofree char *value = shell_text_get(text, key);

  g_assert_cmpstr(value, ==, expected);
}

static void assert_why_not(const char *data, const char *expected) {
  g_autoptr(ShellText) text = parse(data);

  g_assert_cmpstr(shell_text_why_not(text), ==, expected);
}

static void reads_words_of_every_quoting(void) {
  g_autoptr(ShellText) text =
      parse("A=plain\nB='sin\"gle' \nC=\"dou'ble \\\" \\x\"\nD=$'t\\tb\\x41'\nE=a\\ b'c d'\"e f\"#g # h\n"
            "F=1;\nG=con\\\ntinued\nH=\n I=in\n");

  g_assert_cmpstr(shell_text_why_not(text), ==, NULL);
  assert_value(text, "A", "plain");
  assert_value(text, "B", "sin\"gle");
  assert_value(text, "C", "dou'ble \" \\x");
  assert_value(text, "D", "t\tbA");
  assert_value(text, "E", "a bc de f#g");
  assert_value(text, "F", "1");
  assert_value(text, "G", "continued");
  assert_value(text, "H", "");
  assert_value(text, "I", "in");
  assert_value(text, "J", NULL);
  g_assert_cmpuint(shell_text_line(text, "H"), ==, 9);
  g_assert_cmpuint(shell_text_line(text, "J"), ==, 0);
}

static void the_last_assignment_is_in_effect(void) {
  g_autoptr(ShellText) text = parse("A=1\nB=2\nA='3'\nA1=4\n");

  assert_value(text, "A", "3");
  shell_text_set(text, "A", "new");
  assert_text(text, "A=1\nB=2\nA='new'\nA1=4\n");
}

static void says_in_which_line_a_shell_would_have_to_run(void) {
  assert_why_not("A=1\nB=$A\n", "in line 2 a shell would have to work out what it says");
  assert_why_not("A=\"\n`id`\"\n", "in line 1 a shell would have to work out what it says");
  assert_why_not("\n. ./common\nA=$(id)\n", "in line 2 a command is run");
  assert_why_not("A=1 id\n", "in line 1 a command is run");
  assert_why_not("A=1 B=2\n", "in line 1 there are two assignments, of which NetworkManager takes none");
  assert_why_not("A='\n", "in line 1 a quote is not closed");
  assert_why_not("A=(1 2)\n", "in line 1 it is an array or no assignment");
  assert_why_not("A=1\rB\n", "in line 1 it has a character that shells and NetworkManager take differently");
  {
    g_autoptr(ShellText) nul = parse_bytes("A=1\nB=2\0\n", 9);

    g_assert_cmpstr(shell_text_why_not(nul), ==, "in line 2 there is a NUL byte");
  }
  assert_why_not("A='x\nB=2'\n",
                 "in line 1 there is a value over several lines, and NetworkManager takes one of them for an "
                 "assignment of its own");
}

static void what_is_not_known_hides_no_other_line(void) {
  g_autoptr(ShellText) text = parse("A=$X\nB='open\nC=3\nA2=\"$(\nD=4\n");

  assert_value(text, "A", NULL);
  g_assert_cmpuint(shell_text_line(text, "A"), ==, 1);
  assert_value(text, "C", "3");
  assert_value(text, "D", "4");
}

static void sets_in_the_quotes_that_were_there(void) {
  g_autoptr(ShellText) text = parse("A=1\nB=\"1\"\t# b\nC='1';\nD=$'1'\nE=1'2'\n  F=1");

  shell_text_set(text, "A", "two words");
  shell_text_set(text, "B", "x");
  shell_text_set(text, "C", "it's");
  shell_text_set(text, "D", "$HOME \\ `\"");
  shell_text_set(text, "E", "10.0.0.1/24");
  shell_text_set(text, "F", "2001:db8::1%eth0");
  assert_text(text, "A=\"two words\"\nB=\"x\"\t# b\nC=\"it's\";\nD=\"\\$HOME \\\\ \\`\\\"\"\nE=\"10.0.0.1/24\"\n"
                    "  F=2001:db8::1%eth0");
}

static void puts_a_new_key_behind_its_neighbour_or_the_last(void) {
  g_autoptr(ShellText) text = parse("# head\n  A='1'\nB=2 # b\n\n# tail\n");

  shell_text_set_behind(text, "A", "A2", "x");
  shell_text_set_behind(text, "no", "C", "3");
  shell_text_set(text, "D", "4");
  assert_text(text, "# head\n  A='1'\n  A2='x'\nB=2 # b\nC=3\nD=4\n\n# tail\n");
  shell_text_set_behind(text, "A", "D", "5");
  assert_text(text, "# head\n  A='1'\n  A2='x'\nB=2 # b\nC=3\nD=5\n\n# tail\n");
}

static void keeps_crlf_and_a_missing_final_newline(void) {
  g_autoptr(ShellText) text = parse("A=1\r\n\r\nB=\"2\"\r\nC=3");

  assert_value(text, "B", "2");
  shell_text_set(text, "B", "x");
  shell_text_set_behind(text, "B", "B2", "y");
  shell_text_set(text, "D", "4");
  assert_text(text, "A=1\r\n\r\nB=\"x\"\r\nB2=\"y\"\r\nC=3\r\nD=4");
  g_assert_true(shell_text_remove(text, "D"));
  assert_text(text, "A=1\r\n\r\nB=\"x\"\r\nB2=\"y\"\r\nC=3");
}

static void an_empty_text_gets_its_first_line(void) {
  g_autoptr(ShellText) empty = parse("");
  g_autoptr(ShellText) comment = parse("# x");

  shell_text_set(empty, "A", "1");
  shell_text_set(empty, "B", "2");
  assert_text(empty, "A=1\nB=2\n");
  shell_text_set(comment, "A", "1");
  assert_text(comment, "# x\nA=1");
}

static void removes_every_assignment_of_a_key(void) {
  g_autoptr(ShellText) text = parse("A=1\nB=2\n# A=0\nA='2\n3' # x\nAB=4\n");
  g_autoptr(ShellText) shared = parse("A=1; B=2; C=3\nD=4\n");

  g_assert_true(shell_text_remove(text, "A"));
  g_assert_false(shell_text_remove(text, "A"));
  assert_text(text, "B=2\n# A=0\nAB=4\n");
  g_assert_true(shell_text_remove(shared, "B"));
  assert_text(shared, "A=1; C=3\nD=4\n");
  g_assert_true(shell_text_remove(shared, "C"));
  assert_text(shared, "A=1; \nD=4\n");
}

static void removes_what_a_later_line_overrides(void) {
  g_autoptr(ShellText) text = parse("A=1\nB=2\nA=3 # last\nA1=4\n");

  shell_text_remove_overridden(text, "A");
  shell_text_remove_overridden(text, "B");
  shell_text_remove_overridden(text, "C");
  assert_text(text, "B=2\nA=3 # last\nA1=4\n");
}

static void append_value(const char *key, const char *value, guint line, gpointer data) {
  g_string_append_printf(data, "%u %s=%s;", line, key, value);
}

static void gives_each_value_in_effect_once(void) {
  g_autoptr(ShellText) text = parse("A=1\nB=2\nA=3\nC=$X\n");
  g_autoptr(GString) list = g_string_new(NULL);

  shell_text_foreach(text, append_value, list);
  g_assert_cmpstr(list->str, ==, "2 B=2;3 A=3;");
}

/* ---- what bash makes of the corpus ---- */

static char *without_cr(const char *data, gsize size) {
  GString *out = g_string_new(NULL);

  for (gsize i = 0; i < size; i++)
    if (data[i] != '\r')
      g_string_append_c(out, data[i]);
  return g_string_free(out, FALSE);
}

/* What KEYS are when bash has read the file PATH, each with a NUL behind it. */
static char *ask_bash(const char *path, GPtrArray *keys, gsize *size) {
  g_autoptr(GPtrArray) command = g_ptr_array_new_with_free_func(g_free);
  const char *const start[] = {"/usr/bin/env",
                               "-i",
                               "LC_ALL=C.UTF-8",
                               "bash",
                               "--norc",
                               "-c",
                               "file=$1; shift; . \"$file\" || exit 9; for key; do printf '%s\\0' \"${!key}\"; done",
                               "bash",
                               path};
  g_autoptr(GSubprocess) bash = NULL;
  g_autoptr(GBytes) output = NULL;
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(start); i++)
    g_ptr_array_add(command, g_strdup(start[i]));
  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add(command, g_strdup(keys->pdata[i]));
  g_ptr_array_add(command, NULL);
  bash = g_subprocess_newv((const char *const *)command->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error(error);
  g_assert_true(g_subprocess_communicate(bash, NULL, NULL, &output, NULL, &error));
  g_assert_no_error(error);
  g_assert_cmpint(g_subprocess_get_exit_status(bash), ==, 0);
  *size = g_bytes_get_size(output);
  return g_memdup2(bytes_text(output, NULL), *size);
}

static void add_key(const char *key, const char *value, guint line, gpointer data) {
  GPtrArray *const *lists = data;

  g_ptr_array_add(lists[0], g_strdup(key));
  g_ptr_array_add(lists[1], g_strdup(value));
}

static void judge_by_bash(const char *name, const ShellText *text, const char *data, gsize size) {
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  GPtrArray *lists[] = {keys, values};
  g_autofree char *plain = without_cr(data, size);
  g_autoptr(Fixture) fixture = fixture_new();
  g_autofree char *path = fixture_path(fixture, "/file");
  g_autofree char *said = NULL;
  const char *at;
  gsize said_size;

  fixture_write(fixture, "/file", plain);
  shell_text_foreach(text, add_key, lists);
  at = said = ask_bash(path, keys, &said_size);
  for (guint i = 0; i < keys->len; at += strlen(at) + 1, i++) {
    g_assert_cmpuint((gsize)(at - said), <, said_size);
    if (strcmp(at, values->pdata[i]) != 0)
      g_error("%s: %s is \"%s\" for bash, and here \"%s\"", name, (char *)keys->pdata[i], at, (char *)values->pdata[i]);
  }
  g_assert_cmpuint((gsize)(at - said), ==, said_size);
}

/* The lines of DATA that are not in OTHER, counted. */
static guint other_lines(const char *data, const char *other) {
  g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
  g_auto(GStrv) others = g_strsplit(other, "\n", -1);
  guint count = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    count += others[i] == NULL || strcmp(lines[i], others[i]) != 0;
  return count + (g_strv_length(lines) != g_strv_length(others) ? 100 : 0);
}

/* Every key to another value, and back: one line changes, and what it says is the new value for bash too. */
static void edit_each(const char *name, const char *data, gsize size) {
  g_autoptr(ShellText) text = parse_bytes(data, size);
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  GPtrArray *lists[] = {keys, values};

  shell_text_foreach(text, add_key, lists);
  for (guint i = 0; i < keys->len; i++) {
    g_autoptr(ShellText) edited = parse_bytes(data, size);
    g_autoptr(ShellText) again = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *after = NULL;

    if (strchr(values->pdata[i], '\n') != NULL || strstr(data, "\\\n") != NULL)
      continue;
    shell_text_set(edited, keys->pdata[i], "2001:db8::77 'and' \"more\"");
    bytes = shell_text_bytes(edited);
    after = bytes_dup(bytes);
    g_assert_cmpuint(other_lines(data, after), ==, 1);
    again = shell_text_parse(bytes);
    assert_value(again, keys->pdata[i], "2001:db8::77 'and' \"more\"");
    judge_by_bash(name, again, after, strlen(after));
  }
}

static void judge_file(const char *name, const char *data, gsize size) {
  g_autoptr(ShellText) text = parse_bytes(data, size);
  g_autoptr(GBytes) bytes = shell_text_bytes(text);
  const gboolean refused = strstr(name, "-refused-") != NULL;
  const gboolean words_of_ip =
      (g_str_has_prefix(name, "route") || g_str_has_prefix(name, "rule")) && strcmp(name, "route-routed") != 0;

  g_assert_cmpmem(bytes_text(bytes, NULL), g_bytes_get_size(bytes), data, size);
  if ((shell_text_why_not(text) != NULL) != (refused || words_of_ip))
    g_error("%s: %s", name, shell_text_why_not(text) != NULL ? shell_text_why_not(text) : "is not refused");
  if (refused || words_of_ip)
    return;
  judge_by_bash(name, text, data, size);
  edit_each(name, data, size);
}

static void bash_reads_the_corpus_so(void) {
  g_autoptr(GError) error = NULL;
  GDir *dir = g_dir_open(corpus, 0, &error);
  const char *name;
  guint count = 0;

  g_assert_no_error(error);
  for (; (name = g_dir_read_name(dir)) != NULL; count++) {
    g_autofree char *path = g_build_filename(corpus, name, NULL);
    g_autofree char *data = NULL;
    gsize size;

    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    judge_file(name, data, size);
  }
  g_dir_close(dir);
  g_assert_cmpuint(count, >=, 50);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/shell-text/reads-words-of-every-quoting", reads_words_of_every_quoting);
  g_test_add_func("/shell-text/the-last-assignment-is-in-effect", the_last_assignment_is_in_effect);
  g_test_add_func("/shell-text/says-in-which-line-a-shell-would-have-to-run",
                  says_in_which_line_a_shell_would_have_to_run);
  g_test_add_func("/shell-text/what-is-not-known-hides-no-other-line", what_is_not_known_hides_no_other_line);
  g_test_add_func("/shell-text/sets-in-the-quotes-that-were-there", sets_in_the_quotes_that_were_there);
  g_test_add_func("/shell-text/puts-a-new-key-behind-its-neighbour-or-the-last",
                  puts_a_new_key_behind_its_neighbour_or_the_last);
  g_test_add_func("/shell-text/keeps-crlf-and-a-missing-final-newline", keeps_crlf_and_a_missing_final_newline);
  g_test_add_func("/shell-text/an-empty-text-gets-its-first-line", an_empty_text_gets_its_first_line);
  g_test_add_func("/shell-text/removes-every-assignment-of-a-key", removes_every_assignment_of_a_key);
  g_test_add_func("/shell-text/removes-what-a-later-line-overrides", removes_what_a_later_line_overrides);
  g_test_add_func("/shell-text/gives-each-value-in-effect-once", gives_each_value_in_effect_once);
  g_test_add_func("/shell-text/bash-reads-the-corpus-so", bash_reads_the_corpus_so);
  return g_test_run();
}
