/* base/glob.c: a glob fits what GLib says that it fits. */
#include <glib.h>
#include <string.h>

#include "base/glob.h"

static char *draw(const char *alphabet, int most) {
  GString *text = g_string_new(NULL);
  const gsize n = strlen(alphabet);

  for (int left = g_test_rand_int_range(0, most + 1); left > 0; left--)
    g_string_append_c(text, alphabet[g_test_rand_int_range(0, (gint32)n)]);
  return g_string_free(text, FALSE);
}

static void it_fits_what_glib_says(void) {
  guint fitting = 0;

  for (guint i = 0; i < 200000; i++) {
    g_autofree char *glob = draw("ab.**?", 7);
    g_autofree char *text = draw("ab.", 9);
    const gboolean expected = g_pattern_match_simple(glob, text);

    if (glob_fits(glob, text) != expected)
      g_error("\"%s\" and \"%s\": expected %d", glob, text, expected);
    fitting += (guint)expected;
  }
  g_assert_cmpuint(fitting, >, 10000);
}

static void it_ends_at_a_bar(void) {
  g_assert_true(glob_fits("a*|b", "abc"));
  g_assert_true(glob_fits("a?c|", "abc"));
  g_assert_false(glob_fits("b|abc", "abc"));
  g_assert_true(glob_fits("*|b", ""));
  g_assert_true(glob_fits("|b", ""));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/glob/it-fits-what-glib-says", it_fits_what_glib_says);
  g_test_add_func("/glob/it-ends-at-a-bar", it_ends_at_a_bar);
  return g_test_run();
}
