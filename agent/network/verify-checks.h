/* verify-checks.h - the rows of verify.h, by subject. */
#pragma once

#include "base/system-bus.h"
#include "nm-session.h"
#include "verify.h"

/* verification_new: without rows, well so far. */
Verification *verification_new(void);

/* check_add: a row; EXPECTED, FOUND and ADVICE are copied, ADVICE may be NULL. */
void check_add(Verification *verification, CheckResult result, const char *expected, const char *found,
               const char *advice, const char *format, ...) G_GNUC_PRINTF(6, 7);

/* A check of one value, and how the machine that runs is asked for it. */
typedef struct {
  const char *name;                             /* of the Check */
  char *(*find)(const Root *root, sd_bus *bus); /* what it has, the caller frees; NULL: it does not run */
  CheckResult otherwise;                        /* where it has another value */
  const char *advice;                           /* for then */
  const char *absent;                           /* what is said where it does not run */
} CheckKind;

/* check_kind_find: the row of NAME, or NULL. */
const CheckKind *check_kind_find(const char *name);

/* Profiles, addresses, gateways. SESSION is NULL when NetworkManager does not run. */
void verify_network(const VerifyOptions *options, NmSession *session, Verification *verification);
