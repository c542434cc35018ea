/* address-command.h - commands that put an address on a NIC: ip(8), ifconfig(8). */
#pragma once

#include <glib.h>

/* address_command_take: add to FOUND (static-address.h) what the command line WORDS adds, a token of IPv6 too.
 * INTERFACE: the one that it is run for, where it names none. */
void address_command_take(GPtrArray *found, const char *path, unsigned line, const char *interface, char *const *words,
                          guint n_words, gboolean idle);
