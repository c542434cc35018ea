/* room.c: what does not fit is known before it is written. */
#include <fcntl.h>

#include "base/autofd.h"
#include "commit/room.h"
#include "fixture.h"

static guint lacking(goffset size, GPtrArray *reasons) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(Room) room = room_new();
  autofd fd = root_open_at(&fixture->root, "/", O_PATH | O_DIRECTORY, 0);

  g_assert_cmpint(room_need(room, fd, "/etc/hostname", size), ==, 0);
  g_assert_cmpint(room_need(room, fd, "/etc/hosts", size), ==, 0);
  room_lacking(room, reasons);
  return reasons->len;
}

static void small_files_fit(void) {
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);

  g_assert_cmpuint(lacking(100, reasons), ==, 0);
}

static void says_once_where_it_is_too_full(void) {
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);

  g_assert_cmpuint(lacking((goffset)1 << 60, reasons), ==, 1);
  g_assert_nonnull(strstr(reasons->pdata[0], "/etc/hostname: the file system is too full"));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/room/small-files-fit", small_files_fit);
  g_test_add_func("/room/says-once-where-it-is-too-full", says_once_where_it_is_too_full);
  return g_test_run();
}
