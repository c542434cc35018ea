/* verify.h - is the identity that the files have really in force?
 *
 * The files are the plan once they are committed, so the files are what is expected. What is to be asked the steps say
 * (plan_check); here is a table of how each kind is asked. The network is one kind with many rows: every profile that
 * is active, or that should be because it connects by itself and its device is there, is held against NetworkManager
 * and the kernel.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

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
  int wait_s;                                         /* ask again until all is well or so many seconds are over */
  void (*progress)(const char *stage, gpointer data); /* "verifying gateway 10.0.0.1"; may be NULL */
  gpointer data;
} VerifyOptions;

/* verify_run: NULL only when nothing could be asked at all (RI_ERROR_FAILED). */
Verification *verify_run(const VerifyOptions *options, GError **error);
void verification_free(Verification *verification);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verification, verification_free)

/* verification_summary: one line of what failed, "; "-separated, for an error message; NULL when nothing did. */
char *verification_summary(const Verification *verification);
const char *check_result_name(CheckResult result); /* "ok", "failed", "later", "skipped" */
