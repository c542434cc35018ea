/* lock.c - state_lock (transaction.h): flock(2) on the state directory itself, so that there is no lock file to be left
 * over. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "directories.h"
#include "state.h"
#include "transaction.h"

/* How often a waiting run asks again; a signal is taken at once. */
#define RETRY_NANOSECONDS 200000000L

/* "PID 812 (reset-identity apply)" */
static char *describe_process(long pid) {
  g_autofree char *path = g_strdup_printf("/proc/%ld/cmdline", pid);
  g_autofree char *command = NULL;
  gsize size = 0;

  if (!g_file_get_contents(path, &command, &size, NULL) || size == 0)
    return g_strdup_printf("PID %ld", pid);
  for (gsize i = 0; i + 1 < size; i++)
    if (g_ascii_iscntrl(command[i]))
      command[i] = ' ';
  return g_strdup_printf("PID %ld (%s)", pid, command);
}

/* Whoever has the flock of INFO's inode, by /proc/locks (proc(5)): "1: FLOCK  ADVISORY  WRITE 812 fe:01:1234 0 EOF".
 * Some file systems (btrfs) show another device there than stat(2) does: then the inode alone has to do. NULL: nobody
 * is found. */
static char *find_holder(const struct stat *info) {
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  long found = 0;

  if (!g_file_get_contents("/proc/locks", &text, NULL, NULL))
    return NULL;
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    unsigned major_number, minor_number;
    unsigned long inode;
    long pid;
    if (sscanf(*line, "%*s FLOCK %*s %*s %ld %x:%x:%lu", &pid, &major_number, &minor_number, &inode) != 4 ||
        inode != info->st_ino || pid <= 0)
      continue;
    found = pid;
    if (makedev(major_number, minor_number) == info->st_dev)
      break;
  }
  return found > 0 ? describe_process(found) : NULL;
}

char *state_lock_holder(const Root *root) {
  autofd state = state_open(root, NULL);
  struct stat info;

  return state >= 0 && fstat(state, &info) == 0 ? find_holder(&info) : NULL;
}

/* One that is ignored (nohup) ends nothing; but blocked, it would be taken. */
static void add_unless_ignored(sigset_t *set, int number) {
  struct sigaction action;

  if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
    (void)sigaddset(set, number);
}

static int wait_for_lock(int fd) {
  const struct timespec pause = {.tv_nsec = RETRY_NANOSECONDS};
  sigset_t ending, before;
  int result = 0;

  (void)sigemptyset(&ending);
  add_unless_ignored(&ending, SIGINT);
  add_unless_ignored(&ending, SIGTERM);
  add_unless_ignored(&ending, SIGHUP);
  (void)pthread_sigmask(SIG_BLOCK, &ending, &before);
  while (result == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      result = -errno;
    else if (sigtimedwait(&ending, NULL, &pause) > 0)
      result = -ECANCELED;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return result;
}

static gboolean take_lock(int fd, void (*on_wait)(const char *holder, gpointer data), gpointer data, GError **error) {
  struct stat info;
  int result = 0;

  if (flock(fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno != EWOULDBLOCK)
    return ri_error_errno(error, -errno, RI_STATE_DIR ": locking it");
  if (fstat(fd, &info) < 0)
    return ri_error_errno(error, -errno, RI_STATE_DIR);
  g_autofree char *holder = find_holder(&info);
  if (holder == NULL)
    holder = g_strdup("another run");
  if (on_wait != NULL)
    on_wait(holder, data);
  result = wait_for_lock(fd);
  if (result == -ECANCELED)
    return ri_error(error, RI_ERROR_CANCELLED, "interrupted while waiting for %s: nothing is changed", holder);
  return result < 0 ? ri_error_errno(error, result, RI_STATE_DIR ": locking it") : TRUE;
}

static gboolean make_state(const Root *root, GError **error) {
  const char *name = NULL;
  int result = directories_make(root, RI_STATE_DIR);
  autofd parent = result < 0 ? result : root_open_parent(root, RI_STATE_DIR, &name);

  if (parent >= 0 && mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
    result = -errno;
  else
    result = parent < 0 ? parent : 0;
  return result < 0 ? ri_error_errno(error, result, RI_STATE_DIR) : TRUE;
}

int state_lock(const Root *root, void (*on_wait)(const char *holder, gpointer data), gpointer data, GError **error) {
  g_autoptr(GError) open_error = NULL;
  autofd fd = state_open(root, &open_error);

  if (fd < 0 && open_error == NULL && make_state(root, error))
    fd = state_open(root, &open_error);
  if (open_error != NULL)
    g_propagate_error(error, g_steal_pointer(&open_error));
  if (fd < 0 || !take_lock(fd, on_wait, data, error))
    return -1;
  return autofd_steal(&fd);
}
