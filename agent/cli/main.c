/* main.c - the command: arguments in, exit code out. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "base/names.h"
#include "output.h"
#include "show.h"

static int usage_error(const Arguments *arguments, const char *message) {
  g_autofree char *text =
      g_strdup_printf("%s%s reset-identity %s%s--help", message, g_str_has_suffix(message, "?") ? " See" : "; see",
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
  if (arguments->json) {
    Json json;
    show_json_begin(&json, arguments->command);
    json_string(&json, "text", help);
    show_json_end(&json, RI_EXIT_OK, NULL);
  } else {
    (void)fputs(help, stdout);
  }
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

/* Where the caller has closed one of the standard streams, the next file that is opened would be taken for it: a
 * message would go into the record. What cannot be read or written takes its place. */
static void keep_standard_streams(void) {
  static const int modes[] = {[STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};

  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0)
      (void)open("/dev/null", modes[fd]);
}

/* Where the caller does not want to know how its children end, neither do we get to know: a program of ours that has
 * failed would count as one that has not. */
static void hear_of_children(void) {
  sigset_t set;

  (void)signal(SIGCHLD, SIG_DFL);
  (void)sigemptyset(&set);
  (void)sigaddset(&set, SIGCHLD);
  (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* What a command has found and could not say is a failure, also where it says more than "done". At boot nobody reads
 * it: standard output is the journal's, which may have lost the stream by a restart, and the report is in last.json
 * too; a clone that has its identity is no failed unit. */
static int check_output(int code, bool at_boot) {
  const gboolean lost_before = ferror(stdout) != 0;
  const gboolean lost = fflush(stdout) != 0;

  if (!lost && !lost_before)
    return code;
  output_printf(stderr, TONE_BAD, "reset-identity: cannot write the output: %s\n",
                lost ? g_strerror(errno) : "a part of it is lost");
  if (at_boot)
    return code;
  return code == RI_EXIT_OK || code == RI_EXIT_WORK ? RI_EXIT_FAILED : code;
}

int main(int argc, char **argv) {
  Arguments arguments;
  g_autofree char *message = NULL;

  keep_standard_streams();
  hear_of_children();
  (void)setlocale(LC_CTYPE, "C.UTF-8");
  (void)umask(0022);
  gboolean good = arguments_parse(argc, argv, &arguments, &message);
  int code = good ? answer(&arguments) : usage_error(&arguments, message);
  const bool at_boot = arguments.boot;
  arguments_clear(&arguments);
  return check_output(code, at_boot);
}
