/* main.c - the command: arguments in, exit code out. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "base/names.h"
#include "output.h"

static int run(const Arguments *arguments) {
  for (gsize i = 0; i < n_commands; i++) {
    if (strcmp(commands[i].name, arguments->command) != 0)
      continue;
    if (commands[i].needs_root && geteuid() != 0) {
      output_printf(stderr, TONE_BAD, "reset-identity: %s must be run as root\n", arguments->command);
      return RI_EXIT_UNTRUSTED;
    }
    return commands[i].run(arguments);
  }
  return RI_EXIT_USAGE;
}

int main(int argc, char **argv) {
  Arguments arguments;
  g_autofree char *message = NULL;

  (void)setlocale(LC_ALL, "C.UTF-8");
  (void)umask(0022);
  if (!arguments_parse(argc, argv, &arguments, &message)) {
    output_printf(stderr, TONE_BAD, "reset-identity: %s; see reset-identity --help\n", message);
    return RI_EXIT_USAGE;
  }
  if (arguments.version) {
    (void)printf("reset-identity %s\n", RI_VERSION);
    return RI_EXIT_OK;
  }
  if (arguments.help || arguments.command == NULL) {
    g_autofree char *help = arguments_help();
    (void)fputs(help, arguments.help ? stdout : stderr);
    return arguments.help ? RI_EXIT_OK : RI_EXIT_USAGE;
  }
  int code = run(&arguments);
  if (fflush(stdout) != 0 && code == RI_EXIT_OK) {
    output_printf(stderr, TONE_BAD, "reset-identity: cannot write the output: %m\n");
    return RI_EXIT_FAILED;
  }
  return code;
}
