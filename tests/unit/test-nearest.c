/* nearest.c: the name that was meant, and none where nothing is near. */
#include "base/nearest.h"

#include <glib.h>

static void test_the_nearest_name_is_found(void) {
  static const char *const names[] = {"status", "plan", "apply", "check-policy", "seal", NULL};

  g_assert_cmpstr(nearest_name("stauts", names), ==, "status");
  g_assert_cmpstr(nearest_name("aply", names), ==, "apply");
  g_assert_cmpstr(nearest_name("check-polciy", names), ==, "check-policy");
  g_assert_cmpstr(nearest_name("check_policy", names), ==, "check-policy");
  g_assert_cmpstr(nearest_name("SEAL", names), ==, "seal");
  g_assert_cmpstr(nearest_name("check", names), ==, "check-policy");
  g_assert_cmpstr(nearest_name("Policy", names), ==, "check-policy");
  g_assert_null(nearest_name("pol", names));
  g_assert_null(nearest_name("eck", names));
  g_assert_null(nearest_name("frobnicate", names));
  g_assert_null(nearest_name("", names));
  g_assert_null(nearest_name("a-word-of-more-than-forty-letters-and-then-some", names));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nearest/the-nearest-name-is-found", test_the_nearest_name_is_found);
  return g_test_run();
}
