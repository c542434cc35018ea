/* tokens.c - what a configuration file says, in pieces that can be looked up and replaced */
#include "tokens.h"

#include <string.h>

#include "base/bytes.h"

/* One line without its end and the blanks around it; FALSE: it is empty or a comment. Where a format has no ";" for
 * that, no line of it begins with one. */
static gboolean trim_line(const char **start, const char **stop) {
  while (*start < *stop && g_ascii_isspace(**start))
    ++*start;
  while (*stop > *start && g_ascii_isspace((*stop)[-1]))
    --*stop;
  return *start < *stop && **start != '#' && **start != ';';
}

typedef void (*LineFunction)(const char *start, const char *stop, guint line, gpointer data);

static void for_each_line(const char *text, gsize size, LineFunction function, gpointer data) {
  const char *end = text + size;
  guint number = 1;

  for (const char *line = text; line < end; number++) {
    const char *newline = memchr(line, '\n', (gsize)(end - line));
    const char *start = line;
    const char *stop = newline != NULL ? newline : end;

    line = newline != NULL ? newline + 1 : end;
    if (trim_line(&start, &stop))
      function(start, stop, number, data);
  }
}

typedef struct {
  TokenFunction function;
  gpointer data;
  GString *group, *key;
  gboolean has_group;
} Reading;

static void give(const Reading *reading, gboolean has_key, const char *start, const char *stop, guint line) {
  const Token token = {.group = reading->has_group ? reading->group->str : NULL,
                       .key = has_key ? reading->key->str : NULL,
                       .value = start,
                       .size = (gsize)(stop - start),
                       .line = line};

  reading->function(&token, reading->data);
}

static void set_text(GString *text, const char *start, const char *stop) {
  g_string_truncate(text, 0);
  g_string_append_len(text, start, stop - start);
}

static void read_assignment(const char *start, const char *stop, guint line, gpointer data) {
  Reading *reading = data;
  const char *close = *start == '[' ? memchr(start, ']', (gsize)(stop - start)) : NULL;
  const char *equals = memchr(start, '=', (gsize)(stop - start));
  const char *key_end = equals;

  if (close != NULL) {
    set_text(reading->group, start + 1, close);
    reading->has_group = TRUE;
    give(reading, FALSE, start + 1, close, line);
    return;
  }
  if (equals == NULL) {
    give(reading, FALSE, start, stop, line);
    return;
  }
  while (key_end > start && (g_ascii_isspace(key_end[-1]) || strchr("+-", key_end[-1]) != NULL))
    key_end--;
  set_text(reading->key, start, key_end);
  for (start = equals + 1; start < stop && g_ascii_isspace(*start);)
    start++;
  give(reading, TRUE, start, stop, line);
}

static void read_line(const char *start, const char *stop, guint line, gpointer data) {
  Reading *reading = data;
  const char *word = start;

  while (word < stop && !g_ascii_isspace(*word))
    word++;
  set_text(reading->key, start, word);
  give(reading, TRUE, start, stop, line);
}

static Reading reading_new(TokenFunction function, gpointer data) {
  return (Reading){.function = function, .data = data, .group = g_string_new(NULL), .key = g_string_new(NULL)};
}

static void reading_clear(Reading *reading) {
  g_string_free(reading->group, TRUE);
  g_string_free(reading->key, TRUE);
}

void tokens_of_assignments(const char *text, gsize size, TokenFunction function, gpointer data) {
  Reading reading = reading_new(function, data);

  for_each_line(text, size, read_assignment, &reading);
  reading_clear(&reading);
}

void tokens_of_lines(const char *text, gsize size, TokenFunction function, gpointer data) {
  Reading reading = reading_new(function, data);

  for_each_line(text, size, read_line, &reading);
  reading_clear(&reading);
}

static void read_statement(const char *start, const char *stop, guint line, gpointer data) {
  if (*start != '!')
    read_line(start, stop, line, data);
}

void tokens_of_routing(const char *text, gsize size, TokenFunction function, gpointer data) {
  Reading reading = reading_new(function, data);

  for_each_line(text, size, read_statement, &reading);
  reading_clear(&reading);
}

void tokens_read(GBytes *bytes, TokenReader reader, TokenFunction function, gpointer data) {
  gsize size = 0;
  const char *text = bytes_text(bytes, &size);

  reader(text, size, function, data);
}

/* dhclient.conf(5) -------------------------------------------------------------------------------------------------*/

typedef struct {
  Reading reading;
  const char *at, *end;
  guint line;
  guint depth;
  guint words;      /* of the statement so far */
  const char *from; /* where the statement begins */
  guint from_line;
  const char *value_from; /* NULL: the key is not over */
  guint value_line;
  const char *value_to; /* the end of what was read of the statement */
} Dhclient;

static void end_statement(Dhclient *state) {
  if (state->value_from != NULL)
    give(&state->reading, TRUE, state->value_from, state->value_to, state->value_line);
  else if (state->words > 0)
    give(&state->reading, FALSE, state->from, state->value_to, state->from_line);
  g_string_truncate(state->reading.key, 0);
  state->value_from = NULL;
  state->words = 0;
}

/* "send", "supersede", ... have an option's name behind them, and both are the key; of others the first word is. */
static guint words_of_key(const char *first) {
  static const char *const with_option[] = {"send", "supersede", "default", "prepend", "append", "option", NULL};

  return g_strv_contains(with_option, first) ? 2 : 1;
}

/* Of keywords and names of options case counts for nothing (conflex.c; tables.c, do_case_hash). */
static void append_to_key(Dhclient *state, const char *start, const char *stop) {
  g_autofree char *lower = g_ascii_strdown(start, stop - start);

  g_string_append(state->reading.key, lower);
}

static void take_word(Dhclient *state, const char *start, const char *stop) {
  if (state->value_from == NULL && (state->words == 0 || state->words < words_of_key(state->reading.key->str))) {
    if (state->words == 0) {
      state->from = start;
      state->from_line = state->line;
    } else {
      g_string_append_c(state->reading.key, ' ');
    }
    append_to_key(state, start, stop);
    state->value_to = stop;
    state->words++;
    return;
  }
  if (state->value_from == NULL) {
    state->value_from = start;
    state->value_line = state->line;
  }
  state->value_to = stop;
}

static void open_block(Dhclient *state) {
  g_autofree char *head = NULL;

  if (state->value_from != NULL)
    head = g_strdup_printf("%s %.*s", state->reading.key->str, (int)(state->value_to - state->value_from),
                           state->value_from);
  else
    head = g_strdup(state->reading.key->str);
  end_statement(state);
  g_string_assign(state->reading.group, head);
  state->reading.has_group = TRUE;
  state->depth++;
}

static void close_block(Dhclient *state) {
  end_statement(state);
  if (state->depth > 0)
    state->depth--;
  state->reading.has_group = state->depth > 0;
}

/* The end of the word at START: a string with its quotes, or what no blank and no punctuation ends. */
static const char *word_end(const char *start, const char *end) {
  const char *stop = start + 1;

  if (*start == '"') {
    while (stop < end && *stop != '"')
      stop += *stop == '\\' && stop + 1 < end ? 2 : 1;
    return stop < end ? stop + 1 : end;
  }
  while (stop < end && !g_ascii_isspace(*stop) && strchr(";{}\"#", *stop) == NULL)
    stop++;
  return stop;
}

static const char *skip_comment(const char *at, const char *end) {
  const char *newline = memchr(at, '\n', (gsize)(end - at));

  return newline != NULL ? newline : end;
}

void tokens_of_dhclient(const char *text, gsize size, TokenFunction function, gpointer data) {
  Dhclient state = {.reading = reading_new(function, data), .at = text, .end = text + size, .line = 1};

  while (state.at < state.end) {
    const char *start = state.at++;

    if (*start == '\n')
      state.line++;
    else if (*start == '#')
      state.at = skip_comment(start, state.end);
    else if (*start == ';')
      end_statement(&state);
    else if (*start == '{')
      open_block(&state);
    else if (*start == '}')
      close_block(&state);
    else if (!g_ascii_isspace(*start)) {
      state.at = word_end(start, state.end);
      take_word(&state, start, state.at);
      for (const char *byte = start; byte < state.at; byte++)
        state.line += *byte == '\n';
    }
  }
  end_statement(&state);
  reading_clear(&state.reading);
}
