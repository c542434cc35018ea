/* command-line.h - the parameters of the kernel command line. */
#pragma once

#include <glib.h>

#include "root.h"

/* command_line_words: as the kernel and systemd take them apart: at blanks outside of double quotes, and the quotes go.
 * None where it cannot be read, or HARDWARE is NULL. */
char **command_line_words(const Root *hardware);

/* command_line_value: what WORD gives the parameter NAME; a dash in WORD is an underscore of NAME as well. NULL: it is
 * another one. */
const char *command_line_value(const char *word, const char *name);
