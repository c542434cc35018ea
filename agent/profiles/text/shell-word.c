/* shell-word.c - one word of a shell's text: what it says, and how to write one */
#include "shell-word.h"

#include <string.h>

static const char computed[] = "a shell would have to work out what it says";
static const char not_closed[] = "a quote is not closed";
static const char array[] = "it is an array or no assignment";
static const char strange[] = "it has a character that shells and NetworkManager take differently";

typedef struct {
  const char *text;
  gsize size, at;
  GString *value;
  const char *why; /* NULL: all is known so far */
} Reader;

static int peek(const Reader *reader, gsize ahead) {
  return reader->at + ahead < reader->size ? (unsigned char)reader->text[reader->at + ahead] : -1;
}

static gboolean at_line_end(const Reader *reader) {
  return peek(reader, 0) == -1 || peek(reader, 0) == '\n' ||
         (peek(reader, 0) == '\r' && (peek(reader, 1) == '\n' || peek(reader, 1) == -1));
}

/* Does the "$" here begin an expansion? Before anything else it stands for itself. */
static gboolean is_expansion(const Reader *reader) {
  const int next = peek(reader, 1);

  return next != -1 && (g_ascii_isalnum(next) || strchr("_{([*@#?$!-", next) != NULL);
}

static void take(Reader *reader) {
  g_string_append_c(reader->value, reader->text[reader->at++]);
}

static void read_single_quoted(Reader *reader) {
  for (reader->at++; peek(reader, 0) != '\''; take(reader))
    if (peek(reader, 0) == -1) {
      reader->why = not_closed;
      return;
    }
  reader->at++;
}

/* In double quotes a backslash counts only before these; before a line end both go. */
static void read_double_backslash(Reader *reader) {
  const int next = peek(reader, 1);

  if (next == '\n') {
    reader->at += 2;
  } else if (next != -1 && strchr("$`\"\\", next) != NULL) {
    reader->at++;
    take(reader);
  } else {
    take(reader);
  }
}

static void read_double_quoted(Reader *reader) {
  for (reader->at++; peek(reader, 0) != '"';) {
    if (peek(reader, 0) == -1) {
      reader->why = not_closed;
      return;
    }
    if (peek(reader, 0) == '`' || (peek(reader, 0) == '$' && is_expansion(reader)))
      reader->why = computed;
    if (peek(reader, 0) == '\\')
      read_double_backslash(reader);
    else
      take(reader);
  }
  reader->at++;
}

/* Up to LIMIT digits of BASE from AT on; their number, and *COUNT of them. */
static gunichar read_digits(Reader *reader, int base, guint limit, guint *count) {
  gunichar number = 0;

  for (*count = 0; *count < limit; ++*count) {
    const int digit = peek(reader, 0) != -1 ? g_ascii_xdigit_value((char)peek(reader, 0)) : -1;

    if (digit < 0 || digit >= base)
      break;
    number = number * (gunichar)base + (gunichar)digit;
    reader->at++;
  }
  return number;
}

/* \nnn, \xHH, \uHHHH, \UHHHHHHHH, with AT behind the backslash. */
static void read_number(Reader *reader) {
  const int kind = peek(reader, 0);
  const gboolean octal = kind >= '0' && kind <= '7';
  guint count;

  if (!octal)
    reader->at++;
  gunichar number = read_digits(reader, octal ? 8 : 16, octal ? 3 : kind == 'x' ? 2 : kind == 'u' ? 4 : 8, &count);
  if (count == 0)
    g_string_append_printf(reader->value, "\\%c", kind);
  else if (number == 0 || !(octal || kind == 'x' || g_unichar_validate(number)))
    reader->why = strange;
  else if (octal || kind == 'x')
    g_string_append_c(reader->value, (char)(number & 0xff));
  else
    g_string_append_unichar(reader->value, number);
}

static const struct {
  char letter, meaning;
} ansi_letters[] = {
    {'a', '\a'}, {'b', '\b'}, {'e', '\033'}, {'E', '\033'}, {'f', '\f'},  {'n', '\n'},  {'r', '\r'},
    {'t', '\t'}, {'v', '\v'}, {'?', '?'},    {'"', '"'},    {'\'', '\''}, {'\\', '\\'},
};

static void read_ansi_backslash(Reader *reader) {
  const int byte = peek(reader, 1);

  reader->at++;
  for (gsize i = 0; i < G_N_ELEMENTS(ansi_letters); i++)
    if (byte == ansi_letters[i].letter) {
      g_string_append_c(reader->value, ansi_letters[i].meaning);
      reader->at++;
      return;
    }
  if (byte != -1 && strchr("01234567xuU", byte) != NULL)
    read_number(reader);
  else if (byte == 'c')
    reader->why = strange;
  else
    g_string_append_c(reader->value, '\\');
}

/* $'...': bash's and NetworkManager's. */
static void read_ansi_quoted(Reader *reader) {
  for (reader->at += 2; peek(reader, 0) != '\'';) {
    if (peek(reader, 0) == -1) {
      reader->why = not_closed;
      return;
    }
    if (peek(reader, 0) == '\\')
      read_ansi_backslash(reader);
    else
      take(reader);
  }
  reader->at++;
}

static void read_backslash(Reader *reader) {
  if (peek(reader, 1) == '\n') {
    reader->at += 2;
    return;
  }
  reader->at++;
  if (at_line_end(reader))
    reader->why = peek(reader, 0) == -1 ? not_closed : strange;
  else
    take(reader);
}

/* A tilde is a home directory at the beginning and behind a colon. */
static gboolean is_home(const Reader *reader) {
  return reader->at == 0 || reader->text[reader->at - 1] == ':';
}

static void read_bare(Reader *reader) {
  const int byte = peek(reader, 0);

  if (byte == '`' || (byte == '$' && (is_expansion(reader) || peek(reader, 1) == '"')) ||
      (byte == '~' && is_home(reader)))
    reader->why = computed;
  else if (byte == '(' || byte == ')')
    reader->why = array;
  else if (byte == '\r' || byte == '\v' || byte == '\f')
    reader->why = strange;
  take(reader);
}

static gboolean ends_word(const Reader *reader) {
  return at_line_end(reader) || strchr(" \t;&|<>", peek(reader, 0)) != NULL;
}

static void read_part(Reader *reader) {
  switch (peek(reader, 0)) {
  case '\'':
    read_single_quoted(reader);
    break;
  case '"':
    read_double_quoted(reader);
    break;
  case '\\':
    read_backslash(reader);
    break;
  case '$':
    if (peek(reader, 1) == '\'') {
      read_ansi_quoted(reader);
      break;
    }
    read_bare(reader);
    break;
  default:
    read_bare(reader);
  }
}

static gsize first_line(const char *text, gsize size) {
  const Reader start = {.text = text, .size = size};
  Reader reader = start;

  while (!at_line_end(&reader))
    reader.at++;
  return reader.at;
}

ShellWord shell_word_read(const char *text, gsize size) {
  g_autoptr(GString) value = g_string_new(NULL);
  Reader reader = {.text = text, .size = size, .value = value};

  while (reader.why == NULL && !ends_word(&reader))
    read_part(&reader);
  if (reader.why == NULL && memchr(value->str, '\0', value->len) != NULL)
    reader.why = strange;
  if (reader.why != NULL)
    return (ShellWord){.size = first_line(text, size), .why = reader.why};
  return (ShellWord){.size = reader.at, .value = g_strdup(value->str)};
}

WordStyle shell_word_style(const char *text, gsize size) {
  if (size > 0 && text[0] == '\'')
    return WORD_SINGLE_QUOTED;
  if (memchr(text, '"', size) != NULL || memchr(text, '\'', size) != NULL)
    return WORD_DOUBLE_QUOTED;
  return WORD_PLAIN;
}

static gboolean is_plain(const char *value) {
  for (; *value != '\0'; value++)
    if (!g_ascii_isalnum(*value) && strchr("_-.,:/+%@=", *value) == NULL)
      return FALSE;
  return TRUE;
}

char *shell_word_write(const char *value, WordStyle style) {
  if (style == WORD_PLAIN && is_plain(value))
    return g_strdup(value);
  if (style == WORD_SINGLE_QUOTED && strchr(value, '\'') == NULL)
    return g_strdup_printf("'%s'", value);
  GString *word = g_string_new("\"");
  for (; *value != '\0'; value++) {
    if (strchr("\"\\$`", *value) != NULL)
      g_string_append_c(word, '\\');
    g_string_append_c(word, *value);
  }
  g_string_append_c(word, '"');
  return g_string_free(word, FALSE);
}
