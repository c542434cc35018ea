/* verify-round.h - the rows about addresses and gateways, for whoever describes them. */
#pragma once

#include <glib.h>

#include "link.h"
#include "verification.h"

/* One look at all. */
typedef struct {
  const VerifyOptions *options;
  Verification *verification;
  const GArray *addresses; /* LinkAddress, of the whole machine */
} VerifyRound;

/* verify_has_address: a global one of FAMILY. */
gboolean verify_has_address(const VerifyRound *round, const Link *link, int family);
/* verify_failed_before: the check WHAT did so before the change. */
gboolean verify_failed_before(const VerifyRound *round, const char *what);

/* Rows. */
void verify_address(const VerifyRound *round, const Link *link, int family, const char *address, unsigned prefix);
void verify_gateway(const VerifyRound *round, const char *interface, const char *gateway);
