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

static void may_learn_more_and_be_passed_on(void) {
  g_autoptr(GError) error = NULL;
  GError *cause = NULL;

  g_assert_false(ri_error(&cause, RI_ERROR_CHANGED, "%s: it is gone", "/etc/hosts"));
  g_assert_false(ri_error_append(&cause, ", %d times", 2));
  g_assert_false(ri_error_pass(&error, cause));
  g_assert_error(error, RI_ERROR, RI_ERROR_CHANGED);
  g_assert_cmpstr(error->message, ==, "/etc/hosts: it is gone, 2 times");
  g_assert_false(ri_error(NULL, RI_ERROR_FAILED, "nobody asks"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/error/says-lead-and-cause", says_lead_and_cause);
  g_test_add_func("/error/may-learn-more-and-be-passed-on", may_learn_more_and_be_passed_on);
  return g_test_run();
}
