/* record-text.c - the record as text: a reader that takes only what its writer writes */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* The record is written by this program alone and has to be read back to the last letter, so its reader is stricter
 * than any INI library: each line is empty, a # comment, a [section] or a `key = value` that is known, once. Text that
 * comes from outside is written with %XX for all that is not plain ASCII. */

enum { RECORD_VERSION = 2, CHANGES_LIMIT = 1000, SUM_TEXT = 9 };

typedef enum { SECTION_NONE, SECTION_RECORD, SECTION_NIC, SECTION_END } Section;

typedef struct {
  Record *record;
  Section section;
  Nic *nic;                /* of the current [nic NAME] */
  bool record_seen, ended; /* [record] and a whole [end] were there */
  bool newer;              /* its version is one that we do not know yet */
  const char *begin;       /* of the text, */
  size_t before;           /* and how much of it stands before the current line */
  unsigned keys_seen;      /* in this section: a bit for each row of `keys` */
  const char *trouble;     /* static: what is wrong with the current line */
} Reader;

typedef struct {
  Section section;
  const char *name;
  bool (*take)(Reader *reader, const char *value);
} Key;

static bool trouble(Reader *reader, const char *what) {
  reader->trouble = what;
  return false;
}

static int hex_value(char c) {
  const char *digits = "0123456789abcdef", *digit = c != '\0' ? strchr(digits, c) : NULL;

  return digit != NULL ? (int)(digit - digits) : -1;
}

/* VALUE with its %XX undone into TEXT of SIZE bytes. */
static bool take_text(Reader *reader, const char *value, char *text, size_t size) {
  size_t length = 0;

  for (; *value != '\0'; value++) {
    char c = *value;

    if (c == '%') {
      int high = hex_value(value[1]), low = high < 0 ? -1 : hex_value(value[2]);

      if (low < 0 || (high == 0 && low == 0))
        return trouble(reader, "a % without two hexadecimal digits");
      c = (char)(high << 4 | low);
      value += 2;
    }
    if (length + 1 >= size)
      return trouble(reader, "the value is too long");
    text[length++] = c;
  }
  text[length] = '\0';
  return true;
}

static bool take_number(Reader *reader, const char *value, unsigned limit, unsigned *number) {
  size_t length = strspn(value, "0123456789");

  if (length == 0 || length > 6 || value[length] != '\0')
    return trouble(reader, "not a number");
  *number = (unsigned)strtoul(value, NULL, 10);
  return *number <= limit ? true : trouble(reader, "the number is too large");
}

static bool take_version(Reader *reader, const char *value) {
  unsigned version;

  if (!take_number(reader, value, 999999, &version))
    return false;
  reader->newer = version > RECORD_VERSION;
  if (reader->newer)
    return trouble(reader, "written by a newer reset-identity: install that one again");
  return version == RECORD_VERSION ? true : trouble(reader, "written by an older reset-identity");
}

static bool take_state(Reader *reader, const char *value) {
  if (strcmp(value, "template") == 0)
    reader->record->state = RECORD_TEMPLATE;
  else if (strcmp(value, "settled") == 0)
    reader->record->state = RECORD_SETTLED;
  else
    return trouble(reader, "neither \"template\" nor \"settled\"");
  return true;
}

static bool take_machine(Reader *reader, const char *value) {
  reader->record->no_machine = true;
  return strcmp(value, "none") == 0 ? true : trouble(reader, "not \"none\"");
}

static bool take_uuid(Reader *reader, const char *value) {
  const char *source = reader->record->uuid.source;

  if (product_uuid_parse(value, &reader->record->uuid) < 0)
    return trouble(reader, "not a UUID");
  reader->record->uuid.source = source;
  return true;
}

static bool take_uuid_source(Reader *reader, const char *value) {
  static const char *const sources[] = {"dmi", "device-tree", "xen", "s390"};

  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
    if (strcmp(value, sources[i]) == 0) {
      reader->record->uuid.source = sources[i];
      return true;
    }
  return trouble(reader, "no source of UUIDs that is known");
}

static bool take_serial(Reader *reader, const char *value) {
  return take_text(reader, value, reader->record->serial, sizeof reader->record->serial);
}

static bool take_template(Reader *reader, const char *value) {
  return take_text(reader, value, reader->record->template_name, sizeof reader->record->template_name);
}

static bool take_uuid_changes(Reader *reader, const char *value) {
  return take_number(reader, value, CHANGES_LIMIT, &reader->record->uuid_changes);
}

static bool take_uuid_unstable(Reader *reader, const char *value) {
  reader->record->uuid_unstable = strcmp(value, "yes") == 0;
  return reader->record->uuid_unstable || strcmp(value, "no") == 0 ? true : trouble(reader, "neither yes nor no");
}

static bool take_time(Reader *reader, const char *value) {
  return take_text(reader, value, reader->record->time, sizeof reader->record->time);
}

static bool take_mac(Reader *reader, const char *value) {
  return mac_canonical(value, reader->nic->mac) == 0 ? true : trouble(reader, "not a MAC address");
}

static bool take_path(Reader *reader, const char *value) {
  return take_text(reader, value, reader->nic->bus_path, sizeof reader->nic->bus_path);
}

static bool take_position(Reader *reader, const char *value) {
  return take_number(reader, value, 999999, &reader->nic->position);
}

/* CRC-32 (IEEE 802.3), four bits a turn: against a disk that forgets, not against people. */
static uint32_t checksum(const char *text, size_t size) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  uint32_t sum = 0xffffffff;

  for (size_t i = 0; i < size; i++) {
    sum ^= (unsigned char)text[i];
    sum = sum >> 4 ^ table[sum & 15];
    sum = sum >> 4 ^ table[sum & 15];
  }
  return ~sum;
}

static bool take_sum(Reader *reader, const char *value) {
  char expected[SUM_TEXT];

  (void)snprintf(expected, sizeof expected, "%08x", checksum(reader->begin, reader->before));
  reader->ended = strcmp(value, expected) == 0;
  return reader->ended ? true : trouble(reader, "the checksum is wrong");
}

static const Key keys[] = {
    {SECTION_RECORD, "version", take_version},
    {SECTION_RECORD, "state", take_state},
    {SECTION_RECORD, "machine", take_machine},
    {SECTION_RECORD, "uuid", take_uuid},
    {SECTION_RECORD, "uuid-source", take_uuid_source},
    {SECTION_RECORD, "serial", take_serial},
    {SECTION_RECORD, "template", take_template},
    {SECTION_RECORD, "uuid-changes", take_uuid_changes},
    {SECTION_RECORD, "uuid-unstable", take_uuid_unstable},
    {SECTION_RECORD, "time", take_time},
    {SECTION_NIC, "mac", take_mac},
    {SECTION_NIC, "path", take_path},
    {SECTION_NIC, "position", take_position},
    {SECTION_END, "sum", take_sum},
};

enum { N_KEYS = sizeof keys / sizeof keys[0] };

static bool key_was_there(const Reader *reader, const char *name) {
  for (size_t i = 0; i < N_KEYS; i++)
    if (keys[i].section == reader->section && strcmp(keys[i].name, name) == 0)
      return (reader->keys_seen & 1U << i) != 0;
  return false;
}

/* What each section must hold. */
static bool end_section(Reader *reader) {
  if (reader->section == SECTION_RECORD && !(key_was_there(reader, "version") && key_was_there(reader, "state")))
    return trouble(reader, "[record] has no version or no state");
  if (reader->section == SECTION_NIC && !(key_was_there(reader, "mac") && key_was_there(reader, "position")))
    return trouble(reader, "the NIC before has no mac or no position");
  reader->keys_seen = 0;
  return true;
}

static bool begin_nic(Reader *reader, const char *name) {
  NicList *nics = &reader->record->nics;
  Nic *larger = realloc(nics->items, (nics->count + 1) * sizeof *larger);

  if (larger == NULL)
    return trouble(reader, "out of memory");
  nics->items = larger;
  reader->nic = &nics->items[nics->count];
  *reader->nic = (Nic){.position = 0};
  nics->count++;
  if (!take_text(reader, name, reader->nic->name, sizeof reader->nic->name))
    return false;
  if (reader->nic->name[0] == '\0')
    return trouble(reader, "a NIC without a name");
  for (size_t i = 0; i + 1 < nics->count; i++)
    if (strcmp(nics->items[i].name, reader->nic->name) == 0)
      return trouble(reader, "a second NIC of this name");
  return true;
}

static bool begin_section(Reader *reader, char *line) {
  char *end = strchr(line, ']');

  if (end == NULL || end[1] != '\0')
    return trouble(reader, "not a section");
  *end = '\0';
  line++;
  if (reader->section == SECTION_END)
    return trouble(reader, "something after the end");
  if (!end_section(reader))
    return false;
  if (strcmp(line, "record") == 0 && reader->section == SECTION_NONE) {
    reader->section = SECTION_RECORD;
    reader->record_seen = true;
    return true;
  }
  if (!reader->record_seen)
    return trouble(reader, "[record] does not come first");
  if (strncmp(line, "nic ", 4) == 0) {
    reader->section = SECTION_NIC;
    return begin_nic(reader, line + 4);
  }
  if (strcmp(line, "end") != 0)
    return trouble(reader, "a section that is not known or comes twice");
  reader->section = SECTION_END;
  return true;
}

static bool take_key(Reader *reader, char *line) {
  char *equals = strstr(line, " = ");

  if (equals == NULL)
    return trouble(reader, "neither a section nor `key = value`");
  *equals = '\0';
  for (size_t i = 0; i < N_KEYS; i++) {
    if (keys[i].section != reader->section || strcmp(keys[i].name, line) != 0)
      continue;
    if ((reader->keys_seen & 1U << i) != 0)
      return trouble(reader, "a second time in this section");
    reader->keys_seen |= 1U << i;
    return keys[i].take(reader, equals + 3);
  }
  return trouble(reader, "a key that is not known");
}

static bool is_plain(const char *line) {
  for (; *line != '\0'; line++)
    if ((unsigned char)*line < 0x20 || (unsigned char)*line > 0x7e)
      return false;
  return true;
}

static bool take_line(Reader *reader, char *line) {
  if (!is_plain(line))
    return trouble(reader, "bytes that are no plain text");
  if (*line == '\0' || *line == '#')
    return true;
  return *line == '[' ? begin_section(reader, line) : take_key(reader, line);
}

/* TEXT is cut up. Returns false at the first line that is no record's; *NUMBER is its number. */
static bool take_lines(Reader *reader, char *text, size_t size, unsigned *number) {
  char *end = text + size;

  for (*number = 1; text < end; ++*number) {
    char *newline = memchr(text, '\n', (size_t)(end - text));

    if (newline == NULL)
      return trouble(reader, "the line is cut off");
    *newline = '\0';
    if (strlen(text) != (size_t)(newline - text))
      return trouble(reader, "bytes that are no plain text");
    if (!take_line(reader, text))
      return false;
    reader->before += (size_t)(newline + 1 - text);
    text = newline + 1;
  }
  if (!reader->ended)
    return trouble(reader, "the end is missing");
  if (reader->record->no_machine && (reader->record->nics.count > 0 || reader->record->uuid.present))
    return trouble(reader, "a machine that is called none");
  return true;
}

int record_parse(const char *text, size_t size, const char *name, Record *record, Problem *problem) {
  Reader reader = {.record = record, .begin = text};
  char *copy = malloc(size + 1);
  unsigned number;

  *record = (Record){.state = RECORD_SETTLED};
  if (copy == NULL)
    return problem_set(problem, -ENOMEM, "%s: out of memory", name);
  memcpy(copy, text, size);
  bool whole = take_lines(&reader, copy, size, &number);
  free(copy);
  if (whole)
    return 0;
  record_clear(record);
  if (reader.newer)
    return problem_set(problem, -EPROTONOSUPPORT, "%s:%u: the record is %s", name, number, reader.trouble);
  return problem_set(problem, -EBADMSG, "%s:%u: the record is damaged: %s", name, number, reader.trouble);
}

static void write_text(FILE *stream, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    bool outer_blank = *c == ' ' && (c == text || c[1] == '\0');

    if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e || strchr("%[]", *c) != NULL || outer_blank)
      (void)fprintf(stream, "%%%02x", (unsigned char)*c);
    else
      (void)fputc(*c, stream);
  }
}

static void write_key(FILE *stream, const char *key, const char *value) {
  if (*value == '\0')
    return;
  (void)fprintf(stream, "%s = ", key);
  write_text(stream, value);
  (void)fputc('\n', stream);
}

static void write_machine(FILE *stream, const Record *record) {
  if (record->no_machine) {
    write_key(stream, "machine", "none");
    return;
  }
  if (record->uuid.present) {
    char uuid[PRODUCT_UUID_TEXT];

    product_uuid_format(&record->uuid, uuid);
    write_key(stream, "uuid", uuid);
    write_key(stream, "uuid-source", record->uuid.source != NULL ? record->uuid.source : "");
  }
  write_key(stream, "serial", record->serial);
}

static void write_nics(FILE *stream, const NicList *nics) {
  for (size_t i = 0; i < nics->count; i++) {
    (void)fputs("\n[nic ", stream);
    write_text(stream, nics->items[i].name);
    (void)fputs("]\n", stream);
    write_key(stream, "mac", nics->items[i].mac);
    write_key(stream, "path", nics->items[i].bus_path);
    (void)fprintf(stream, "position = %u\n", nics->items[i].position);
  }
}

int record_format(const Record *record, char **text) {
  size_t size;

  *text = NULL;
  FILE *stream = open_memstream(text, &size);
  if (stream == NULL)
    return -ENOMEM;
  (void)fprintf(stream,
                "# The machine that owns this disk, as reset-identity(8) knows it. Written by it: do not edit.\n"
                "[record]\nversion = %d\n",
                RECORD_VERSION);
  write_key(stream, "state", record_state_name(record->state));
  write_machine(stream, record);
  write_key(stream, "template", record->template_name);
  (void)fprintf(stream, "uuid-changes = %u\nuuid-unstable = %s\n",
                record->uuid_changes < CHANGES_LIMIT ? record->uuid_changes : CHANGES_LIMIT,
                record->uuid_unstable ? "yes" : "no");
  write_key(stream, "time", record->time);
  if (!record->no_machine)
    write_nics(stream, &record->nics);
  (void)fputs("\n[end]\n", stream);
  bool failed = fflush(stream) != 0 || fprintf(stream, "sum = %08x\n", checksum(*text, size)) < 0;
  if (fclose(stream) != 0 || failed) {
    free(*text);
    *text = NULL;
    return -ENOMEM;
  }
  return 0;
}
