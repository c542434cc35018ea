/* arguments.h - the command line. */
#pragma once

#include <glib.h>

typedef struct {
  const char *root;     /* "/" unless --root */
  const char *hardware; /* "/" unless --hardware */
  gboolean hardware_given;
  const char *policy; /* --policy, or NULL */
  gboolean json;
  int verbosity; /* -1 quiet, 0, 1 verbose */
  gboolean force;
  gboolean yes;
  gboolean boot;
  gboolean poweroff;
  gboolean no_network;
  int wait_s; /* --wait, seconds */
  gboolean help;
  gboolean version;
  const char *command; /* NULL: none given */
  char **operands;     /* borrowed from argv, NULL-terminated */
} Arguments;

typedef struct {
  const char *name;
  const char *operands; /* for --help, "" when none */
  const char *summary;
  const char *options; /* the options of its own, NULL-terminated list joined by blanks: "force yes boot" */
  int max_operands;
  gboolean needs_root;
  int (*run)(const Arguments *arguments);
} Command;

extern const Command commands[];
extern const gsize n_commands;

int command_status(const Arguments *arguments);
int command_plan(const Arguments *arguments);
int command_apply(const Arguments *arguments);
int command_undo(const Arguments *arguments);
int command_seal(const Arguments *arguments);
int command_adopt(const Arguments *arguments);
int command_check_policy(const Arguments *arguments);
int command_steps(const Arguments *arguments);
int command_log(const Arguments *arguments);
int command_verify(const Arguments *arguments);

/* arguments_parse: options may stand before and behind the command. Errors: a sentence in *MESSAGE (the caller frees)
 * and FALSE. */
gboolean arguments_parse(int argc, char **argv, Arguments *arguments, char **message);

/* arguments_help: the text of --help. The caller frees. */
char *arguments_help(void);
