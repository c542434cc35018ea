/* shell-text.h - set, insert or remove assignments of a file that a shell reads, and leave every other byte as it is.
 *
 * KEY=value lines as sh and bash read them: quotes of every kind, words made of several, `#` behind a blank, a
 * backslash that continues a line; the last assignment of a key wins. Two things are as NetworkManager has them
 * (shvar.c), which reads the same files: a CR in front of the LF belongs to the line end, and a text with lines of
 * which a shell can make nothing still has its other lines. What only a shell can tell ($VAR, `...`, a command) is not
 * known.
 */
#pragma once

#include <glib.h>

typedef struct ShellText ShellText;

ShellText *shell_text_parse(GBytes *bytes);
void shell_text_free(ShellText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShellText, shell_text_free)

/* shell_text_why_not: why the text must not be edited, with the line: a shell would have to run something to know its
 * values, cannot read it, or reads it otherwise than NetworkManager. NULL: it may be. Owned by TEXT. */
const char *shell_text_why_not(const ShellText *text);

/* shell_text_get: the value in effect, without its quotes; NULL: the key is not there, or what it says is not known.
 * The caller frees. */
char *shell_text_get(const ShellText *text, const char *key);
/* shell_text_line: of the value in effect, from 1, a new one's is its neighbour's; 0: the key is not there. */
guint shell_text_line(const ShellText *text, const char *key);

/* shell_text_foreach: every value in effect that is known, in the order of the lines. FUNCTION may set the very key
 * that it is called for, and change nothing else. */
typedef void (*ShellTextFunction)(const char *key, const char *value, guint line, gpointer data);
void shell_text_foreach(const ShellText *text, ShellTextFunction function, gpointer data);

/* shell_text_set: replace the value in effect, in the quotes that it had; a key that is not there goes behind the last
 * assignment. */
void shell_text_set(ShellText *text, const char *key, const char *value);
/* shell_text_set_behind: as shell_text_set, but a key that is not there goes behind the line of NEIGHBOUR, where that
 * is there. */
void shell_text_set_behind(ShellText *text, const char *neighbour, const char *key, const char *value);
/* shell_text_remove: all assignments of the key, whole lines. Returns whether it was there. */
gboolean shell_text_remove(ShellText *text, const char *key);
/* shell_text_remove_overridden: assignments of KEY that a later one takes the place of. */
void shell_text_remove_overridden(ShellText *text, const char *key);
GBytes *shell_text_bytes(const ShellText *text);
