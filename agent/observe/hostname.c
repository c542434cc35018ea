/* hostname.c - the host name that /etc/hostname gives, as systemd reads it */
#include "hostname.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

enum { FILE_LIMIT = 64 * 1024 };

static bool may_hold(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr("-._", c) != NULL);
}

/* systemd's hostname_cleanup(): no dot at either end, none behind another. */
static void clean(const char *line, size_t length, char *hostname, size_t size) {
  size_t used = 0;

  for (size_t i = 0; i < length && used + 1 < size; i++)
    if (may_hold(line[i]) && !(line[i] == '.' && (used == 0 || hostname[used - 1] == '.')))
      hostname[used++] = line[i];
  while (used > 0 && hostname[used - 1] == '.')
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

int hostname_read(const Root *root, char *hostname, size_t size, Problem *problem) {
  auto_free char *text = NULL;
  size_t length;
  int result = root_read_file(root, "/etc/hostname", FILE_LIMIT, &text, &length, problem);

  hostname[0] = '\0';
  if (result == -ENOENT || result == -ENOTDIR) {
    if (problem != NULL)
      problem->text[0] = '\0';
    return 0;
  }
  if (result < 0)
    return result;
  hostname_parse(text, hostname, size);
  return 0;
}
