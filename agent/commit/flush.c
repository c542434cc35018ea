/* flush.c - the file systems that were written to, each flushed by one syncfs(2) however many files it holds */
#include "flush.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"

typedef struct {
  dev_t device;
  int fd;
} FlushItem;

FlushSet *flush_set_new(void) {
  FlushSet *set = g_new0(FlushSet, 1);

  set->items = g_array_new(FALSE, FALSE, sizeof(FlushItem));
  return set;
}

static void forget_all(FlushSet *set) {
  for (guint i = 0; i < set->items->len; i++)
    (void)close(g_array_index(set->items, FlushItem, i).fd);
  g_array_set_size(set->items, 0);
  set->of = NULL;
}

void flush_set_free(FlushSet *set) {
  forget_all(set);
  g_array_unref(set->items);
  g_free(set);
}

int flush_set_add(FlushSet *set, int directory) {
  FlushItem item;
  struct stat info;

  if (fstat(directory, &info) < 0)
    return -errno;
  for (guint i = 0; i < set->items->len; i++)
    if (g_array_index(set->items, FlushItem, i).device == info.st_dev)
      return 0;
  item.device = info.st_dev;
  item.fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (item.fd < 0)
    return -errno;
  g_array_append_val(set->items, item);
  return 0;
}

int flush_set_add_parent(FlushSet *set, const Parent *parent) {
  int result = set->of == parent && set->n_opened == parent->n_opened ? 0 : flush_set_add(set, parent->fd);

  set->of = parent;
  set->n_opened = parent->n_opened;
  return result;
}

int flush_set_run(FlushSet *set) {
  int result = 0;

  for (guint i = 0; i < set->items->len; i++)
    if (syncfs(g_array_index(set->items, FlushItem, i).fd) < 0 && result == 0)
      result = -errno;
  forget_all(set);
  return result;
}
