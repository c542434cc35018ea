/* journal-directory.c - the journal's files follow the machine-id that names their directory */
#include "journal-directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* One journal file of the old id among those of the new one. The names of archived files tell them apart; an active one
 * ("system.journal") that is there twice gets the old id into its name, as an archived one has an id in it. */
static int move_file(int from, int to, const char *name, const char *old_id) {
  if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EEXIST || !g_str_has_suffix(name, ".journal"))
    return -errno;
  g_autofree char *base = g_strndup(name, strlen(name) - strlen(".journal"));
  g_autofree char *other = g_strdup_printf("%s@%s.journal", base, old_id);
  return renameat2(from, name, to, other, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

static int move_files(int from, int to, const char *old_id) {
  int copy = fcntl(from, F_DUPFD_CLOEXEC, 3);
  DIR *directory = copy < 0 ? NULL : fdopendir(copy);
  struct dirent *entry;
  int r = 0;

  if (directory == NULL) {
    r = -errno;
    if (copy >= 0)
      (void)close(copy);
    return r;
  }
  while (r == 0 && (entry = readdir(directory)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      r = move_file(from, to, entry->d_name, old_id);
  (void)closedir(directory);
  return r;
}

static int merge_directories(int parent, const char *old_id, const char *new_id) {
  int from = openat(parent, old_id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int to = openat(parent, new_id, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int r = from < 0 || to < 0 ? -errno : move_files(from, to, old_id);

  if (from >= 0)
    (void)close(from);
  if (to >= 0)
    (void)close(to);
  if (r == 0)
    (void)unlinkat(parent, old_id, AT_REMOVEDIR);
  return r;
}

gboolean journal_directory_move(const char *journal, const char *old_id, const char *new_id, GError **error) {
  int parent = open(journal, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = parent < 0 ? -errno : renameat(parent, old_id, parent, new_id) < 0 ? -errno : 0;

  if (r == -ENOTEMPTY || r == -EEXIST)
    r = merge_directories(parent, old_id, new_id);
  if (parent >= 0)
    (void)close(parent);
  if (r < 0 && r != -ENOENT)
    return ri_error_errno(error, r, "%s/%s cannot become %s/%s", journal, old_id, journal, new_id);
  return TRUE;
}
