/* hostname.h - the host name that /etc/hostname gives, as systemd reads it (hostname(5), read_etc_hostname()). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"

enum { HOSTNAME_SIZE = 256 };

/* hostname_read: of the first line that is neither empty nor a comment, what a host name may hold, without what would
 * make a label empty or let it begin or end with a dash; "" where there is none. SIZE: HOSTNAME_SIZE. Errors: those of
 * root_read_file but for a file that is not there. */
int hostname_read(const Root *root, char *hostname, size_t size, Problem *problem);

/* hostname_read_spelling: that line as somebody has written it; "" where there is none. Other files may have the name
 * so. */
void hostname_read_spelling(const Root *root, char *spelling, size_t size);

/* hostname_is_pattern: systemd 258 and later put digits, and words, of the machine-id in the place of "?" and "$": what
 * the machine is called is not in the file. */
bool hostname_is_pattern(const char *spelling);

/* hostname_is_everybodys: none, or localhost in whatever domain: no name that tells one machine from another. */
bool hostname_is_everybodys(const char *hostname);

/* hostname_parse: hostname_read of TEXT, or of a name that a program gives: systemd's before 247 may have "_". */
void hostname_parse(const char *text, char *hostname, size_t size);
