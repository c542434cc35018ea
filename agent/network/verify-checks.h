/* verify-checks.h - the rows of verify.h, by subject. */
#pragma once

#include "nm-session.h"
#include "verify.h"

/* verification_new: without rows, well so far. */
Verification *verification_new(void);

/* check_add: a row; EXPECTED, FOUND and ADVICE are copied, ADVICE may be NULL. */
void check_add(Verification *verification, CheckResult result, const char *expected, const char *found,
               const char *advice, const char *format, ...) G_GNUC_PRINTF(6, 7);

/* Host name and machine-id in everything that has a copy of its own. */
void verify_identity(const VerifyOptions *options, Verification *verification);

/* Profiles, addresses, gateways. SESSION is NULL when NetworkManager does not run. */
void verify_network(const VerifyOptions *options, NmSession *session, Verification *verification);
