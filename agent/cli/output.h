/* output.h - text for people: aligned tables, colours on a terminal, plain text elsewhere. */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef enum { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_STRONG, TONE_FAINT } Tone;

/* output_is_terminal: live lines and a pager make sense on STREAM (a terminal, TERM is not "dumb"). Colours too, unless
 * NO_COLOR is set and not empty. */
gboolean output_is_terminal(FILE *stream);

/* output_takes_text: STREAM takes a line now, or fails at once. Not a terminal that stands still (Ctrl-S, a serial line
 * with flow control), nor a pipe that is full: behind the commit point nobody is waited for. */
gboolean output_takes_text(FILE *stream);

/* output_keep_terminal: standard output is a terminal and goes on to one, a pager's: as wide, and with colours. */
void output_keep_terminal(void);

/* output_clean: TEXT so that nothing read from a disk can drive a terminal: control characters (C0, DEL, C1) and those
 * that turn the direction of text are "?", bytes that are not UTF-8 are "\xE9". The caller frees. */
char *output_clean(const char *text);

/* output_tone: TEXT, cleaned, to STREAM, coloured where it is a terminal. */
void output_tone(FILE *stream, Tone tone, const char *text);
void output_printf(FILE *stream, Tone tone, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* output_folded: LEAD and TEXT as one line; on a terminal TEXT is folded to what fits and goes on below its beginning.
 * output_folded_behind: the same behind what stands on the line already, INDENT columns of it. */
void output_folded(FILE *stream, Tone tone, const char *lead, const char *text);
void output_folded_behind(FILE *stream, Tone tone, glong indent, const char *text);

/* output_error: "reset-identity: TEXT" on standard error, folded on a terminal; TEXT may have several lines. */
void output_error(Tone tone, const char *text);

/* output_diff: a unified diff, its lines coloured by kind. */
void output_diff(FILE *stream, const char *diff);

/* A table: rows of cells, columns aligned when it is printed. */
typedef struct Table Table;
Table *table_new(const char *const *headings);
/* table_row: as many cells as there are headings, copied; NULL is an empty cell. */
void table_row(Table *table, const char *const *cells);
/* table_print: on a terminal the last column is folded to what fits. */
void table_print(const Table *table, FILE *stream);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)
