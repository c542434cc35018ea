/* arguments.c - the command line */
#include "arguments.h"

#include <getopt.h>
#include <string.h>

const Command commands[] = {
    {"status", "", "facts, record, verdict with every reason, last run", "", 0, TRUE, command_status},
    {"plan", "[--force]", "the verdict, then each step's changes as a unified diff", "force", 0, TRUE, command_plan},
    {"apply", "[--force] [--yes]", "do what plan shows", "force yes boot no-network", 0, TRUE, command_apply},
    {"undo", "[--force] [--yes]", "restore the files of the last apply, byte for byte", "force yes no-network", 0, TRUE,
     command_undo},
    {"seal", "[--poweroff]", "check the policy and record this machine as the template", "poweroff", 0, TRUE,
     command_seal},
    {"adopt", "", "record this machine as settled, right as it is", "", 0, TRUE, command_adopt},
    {"check-policy", "[FILE]", "validate; list all errors as file:line: section.key: message", "", 1, FALSE,
     command_check_policy},
    {"steps", "", "each step, on or off, and why", "", 0, TRUE, command_steps},
    {"log", "", "past runs: when, verdict, what changed", "", 0, TRUE, command_log},
    {"verify", "[--wait=SECONDS]", "is the identity in the files in force?", "wait", 0, TRUE, command_verify},
};
const gsize n_commands = G_N_ELEMENTS(commands);

enum { OPTION_ROOT = 256, OPTION_HARDWARE, OPTION_POLICY, OPTION_JSON, OPTION_WAIT, OPTION_OWN };

static const struct option LONG_OPTIONS[] = {
    {"root", required_argument, NULL, OPTION_ROOT},
    {"hardware", required_argument, NULL, OPTION_HARDWARE},
    {"policy", required_argument, NULL, OPTION_POLICY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"force", no_argument, NULL, OPTION_OWN},
    {"yes", no_argument, NULL, OPTION_OWN},
    {"boot", no_argument, NULL, OPTION_OWN},
    {"poweroff", no_argument, NULL, OPTION_OWN},
    {"no-network", no_argument, NULL, OPTION_OWN},
    {"wait", required_argument, NULL, OPTION_WAIT},
    {NULL, 0, NULL, 0},
};

/* Seconds: a plain number up to an hour, else -2. */
static int parse_seconds(const char *text) {
  guint64 seconds = 0;

  return g_ascii_string_to_unsigned(text, 10, 0, 3600, &seconds, NULL) ? (int)seconds : -2;
}

static void take_option(Arguments *arguments, int option, int index) {
  switch (option) {
  case OPTION_ROOT:
    arguments->root = optarg;
    break;
  case OPTION_HARDWARE:
    arguments->hardware = optarg;
    arguments->hardware_given = TRUE;
    break;
  case OPTION_POLICY:
    arguments->policy = optarg;
    break;
  case OPTION_WAIT:
    arguments->wait_s = parse_seconds(optarg);
    break;
  case OPTION_JSON:
    arguments->json = TRUE;
    break;
  case 'v':
    arguments->verbosity = 1;
    break;
  case 'q':
    arguments->verbosity = -1;
    break;
  case 'h':
    arguments->help = TRUE;
    break;
  case 'V':
    arguments->version = TRUE;
    break;
  default: {
    const char *name = LONG_OPTIONS[index].name;
    arguments->force |= strcmp(name, "force") == 0;
    arguments->yes |= strcmp(name, "yes") == 0;
    arguments->boot |= strcmp(name, "boot") == 0;
    arguments->poweroff |= strcmp(name, "poweroff") == 0;
    arguments->no_network |= strcmp(name, "no-network") == 0;
  }
  }
}

static const Command *find_command(const char *name) {
  for (gsize i = 0; i < n_commands; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static gboolean command_knows(const Command *command, const char *option) {
  g_auto(GStrv) known = g_strsplit(command->options, " ", -1);

  return g_strv_contains((const char *const *)known, option);
}

/* The options that only some commands have, against the command that was given. */
static gboolean check_own_options(const Arguments *arguments, const Command *command, char **message) {
  const struct {
    const char *name;
    gboolean given;
  } own[] = {{"force", arguments->force},
             {"yes", arguments->yes},
             {"boot", arguments->boot},
             {"poweroff", arguments->poweroff}};

  for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
    if (own[i].given && !command_knows(command, own[i].name)) {
      *message = g_strdup_printf("%s has no option --%s", command->name, own[i].name);
      return FALSE;
    }
  return TRUE;
}

static gboolean check_command(Arguments *arguments, char **message) {
  const Command *command = find_command(arguments->command);

  if (command == NULL) {
    *message = g_strdup_printf("unknown command \"%s\"", arguments->command);
    return FALSE;
  }
  if ((int)g_strv_length(arguments->operands) > command->max_operands) {
    *message = g_strdup_printf("%s: \"%s\" is one argument too many", command->name,
                               arguments->operands[command->max_operands]);
    return FALSE;
  }
  return check_own_options(arguments, command, message);
}

gboolean arguments_parse(int argc, char **argv, Arguments *arguments, char **message) {
  int option, index = 0;

  *arguments = (Arguments){.root = "/", .hardware = "/", .wait_s = -1};
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, "vqh", LONG_OPTIONS, &index)) != -1) {
    if (option == '?') {
      *message = g_strdup_printf("option \"%s\" is unknown or lacks its value", argv[optind - 1]);
      return FALSE;
    }
    take_option(arguments, option, index);
    if (arguments->wait_s == -2) {
      *message = g_strdup_printf("--wait takes seconds, 0 to 3600, not \"%s\"", optarg);
      return FALSE;
    }
  }
  arguments->command = argv[optind];
  arguments->operands = argv[optind] != NULL ? argv + optind + 1 : argv + optind;
  if (arguments->help || arguments->version || arguments->command == NULL)
    return TRUE;
  return check_command(arguments, message);
}

char *arguments_help(void) {
  GString *text = g_string_new("Give a cloned machine an identity of its own.\n\n"
                               "Usage: reset-identity [OPTIONS] COMMAND\n\nCommands:\n");

  for (gsize i = 0; i < n_commands; i++) {
    g_autofree char *call = g_strdup_printf("%s %s", commands[i].name, commands[i].operands);
    g_string_append_printf(text, "  %-26s %s\n", call, commands[i].summary);
  }
  g_string_append(text, "\nOptions:\n"
                        "  --root=DIR                 the machine's files are below DIR\n"
                        "  --hardware=DIR             /sys and /proc are read below DIR\n"
                        "  --policy=FILE              this policy instead of /etc/reset-identity\n"
                        "  --json                     one JSON object on standard output\n"
                        "  -v, --verbose              say more\n"
                        "  -q, --quiet                say only what went wrong\n"
                        "  --force                    plan, apply: as if cloned; undo: over later changes\n"
                        "  --yes                      apply, undo: without asking\n"
                        "  --no-network               apply, undo: change files, leave the running network\n"
                        "  --poweroff                 seal: power off afterwards\n"
                        "  --wait=SECONDS             verify: ask again until all is well or the time is over\n"
                        "  -h, --help                 this text\n"
                        "  --version                  the version\n"
                        "\nExit status: 0 done or nothing to do, 1 failed, 2 usage, 3 there is work,\n"
                        "77 not root or a policy that is not trusted, 78 policy invalid.\n"
                        "See reset-identity(8) and reset-identity.ini(5).\n");
  return g_string_free(text, FALSE);
}
