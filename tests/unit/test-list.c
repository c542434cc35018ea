/* list.c: lists of strings that are put together. */
#include "base/list.h"

static void each_is_in_it_once(void) {
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

  list_add_once(list, g_strdup("one"));
  list_say(list, "%s", "two");
  list_say(list, "o%s", "ne");
  list_add_once(list, NULL);
  g_assert_cmpuint(list->len, ==, 2);
  g_autofree char *joined = list_join(list, "; ");
  g_assert_cmpstr(joined, ==, "one; two");
}

static void nothing_joins_to_nothing(void) {
  g_autoptr(GPtrArray) empty = g_ptr_array_new();
  g_autofree char *of_none = list_join(empty, ", ");
  g_autofree char *of_null = list_join(NULL, ", ");

  g_assert_cmpstr(of_none, ==, "");
  g_assert_cmpstr(of_null, ==, "");
}

static void a_vector_ends_in_null(void) {
  GPtrArray *list = g_ptr_array_new();

  g_ptr_array_add(list, g_strdup("one"));
  g_auto(GStrv) one = list_strv(list);
  g_auto(GStrv) none = list_strv(g_ptr_array_new());
  g_assert_cmpuint(g_strv_length(one), ==, 1);
  g_assert_cmpuint(g_strv_length(none), ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/list/each-is-in-it-once", each_is_in_it_once);
  g_test_add_func("/list/nothing-joins-to-nothing", nothing_joins_to_nothing);
  g_test_add_func("/list/a-vector-ends-in-null", a_vector_ends_in_null);
  return g_test_run();
}
