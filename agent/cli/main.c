/* main.c - the command: arguments in, exit code out. */
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "base/names.h"
#include "output.h"
#include "show.h"

static int usage_error(const Arguments *arguments, const char *message) {
  g_autofree char *text =
      g_strdup_printf("%s; see reset-identity %s%s--help", message,
                      arguments->command != NULL ? arguments->command : "", arguments->command != NULL ? " " : "");

  return show_refusal(arguments, RI_EXIT_USAGE, text);
}

static int show_help(const Arguments *arguments, const char *name) {
  const Command *command = name != NULL ? arguments_find_command(name) : NULL;

  if (name != NULL && command == NULL) {
    g_autofree char *message = arguments_unknown_command(name);
    return usage_error(arguments, message);
  }
  g_autofree char *help = arguments_help(command);
  (void)fputs(help, stdout);
  return RI_EXIT_OK;
}

/* apply and undo ask about changes that they have to show; whether somebody is there to be asked they see when there is
 * something to ask. */
static const char *cannot_ask(const Arguments *arguments) {
  if (arguments->yes || arguments->boot || arguments->dry_run)
    return NULL;
  if (arguments->json)
    return "asks about changes that --json does not show: give --yes";
  if (arguments->quiet)
    return "asks about changes that --quiet does not show: give --yes";
  return NULL;
}

static int run(const Arguments *arguments) {
  const Command *command = arguments_find_command(arguments->command);

  if (command->run == NULL)
    return show_help(arguments, arguments->operands[0]);
  if (command->needs_root && geteuid() != 0) {
    g_autofree char *message = g_strdup_printf("%s must be run as root", command->name);
    return show_refusal(arguments, RI_EXIT_UNTRUSTED, message);
  }
  const char *why = command->run == command_apply || command->run == command_undo ? cannot_ask(arguments) : NULL;
  if (why != NULL) {
    g_autofree char *message = g_strdup_printf("%s %s", command->name, why);
    return show_refusal(arguments, RI_EXIT_USAGE, message);
  }
  return command->run == command_apply && arguments->dry_run ? command_plan(arguments) : command->run(arguments);
}

static int answer(const Arguments *arguments) {
  if (arguments->version && arguments->json) {
    Json json;
    show_json_begin(&json, arguments->command);
    show_json_end(&json, RI_EXIT_OK, NULL);
    return RI_EXIT_OK;
  }
  if (arguments->version) {
    (void)printf("reset-identity %s\n", RI_VERSION);
    return RI_EXIT_OK;
  }
  if (arguments->help)
    return show_help(arguments, arguments->command);
  if (arguments->command != NULL)
    return run(arguments);
  if (arguments->json)
    return usage_error(arguments, "there is no command");
  g_autofree char *help = arguments_help(NULL);
  (void)fputs(help, stderr);
  return RI_EXIT_USAGE;
}

int main(int argc, char **argv) {
  Arguments arguments;
  g_autofree char *message = NULL;

  (void)setlocale(LC_CTYPE, "C.UTF-8");
  (void)umask(0022);
  gboolean good = arguments_parse(argc, argv, &arguments, &message);
  int code = good ? answer(&arguments) : usage_error(&arguments, message);
  arguments_clear(&arguments);
  if (fflush(stdout) != 0 && code == RI_EXIT_OK) {
    output_printf(stderr, TONE_BAD, "reset-identity: cannot write the output: %m\n");
    return RI_EXIT_FAILED;
  }
  return code;
}
