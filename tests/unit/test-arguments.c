/* arguments.c: what is accepted, what is refused and with which words; every command is in --help. */
#include "cli/arguments.h"

#include <string.h>

static void parsed_clear(Arguments *arguments) {
  arguments_clear(arguments);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Arguments, parsed_clear)

static gboolean parse(Arguments *arguments, char **message, const char *line) {
  g_auto(GStrv) argv = NULL;
  int argc = 0;

  g_assert_true(g_shell_parse_argv(line, &argc, &argv, NULL));
  return arguments_parse(argc, argv, arguments, message);
}

static void assert_parsed(Arguments *arguments, const char *line) {
  g_autofree char *message = NULL;

  if (!parse(arguments, &message, line))
    g_error("%s: %s", line, message);
}

static void test_options_stand_before_and_behind_the_command(void) {
  g_auto(Arguments) a;

  assert_parsed(&a, "x --root=/mnt apply --yes --json -q");
  g_assert_cmpstr(a.command, ==, "apply");
  g_assert_cmpstr(a.root, ==, "/mnt");
  g_assert_cmpstr(a.hardware, ==, "/");
  g_assert_false(a.hardware_given);
  g_assert_true(a.yes && a.json);
  g_assert_cmpint(a.verbosity, ==, -1);
}

static void test_a_value_may_be_the_next_word(void) {
  g_auto(Arguments) a;
  g_auto(Arguments) b;

  assert_parsed(&a, "x --root /mnt --hardware /hw check-policy -- -file");
  g_assert_cmpstr(a.root, ==, "/mnt");
  g_assert_true(a.hardware_given);
  g_assert_cmpstr(a.command, ==, "check-policy");
  g_assert_cmpstr(a.operands[0], ==, "-file");
  assert_parsed(&b, "x --policy status check-policy -");
  g_assert_cmpstr(b.policy, ==, "status");
  g_assert_cmpstr(b.operands[0], ==, "-");
}

static void test_an_option_may_be_cut_short(void) {
  g_auto(Arguments) a;
  g_auto(Arguments) b;

  assert_parsed(&a, "x apply --ye --no");
  g_assert_true(a.yes && a.no_network);
  /* --poweroff is not a word of plan. */
  assert_parsed(&b, "x plan --po=f");
  g_assert_cmpstr(b.policy, ==, "f");
}

static void test_waiting_may_have_a_bound(void) {
  g_auto(Arguments) a;
  g_auto(Arguments) b;
  g_auto(Arguments) c;

  assert_parsed(&a, "x status --wait");
  g_assert_cmpint(a.wait_s, ==, 600);
  assert_parsed(&b, "x --wait=5 status");
  g_assert_cmpint(b.wait_s, ==, 5);
  assert_parsed(&c, "x verify");
  g_assert_cmpint(c.wait_s, ==, -1);
}

static void test_defaults(void) {
  g_auto(Arguments) a;
  g_auto(Arguments) b;

  assert_parsed(&a, "x status");
  g_assert_cmpstr(a.root, ==, "/");
  g_assert_null(a.policy);
  g_assert_false(a.force || a.yes || a.boot || a.json);
  assert_parsed(&b, "x");
  g_assert_null(b.command);
}

static void test_what_is_wrong_is_named(void) {
  static const struct {
    const char *line, *message;
  } cases[] = {
      {"x frobnicate", "unknown command \"frobnicate\""},
      {"x stauts", "unknown command \"stauts\"; did you mean status?"},
      {"x version", "unknown command \"version\"; did you mean --version?"},
      {"x policy", "unknown command \"policy\"; did you mean check-policy?"},
      {"x status --yes", "status has no option --yes (apply, undo and adopt have it)"},
      {"x plan --no-network", "plan has no option --no-network (apply and undo have it)"},
      {"x steps --wait=3", "steps has no option --wait (status and verify have it)"},
      {"x seal --wait=1", "seal has no option --wait (status and verify have it)"},
      {"x apply extra", "apply: \"extra\" is one argument too many"},
      {"x --nonsense status", "unknown option --nonsense"},
      {"x apply --yess", "unknown option --yess; did you mean --yes?"},
      {"x plan --poweroff", "plan has no option --poweroff (seal has it)"},
      {"x check-policy a b", "check-policy: \"b\" is one argument too many"},
      {"x seal --po", "option --po is ambiguous: it may be --poweroff, --policy"},
      {"x plan --policy", "option --policy needs a value: --policy=..."},
      {"x --root=/a verify --wait", "option --wait needs a value: --wait=..."},
      {"x plan --json=yes", "option --json takes no value"},
      {"x plan -x", "unknown option -x"},
      {"x apply -y", "unknown option -y; did you mean --yes?"},
      {"x undo 1", "undo: \"1\" is one argument too many: only the last run can be undone"},
      {"x plan -vq", "--quiet and --verbose exclude each other"},
      {"x verify --wait=3601", "--wait takes seconds, 0 to 3600"},
      {"x verify --wait 3601", "--wait takes seconds, 0 to 3600"},
      {"x status --wait=-1", "--wait takes seconds, 0 to 3600"},
      {"x status --wait=010", "--wait takes seconds, 0 to 3600"},
      {"x status --wait=soon", "--wait takes seconds, 0 to 3600"},
      {"x --root= status", "option --root needs a value: --root=..."},
      {"x plan --as ''", "option --as needs a value: --as=..."},
      {"x check-policy ''", "check-policy: its argument is empty"},
      {"x --root=/mnt seal --poweroff",
       "seal: --poweroff and --root exclude each other: an image cannot be powered off"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(Arguments) a;
    g_autofree char *message = NULL;
    if (parse(&a, &message, cases[i].line))
      g_error("%s is not refused", cases[i].line);
    g_assert_cmpstr(message, ==, cases[i].message);
  }
}

static void test_json_is_known_where_the_rest_is_wrong(void) {
  g_auto(Arguments) a;
  g_autofree char *message = NULL;

  g_assert_false(parse(&a, &message, "x frobnicate --nonsense --json"));
  g_assert_true(a.json);
}

static void test_help_names_every_command(void) {
  g_autofree char *help = arguments_help(NULL);

  for (gsize i = 0; i < n_commands; i++) {
    g_autofree char *line = g_strdup_printf("\n  %s ", commands[i].name);
    g_assert_nonnull(strstr(help, line));
  }
  g_assert_null(strstr(help, "--poweroff"));
  g_assert_true(g_str_is_ascii(help));
}

static void test_help_of_a_command_names_its_options(void) {
  g_autofree char *help = arguments_help(arguments_find_command("seal"));

  g_assert_nonnull(strstr(help, "Usage:"));
  g_assert_nonnull(strstr(help, "--poweroff"));
  g_assert_nonnull(strstr(help, "--root=DIR"));
  g_assert_null(strstr(help, "--yes"));
}

#define TEST(name, function) g_test_add_func("/arguments/" name, function)

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("options-stand-before-and-behind-the-command", test_options_stand_before_and_behind_the_command);
  TEST("a-value-may-be-the-next-word", test_a_value_may_be_the_next_word);
  TEST("an-option-may-be-cut-short", test_an_option_may_be_cut_short);
  TEST("waiting-may-have-a-bound", test_waiting_may_have_a_bound);
  TEST("defaults", test_defaults);
  TEST("what-is-wrong-is-named", test_what_is_wrong_is_named);
  TEST("json-is-known-where-the-rest-is-wrong", test_json_is_known_where_the_rest_is_wrong);
  TEST("help-names-every-command", test_help_names_every_command);
  TEST("help-of-a-command-names-its-options", test_help_of_a_command_names_its_options);
  return g_test_run();
}
