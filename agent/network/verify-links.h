/* verify-links.h - does the network run as the files say that are not NetworkManager's? By the kernel alone. */
#pragma once

#include "plan/plan.h"
#include "verification.h"

/* verify_links: a row for each static address and gateway of each profile that comes up by itself, or the address by
 * DHCP. STACK: as in network_stacks; NULL: all. */
void verify_links(const VerifyOptions *options, const char *stack, Verification *verification);

/* verify_links_failures: the names of the rows that fail now (char*). */
GPtrArray *verify_links_failures(const Root *root, const char *stack);
