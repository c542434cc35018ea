/* mac-notation.h - hardware addresses as keyfiles write them: either case, colons, dashes or nothing between the bytes,
 * or the old list of decimal numbers (0;34;68;...). */
#pragma once

#include <glib.h>

/* mac_notation_canonical: TEXT, in any notation that NetworkManager reads, in lower case with colons; NULL when it is
 * none (6 or 20 bytes). The caller frees. */
char *mac_notation_canonical(const char *text);

/* mac_notation_of_systemd: the same of what systemd's files say: also pairs of bytes between dots (5254.00ab.cdef). */
char *mac_notation_of_systemd(const char *text);

/* mac_notation_like: MAC (canonical) in the notation of MODEL: its case and its dashes; a decimal list becomes colons.
 */
char *mac_notation_like(const char *model, const char *mac);
