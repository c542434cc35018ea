/* record-store.c: the record in both its places, without a transaction. */
#include <unistd.h>

#include "commit-fixture.h"
#include "commit/record-store.h"
#include "mount-fixture.h"

static gboolean may_mount;

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

static void at_a_boot_one_copy_is_better_than_none(void) {
  static const char *const places[] = {RI_RECORD_FILE, RI_RECORD_COPY_FILE};

  for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autoptr(Fixture) fixture = commit_fixture_new();
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    fixture_mkdir(fixture, places[i]);
    g_assert_true(record_settle(&fixture->root, "new\n", warnings, &error));
    g_assert_no_error(error);
    commit_assert_content(fixture, places[1 - i], "new\n");
    g_assert_cmpuint(warnings->len, ==, 1);
    g_assert_true(g_str_has_prefix(warnings->pdata[0], places[i]));
  }
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) error = NULL;
  fixture_mkdir(fixture, RI_RECORD_FILE);
  fixture_mkdir(fixture, RI_RECORD_COPY_FILE);
  g_assert_false(record_settle(&fixture->root, "new\n", warnings, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
}

static void what_is_in_the_way_of_either_is_known_before(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GError) error = NULL;

  g_assert_true(record_check(&fixture->root, &error)); /* its directories are made */
  fixture_write(fixture, RI_RECORD_FILE, "damaged");
  fixture_symlink(fixture, RI_RECORD_COPY_FILE, "/srv/gone");
  g_assert_true(record_check(&fixture->root, &error)); /* what is replaced whatever it holds */
  g_assert_no_error(error);
  g_autofree char *copy = fixture_path(fixture, RI_RECORD_COPY_FILE);
  g_assert_cmpint(unlink(copy), ==, 0);
  fixture_mkdir(fixture, RI_RECORD_COPY_FILE);
  g_assert_false(record_check(&fixture->root, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, RI_RECORD_COPY_FILE ": a regular file is expected there"));
}

static void knows_of_a_read_only_place_that_is_to_be_made(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *etc = fixture_path(fixture, "/etc");

  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  fixture_mkdir(fixture, "/etc");
  mount_fixture_tmpfs(etc, MS_RDONLY, NULL);
  g_assert_false(record_check(&fixture->root, &error));
  g_assert_nonnull(strstr(error->message, "/etc/reset-identity: its file system is mounted read-only"));
  g_assert_cmpint(umount(etc), ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/record-store/writes-both-places", writes_both_places);
  g_test_add_func("/record-store/names-the-place-that-it-cannot-write", names_the_place_that_it_cannot_write);
  g_test_add_func("/record-store/at-a-boot-one-copy-is-better-than-none", at_a_boot_one_copy_is_better_than_none);
  g_test_add_func("/record-store/what-is-in-the-way-of-either-is-known-before",
                  what_is_in_the_way_of_either_is_known_before);
  g_test_add_func("/record-store/knows-of-a-read-only-place-that-is-to-be-made",
                  knows_of_a_read_only_place_that_is_to_be_made);
  return g_test_run();
}
