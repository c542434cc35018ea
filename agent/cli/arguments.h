/* arguments.h - the command line: commands, and the options that each of them has. */
#pragma once

#include <glib.h>

typedef struct {
  char *root;     /* "/" unless --root */
  char *hardware; /* "/" unless --hardware */
  gboolean hardware_given;
  char *policy; /* --policy, or NULL */
  gboolean json;
  gboolean quiet, verbose;
  int verbosity;      /* -1 quiet, 0, 1 verbose */
  gboolean force;     /* of plan and apply: as if this machine were a clone */
  gboolean overwrite; /* undo --force */
  gboolean yes;
  gboolean boot;
  gboolean dry_run;
  gboolean poweroff;
  gboolean no_network;
  char *as;   /* plan --as, or NULL */
  int wait_s; /* --wait, seconds; -1: not given */
  gboolean help;
  gboolean version;
  const char *command; /* the command's name; NULL: none given */
  char **operands;     /* NULL-terminated */
  char **words;        /* what is left of the line, which owns the operands */
} Arguments;

typedef struct {
  const char *name;
  const char *operands; /* for --help, "" when none */
  const char *summary;
  const char *details; /* for its own --help */
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
int command_adapt_network(const Arguments *arguments);
int command_take_back(const Arguments *arguments);

/* arguments_find_command: by its name, or NULL. Those that only systemd runs for us too: they are in no list. */
const Command *arguments_find_command(const char *name);

/* arguments_unknown_command: that there is no command NAME, and which may be meant. The caller frees. */
char *arguments_unknown_command(const char *name);

/* arguments_parse: options may stand before and behind the command, and may be cut short as long as it is clear which
 * is meant. Errors: a sentence in *MESSAGE (the caller frees) and FALSE; command and json are then set as far as they
 * could be read. Clear ARGUMENTS in every case. */
gboolean arguments_parse(int argc, char **argv, Arguments *arguments, char **message);
void arguments_clear(Arguments *arguments);

/* arguments_help: the text of --help, of COMMAND or, where that is NULL, of all. The caller frees. */
char *arguments_help(const Command *command);
