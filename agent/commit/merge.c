/* merge.c - a directory renamed onto one that is there already */
#include "merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"

static int list_names(int directory, GPtrArray *names) {
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr(DIR) stream = fd >= 0 ? fdopendir(fd) : NULL;
  struct dirent *entry;

  if (stream == NULL) {
    int result = -errno;
    if (fd >= 0)
      (void)close(fd);
    return result;
  }
  errno = 0;
  while ((entry = readdir(stream)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      g_ptr_array_add(names, g_strdup(entry->d_name));
  return -errno;
}

static int compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean is_taken(int directory, const char *name, GHashTable *promised) {
  struct stat info;

  return g_hash_table_contains(promised, name) || fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

int merge_list(int source, int destination, char ***moved) {
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) promised = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) pairs = g_ptr_array_new();
  int result = list_names(source, names);

  if (result < 0)
    return result;
  g_ptr_array_sort(names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    char *there = g_strdup(names->pdata[i]);
    while (is_taken(destination, there, promised)) {
      char *longer = g_strconcat(there, "~", NULL);
      g_free(there);
      there = longer;
    }
    g_ptr_array_add(pairs, g_strdup(names->pdata[i]));
    g_ptr_array_add(pairs, there);
    (void)g_hash_table_add(promised, there);
  }
  g_ptr_array_add(pairs, NULL);
  *moved = (char **)g_ptr_array_free(g_steal_pointer(&pairs), FALSE);
  return 0;
}

/* RENAME_NOREPLACE, also where the file system does not know it (NFS). */
static int move_entry(int from, const char *name, int to, const char *new_name) {
  struct stat info;

  if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -errno;
  if (fstatat(to, new_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    return -EEXIST;
  return renameat(from, name, to, new_name) < 0 ? -errno : 0;
}

int merge_move(int source, int destination, char *const *moved, gboolean back) {
  for (char *const *pair = moved; *pair != NULL; pair += 2) {
    int result =
        back ? move_entry(destination, pair[1], source, pair[0]) : move_entry(source, pair[0], destination, pair[1]);
    if (result < 0 && result != -ENOENT && result != -EEXIST)
      return result;
  }
  return 0;
}
