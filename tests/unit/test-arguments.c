/* arguments.c: what is accepted, what is refused and with which words; every command is in --help. */
#include "cli/arguments.h"

#include <string.h>

static gboolean parse(Arguments *arguments, char **message, const char *line) {
  /* argv must outlive ARGUMENTS, which borrows from it. */
  static char **argv = NULL;
  int argc = 0;

  g_strfreev(argv);
  g_assert_true(g_shell_parse_argv(line, &argc, &argv, NULL));
  return arguments_parse(argc, argv, arguments, message);
}

static void test_options_stand_before_and_behind_the_command(void) {
  Arguments a;
  g_autofree char *message = NULL;

  g_assert_true(parse(&a, &message, "x --root=/mnt apply --yes --json -q"));
  g_assert_cmpstr(a.command, ==, "apply");
  g_assert_cmpstr(a.root, ==, "/mnt");
  g_assert_cmpstr(a.hardware, ==, "/");
  g_assert_false(a.hardware_given);
  g_assert_true(a.yes && a.json);
  g_assert_cmpint(a.verbosity, ==, -1);
}

static void test_defaults(void) {
  Arguments a;
  g_autofree char *message = NULL;

  g_assert_true(parse(&a, &message, "x status"));
  g_assert_cmpstr(a.root, ==, "/");
  g_assert_null(a.policy);
  g_assert_false(a.force || a.yes || a.boot || a.json);
  g_assert_true(parse(&a, &message, "x"));
  g_assert_null(a.command);
}

static void test_what_is_wrong_is_named(void) {
  static const struct {
    const char *line, *word;
  } cases[] = {
      {"x frobnicate", "frobnicate"},        {"x status --yes", "--yes"},         {"x apply extra", "extra"},
      {"x --nonsense status", "--nonsense"}, {"x plan --poweroff", "--poweroff"}, {"x check-policy a b", "b"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    Arguments a;
    g_autofree char *message = NULL;
    g_assert_false(parse(&a, &message, cases[i].line));
    g_assert_nonnull(strstr(message, cases[i].word));
  }
}

static void test_help_names_every_command(void) {
  g_autofree char *help = arguments_help();

  for (gsize i = 0; i < n_commands; i++) {
    g_autofree char *line = g_strdup_printf("\n  %s ", commands[i].name);
    g_assert_nonnull(strstr(help, line));
  }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/arguments/options-stand-before-and-behind-the-command",
                  test_options_stand_before_and_behind_the_command);
  g_test_add_func("/arguments/defaults", test_defaults);
  g_test_add_func("/arguments/what-is-wrong-is-named", test_what_is_wrong_is_named);
  g_test_add_func("/arguments/help-names-every-command", test_help_names_every_command);
  return g_test_run();
}
