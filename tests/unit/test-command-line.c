/* The words of the kernel command line, and what they give a parameter. */
#include "base/command-line.h"
#include "fixture.h"

static char *words_of(const char *line) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/proc/cmdline", line);
  g_auto(GStrv) words = command_line_words(&fixture->root);
  return g_strjoinv("|", words);
}

static void words_end_at_blanks_outside_of_quotes(void) {
  static const struct {
    const char *line, *words;
  } cases[] = {
      {"", ""},
      {"\n", ""},
      {"ro  quiet\n", "ro|quiet"},
      {"\tro\tip=dhcp", "ro|ip=dhcp"},
      {"\"ip=10.0.0.10::10.0.0.1\" ro", "ip=10.0.0.10::10.0.0.1|ro"},
      {"dyndbg=\"file a.c +p\" ro", "dyndbg=file a.c +p|ro"},
      {"a=\"\" b", "a=|b"},
      {"open=\"to the end", "open=to the end"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *found = words_of(cases[i].line);
    g_assert_cmpstr(found, ==, cases[i].words);
  }
}

static void no_file_has_no_words(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_auto(GStrv) absent = command_line_words(&fixture->root);
  g_auto(GStrv) unknown = command_line_words(NULL);

  g_assert_null(absent[0]);
  g_assert_null(unknown[0]);
}

static void a_dash_is_an_underscore(void) {
  g_assert_cmpstr(command_line_value("systemd.machine_id=1", "systemd.machine_id"), ==, "1");
  g_assert_cmpstr(command_line_value("systemd.machine-id=1", "systemd.machine_id"), ==, "1");
  g_assert_cmpstr(command_line_value("ip=", "ip"), ==, "");
  g_assert_null(command_line_value("ip", "ip"));
  g_assert_null(command_line_value("ipv6=1", "ip"));
  g_assert_null(command_line_value("i", "ip"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/command-line/words-end-at-blanks-outside-of-quotes", words_end_at_blanks_outside_of_quotes);
  g_test_add_func("/command-line/no-file-has-no-words", no_file_has_no_words);
  g_test_add_func("/command-line/a-dash-is-an-underscore", a_dash_is_an_underscore);
  return g_test_run();
}
