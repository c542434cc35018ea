/* verify-checks.h - how each kind of row is asked for, by subject. */
#pragma once

#include "base/system-bus.h"
#include "nm-session.h"
#include "verification.h"

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
