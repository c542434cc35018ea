#include <glib.h>

#include "decide/name-index.h"

static void test_names_are_found_with_what_was_noted(void) {
  NameIndex index = {NULL};

  g_assert_null(name_index_find(&index, "host a"));
  for (gsize i = 0; i < 1000; i++) {
    g_autofree char *name = g_strdup_printf("host %" G_GSIZE_FORMAT, (i * 7919) % 1000);

    g_assert_cmpint(name_index_add(&index, name, (unsigned)i, i * 2), ==, 0);
  }
  for (gsize i = 0; i < 1000; i++) {
    g_autofree char *name = g_strdup_printf("host %" G_GSIZE_FORMAT, (i * 7919) % 1000);
    const NameEntry *entry = name_index_find(&index, name);

    g_assert_nonnull(entry);
    g_assert_cmpstr(entry->name, ==, name);
    g_assert_cmpuint(entry->line, ==, i);
    g_assert_cmpuint(entry->number, ==, i * 2);
  }
  g_assert_null(name_index_find(&index, "host 1000"));
  name_index_clear(&index);
  g_assert_null(name_index_find(&index, "host 1"));
  name_index_clear(&index);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/name-index/names-are-found-with-what-was-noted", test_names_are_found_with_what_was_noted);
  return g_test_run();
}
