/* hostname.h - the host name that /etc/hostname gives, as systemd reads it (hostname(5), read_etc_hostname()). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

enum { HOSTNAME_SIZE = 256 };

/* hostname_read: of the first line that is neither empty nor a comment, what a host name may hold, dots at its end and
 * repeated ones dropped; "" where there is none. SIZE: HOSTNAME_SIZE. Errors: those of root_read_file but for a file
 * that is not there. */
int hostname_read(const Root *root, char *hostname, size_t size, Problem *problem);

/* hostname_is_everybodys: none, or localhost in whatever domain: no name that tells one machine from another. */
bool hostname_is_everybodys(const char *hostname);

/* hostname_parse: the same of TEXT. */
void hostname_parse(const char *text, char *hostname, size_t size);
