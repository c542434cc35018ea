/* error.c: an errno becomes a sentence with its lead. */
#include <errno.h>
#include <glib.h>

#include "base/error.h"

static void says_lead_and_cause(void) {
  g_autoptr(GError) error = NULL;

  g_assert_false(ri_error_errno(&error, -ENOSPC, "%s: writing %d bytes", "/etc/hostname", 7));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_cmpstr(error->message, ==, "/etc/hostname: writing 7 bytes: No space left on device: make room there");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/error/says-lead-and-cause", says_lead_and_cause);
  return g_test_run();
}
