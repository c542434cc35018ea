/* record-store.c: the record in both its places, without a transaction. */
#include <unistd.h>

#include "commit-fixture.h"
#include "commit/record-store.h"

static void writes_both_places(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *copy = fixture_path(fixture, RI_RECORD_COPY_FILE);
  g_autoptr(GError) error = NULL;
  struct stat info;

  fixture_write(fixture, RI_RECORD_FILE, "old\n");
  g_assert_true(record_store(&fixture->root, "new\n", &error));
  g_assert_no_error(error);
  commit_assert_content(fixture, RI_RECORD_FILE, "new\n");
  commit_assert_content(fixture, RI_RECORD_COPY_FILE, "new\n");
  g_assert_cmpint(stat(copy, &info), ==, 0);
  g_assert_cmpint(info.st_mode & 07777, ==, 0600);
  g_assert_false(transaction_is_open(&fixture->root));
}

static void names_the_place_that_it_cannot_write(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GError) error = NULL;

  fixture_mkdir(fixture, RI_RECORD_COPY_FILE);
  g_assert_false(record_store(&fixture->root, "new\n", &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_true(g_str_has_prefix(error->message, RI_RECORD_COPY_FILE ": writing the record: "));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/record-store/writes-both-places", writes_both_places);
  g_test_add_func("/record-store/names-the-place-that-it-cannot-write", names_the_place_that_it_cannot_write);
  return g_test_run();
}
