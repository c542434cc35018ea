/* facts.c - everything observe/ knows of the machine, in one plain struct */
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/names.h"
#include "hostname.h"

#define SERIAL "/sys/class/dmi/id/product_serial"
#define COMMAND_LINE "/proc/cmdline"
#define PARAMETER "reset-identity="

enum { COMMAND_LINE_SIZE = 8192 /* no architecture allows more than 4096 */ };

static bool means_not_there(int error) {
  return error == -ENOENT || error == -ENOTDIR || error == -ENODEV || error == -ENXIO;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/* Does the parameter at TEXT begin with NAME? Dashes and underscores are one, as for the kernel's own parameters. */
static bool is_parameter(const char *text, const char *name) {
  for (; *name != '\0'; text++, name++)
    if (*text != *name && !(*text == '_' && *name == '-'))
      return false;
  return true;
}

/* The words that systemd's switches take (parse_boolean()), and "force". */
static Override override_of(const char *word, size_t length) {
  static const struct {
    const char *word;
    Override override;
  } words[] = {{"off", OVERRIDE_OFF},   {"0", OVERRIDE_OFF}, {"no", OVERRIDE_OFF},     {"n", OVERRIDE_OFF},
               {"false", OVERRIDE_OFF}, {"f", OVERRIDE_OFF}, {"force", OVERRIDE_FORCE}};

  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (length == strlen(words[i].word) && strncasecmp(word, words[i].word, length) == 0)
      return words[i].override;
  return OVERRIDE_UNREADABLE;
}

static bool is_quoted(const char *text, size_t length) {
  return length >= 2 && text[0] == '"' && text[length - 1] == '"';
}

static void take_parameter(const char *text, size_t length, Override *override) {
  /* systemd-style quotes around the whole parameter, or around the value */
  if (is_quoted(text, length)) {
    text++;
    length -= 2;
  }
  if (length < strlen(PARAMETER) || !is_parameter(text, PARAMETER))
    return;
  text += strlen(PARAMETER);
  length -= strlen(PARAMETER);
  if (is_quoted(text, length)) {
    text++;
    length -= 2;
  }
  Override found = override_of(text, length);
  if (found != OVERRIDE_UNREADABLE || *override == OVERRIDE_NONE)
    *override = found;
}

/* Parameters end at blanks outside of double quotes (kernel, next_arg()). */
static Override parse_command_line(const char *text) {
  Override override = OVERRIDE_NONE;

  while (*text != '\0') {
    const char *start;
    bool quoted = false;

    while (is_blank(*text))
      text++;
    for (start = text; *text != '\0' && (quoted || !is_blank(*text)); text++)
      quoted ^= *text == '"';
    take_parameter(start, (size_t)(text - start), &override);
  }
  return override;
}

int facts_read_override(const Root *hardware, Override *override) {
  char line[COMMAND_LINE_SIZE];
  int result = root_read_line(hardware, COMMAND_LINE, line, sizeof line);

  *override = OVERRIDE_NONE;
  if (result < 0)
    return means_not_there(result) ? 0 : result;
  *override = parse_command_line(line);
  return 0;
}

/* 1: there, 0: not there. */
static int exists(const Root *root, const char *path) {
  int fd = root_open_at(root, path, O_PATH);

  if (fd < 0)
    return means_not_there(fd) ? 0 : fd;
  (void)close(fd);
  return 1;
}

int facts_read_open_transaction(const Root *root, bool *is_open) {
  int result = exists(root, RI_TRANSACTION_DIR);

  *is_open = result != 0;
  return result < 0 ? result : 0;
}

bool facts_serial_is_filler(const char *serial) {
  static const char *const fillers[] = {
      "None",
      "Default string",
      "System Serial Number",
      "Not Specified",
      "Not Applicable",
      "Not Available",
      "Not Settable",
      "Not Present",
      "To be filled by OEM.",
      "Chassis Serial Number",
      "123456789",
      "1234567890",
      "0123456789",
      "N/A",
      "NA",
      "Unknown",
      "INVALID",
      "Serial",
      "SerNo",
  };

  if (strspn(serial, (const char[]){serial[0], '\0'}) == strlen(serial))
    return true;
  if (strncasecmp(serial, "To be filled", strlen("To be filled")) == 0)
    return true;
  for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
    if (strcasecmp(serial, fillers[i]) == 0)
      return true;
  return false;
}

/* SMBIOS strings are meant to be ASCII; whatever else is there must not reach a terminal, a file or a host name. */
static int read_serial(const Root *hardware, char *serial, size_t size) {
  int result = root_read_line(hardware, SERIAL, serial, size);

  if (result < 0) {
    serial[0] = '\0';
    return means_not_there(result) ? 0 : result;
  }
  size_t blanks = strspn(serial, " \t");
  memmove(serial, serial + blanks, strlen(serial + blanks) + 1);
  for (char *c = serial; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
      *c = '?';
  if (facts_serial_is_filler(serial))
    serial[0] = '\0';
  return 0;
}

/* machine-id(5): 32 hexadecimal digits; "uninitialized", an empty file and all zeros are none. */
static int read_machine_id(const Root *root, char id[static 33]) {
  char line[64];
  int result = root_read_line(root, "/etc/machine-id", line, sizeof line);

  id[0] = '\0';
  if (result < 0)
    return means_not_there(result) ? 0 : result;
  if (strlen(line) != 32 || strspn(line, "0123456789abcdefABCDEF") != 32 || strspn(line, "0") == 32)
    return 0;
  for (size_t i = 0; i <= 32; i++) {
    id[i] = line[i];
    if (id[i] >= 'A' && id[i] <= 'F')
      id[i] = (char)(id[i] | 0x20); /* ASCII lower case */
  }
  return 0;
}

static int unreadable(Problem *problem, int error, const char *path) {
  return problem_set(problem, error, "%s: cannot be read: %s%s", path, strerror(-error),
                     error == -EACCES || error == -EPERM ? ": only root can" : "");
}

int facts_read_quick(const Root *root, const Root *hardware, Facts *facts, Problem *problem) {
  *facts = (Facts){.override = OVERRIDE_NONE};
  int result = product_uuid_read(hardware, &facts->uuid);
  if (result < 0)
    return unreadable(problem, result, "the product UUID");
  result = read_serial(hardware, facts->serial, sizeof facts->serial);
  if (result < 0)
    return unreadable(problem, result, SERIAL);
  result = facts_read_override(hardware, &facts->override);
  if (result < 0)
    return unreadable(problem, result, COMMAND_LINE);
  result = exists(root, RI_FIRST_BOOT_FILE);
  if (result < 0)
    return unreadable(problem, result, RI_FIRST_BOOT_FILE);
  facts->first_boot = result > 0;
  result = facts_read_open_transaction(root, &facts->open_transaction);
  if (result < 0)
    return unreadable(problem, result, RI_TRANSACTION_DIR);
  result = read_machine_id(root, facts->machine_id);
  if (result < 0)
    return unreadable(problem, result, "/etc/machine-id");
  return hostname_read(root, facts->hostname, sizeof facts->hostname, problem);
}

int facts_read_nics(const Root *hardware, Facts *facts, Problem *problem) {
  NicList nics;
  int result = nics_read(hardware, &nics);

  if (result < 0)
    return unreadable(problem, result, "/sys/class/net");
  nics_clear(&facts->nics);
  facts->nics = nics;
  facts->nics_read = true;
  return 0;
}

void facts_clear(Facts *facts) {
  nics_clear(&facts->nics);
  *facts = (Facts){.override = OVERRIDE_NONE};
}
