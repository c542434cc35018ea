#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where) {
  return remove(path);
}

guint fixture_rounds(guint full) {
  return g_getenv("RESET_IDENTITY_FEW_ROUNDS") != NULL ? full / 20 : full;
}

Fixture *fixture_new(void) {
  Fixture *fixture = g_new0(Fixture, 1);

  fixture->path = g_dir_make_tmp("reset-identity-test-XXXXXX", NULL);
  g_assert_nonnull(fixture->path);
  g_assert_cmpint(root_open(&fixture->root, fixture->path), ==, 0);
  return fixture;
}

void fixture_free(Fixture *fixture) {
  if (fixture == NULL)
    return;
  root_close(&fixture->root);
  (void)nftw(fixture->path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
  g_free(fixture->path);
  g_free(fixture);
}

char *fixture_path(Fixture *fixture, const char *path) {
  return g_build_filename(fixture->path, path, NULL);
}

static char *path_with_parents(Fixture *fixture, const char *path) {
  char *full = fixture_path(fixture, path);
  g_autofree char *parent = g_path_get_dirname(full);

  g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
  return full;
}

void fixture_write_bytes(Fixture *fixture, const char *path, const void *data, gsize size, mode_t mode) {
  g_autofree char *full = path_with_parents(fixture, path);
  g_autoptr(GError) error = NULL;

  g_file_set_contents(full, data, (gssize)size, &error);
  g_assert_no_error(error);
  g_assert_cmpint(chmod(full, mode), ==, 0);
}

void fixture_write(Fixture *fixture, const char *path, const char *content) {
  fixture_write_bytes(fixture, path, content, strlen(content), 0644);
}

void fixture_mkdir(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);

  g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

void fixture_symlink(Fixture *fixture, const char *path, const char *target) {
  g_autofree char *full = path_with_parents(fixture, path);

  g_assert_cmpint(symlink(target, full), ==, 0);
}

char *fixture_read(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);
  char *content = NULL;

  (void)g_file_get_contents(full, &content, NULL, NULL);
  return content;
}

static void describe(const char *full, const char *relative, GPtrArray *lines) {
  struct stat info;
  g_autofree char *what = NULL;

  g_assert_cmpint(lstat(full, &info), ==, 0);
  if (S_ISREG(info.st_mode)) {
    g_autofree char *content = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(full, &content, &size, NULL));
    what = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)content, size);
  } else if (S_ISLNK(info.st_mode)) {
    what = g_file_read_link(full, NULL);
  }
  g_ptr_array_add(lines, g_strdup_printf("%s %06o %u:%u %s", relative, info.st_mode, info.st_uid, info.st_gid,
                                         what != NULL ? what : "-"));
}

static void walk(const char *full, const char *relative, const char *skip, GPtrArray *lines) {
  g_autoptr(GDir) directory = g_dir_open(full, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
    g_autofree char *child = g_build_filename(full, name, NULL);
    g_autofree char *child_relative = g_build_filename(relative, name, NULL);
    if (skip != NULL && g_str_has_prefix(child_relative, skip))
      continue;
    describe(child, child_relative, lines);
    if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
      walk(child, child_relative, skip, lines);
  }
}

static int compare_lines(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *fixture_snapshot(Fixture *fixture, const char *skip) {
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

  walk(fixture->path, "/", skip, lines);
  g_ptr_array_sort(lines, compare_lines);
  g_ptr_array_add(lines, NULL);
  return g_strjoinv("\n", (char **)lines->pdata);
}
