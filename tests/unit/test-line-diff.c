/* line-diff.c: what it shows, applied to the old text, gives the new one. */
#include <glib.h>
#include <string.h>

#include "commit/line-diff.h"

static char *diff(const char *old, const char *new) {
  g_autoptr(GString) out = g_string_new(NULL);

  line_diff(old, strlen(old), new, strlen(new), out);
  return g_strdup(out->str);
}

static void assert_diff(const char *old, const char *new, const char *expected) {
  g_autofree char *shown = diff(old, new);

  g_assert_cmpstr(shown, ==, expected);
}

static void equal_texts_have_no_hunk(void) {
  assert_diff("a\nb\n", "a\nb\n", "");
  assert_diff("", "", "");
}

static void has_three_lines_of_context(void) {
  assert_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n",
              "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n");
  assert_diff("1\n2\n", "1\n1.5\n2\n", "@@ -1,2 +1,3 @@\n 1\n+1.5\n 2\n");
}

static void differences_far_apart_are_two_hunks(void) {
  assert_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
              "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
  assert_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
              "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

static void what_comes_and_goes_has_empty_ranges(void) {
  assert_diff("", "x\ny\n", "@@ -0,0 +1,2 @@\n+x\n+y\n");
  assert_diff("x\n", "", "@@ -1 +0,0 @@\n-x\n");
}

/* A hunk as patch(1) takes it, onto the lines of OLD. */
static char *patch(const char *old, const char *hunks) {
  g_auto(GStrv) lines = g_strsplit(old, "\n", -1);
  g_auto(GStrv) shown = g_strsplit(hunks, "\n", -1);
  g_autoptr(GString) out = g_string_new(NULL);
  guint at = 0;

  for (char **line = shown; *line != NULL && **line != '\0'; line++) {
    unsigned first = 0, count = 1;
    if (**line == '@') {
      const char *comma = strpbrk(*line + 4, ", ");
      first = (unsigned)g_ascii_strtoull(*line + 4, NULL, 10);
      if (*comma == ',')
        count = (unsigned)g_ascii_strtoull(comma + 1, NULL, 10);
      for (; at + (count > 0 ? 1 : 0) < first; at++)
        g_string_append_printf(out, "%s\n", lines[at]);
    } else {
      if (**line != '+')
        g_assert_cmpstr(lines[at++], ==, *line + 1);
      if (**line != '-')
        g_string_append_printf(out, "%s\n", *line + 1);
    }
  }
  for (; lines[at] != NULL && *lines[at] != '\0'; at++)
    g_string_append_printf(out, "%s\n", lines[at]);
  return g_strdup(out->str);
}

static char *random_text(void) {
  g_autoptr(GString) text = g_string_new(NULL);

  for (int n = g_test_rand_int_range(0, 40); n > 0; n--)
    g_string_append_printf(text, "%c\n", 'a' + g_test_rand_int_range(0, 4));
  return g_strdup(text->str);
}

static void is_what_patch_needs(void) {
  for (int i = 0; i < 3000; i++) {
    g_autofree char *old = random_text();
    g_autofree char *new = random_text();
    g_autofree char *hunks = diff(old, new);
    g_autofree char *patched = patch(old, hunks);
    g_assert_cmpstr(patched, ==, new);
  }
}

/* LINE of OLD, in NEW. */
static guint follow(const char *old, const char *new, guint line) {
  g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(guint));

  g_array_append_val(lines, line);
  line_diff_follow(old, strlen(old), new, strlen(new), lines);
  return g_array_index(lines, guint, 0);
}

static void a_line_is_followed(void) {
  static const char old[] = "a 1\nb 1\nkeep\nb 2\nc 1\nlast\n";

  g_assert_cmpuint(follow(old, "keep\nlast\n", 3), ==, 1);
  g_assert_cmpuint(follow(old, "new\nnew\na 1\nb 1\nkeep\nb 2\nc 1\nlast\n", 6), ==, 8);
  g_assert_cmpuint(follow(old, "b 9\nkeep\nc 9\nd\nb 9\nlast\n", 2), ==, 1);
  g_assert_cmpuint(follow(old, "b 9\nkeep\nc 9\nd\nb 9\nlast\n", 4), ==, 5);
  g_assert_cmpuint(follow(old, "b 9\nkeep\nc 9\nd\nb 9\nlast\n", 5), ==, 3);
  g_assert_cmpuint(follow("a=1\na=2\na=3\n", "a=4\na=5\na=6\n", 3), ==, 3);
  g_assert_cmpuint(follow(old, "", 6), ==, 1);
  g_assert_cmpuint(follow(old, "x\n", 0), ==, 0);
  g_assert_cmpuint(follow(old, "x\n", 7), ==, 7);
}

static void what_is_there_still_is_found(void) {
  for (int i = 0; i < 1000; i++) {
    g_autofree char *old = random_text();
    g_autofree char *more = random_text();
    g_autofree char *new = g_strconcat(more, "here\n", more, NULL);
    g_autofree char *before = g_strconcat(old, "here\n", more, NULL);
    const guint line = (guint)strlen(old) / 2 + 1;

    g_assert_cmpuint(follow(before, new, line), ==, strlen(more) / 2 + 1);
  }
}

static void wholly_different_texts_end(void) {
  g_autoptr(GString) old = g_string_new(NULL);
  g_autoptr(GString) new = g_string_new(NULL);

  for (int i = 0; i < 5000; i++) {
    g_string_append_printf(old, "old %d\n", i);
    g_string_append_printf(new, "new %d\n", i);
  }
  g_autofree char *hunks = diff(old->str, new->str);
  g_assert_true(g_str_has_prefix(hunks, "@@ -1,5000 +1,5000 @@\n-old 0\n"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/line-diff/equal-texts-have-no-hunk", equal_texts_have_no_hunk);
  g_test_add_func("/line-diff/has-three-lines-of-context", has_three_lines_of_context);
  g_test_add_func("/line-diff/differences-far-apart-are-two-hunks", differences_far_apart_are_two_hunks);
  g_test_add_func("/line-diff/what-comes-and-goes-has-empty-ranges", what_comes_and_goes_has_empty_ranges);
  g_test_add_func("/line-diff/is-what-patch-needs", is_what_patch_needs);
  g_test_add_func("/line-diff/a-line-is-followed", a_line_is_followed);
  g_test_add_func("/line-diff/what-is-there-still-is-found", what_is_there_still_is_found);
  g_test_add_func("/line-diff/wholly-different-texts-end", wholly_different_texts_end);
  return g_test_run();
}
