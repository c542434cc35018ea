/* arguments.c - the command line: commands, and the options that each of them has */
#include "arguments.h"

#include <string.h>

#include "base/list.h"
#include "base/nearest.h"

const Command commands[] = {
    {"status", "", "the verdict with every reason, and what to run next",
     "Exit status 3 says that there is work.\nA user other than root sees what is in files that anybody may read.", 0,
     FALSE, command_status},
    {"plan", "", "what apply would change: a summary, then diffs",
     "Nothing is changed. In a template, --as shows what a clone would get.", 0, TRUE, command_plan},
    {"apply", "", "do what plan shows", "It asks first; with --yes it does not.", 0, TRUE, command_apply},
    {"undo", "", "restore the files of the last apply, byte for byte",
     "Private keys stay new. It asks first; with --yes it does not.", 0, TRUE, command_undo},
    {"seal", "", "check the policy, record this machine as the template",
     "Every other machine that boots a copy of this disk is reset.", 0, TRUE, command_seal},
    {"adopt", "", "record this machine as settled, right as it is",
     "After a migration, P2V, or a new NIC; or to end being a template.", 0, TRUE, command_adopt},
    {"check-policy", "[FILE|-]", "list all errors, as file:line: section.key: text",
     "Without FILE the policy of this machine; - is standard input.\nWarnings do not change the exit status.", 1, FALSE,
     command_check_policy},
    {"steps", "", "each step, on or off, and why", "", 0, FALSE, command_steps},
    {"log", "[NUMBER]", "past runs: when, why, what changed",
     "With NUMBER that run alone. With -v every change with its reason.", 1, TRUE, command_log},
    {"verify", "", "is the identity in the files in effect?", "", 0, TRUE, command_verify},
    {"help", "[COMMAND]", "this text, or that of one command", "", 1, FALSE, NULL},
};
const gsize n_commands = G_N_ELEMENTS(commands);

static const Command inner_commands[] = {
    {.name = "adapt-network",
     .operands = "",
     .summary = "for the drop-in of NetworkManager.service: make what it left fit the profiles",
     .details = "",
     .needs_root = TRUE,
     .run = command_adapt_network},
    {.name = "take-back",
     .operands = "",
     .summary = "for the timer of an apply: undo a run that died after the network was restarted",
     .details = "",
     .needs_root = TRUE,
     .run = command_take_back},
};

enum { WAIT_MOST_S = 3600 };
#define WAIT_DEFAULT "600"

/* Every option, where its value goes, and which commands have it ("": all). */
static const struct {
  const char *name;
  char letter;
  GOptionArg kind;
  gsize field;
  const char *commands;
  const char *value;  /* its name in --help; NULL: the option takes none */
  const char *unsaid; /* the value where it may be left out and is; NULL: it may not */
  const char *text;
} OPTIONS[] = {
#define OPTION(field) offsetof(Arguments, field)
    {"force", 0, G_OPTION_ARG_NONE, OPTION(force), "plan apply", NULL, NULL, "as if this machine were a clone"},
    {"force", 0, G_OPTION_ARG_NONE, OPTION(overwrite), "undo", NULL, NULL, "overwrite files that were changed since"},
    {"as", 0, G_OPTION_ARG_STRING, OPTION(as), "plan", "HOST|UUID|MAC", NULL,
     "as the clone with this [host], UUID or MAC"},
    {"yes", 0, G_OPTION_ARG_NONE, OPTION(yes), "apply undo adopt", NULL, NULL, "without asking"},
    {"dry-run", 0, G_OPTION_ARG_NONE, OPTION(dry_run), "apply", NULL, NULL, "show the plan, change nothing"},
    {"dry-run", 0, G_OPTION_ARG_NONE, OPTION(dry_run), "seal", NULL, NULL, "show what it would do, change nothing"},
    {"boot", 0, G_OPTION_ARG_NONE, OPTION(boot), "apply verify", NULL, NULL, "as the unit runs it"},
    {"no-network", 0, G_OPTION_ARG_NONE, OPTION(no_network), "apply undo", NULL, NULL,
     "change files only, not the running network"},
    {"poweroff", 0, G_OPTION_ARG_NONE, OPTION(poweroff), "seal", NULL, NULL, "power off afterwards"},
    {"wait", 0, G_OPTION_ARG_INT, OPTION(wait_s), "verify", "SECONDS", NULL,
     "try again until all is well, at most this long"},
    {"wait", 0, G_OPTION_ARG_INT, OPTION(wait_s), "status", "SECONDS", WAIT_DEFAULT,
     "wait for the boot's run to end, at most this long (" WAIT_DEFAULT ")"},
    {"root", 0, G_OPTION_ARG_FILENAME, OPTION(root), "", "DIR", NULL, "the machine's files are below DIR"},
    {"hardware", 0, G_OPTION_ARG_FILENAME, OPTION(hardware), "", "DIR", NULL, "/sys and /proc are read below DIR"},
    {"policy", 0, G_OPTION_ARG_FILENAME, OPTION(policy), "", "FILE", NULL, "this policy alone; - is standard input"},
    {"json", 0, G_OPTION_ARG_NONE, OPTION(json), "", NULL, NULL, "one JSON object on standard output"},
    {"verbose", 'v', G_OPTION_ARG_NONE, OPTION(verbose), "", NULL, NULL, "say more"},
    {"quiet", 'q', G_OPTION_ARG_NONE, OPTION(quiet), "", NULL, NULL, "say only what went wrong"},
    {"help", 'h', G_OPTION_ARG_NONE, OPTION(help), "", NULL, NULL, "show this text"},
    {"version", 0, G_OPTION_ARG_NONE, OPTION(version), "", NULL, NULL, "show the version"},
#undef OPTION
};

const Command *arguments_find_command(const char *name) {
  for (gsize i = 0; i < n_commands; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  for (gsize i = 0; i < G_N_ELEMENTS(inner_commands); i++)
    if (strcmp(inner_commands[i].name, name) == 0)
      return &inner_commands[i];
  return NULL;
}

/* COMMAND NULL: none is known yet, so that any option may come. */
static gboolean option_is_of(gsize option, const Command *command) {
  g_auto(GStrv) names = g_strsplit(OPTIONS[option].commands, " ", -1);

  return *names == NULL || command == NULL || g_strv_contains((const char *const *)names, command->name);
}

/* What a person meant by NAME. */
typedef struct {
  gssize option; /* -1: none */
  GString *candidates;
} Meaning;

static void meaning_clear(Meaning *meaning) {
  (void)g_string_free(meaning->candidates, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Meaning, meaning_clear)

/* The option of COMMAND that NAME is, or that alone begins with it. */
static void find_option(const char *name, const Command *command, Meaning *meaning) {
  guint count = 0;

  *meaning = (Meaning){.option = -1, .candidates = g_string_new(NULL)};
  for (gsize i = 0; i < G_N_ELEMENTS(OPTIONS); i++) {
    if (!option_is_of(i, command) || !g_str_has_prefix(OPTIONS[i].name, name))
      continue;
    if (meaning->option >= 0 && strcmp(OPTIONS[meaning->option].name, OPTIONS[i].name) == 0)
      continue;
    meaning->option = (gssize)i;
    if (strcmp(OPTIONS[i].name, name) == 0)
      return;
    g_string_append_printf(meaning->candidates, "%s--%s", count++ > 0 ? ", " : "", OPTIONS[i].name);
  }
  if (count > 1)
    meaning->option = -1;
}

static const char *nearest_option(const char *name, const Command *command) {
  const char *names[G_N_ELEMENTS(OPTIONS) + 1] = {NULL};
  gsize count = 0;

  for (gsize i = 0; i < G_N_ELEMENTS(OPTIONS); i++)
    if (option_is_of(i, command))
      names[count++] = OPTIONS[i].name;
  return nearest_name(name, names);
}

static gboolean command_has(const Command *command, const char *option) {
  for (gsize i = 0; i < G_N_ELEMENTS(OPTIONS); i++)
    if (strcmp(OPTIONS[i].name, option) == 0 && option_is_of(i, command))
      return TRUE;
  return FALSE;
}

/* "apply, undo and adopt have it": the commands with OPTION. The caller frees. */
static char *owners_of(const char *option) {
  g_autoptr(GString) text = g_string_new(NULL);
  const char *last = NULL;

  for (gsize i = 0; i < n_commands; i++) {
    if (!command_has(&commands[i], option))
      continue;
    if (last != NULL)
      g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", last);
    last = commands[i].name;
  }
  return text->len > 0 ? g_strdup_printf("%s and %s have it", text->str, last) : g_strdup_printf("%s has it", last);
}

static gboolean refuse_option(const char *name, const Command *command, const Meaning *meaning, char **message) {
  g_auto(Meaning) anywhere;

  find_option(name, NULL, &anywhere);
  const char *nearest = nearest_option(name, command);
  if (meaning->candidates->len > 0)
    *message = g_strdup_printf("option --%s is ambiguous: it may be %s", name, meaning->candidates->str);
  else if (command != NULL && anywhere.option >= 0) {
    const char *option = OPTIONS[anywhere.option].name;
    g_autofree char *owners = owners_of(option);
    *message = g_strdup_printf("%s has no option --%s (%s)", command->name, option, owners);
  } else if (nearest != NULL)
    *message = g_strdup_printf("unknown option --%s; did you mean --%s?", name, nearest);
  else
    *message = g_strdup_printf("unknown option --%s", name);
  return FALSE;
}

static gboolean check_value(gsize option, const char *value, char **message) {
  guint64 seconds = 0;

  if (*value == '\0')
    *message = g_strdup_printf("option --%s needs a value: --%s=...", OPTIONS[option].name, OPTIONS[option].name);
  else if (OPTIONS[option].kind == G_OPTION_ARG_INT &&
           ((*value == '0' && value[1] != '\0') ||
            !g_ascii_string_to_unsigned(value, 10, 0, WAIT_MOST_S, &seconds, NULL)))
    *message = g_strdup_printf("--%s takes seconds, 0 to %d", OPTIONS[option].name, WAIT_MOST_S);
  return *message == NULL;
}

/* One word that begins with "--": the option's whole name, with the value behind it, into WHOLE. *ALONE: the option
 * whose value is the next word, or -1. */
static gboolean complete_option(const char *word, const Command *command, char **whole, gssize *alone, char **message) {
  const char *value = strchr(word, '=');
  g_autofree char *name = value != NULL ? g_strndup(word + 2, (gsize)(value - word - 2)) : g_strdup(word + 2);
  g_auto(Meaning) meaning;

  find_option(name, command, &meaning);
  if (meaning.option < 0)
    return refuse_option(name, command, &meaning, message);
  gsize option = (gsize)meaning.option;
  if (value != NULL && OPTIONS[option].value == NULL) {
    *message = g_strdup_printf("option --%s takes no value", OPTIONS[option].name);
    return FALSE;
  }
  if (value != NULL && !check_value(option, value + 1, message))
    return FALSE;
  gboolean unsaid = value == NULL && OPTIONS[option].unsaid != NULL;
  *whole = g_strdup_printf("--%s%s%s", OPTIONS[option].name, unsaid ? "=" : "",
                           unsaid          ? OPTIONS[option].unsaid
                           : value != NULL ? value
                                           : "");
  if (OPTIONS[option].value != NULL && value == NULL && !unsaid)
    *alone = meaning.option;
  return TRUE;
}

/* The only option that begins with it, or NULL. */
static const char *option_of_letter(char letter) {
  const char *found = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(OPTIONS); i++)
    if (OPTIONS[i].name[0] == letter && found != NULL)
      return NULL;
    else if (OPTIONS[i].name[0] == letter)
      found = OPTIONS[i].name;
  return found;
}

/* A word like "-vq". */
static gboolean check_letters(const char *word, char **message) {
  for (const char *letter = word + 1; *letter != '\0'; letter++) {
    gsize i = 0;
    while (i < G_N_ELEMENTS(OPTIONS) && OPTIONS[i].letter != *letter)
      i++;
    if (i < G_N_ELEMENTS(OPTIONS))
      continue;
    const char *name = option_of_letter(*letter);
    *message = name != NULL ? g_strdup_printf("unknown option -%c; did you mean --%s?", *letter, name)
                            : g_strdup_printf("unknown option -%c", *letter);
    return FALSE;
  }
  return TRUE;
}

/* The words with every option's name whole, or NULL. *NAME: the first that is no option. LOOSE: what cannot be
 * understood stays as it is. */
static char **complete_words(char *const *argv, const Command *command, gboolean loose, const char **name,
                             char **message) {
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  gboolean ended = FALSE;

  *name = NULL;
  for (; *argv != NULL; argv++) {
    gssize alone = -1;
    char *word = NULL;
    if (ended || argv[0][0] != '-' || argv[0][1] == '\0' || strcmp(argv[0], "--") == 0) {
      ended |= strcmp(argv[0], "--") == 0;
      if (*name == NULL && strcmp(argv[0], "--") != 0)
        *name = *argv;
      word = g_strdup(*argv);
    } else if (argv[0][1] != '-') {
      if (!check_letters(*argv, message))
        return NULL;
      word = g_strdup(*argv);
    } else if (!complete_option(*argv, command, &word, &alone, message)) {
      if (!loose)
        return NULL;
      g_clear_pointer(message, g_free);
      word = g_strdup(*argv);
    }
    g_ptr_array_add(words, word);
    if (alone < 0)
      continue;
    if (argv[1] == NULL && loose)
      break;
    if (!loose && !check_value((gsize)alone, argv[1] != NULL ? argv[1] : "", message))
      return NULL;
    g_ptr_array_add(words, g_strdup(*++argv));
  }
  return list_strv(g_steal_pointer(&words));
}

static char *call_of(const Command *command) {
  return g_strchomp(g_strdup_printf("%s %s", command->name, command->operands));
}

/* ARGUMENTS may be NULL where nothing is parsed. */
static GOptionContext *context_new(const Command *command, Arguments *arguments) {
  static Arguments nowhere;
  g_autofree char *call = command != NULL ? call_of(command) : g_strdup("COMMAND");
  GOptionContext *context = g_option_context_new(call);

  g_option_context_set_help_enabled(context, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS(OPTIONS); i++) {
    char *field = (char *)(arguments != NULL ? arguments : &nowhere) + OPTIONS[i].field;
    const GOptionEntry entry[] = {
        {OPTIONS[i].name, OPTIONS[i].letter, 0, OPTIONS[i].kind, field, OPTIONS[i].text, OPTIONS[i].value},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL}};
    if (command != NULL ? option_is_of(i, command) : *OPTIONS[i].commands == '\0')
      g_option_context_add_main_entries(context, entry, NULL);
  }
  return context;
}

static gboolean check_command(Arguments *arguments, const Command *command, char **message) {
  guint operands = g_strv_length(arguments->operands);

  if ((int)operands > command->max_operands)
    *message = g_strdup_printf("%s: \"%s\" is one argument too many%s", command->name,
                               arguments->operands[command->max_operands],
                               strcmp(command->name, "undo") == 0 ? ": only the last run can be undone" : "");
  else if (operands > 0 && *arguments->operands[0] == '\0')
    *message = g_strdup_printf("%s: its argument is empty", command->name);
  else if (arguments->poweroff && strcmp(arguments->root, "/") != 0)
    *message = g_strdup("seal: --poweroff and --root exclude each other: an image cannot be powered off");
  else if (arguments->quiet && arguments->verbose)
    *message = g_strdup("--quiet and --verbose exclude each other");
  return *message == NULL;
}

char *arguments_unknown_command(const char *name) {
  const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};

  for (gsize i = 0; i < n_commands; i++)
    names[i] = commands[i].name;
  const char *nearest = nearest_name(name, names), *dashes = "";
  for (gsize i = 0; nearest == NULL && i < G_N_ELEMENTS(OPTIONS); i++)
    if (*OPTIONS[i].commands == '\0' && strcmp(OPTIONS[i].name, name) == 0) {
      nearest = name;
      dashes = "--";
    }
  return nearest != NULL ? g_strdup_printf("unknown command \"%s\"; did you mean %s%s?", name, dashes, nearest)
                         : g_strdup_printf("unknown command \"%s\"", name);
}

/* The values behind the options' whole names, by GLib. */
static gboolean take_values(char **words, const Command *command, Arguments *arguments, char **message) {
  g_autoptr(GOptionContext) context = context_new(command, arguments);
  g_autoptr(GError) error = NULL;

  arguments->wait_s = -1;
  arguments->words = g_new0(char *, g_strv_length(words) + 2);
  arguments->words[0] = g_strdup("reset-identity");
  for (gsize i = 0; words[i] != NULL; i++)
    arguments->words[i + 1] = g_strdup(words[i]);
  if (g_option_context_parse_strv(context, &arguments->words, &error))
    return TRUE;
  *message = g_strdup(error->message);
  return FALSE;
}

static void fill_in(Arguments *arguments) {
  char **rest = arguments->words + 1;
  char **end = rest;

  while (*end != NULL && strcmp(*end, "--") != 0)
    end++;
  if (*end != NULL)
    g_free(*end);
  for (; *end != NULL; end++)
    end[0] = end[1];
  arguments->operands = *rest != NULL ? rest + 1 : rest;
  arguments->hardware_given = arguments->hardware != NULL;
  if (arguments->root == NULL)
    arguments->root = g_strdup("/");
  if (arguments->hardware == NULL)
    arguments->hardware = g_strdup("/");
  arguments->verbosity = arguments->quiet ? -1 : arguments->verbose ? 1 : 0;
}

/* Also where the rest of the line is wrong: the answer is JSON then too. */
static gboolean asks_for_json(char *const *argv) {
  for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
    if (strlen(*argv) > strlen("--") && g_str_has_prefix("--json", *argv))
      return TRUE;
  return FALSE;
}

gboolean arguments_parse(int argc, char **argv, Arguments *arguments, char **message) {
  const Command *command = NULL;
  const char *name = NULL;

  *arguments = (Arguments){.json = argc > 0 && asks_for_json(argv + 1)};
  *message = NULL;
  g_auto(GStrv) loose = complete_words(argv + (argc > 0), NULL, TRUE, &name, message);
  if (loose == NULL)
    return FALSE;
  if (name != NULL && (command = arguments_find_command(name)) == NULL) {
    *message = arguments_unknown_command(name);
    return FALSE;
  }
  if (command != NULL)
    arguments->command = command->name;
  g_auto(GStrv) words = complete_words(argv + (argc > 0), command, FALSE, &name, message);
  if (words == NULL || !take_values(words, command, arguments, message))
    return FALSE;
  fill_in(arguments);
  return command == NULL || arguments->help || arguments->version || check_command(arguments, command, message);
}

void arguments_clear(Arguments *arguments) {
  g_free(arguments->root);
  g_free(arguments->hardware);
  g_free(arguments->policy);
  g_free(arguments->as);
  g_strfreev(arguments->words);
  *arguments = (Arguments){.root = NULL};
}

char *arguments_help(const Command *command) {
  g_autoptr(GOptionContext) context = context_new(command, NULL);
  g_autoptr(GString) summary = g_string_new("Give a cloned machine an identity of its own.\n\nCommands:");

  g_set_prgname("reset-identity");
  if (command != NULL) {
    g_string_printf(summary, "%s: %s%s%s%s", command->name, command->summary,
                    g_str_has_suffix(command->summary, "?") ? "" : ".", *command->details != '\0' ? "\n" : "",
                    command->details);
  } else {
    for (gsize i = 0; i < n_commands; i++) {
      g_autofree char *call = call_of(&commands[i]);
      g_string_append_printf(summary, "\n  %-22s %s", call, commands[i].summary);
    }
    g_option_context_set_description(context,
                                     "`reset-identity help COMMAND` shows the options that a command has of its own.\n"
                                     "Exit status: 0 done or nothing to do, 1 failed, 2 usage, 3 there is work,\n"
                                     "77 not root or a policy that is not trusted, 78 policy invalid.\n"
                                     "See reset-identity(8) and reset-identity.ini(5).\n");
  }
  g_option_context_set_summary(context, summary->str);
  g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);
  /* GLib begins with "Usage:", a line of its own, and dots that are not ASCII. */
  const char *call = strchr(text, ']');
  return g_strdup_printf("Usage: reset-identity [OPTION...%s", call != NULL ? call : text);
}
