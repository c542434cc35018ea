/* unit-lines.h - what systemd takes for one line of its INI files: several of the file where they end in a backslash.
 */
#pragma once

#include <glib.h>

gboolean unit_is_blank(char byte);
gboolean unit_is_line_end(char byte);

/* unit_line_end: where the line of the file at AT ends, its line end not counted: LF, CR or NUL, or some of them once
 * each (systemd's fileio.c, read_line_full). *NEXT is behind the line end. */
gsize unit_line_end(const char *data, gsize size, gsize at, gsize *next);
gsize unit_skip_blanks(const char *data, gsize at, gsize end);
/* unit_is_comment: the line of the file from AT to END. */
gboolean unit_is_comment(const char *data, gsize at, gsize end);

/* One line as systemd reads it; START, NUMBER and JOINED are the caller's. */
typedef struct {
  gsize start, end; /* in the file; END: its last line's line end not counted */
  gsize next;
  guint number, lines;
  GString *joined; /* what it says */
} UnitLine;

/* unit_line_read: FALSE: a comment, which is a line of its own. */
gboolean unit_line_read(const char *data, gsize size, UnitLine *logical);
