/* policy-lines.c - an INI file as sections and settings, each with its lines */
#include "policy-lines.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *text;
  size_t length;
} Span;

typedef struct {
  const PolicyFile *file;
  const PolicyHandlers *handlers;
  void *user;
  PolicyErrors *errors;

  size_t offset;   /* of the next line */
  unsigned number; /* of the current line */
  Span comment;    /* behind what the current line says, with the white space before it */
  int result;      /* 0, or why reading ends early */

  char *title; /* of the section, NULL before the first */
  char *key;   /* of the setting that is being read, NULL: none */
  unsigned key_line;
  PolicyLine *lines;
  size_t n_lines;
} Reader;

void *policy_append(void *array, size_t *count, size_t size) {
  void *items, *grown;

  memcpy(&items, array, sizeof items);
  if ((*count & (*count - 1)) == 0) {
    grown = reallocarray(items, *count > 0 ? *count * 2 : 1, size);
    if (grown == NULL)
      return NULL;
    items = grown;
    memcpy(array, &items, sizeof items);
  }
  return memset((char *)items + (*count)++ * size, 0, size);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static Span span_trim(Span span) {
  while (span.length > 0 && is_blank(span.text[0]))
    span = (Span){span.text + 1, span.length - 1};
  while (span.length > 0 && is_blank(span.text[span.length - 1]))
    span.length--;
  return span;
}

/* SPAN, malloc'ed, with each run of white space as one blank. */
static char *span_fold(Span span) {
  char *folded = malloc(span.length + 1), *end = folded;

  for (size_t i = 0; folded != NULL && i < span.length; i++)
    if (!is_blank(span.text[i]))
      *end++ = span.text[i];
    else if (i == 0 || !is_blank(span.text[i - 1]))
      *end++ = ' ';
  if (folded != NULL)
    *end = '\0';
  return folded;
}

static void report(Reader *reader, const char *key, size_t key_length, const char *message) {
  char where[160];

  (void)snprintf(where, sizeof where, "%s%s%.*s", reader->title != NULL ? reader->title : "(no section)",
                 key != NULL ? "." : "", (int)(key_length < sizeof where ? key_length : sizeof where),
                 key != NULL ? key : "");
  int r = policy_error_add(reader->errors, reader->file->path, reader->number, where, "%s", message);
  if (r < 0)
    reader->result = r;
}

/* The next line without its end; false at the end of the file. */
static bool take_line(Reader *reader, Span *line) {
  const char *start = reader->file->text + reader->offset, *end;
  size_t left = reader->file->size - reader->offset;

  if (left == 0)
    return false;
  end = memchr(start, '\n', left);
  *line = (Span){start, end != NULL ? (size_t)(end - start) : left};
  reader->offset += line->length + (end != NULL);
  reader->number++;
  if (reader->number == 1 && line->length >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
    *line = (Span){line->text + 3, line->length - 3};
  if (line->length > 0 && line->text[line->length - 1] == '\r')
    line->length--;
  return true;
}

/* The length of the UTF-8 sequence at BYTES (Unicode 15, table 3-7), 0 when it is none. */
static size_t utf8_sequence(const uint8_t *bytes, size_t left) {
  uint8_t low = 0x80, high = 0xbf;

  if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
    return 0;
  size_t length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
  if (bytes[0] == 0xe0)
    low = 0xa0;
  else if (bytes[0] == 0xed)
    high = 0x9f;
  else if (bytes[0] == 0xf0)
    low = 0x90;
  else if (bytes[0] == 0xf4)
    high = 0x8f;
  if (left < length || bytes[1] < low || bytes[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++)
    if (bytes[i] < 0x80 || bytes[i] > 0xbf)
      return 0;
  return length;
}

/* What is wrong with the bytes of LINE, or NULL. Control characters too: messages quote the file on a console. */
static const char *find_bad_bytes(Span line) {
  const uint8_t *bytes = (const uint8_t *)line.text;

  for (size_t i = 0; i < line.length;) {
    size_t length = 1;

    if (bytes[i] == '\0')
      return "a NUL byte: this is not a text file";
    if ((bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f)
      return "a control character: write plain text";
    if (bytes[i] >= 0x80)
      length = utf8_sequence(bytes + i, line.length - i);
    if (length == 0)
      return "invalid UTF-8: save the file as UTF-8";
    if (bytes[i] == 0xc2 && bytes[i + 1] < 0xa0)
      return "a control character: write plain text";
    i += length;
  }
  return NULL;
}

/* LINE up to its comment, trimmed. */
static Span without_comment(Span line) {
  Span trimmed = span_trim(line);

  if (trimmed.length > 0 && (trimmed.text[0] == '#' || trimmed.text[0] == ';'))
    return (Span){trimmed.text, 0};
  for (size_t i = 1; i < trimmed.length; i++)
    if (trimmed.text[i] == ';' && is_blank(trimmed.text[i - 1]))
      return span_trim((Span){trimmed.text, i});
  return trimmed;
}

static void clear_setting(Reader *reader) {
  for (size_t i = 0; i < reader->n_lines; i++) {
    free(reader->lines[i].text);
    free(reader->lines[i].comment);
  }
  free(reader->lines);
  free(reader->key);
  reader->lines = NULL;
  reader->key = NULL;
  reader->n_lines = 0;
}

/* The setting is complete: the next thing begins. */
static void end_setting(Reader *reader) {
  if (reader->key != NULL && reader->result == 0)
    reader->result =
        reader->handlers->setting(reader->user, reader->key, reader->key_line, reader->lines, reader->n_lines);
  clear_setting(reader);
}

static void begin_section(Reader *reader, Span line) {
  Span title = {line.text + 1, line.length - 1};
  /* The last bracket: a NIC's glob may hold others. */
  const char *bracket = memrchr(title.text, ']', title.length);

  end_setting(reader);
  free(reader->title);
  if (bracket != NULL)
    title.length = (size_t)(bracket - title.text);
  reader->title = span_fold(span_trim(title));
  if (reader->title == NULL) {
    reader->result = -ENOMEM;
    return;
  }
  if (bracket != line.text + line.length - 1)
    report(reader, NULL, 0, "a section is [NAME], with nothing after the ] but a comment");
  if (reader->result == 0)
    reader->result = reader->handlers->section(reader->user, reader->title, reader->number);
}

/* "key=value" or a further VALUE for the present key, as inih shall see it. False: nothing for inih here. */
static bool hand_over(Reader *reader, Span key, Span value, char *buffer, size_t size) {
  char message[160];

  if (key.length + 1 + value.length + sizeof "\n" > size) {
    (void)snprintf(message, sizeof message,
                   "%zu bytes in one line, at most %zu can be read: a list may go on in an indented line",
                   key.length + 1 + value.length, size - sizeof "\n");
    report(reader, key.text, key.length, message);
    return false;
  }
  memcpy(buffer, key.text, key.length);
  for (size_t i = 0; i < key.length; i++)
    if (buffer[i] == ':')
      buffer[i] = '-';
  (void)snprintf(buffer + key.length, size - key.length, "=%.*s\n", (int)value.length, value.text);
  return true;
}

/* LINE holds a "=" at EQUALS. */
static bool begin_setting(Reader *reader, Span line, const char *equals, char *buffer, size_t size) {
  Span key = span_trim((Span){line.text, (size_t)(equals - line.text)});
  Span value = span_trim((Span){equals + 1, line.length - (size_t)(equals + 1 - line.text)});

  end_setting(reader);
  if (key.length == 0) {
    report(reader, NULL, 0, "there is no key before the =");
    return false;
  }
  reader->key = strndup(key.text, key.length);
  if (reader->key == NULL)
    reader->result = -ENOMEM;
  reader->key_line = reader->number;
  return reader->result == 0 && hand_over(reader, key, value, buffer, size);
}

/* One line of the file. True when BUFFER holds something for inih. */
static bool read_line(Reader *reader, Span raw, char *buffer, size_t size) {
  const char *bad = find_bad_bytes(raw), *equals;
  bool indented = raw.length > 0 && is_blank(raw.text[0]);
  Span line;

  if (bad != NULL) {
    report(reader, NULL, 0, bad);
    /* A binary file would have an error on every line. */
    if (memchr(raw.text, '\0', raw.length) != NULL)
      reader->offset = reader->file->size;
    return false;
  }
  line = without_comment(raw);
  if (line.length == 0)
    return false;
  reader->comment = (Span){line.text + line.length, (size_t)(raw.text + raw.length - line.text) - line.length};
  if (line.text[0] == '[') {
    begin_section(reader, line);
    return false;
  }
  equals = memchr(line.text, '=', line.length);
  if (equals != NULL)
    return begin_setting(reader, line, equals, buffer, size);
  if (indented && reader->key != NULL)
    return hand_over(reader, (Span){reader->key, strlen(reader->key)}, line, buffer, size);
  end_setting(reader);
  report(reader, NULL, 0, "neither [section] nor key = value, nor the indented rest of a list");
  return false;
}

/* inih's reader: the next line that it has to see. */
static char *next_line(char *buffer, int size, void *stream) {
  Reader *reader = stream;
  Span line;

  while (reader->result == 0 && take_line(reader, &line))
    if (read_line(reader, line, buffer, (size_t)size))
      return buffer;
  return NULL;
}

/* inih's handler. Section and name are the reader's: inih cuts long ones. */
static int keep_value(void *user, const char *section, const char *name, const char *value) {
  Reader *reader = user;
  PolicyLine *line = policy_append(&reader->lines, &reader->n_lines, sizeof *line);

  if (line != NULL)
    *line = (PolicyLine){.text = strdup(value),
                         .comment = strndup(reader->comment.text, reader->comment.length),
                         .line = reader->number};
  if (line == NULL || line->text == NULL || line->comment == NULL)
    reader->result = -ENOMEM;
  return 1;
}

int policy_lines_read(const PolicyFile *file, const PolicyHandlers *handlers, void *user, PolicyErrors *errors) {
  Reader reader = {.file = file, .handlers = handlers, .user = user, .errors = errors};

  int r = ini_parse_stream(next_line, &reader, keep_value, &reader);
  if (r != 0 && reader.result == 0)
    reader.result = r == -2 ? -ENOMEM : -EIO;
  end_setting(&reader);
  free(reader.title);
  return reader.result;
}
