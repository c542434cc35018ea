/* run-directory.c - what is in the directory below /run while somebody writes it, and what killed runs left of that */
#include "run-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "autofd.h"
#include "names.h"
#include "root-file.h"

int run_directory_lock(const char *directory) {
  if (g_mkdir_with_parents(directory, 0755) < 0)
    return -errno;
  autofd fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return fd < 0 || flock(fd, LOCK_EX) < 0 ? -errno : autofd_steal(&fd);
}

/* Nothing below it is a directory: ssh-keygen makes files only. */
void run_directory_remove_private(const char *path, int fd) {
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    (void)unlinkat(fd, name, 0);
  (void)rmdir(path);
}

static void remove_stale(const char *directory, const char *name) {
  g_autofree char *path = g_build_filename(directory, name, NULL);
  autofd fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
    run_directory_remove_private(path, fd);
}

/* Only what run_directory_write makes: other files there are written under other locks. */
static gboolean is_unplaced_report(const char *name) {
  static const char *const reports[] = {RI_LAST_FILE, RI_VERIFY_FILE, RI_VERIFY_WANTED_FILE};

  for (gsize i = 0; i < G_N_ELEMENTS(reports); i++) {
    g_autofree char *base = g_path_get_basename(reports[i]);
    g_autofree char *temporary = g_strdup_printf(".%s" RI_TEMPORARY_SUFFIX, base);
    if (strcmp(name, temporary) == 0)
      return TRUE;
  }
  return FALSE;
}

void run_directory_clean(const char *directory) {
  if (access(directory, F_OK) < 0)
    return;
  autofd lock = run_directory_lock(directory);
  g_autoptr(GDir) dir = lock >= 0 ? g_dir_open(directory, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    if (g_str_has_prefix(name, RUN_PRIVATE_PREFIX))
      remove_stale(directory, name);
    else if (is_unplaced_report(name))
      (void)unlinkat(lock, name, 0);
  }
}

int run_directory_write(const Root *root, const char *name, const char *text) {
  autofd lock = run_directory_lock(RI_RUN_DIR);

  return lock < 0 ? lock : root_file_write(root, name, text, strlen(text), 0644);
}
