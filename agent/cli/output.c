/* output.c - text for people */
#include "output.h"

#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const TONES[] = {
    [TONE_PLAIN] = "",       [TONE_GOOD] = "\x1b[32m",  [TONE_WARN] = "\x1b[33m",
    [TONE_BAD] = "\x1b[31m", [TONE_STRONG] = "\x1b[1m", [TONE_FAINT] = "\x1b[2m",
};

/* A busy terminal is none that stands still. */
enum { SLOW_READER_MS = 100 };

/* Of the terminal behind the pager; 0: there is no pager. */
static glong pager_width;

gboolean output_is_terminal(FILE *stream) {
  const char *terminal = g_getenv("TERM");

  return isatty(fileno(stream)) == 1 && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

gboolean output_takes_text(FILE *stream) {
  struct pollfd out = {.fd = fileno(stream), .events = POLLOUT};

  return poll(&out, 1, SLOW_READER_MS) > 0;
}

static gboolean has_colours(FILE *stream) {
  const char *no_color = g_getenv("NO_COLOR");

  return (no_color == NULL || *no_color == '\0') &&
         ((pager_width > 0 && stream == stdout) || output_is_terminal(stream));
}

/* C0 but newline and tab, DEL, C1 (U+0080 to U+009F), and what turns the direction of the text. */
static gboolean is_harmless(gunichar c) {
  if (c == '\n' || c == '\t')
    return TRUE;
  return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
         c != 0x200e && c != 0x200f && c != 0x2028 && c != 0x2029;
}

char *output_clean(const char *text) {
  GString *clean = g_string_new(NULL);

  while (*text != '\0') {
    gunichar c = g_utf8_get_char_validated(text, -1);
    if (c == (gunichar)-1 || c == (gunichar)-2)
      g_string_append_printf(clean, "\\x%02X", (guchar)*text++);
    else if (is_harmless(c)) {
      g_string_append_unichar(clean, c);
      text = text + g_utf8_skip[(guchar)*text];
    } else {
      g_string_append_c(clean, '?');
      text = text + g_utf8_skip[(guchar)*text];
    }
  }
  return g_string_free(clean, FALSE);
}

void output_tone(FILE *stream, Tone tone, const char *text) {
  gboolean coloured = tone != TONE_PLAIN && has_colours(stream);
  g_autofree char *clean = output_clean(text);

  if (coloured)
    (void)fputs(TONES[tone], stream);
  (void)fputs(clean, stream);
  if (coloured)
    (void)fputs("\x1b[0m", stream);
}

void output_printf(FILE *stream, Tone tone, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  output_tone(stream, tone, text);
}

static Tone tone_of_line(const char *line) {
  if (g_str_has_prefix(line, "--- ") || g_str_has_prefix(line, "+++ "))
    return TONE_STRONG;
  if (*line == '+')
    return TONE_GOOD;
  if (*line == '-')
    return TONE_BAD;
  if (g_str_has_prefix(line, "@@"))
    return TONE_FAINT;
  return TONE_PLAIN;
}

void output_diff(FILE *stream, const char *diff) {
  g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++) {
    if (lines[i + 1] == NULL && *lines[i] == '\0')
      break;
    output_tone(stream, tone_of_line(lines[i]), lines[i]);
    (void)fputc('\n', stream);
  }
}

struct Table {
  gsize columns;
  GPtrArray *rows; /* char **; the first one holds the headings */
};

Table *table_new(const char *const *headings) {
  Table *table = g_new0(Table, 1);

  while (headings[table->columns] != NULL)
    table->columns++;
  table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
  table_row(table, headings);
  return table;
}

void table_row(Table *table, const char *const *cells) {
  char **row = g_new0(char *, table->columns + 1);

  for (gsize i = 0; i < table->columns; i++)
    row[i] = g_strdup(cells[i] != NULL ? cells[i] : "");
  g_ptr_array_add(table->rows, row);
}

enum { USUAL_WIDTH = 80, NARROWEST_CELL = 24, ERROR_INDENT = 2 };

/* How many columns STREAM has; 0: it is no terminal, and a line is as long as it is. */
static glong width_of(FILE *stream) {
  struct winsize size = {0};
  guint64 columns = 0;

  if (stream == stdout && pager_width > 0)
    return pager_width;
  if (isatty(fileno(stream)) != 1)
    return 0;
  if (g_getenv("COLUMNS") != NULL && g_ascii_string_to_unsigned(g_getenv("COLUMNS"), 10, 1, G_MAXINT, &columns, NULL))
    return (glong)columns;
  return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_WIDTH;
}

void output_keep_terminal(void) {
  pager_width = width_of(stdout);
}

/* TEXT behind LINE, of which COLUMN columns are in use: what does not fit into WIDTH goes on below, INDENT to the
 * right.
 */
static void append_wrapped(GString *line, const char *text, glong column, glong indent, glong width) {
  g_auto(GStrv) words = g_strsplit(text, " ", -1);

  for (gsize i = 0; words[i] != NULL; i++) {
    glong length = g_utf8_strlen(words[i], -1);
    if (i > 0 && column + 1 + length > width) {
      /* What stood two blanks apart needs none where a line ends. */
      while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
      while (*words[i] == '\0' && words[i + 1] != NULL)
        length = g_utf8_strlen(words[++i], -1);
      g_string_append_printf(line, "\n%*s", (int)indent, "");
      column = indent;
    } else if (i > 0) {
      g_string_append_c(line, ' ');
      column++;
    }
    g_string_append(line, words[i]);
    column += length;
  }
}

/* What is left of WIDTH behind INDENT may be too narrow to fold anything into. */
static glong fold_at(glong width, glong indent) {
  return width - indent >= NARROWEST_CELL ? width : G_MAXLONG;
}

void output_folded(FILE *stream, Tone tone, const char *lead, const char *text) {
  output_tone(stream, tone, lead);
  output_folded_behind(stream, tone, g_utf8_strlen(lead, -1), text);
}

void output_error(Tone tone, const char *text) {
  g_autofree char *whole = g_strdup_printf("reset-identity: %s", text);
  g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
  g_autoptr(GString) folded = g_string_new(NULL);

  for (gsize i = 0; lines[i] != NULL; i++) {
    append_wrapped(folded, lines[i], 0, ERROR_INDENT, fold_at(width_of(stderr), ERROR_INDENT));
    g_string_append_c(folded, '\n');
  }
  output_tone(stderr, tone, folded->str);
}

void output_folded_behind(FILE *stream, Tone tone, glong indent, const char *text) {
  g_autoptr(GString) line = g_string_new(NULL);

  append_wrapped(line, text, indent, indent, fold_at(width_of(stream), indent));
  g_string_append_c(line, '\n');
  output_tone(stream, tone, line->str);
}

void table_print(const Table *table, FILE *stream) {
  const glong width = width_of(stream);
  g_autofree glong *widths = g_new0(glong, table->columns);

  for (guint r = 0; r < table->rows->len; r++)
    for (gsize c = 0; c < table->columns; c++)
      widths[c] = MAX(widths[c], g_utf8_strlen(((char **)table->rows->pdata[r])[c], -1));
  for (guint r = 0; r < table->rows->len; r++) {
    char **row = table->rows->pdata[r];
    g_autoptr(GString) line = g_string_new(NULL);
    glong indent = 0;
    gsize c = 0;
    for (; c + 1 < table->columns; c++) {
      g_string_append_printf(line, "%s%*s", row[c], (int)(widths[c] - g_utf8_strlen(row[c], -1) + 2), "");
      indent += widths[c] + 2;
    }
    append_wrapped(line, row[c], indent, indent, fold_at(width, indent));
    g_strchomp(line->str);
    output_tone(stream, r == 0 ? TONE_STRONG : TONE_PLAIN, line->str);
    (void)fputc('\n', stream);
  }
}

void table_free(Table *table) {
  g_ptr_array_unref(table->rows);
  g_free(table);
}
