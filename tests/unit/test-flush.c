/* flush.c: a file system is flushed once, however many directories of it were touched. */
#include <errno.h>
#include <fcntl.h>

#include "base/autofd.h"
#include "commit/flush.h"
#include "fixture.h"

static void one_flush_for_a_file_system(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(FlushSet) set = flush_set_new();

  fixture_mkdir(fixture, "/a");
  fixture_mkdir(fixture, "/b");
  for (unsigned i = 0; i < 100; i++) {
    autofd fd = root_open_at(&fixture->root, i % 2 == 0 ? "/a" : "/b", O_PATH | O_DIRECTORY);
    g_assert_cmpint(flush_set_add(set, fd), ==, 0);
  }
  g_assert_cmpuint(set->items->len, ==, 1);
  g_assert_cmpint(flush_set_run(set), ==, 0);
  g_assert_cmpuint(set->items->len, ==, 0);
}

static void one_each_for_two(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(FlushSet) set = flush_set_new();
  autofd here = root_open_at(&fixture->root, "/", O_PATH | O_DIRECTORY);
  autofd other = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint(flush_set_add(set, here), ==, 0);
  g_assert_cmpint(flush_set_add(set, other), ==, 0);
  g_assert_cmpuint(set->items->len, ==, 2);
}

static void tells_errors(void) {
  g_autoptr(FlushSet) set = flush_set_new();

  g_assert_cmpint(flush_set_add(set, -1), ==, -EBADF);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/flush/one-flush-for-a-file-system", one_flush_for_a_file_system);
  g_test_add_func("/flush/one-each-for-two", one_each_for_two);
  g_test_add_func("/flush/tells-errors", tells_errors);
  return g_test_run();
}
