#include "decide/policy-errors.h"
#include "policy-text.h"

static void test_errors_come_in_the_order_of_files_and_lines(void) {
  PolicyFile items[] = {{.path = g_strdup("b.ini")}, {.path = g_strdup("a.ini")}};
  PolicyFiles files = {items, 2};
  PolicyErrors errors = {.items = NULL};
  g_autofree char *text = NULL;

  g_assert_cmpint(policy_error_add(&errors, items[1].path, 1, "run.x", "third %d", 3), ==, 0);
  g_assert_cmpint(policy_error_add(&errors, items[0].path, 9, "run.x", "second"), ==, 0);
  g_assert_cmpint(policy_error_add(&errors, items[0].path, 2, "run.x", "first"), ==, 0);
  g_assert_cmpint(policy_error_add(&errors, items[1].path, 1, "run.y", "fourth"), ==, 0);
  policy_errors_sort(&errors, &files);
  text = errors_text(&errors);
  g_assert_cmpstr(text, ==,
                  "b.ini:2: run.x: first\nb.ini:9: run.x: second\na.ini:1: run.x: third 3\na.ini:1: run.y: fourth\n");
  policy_errors_clear(&errors);
  g_assert_cmpuint(errors.count, ==, 0);
  g_free(items[0].path);
  g_free(items[1].path);
}

static void test_there_is_an_end_and_it_says_so(void) {
  PolicyFile file = {.path = g_strdup("a.ini")};
  PolicyFiles files = {&file, 1};
  PolicyErrors errors = {.items = NULL};

  for (unsigned i = 1000; i > 0; i--)
    g_assert_cmpint(policy_error_add(&errors, file.path, i, "run.x", "error %u", i), ==, 0);
  policy_errors_sort(&errors, &files);
  g_assert_cmpuint(errors.count, ==, POLICY_ERRORS_LISTED + 1);
  g_assert_cmpstr(errors.items[0].text, ==, "error 801");
  g_assert_cmpstr(errors.items[POLICY_ERRORS_LISTED - 1].text, ==, "error 1000");
  g_assert_nonnull(strstr(errors.items[POLICY_ERRORS_LISTED].text, "more errors"));
  policy_errors_clear(&errors);
  g_free(file.path);
}

static void test_long_words_are_cut(void) {
  PolicyErrors errors = {.items = NULL};
  g_autofree char *word = g_strnfill(5000, 'x');

  g_assert_cmpint(policy_error_add(&errors, "a.ini", 1, word, "%s", word), ==, 0);
  g_assert_cmpuint(strlen(errors.items[0].where), ==, sizeof errors.items[0].where - 1);
  g_assert_cmpuint(strlen(errors.items[0].text), ==, sizeof errors.items[0].text - 1);
  policy_errors_clear(&errors);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/policy-errors/come-in-the-order-of-files-and-lines",
                  test_errors_come_in_the_order_of_files_and_lines);
  g_test_add_func("/policy-errors/there-is-an-end-and-it-says-so", test_there_is_an_end_and_it_says_so);
  g_test_add_func("/policy-errors/long-words-are-cut", test_long_words_are_cut);
  return g_test_run();
}
