/* pager.c - a long text a screen at a time, where standard output is a terminal */
#include "pager.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"

static GPid pager;
static int terminal = -1;

/* less: leave where all fits on one screen, keep colours, do not clear; and as root no shell, no other file. */
static char **pager_environment(void) {
  char **environment = g_get_environ();

  environment = g_environ_setenv(environment, "LESS", "FRX", FALSE);
  environment = g_environ_setenv(environment, "LESSCHARSET", "utf-8", FALSE);
  return g_environ_setenv(environment, "LESSSECURE", "1", TRUE);
}

gboolean pager_open(void) {
  const char *name = g_getenv("PAGER") != NULL ? g_getenv("PAGER") : "less";
  g_auto(GStrv) words = NULL;
  int in = -1;

  if (!output_is_terminal(stdout) || *name == '\0' || strcmp(name, "cat") == 0 ||
      !g_shell_parse_argv(name, NULL, &words, NULL))
    return FALSE;
  g_auto(GStrv) environment = pager_environment();
  if (!g_spawn_async_with_pipes(NULL, words, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &pager, &in, NULL, NULL, NULL))
    return FALSE;
  output_keep_terminal();
  (void)fflush(stdout);
  terminal = dup(STDOUT_FILENO);
  (void)dup2(in, STDOUT_FILENO);
  (void)close(in);
  /* Who leaves it early has seen enough. An interrupt is for the pager: the terminal is its own until it ends. */
  (void)signal(SIGPIPE, SIG_IGN);
  (void)signal(SIGINT, SIG_IGN);
  return TRUE;
}

void pager_close(void) {
  (void)fflush(stdout);
  clearerr(stdout);
  (void)dup2(terminal, STDOUT_FILENO);
  (void)close(terminal);
  (void)waitpid(pager, NULL, 0);
  g_spawn_close_pid(pager);
  (void)signal(SIGINT, SIG_DFL);
}
