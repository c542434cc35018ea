/* problem.c: the words that go with a negative errno. */
#include "base/problem.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

static void says_it_and_gives_the_number_back(void) {
  Problem problem = {"something else"};

  g_assert_cmpint(problem_set(&problem, -ENOENT, "%s:%d: gone", "/etc/x", 3), ==, -ENOENT);
  g_assert_cmpstr(problem.text, ==, "/etc/x:3: gone");
}

static void nobody_may_listen(void) {
  g_assert_cmpint(problem_set(NULL, -EIO, "%s", "words"), ==, -EIO);
}

/* A path may have 4095 bytes. */
static void what_is_too_long_is_cut(void) {
  g_autofree char *path = g_strnfill(4095, 'x');
  struct {
    Problem problem;
    char behind[8];
  } held = {.behind = "behind"};

  g_assert_cmpint(problem_set(&held.problem, -EFBIG, "%s: too large", path), ==, -EFBIG);
  g_assert_cmpuint(strlen(held.problem.text), ==, sizeof held.problem.text - 1);
  g_assert_cmpstr(held.behind, ==, "behind");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/problem/says-it-and-gives-the-number-back", says_it_and_gives_the_number_back);
  g_test_add_func("/problem/nobody-may-listen", nobody_may_listen);
  g_test_add_func("/problem/what-is-too-long-is-cut", what_is_too_long_is_cut);
  return g_test_run();
}
