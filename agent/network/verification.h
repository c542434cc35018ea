/* verification.h - the rows that a verification is made of, and what it is asked for. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "decide/policy.h"

typedef enum {
  CHECK_OK,
  CHECK_FAILED,
  CHECK_LATER,   /* not yet, and only a restart or reboot will do it: ADVICE says of what; no failure */
  CHECK_SKIPPED, /* cannot be asked here: FOUND says why; no failure */
} CheckResult;

typedef struct {
  char *what; /* "address 10.0.0.17/24 on ens192", "host name of the kernel" */
  char *expected;
  char *found;
  CheckResult result;
  char *advice; /* what to do; NULL: nothing */
} CheckRow;

typedef struct {
  GPtrArray *checks; /* CheckRow*, in a fixed order */
  gboolean ok;       /* no CHECK_FAILED among them */
} Verification;

/* The names of checks that may have failed before a change; that is no reason to roll it back. */
#define VERIFY_GATEWAY "gateway %s on %s"    /* address, interface */
#define VERIFY_LEASE "address by DHCP on %s" /* interface */

typedef struct {
  const Root *root;                                   /* the host */
  const GPtrArray *changes;                           /* ProfileChange*: only these profiles; NULL: all */
  const GPtrArray *failed_before;                     /* char*: checks that failed before the change; NULL: none */
  const GPtrArray *checks;                            /* Check*: what is asked */
  const Policy *policy;                               /* what may have set a gateway; NULL: nothing did */
  const HostPolicy *host;                             /* its section for this machine, or NULL */
  int wait_s;                                         /* ask again until all is well or so many seconds are over */
  void (*progress)(const char *stage, gpointer data); /* "verifying gateway 10.0.0.1"; may be NULL */
  gpointer data;
} VerifyOptions;

/* verification_new: without rows, well so far. */
Verification *verification_new(void);
void verification_free(Verification *verification);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verification, verification_free)

/* check_add: a row; EXPECTED, FOUND and ADVICE are copied, ADVICE may be NULL. */
void check_add(Verification *verification, CheckResult result, const char *expected, const char *found,
               const char *advice, const char *format, ...) G_GNUC_PRINTF(6, 7);

/* verification_summary: one line of what failed, "; "-separated, with the advice in brackets, for an error message;
 * NULL when nothing did. */
char *verification_summary(const Verification *verification);
const char *check_result_name(CheckResult result); /* "ok", "failed", "later", "skipped" */
