/* left-addresses.h - addresses that this machine gave up and that a NIC still has. */
#pragma once

#include <glib.h>

/* left_addresses_warn: adds a sentence to WARNINGS (char*) for each address that CHOICES (Choice*) take from this
 * machine and that is on a NIC for good, not leased. Where the kernel cannot be asked nothing is said. */
void left_addresses_warn(const GPtrArray *choices, GPtrArray *warnings);
