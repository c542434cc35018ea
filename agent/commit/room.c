/* room.c - will it fit? Bytes and files to be written, added up per file system */
#include "room.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What directories, manifest and a file system's own bookkeeping may take beyond the files. */
enum { SLACK_BYTES = 64 * 1024, SLACK_FILES = 8 };

typedef struct {
  dev_t device;
  char *path;
  guint64 block, bytes_free, files_free, bytes, files;
  gboolean counts_files;
} RoomItem;

static void clear_item(gpointer data) {
  g_free(((RoomItem *)data)->path);
}

Room *room_new(void) {
  Room *room = g_new0(Room, 1);

  room->items = g_array_new(FALSE, FALSE, sizeof(RoomItem));
  g_array_set_clear_func(room->items, clear_item);
  return room;
}

void room_free(Room *room) {
  if (room == NULL)
    return;
  g_array_unref(room->items);
  g_free(room);
}

static RoomItem *find_item(Room *room, dev_t device) {
  for (guint i = 0; i < room->items->len; i++)
    if (g_array_index(room->items, RoomItem, i).device == device)
      return &g_array_index(room->items, RoomItem, i);
  return NULL;
}

static int add_item(Room *room, int directory, dev_t device, const char *path) {
  RoomItem item = {.device = device};
  struct statvfs info;

  if (fstatvfs(directory, &info) < 0)
    return -errno;
  item.path = g_strdup(path);
  item.block = MAX(info.f_frsize, 512);
  /* The reserve of a file system is there for root. */
  item.bytes_free = (guint64)(geteuid() == 0 ? info.f_bfree : info.f_bavail) * item.block;
  item.files_free = geteuid() == 0 ? info.f_ffree : info.f_favail;
  item.counts_files = info.f_files != 0;
  g_array_append_val(room->items, item);
  return 0;
}

int room_need(Room *room, int directory, const char *path, goffset size) {
  RoomItem *item;
  struct stat info;

  if (fstat(directory, &info) < 0)
    return -errno;
  item = find_item(room, info.st_dev);
  if (item == NULL) {
    int result = add_item(room, directory, info.st_dev, path);
    if (result < 0)
      return result;
    item = find_item(room, info.st_dev);
  }
  item->bytes += ((guint64)size + item->block - 1) / item->block * item->block;
  item->files++;
  return 0;
}

void room_lacking(const Room *room, GPtrArray *reasons) {
  for (guint i = 0; i < room->items->len; i++) {
    const RoomItem *item = &g_array_index(room->items, RoomItem, i);
    if (item->bytes + SLACK_BYTES > item->bytes_free) {
      g_autofree char *need = g_format_size(item->bytes + SLACK_BYTES);
      g_autofree char *have = g_format_size(item->bytes_free);
      g_ptr_array_add(reasons, g_strdup_printf("%s: the file system is too full: %s needed, %s free; make room",
                                               item->path, need, have));
    } else if (item->counts_files && item->files + SLACK_FILES > item->files_free) {
      g_ptr_array_add(reasons, g_strdup_printf("%s: the file system has too few inodes left: %" G_GUINT64_FORMAT
                                               " needed, %" G_GUINT64_FORMAT " free; remove files there",
                                               item->path, item->files + SLACK_FILES, item->files_free));
    }
  }
}
