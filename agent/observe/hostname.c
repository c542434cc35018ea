/* hostname.c - the host name that /etc/hostname gives, as systemd reads it */
#include "hostname.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { FILE_LIMIT = 64 * 1024 };

static bool may_hold(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* systemd's hostname_cleanup(): letters, digits, dashes and dots, and no label that is empty, or begins or ends with a
 * dash. */
static void clean(const char *line, size_t length, char *hostname, size_t size) {
  size_t used = 0;
  char last = '.';

  for (size_t i = 0; i < length && used + 1 < size; i++) {
    if (!may_hold(line[i]) || (line[i] == '-' && last == '.') || (line[i] == '.' && (last == '.' || last == '-')))
      continue;
    last = hostname[used++] = line[i];
  }
  while (used > 0 && (hostname[used - 1] == '.' || hostname[used - 1] == '-'))
    used--;
  hostname[used] = '\0';
}

void hostname_parse(const char *text, char *hostname, size_t size) {
  hostname[0] = '\0';
  while (*text != '\0' && hostname[0] == '\0') {
    const char *line = text + strspn(text, " \t");
    const size_t length = strcspn(line, "\n");

    if (*line != '#')
      clean(line, length, hostname, size);
    text = line[length] == '\n' ? line + length + 1 : line + length;
  }
}

bool hostname_is_everybodys(const char *hostname) {
  const size_t label = strcspn(hostname, ".");

  return label == 0 || (label == strlen("localhost") && strncasecmp(hostname, "localhost", label) == 0);
}

/* NULL: there is no file. The caller frees. */
static int read_text(const Root *root, char **text, Problem *problem) {
  size_t length;
  int result = root_read_file(root, "/etc/hostname", FILE_LIMIT, text, &length, problem);

  if (result != -ENOENT && result != -ENOTDIR)
    return result;
  if (problem != NULL)
    problem->text[0] = '\0';
  *text = NULL;
  return 0;
}

int hostname_read(const Root *root, char *hostname, size_t size, Problem *problem) {
  auto_free char *text = NULL;
  int result = read_text(root, &text, problem);

  hostname[0] = '\0';
  if (result >= 0 && text != NULL)
    hostname_parse(text, hostname, size);
  return result < 0 ? result : 0;
}

void hostname_read_spelling(const Root *root, char *spelling, size_t size) {
  auto_free char *text = NULL;

  spelling[0] = '\0';
  if (read_text(root, &text, NULL) < 0 || text == NULL)
    return;
  for (const char *line = text; *line != '\0' && spelling[0] == '\0'; line += strspn(line, "\r\n")) {
    line += strspn(line, " \t");
    size_t length = strcspn(line, "\r\n");
    const char *end = line + length;
    while (length > 0 && strchr(" \t", line[length - 1]) != NULL)
      length--;
    if (*line != '#')
      (void)snprintf(spelling, size, "%.*s", (int)length, line);
    line = end;
  }
}

bool hostname_is_pattern(const char *spelling) {
  return strpbrk(spelling, "?$") != NULL;
}
