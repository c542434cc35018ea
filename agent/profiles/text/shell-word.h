/* shell-word.h - one word of a shell's text: what it says, and how to write one. */
#pragma once

#include <glib.h>

/* How a word is written. */
typedef enum { WORD_PLAIN, WORD_DOUBLE_QUOTED, WORD_SINGLE_QUOTED } WordStyle;

typedef struct {
  gsize size;      /* of the word as it is written; where it cannot be read, up to the end of its first line */
  char *value;     /* what it says, owned; NULL: not known */
  const char *why; /* why it is not known; NULL: it is */
} ShellWord;

/* shell_word_read: the word at the beginning of TEXT, which is an assignment's value: it may be empty. Ends at a blank,
 * a line end (a CR in front of the LF belongs to it) or what ends a command. Free the value with g_free. */
ShellWord shell_word_read(const char *text, gsize size);

/* shell_word_style: how the SIZE bytes TEXT, a word, are written. */
WordStyle shell_word_style(const char *text, gsize size);
/* shell_word_write: VALUE as a word, in STYLE where it can be, else in double quotes. The caller frees. */
char *shell_word_write(const char *value, WordStyle style);
