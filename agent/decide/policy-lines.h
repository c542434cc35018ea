/* policy-lines.h - an INI file as sections and settings, each with its lines. Syntax only; inih splits and trims.
 *
 * What inih would do silently is refused or done here: it cuts long lines and names, has no idea of empty or repeated
 * sections, splits a key at a colon (a MAC has five), and how it treats comments and continuation lines depends on how
 * it was built. So its reader is ours and hands it just one complete "key=value" line at a time, and sections and keys
 * are taken from the file's own line.
 *
 * Comments: a line that starts with ; or #, and what follows " ;" in a line. An indented line without a "=" goes on
 * with the list of the key above; with a "=" it is a key like any other.
 */
#pragma once

#include "policy-errors.h"

/* A part of a setting's value: what one line says. */
typedef struct {
  char *text;
  char *comment; /* what follows " ;" in the line; "": nothing, NULL: of an item */
  unsigned line;
} PolicyLine;

typedef struct {
  /* TITLE: between the brackets, white space folded to single blanks. */
  int (*section)(void *user, const char *title, unsigned line);
  /* LINES: the value; none when its line was bad and is reported already. LINE: of the key. */
  int (*setting)(void *user, const char *key, unsigned line, const PolicyLine *lines, size_t n_lines);
} PolicyHandlers;

/* policy_lines_read: FILE from its start to its end, errors into ERRORS. Returns 0, or the first negative errno of a
 * handler. */
int policy_lines_read(const PolicyFile *file, const PolicyHandlers *handlers, void *user, PolicyErrors *errors);

/* policy_append: one more zeroed item behind the *COUNT of the malloc'ed array *ARRAY (a T **), else NULL. */
void *policy_append(void *array, size_t *count, size_t size);
