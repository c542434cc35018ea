/* name-template.c - host name templates */
#include "name-template.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Linux' HOST_NAME_MAX; DNS would allow 253. */
enum { NAME_MAX_LENGTH = 64, LABEL_MAX_LENGTH = 63, EXPANDED_SIZE = 256 };

typedef enum { FIELD_UUID, FIELD_MAC, FIELD_SERIAL, FIELD_RANDOM, FIELD_TEMPLATE, FIELD_IP } FieldKind;

/* What may stand behind a field's name: ":N" up to MOST characters, "[I]" below INDEXES; 0: not allowed. */
static const struct {
  const char *name;
  unsigned most;
  unsigned indexes;
  bool needs_index;
  const char *forms; /* for people */
} fields[] = {
    [FIELD_UUID] = {"uuid", 32, 0, false, "{uuid} or {uuid:8}"},
    [FIELD_MAC] = {"mac", 12, 6, false, "{mac}, {mac:6} or {mac[5]}"},
    [FIELD_SERIAL] = {"serial", 64, 0, false, "{serial} or {serial:8}"},
    [FIELD_RANDOM] = {"random", 32, 0, false, "{random} or {random:4}"},
    [FIELD_TEMPLATE] = {"template", 0, 0, false, "{template}"},
    [FIELD_IP] = {"ip", 0, 4, true, "{ip[3]}"},
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };

typedef struct {
  FieldKind kind;
  unsigned count; /* 0: all of it */
  int index;      /* -1: none */
} Field;

typedef struct {
  char text[EXPANDED_SIZE];
  size_t length;
} Expansion;

/* One to three decimal digits at *CURSOR; -1 when there are none. */
static int read_number(const char **cursor) {
  int number = 0, digits = 0;

  while (isdigit((unsigned char)**cursor) && digits++ < 3)
    number = number * 10 + *(*cursor)++ - '0';
  return digits > 0 ? number : -1;
}

static int find_field(const char *name, size_t length, FieldKind *kind) {
  for (unsigned i = 0; i < N_FIELDS; i++)
    if (strlen(fields[i].name) == length && strncmp(fields[i].name, name, length) == 0) {
      *kind = (FieldKind)i;
      return 0;
    }
  return -EINVAL;
}

/* ":N" or "[I]" behind the name, then the closing brace. */
static int read_field_end(const char **cursor, Field *field, Problem *problem) {
  const char *name = fields[field->kind].name;
  unsigned most = fields[field->kind].most, indexes = fields[field->kind].indexes;
  int number;

  if (**cursor == ':' && most > 0) {
    (*cursor)++;
    number = read_number(cursor);
    if (number < 1 || (unsigned)number > most)
      return problem_set(problem, -EINVAL, "{%s:N} takes a count from 1 to %u", name, most);
    field->count = (unsigned)number;
  } else if (**cursor == '[' && indexes > 0) {
    (*cursor)++;
    number = read_number(cursor);
    if (number < 0 || (unsigned)number >= indexes || *(*cursor)++ != ']')
      return problem_set(problem, -EINVAL, "{%s[N]} takes an index from 0 to %u", name, indexes - 1);
    field->index = number;
  } else if (fields[field->kind].needs_index) {
    return problem_set(problem, -EINVAL, "{%s} needs an index: {%s[0]} to {%s[%u]}", name, name, name, indexes - 1);
  }
  if (**cursor != '}' && strchr(*cursor, '}') != NULL)
    return problem_set(problem, -EINVAL, "{%s...} is written otherwise: %s", name, fields[field->kind].forms);
  if (**cursor != '}')
    return problem_set(problem, -EINVAL, "{%s is not closed: a } is expected after it", name);
  (*cursor)++;
  return 0;
}

/* *CURSOR stands on the opening brace, and behind the closing one afterwards. */
static int read_field(const char **cursor, Field *field, Problem *problem) {
  const char *name = *cursor + 1;
  size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz");

  *field = (Field){.index = -1};
  if (find_field(name, length, &field->kind) < 0)
    return problem_set(problem, -EINVAL,
                       "\"%.40s\" starts no known field; there are {uuid:8}, {mac:6}, {mac[5]}, {serial}, {random:4}, "
                       "{template} and {ip[3]}",
                       *cursor);
  *cursor = name + length;
  return read_field_end(cursor, field, problem);
}

static void append(Expansion *expansion, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++, expansion->length++)
    if (expansion->length < sizeof expansion->text - 1)
      expansion->text[expansion->length] = text[i];
}

/* The hex digits of TEXT (a UUID or a MAC), without what stands between them. */
static size_t hex_digits(const char *text, char digits[static 64]) {
  size_t length = 0;

  for (; *text != '\0' && length < 64; text++)
    if (isxdigit((unsigned char)*text))
      digits[length++] = (char)tolower((unsigned char)*text);
  return length;
}

/* Letters, digits and dashes in lower case, no dash at either end; COUNT > 0: the last COUNT of them. */
static void append_serial(Expansion *expansion, const char *serial, unsigned count) {
  char kept[128] = {0};
  size_t start = 0, length = 0;

  for (; *serial != '\0' && length < sizeof kept; serial++)
    if (isalnum((unsigned char)*serial) || *serial == '-')
      kept[length++] = (char)tolower((unsigned char)*serial);
  while (length > 0 && kept[length - 1] == '-')
    length--;
  if (count > 0 && length > count)
    start = length - count;
  while (start < length && kept[start] == '-')
    start++;
  append(expansion, kept + start, length - start);
}

static int append_mac(Expansion *expansion, const char *mac, const Field *field, Problem *problem) {
  char digits[64];
  size_t length = hex_digits(mac, digits);
  size_t count = field->count > 0 ? field->count : length;

  if (field->index >= 0 && (size_t)field->index * 2 + 2 <= length)
    append(expansion, digits + (size_t)field->index * 2, 2);
  else if (field->index < 0 && count <= length)
    append(expansion, digits + length - count, count);
  else
    return problem_set(problem, -ENODATA, "the MAC address %s is too short for the host name template", mac);
  return 0;
}

static int append_hex(Expansion *expansion, const char *text, unsigned count) {
  char digits[64];
  size_t length = hex_digits(text, digits);

  append(expansion, digits, count > 0 && count < length ? count : length);
  return 0;
}

static int append_ip(Expansion *expansion, const char *ipv4, int index, Problem *problem) {
  unsigned char bytes[4];
  char number[4];

  if (inet_pton(AF_INET, ipv4, bytes) != 1)
    return problem_set(problem, -EINVAL, "\"%.40s\" is not an IPv4 address", ipv4);
  (void)snprintf(number, sizeof number, "%u", bytes[index]);
  append(expansion, number, strlen(number));
  return 0;
}

static const char *fact_of(const NameFacts *facts, FieldKind kind) {
  switch (kind) {
  case FIELD_UUID:
    return facts->uuid;
  case FIELD_MAC:
    return facts->mac;
  case FIELD_SERIAL:
    return facts->serial;
  case FIELD_RANDOM:
    return facts->random;
  case FIELD_TEMPLATE:
    return facts->template_name;
  case FIELD_IP:
    return facts->ipv4;
  }
  return NULL;
}

static int fact_missing(FieldKind kind, Problem *problem) {
  static const char *const missing[N_FIELDS] = {
      [FIELD_UUID] = "a product UUID, and this machine has none",
      [FIELD_MAC] = "a MAC address, and this machine has no NIC with a permanent one",
      [FIELD_SERIAL] = "a serial number, and this machine has none",
      [FIELD_RANDOM] = "random digits, and none were drawn",
      [FIELD_TEMPLATE] = "the template's host name, and it is not known",
      [FIELD_IP] = "an IPv4 address of this machine's own, and the policy gives it none",
  };

  return problem_set(problem, -ENODATA, "{%s} needs %s", fields[kind].name, missing[kind]);
}

static int append_field(Expansion *expansion, const Field *field, const NameFacts *facts, Problem *problem) {
  const char *fact = fact_of(facts, field->kind);
  size_t before = expansion->length;
  int r = 0;

  if (fact == NULL || *fact == '\0')
    return fact_missing(field->kind, problem);
  switch (field->kind) {
  case FIELD_UUID:
  case FIELD_RANDOM:
    r = append_hex(expansion, fact, field->count);
    break;
  case FIELD_MAC:
    r = append_mac(expansion, fact, field, problem);
    break;
  case FIELD_SERIAL:
    append_serial(expansion, fact, field->count);
    break;
  case FIELD_TEMPLATE:
    append(expansion, fact, strcspn(fact, "."));
    break;
  case FIELD_IP:
    r = append_ip(expansion, fact, field->index, problem);
    break;
  }
  if (r == 0 && expansion->length == before)
    return fact_missing(field->kind, problem);
  return r;
}

/* FACTS NULL: look at the syntax only. */
static int expand(const char *text, const NameFacts *facts, Expansion *expansion, Problem *problem) {
  Field field;
  int r;

  if (*text == '\0')
    return problem_set(problem, -EINVAL, "a host name template must not be empty");
  while (*text != '\0') {
    if (*text == '}')
      return problem_set(problem, -EINVAL, "a } without its { (braces cannot be part of a host name)");
    if (*text != '{') {
      append(expansion, text++, 1);
      continue;
    }
    r = read_field(&text, &field, problem);
    if (r == 0 && facts != NULL)
      r = append_field(expansion, &field, facts, problem);
    if (r < 0)
      return r;
  }
  return 0;
}

int name_template_check(const char *text, Problem *problem) {
  Expansion expansion = {.length = 0};

  return expand(text, NULL, &expansion, problem);
}

/* One label of a template: what it may be for inet_aton(3). */
typedef struct {
  bool decimal; /* digits only (octal is) */
  bool hex;     /* 0x and hex digits, or may be: a serial can begin with anything */
  size_t length;
} Numeric;

static void numeric_add_character(Numeric *label, char c) {
  bool digit = isdigit((unsigned char)c);

  label->hex = label->length == 0   ? c == '0'
               : label->length == 1 ? label->hex && (c == 'x' || c == 'X' || label->decimal)
                                    : label->hex && isxdigit((unsigned char)c);
  label->decimal = label->decimal && digit;
  label->length++;
}

static void numeric_add_field(Numeric *label, FieldKind kind) {
  label->decimal = label->decimal && kind != FIELD_TEMPLATE;
  label->hex = kind == FIELD_SERIAL ? label->length == 0 || label->hex : label->hex && label->length > 1;
  label->hex = label->hex && kind != FIELD_TEMPLATE;
  label->length += 2;
}

/* One to four numbers with dots between them. */
bool name_template_may_be_address(const char *text) {
  Numeric label = {.decimal = true};
  unsigned labels = 1;
  Field field;

  while (*text != '\0') {
    if (*text == '{') {
      (void)read_field(&text, &field, NULL);
      numeric_add_field(&label, field.kind);
      continue;
    }
    if (*text != '.') {
      numeric_add_character(&label, *text++);
      continue;
    }
    if (!label.decimal && !label.hex)
      return false;
    label = (Numeric){.decimal = true};
    labels++;
    text++;
  }
  return labels <= 4 && (label.decimal || label.hex);
}

/* The first three bytes of a MAC are its vendor's. */
bool name_template_is_fixed(const char *text) {
  bool fixed = true;
  Field field;

  while (fixed && (text = strchr(text, '{')) != NULL) {
    if (read_field(&text, &field, NULL) < 0)
      return false;
    fixed = field.kind == FIELD_TEMPLATE || (field.kind == FIELD_MAC && field.index >= 0 && field.index < 3);
  }
  return fixed;
}

/* As getaddrinfo(3) reads it, before it asks anybody for a name. */
static bool is_address(const char *name) {
  struct in_addr number;

  return inet_aton(name, &number) != 0;
}

int name_template_expand(const char *text, const NameFacts *facts, char *name, size_t size, Problem *problem) {
  Expansion expansion = {.length = 0};
  int r = expand(text, facts, &expansion, problem);

  if (r < 0)
    return r;
  if (expansion.length > NAME_MAX_LENGTH)
    return problem_set(problem, -EINVAL, "\"%.100s%s\" has %zu characters; a host name has at most %d", expansion.text,
                       expansion.length > 100 ? "..." : "", expansion.length, NAME_MAX_LENGTH);
  if (is_address(expansion.text))
    return problem_set(problem, -EINVAL, "\"%s\" is a number, which every resolver takes for an address",
                       expansion.text);
  if (!host_name_is_valid(expansion.text))
    return problem_set(problem, -EINVAL,
                       "\"%s\" is not a host name: letters, digits and dashes, in labels of 1 to %d that neither start "
                       "nor end with a dash",
                       expansion.text, LABEL_MAX_LENGTH);
  if (expansion.length >= size)
    return problem_set(problem, -ENAMETOOLONG, "\"%s\" does not fit in %zu bytes", expansion.text, size);
  memcpy(name, expansion.text, expansion.length + 1);
  return 0;
}

static bool label_is_valid(const char *label, size_t length) {
  if (length == 0 || length > LABEL_MAX_LENGTH || label[0] == '-' || label[length - 1] == '-')
    return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)label[i];

    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-')
      return false;
  }
  return true;
}

bool host_name_is_valid(const char *name) {
  size_t length = strlen(name);

  if (length == 0 || length > NAME_MAX_LENGTH || is_address(name))
    return false;
  for (;;) {
    size_t label = strcspn(name, ".");

    if (!label_is_valid(name, label))
      return false;
    if (name[label] == '\0')
      return true;
    name += label + 1;
  }
}
