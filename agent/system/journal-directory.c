/* journal-directory.c - the journal's files follow the machine-id that names their directory */
#include "journal-directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/tree.h"

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

static int merge_directories(int parent, const char *old_name, const char *new_name, const char *old_id) {
  int from = openat(parent, old_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int to = openat(parent, new_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int r = from < 0 || to < 0 ? -errno : move_files(from, to, old_id);

  if (from >= 0)
    (void)close(from);
  if (to >= 0)
    (void)close(to);
  if (r == 0)
    (void)unlinkat(parent, old_name, AT_REMOVEDIR);
  return r;
}

/* PARENT/FROM is called TO afterwards, or its files are in TO. */
static int move_directory(int parent, const char *from, const char *to, const char *old_id) {
  struct stat info;

  if (fstatat(parent, from, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(info.st_mode))
    return 0;
  if (renameat(parent, from, parent, to) == 0)
    return 0;
  return errno == ENOTEMPTY || errno == EEXIST ? merge_directories(parent, from, to, old_id) : -errno;
}

static gboolean is_named_by(const char *name, const char *id) {
  const size_t length = strlen(id);

  return strncmp(name, id, length) == 0 && (name[length] == '\0' || name[length] == '.');
}

void journal_directories_follow(const Root *root, const char *journal, const char *old_id, const char *new_id,
                                GPtrArray *warnings) {
  g_auto(GStrv) names = tree_list(root, journal, NULL);
  autofd parent = names == NULL || *names == NULL ? -1 : root_open_at(root, journal, O_RDONLY | O_DIRECTORY);

  for (char **name = names; parent >= 0 && *name != NULL; name++) {
    if (!is_named_by(*name, old_id))
      continue;
    g_autofree char *to = g_strconcat(new_id, *name + strlen(old_id), NULL);
    int r = move_directory(parent, *name, to, old_id);
    if (r < 0 && warnings != NULL)
      g_ptr_array_add(warnings, g_strdup_printf("The journal so far stays in %s/%s, which cannot become %s: %s. Read "
                                                "it with journalctl --directory=%s/%s.",
                                                journal, *name, to, g_strerror(-r), journal, *name));
  }
}
