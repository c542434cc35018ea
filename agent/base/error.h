/* error.h - the one GError domain of the GLib rooms, with a code a caller can act on. */
#pragma once

#include <glib.h>

#define RI_ERROR (ri_error_quark())

typedef enum {
  RI_ERROR_FAILED,    /* an operation failed; the message says which, on what path, why, and what to do */
  RI_ERROR_POLICY,    /* the policy asks for something this machine cannot have (exit 78) */
  RI_ERROR_UNTRUSTED, /* a policy file that others can write (exit 77) */
  RI_ERROR_CHANGED,   /* a file changed between plan and commit: plan again */
  RI_ERROR_OPEN,      /* past the commit point and not finished: the next run finishes it */
  RI_ERROR_BAD_STATE, /* a manifest, record or history entry that does not parse */
  RI_ERROR_NETWORK,   /* the running network did not come up with the new identity */
  RI_ERROR_USAGE,     /* only with an option that is not given (exit 2) */
  RI_ERROR_CANCELLED, /* the person said no, or Ctrl-C before the commit point */
} RiError;

GQuark ri_error_quark(void);

/* All of these return FALSE, for the function that fails to return.
 *
 * ri_error: a GError of ours with a printf-formatted message. */
gboolean ri_error(GError **error, RiError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* ri_error_errno: from a negative errno: "PATH: cause" with a printf-formatted lead. */
gboolean ri_error_errno(GError **error, int negative_errno, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* ri_error_pass: CAUSE, taken over, is the caller's error too. */
gboolean ri_error_pass(GError **error, GError *cause);
/* ri_error_append: more behind the message of *ERROR, which is there. */
gboolean ri_error_append(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
