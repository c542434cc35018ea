/* temporary.c: the hidden name beside a target. */
#include <glib.h>
#include <limits.h>
#include <string.h>

#include "commit/temporary.h"

static void is_hidden_and_always_the_same(void) {
  g_autofree char *name = temporary_name("lan.nmconnection");

  g_assert_cmpstr(name, ==, ".lan.nmconnection.reset-identity");
}

static void fits_whatever_the_name(void) {
  g_autofree char *longest = g_strnfill(NAME_MAX, 'a');
  g_autofree char *other = g_strnfill(NAME_MAX, 'b');
  g_autofree char *name = temporary_name(longest);
  g_autofree char *again = temporary_name(longest);
  g_autofree char *other_name = temporary_name(other);

  g_assert_cmpuint(strlen(name), <=, NAME_MAX);
  g_assert_cmpint(name[0], ==, '.');
  g_assert_cmpstr(name, ==, again);
  g_assert_cmpstr(name, !=, other_name);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/temporary/is-hidden-and-always-the-same", is_hidden_and_always_the_same);
  g_test_add_func("/temporary/fits-whatever-the-name", fits_whatever_the_name);
  return g_test_run();
}
