/* transaction-load.c - the open transaction as it lies on the disk */
#include "transaction-load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/names.h"
#include "stage.h"
#include "state.h"

void transaction_clear(Transaction *transaction) {
  if (transaction->state >= 0)
    (void)close(transaction->state);
  if (transaction->fd >= 0)
    (void)close(transaction->fd);
  manifest_free(transaction->manifest);
}

/* The manifest that this process has committed last, and its file: what it does with it afterwards need not read it
 * again.
 */
static struct {
  Manifest *manifest;
  struct stat file;
} own;

void transaction_forget(void) {
  g_clear_pointer(&own.manifest, manifest_free);
}

void transaction_remember(const Transaction *transaction) {
  transaction_forget();
  if (fstatat(transaction->fd, MANIFEST_COMMITTED, &own.file, AT_SYMLINK_NOFOLLOW) == 0)
    own.manifest = manifest_ref(transaction->manifest);
}

static gboolean is_same_time(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static Manifest *read_committed(int fd, GError **error) {
  struct stat now;

  if (own.manifest != NULL && fstatat(fd, MANIFEST_COMMITTED, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
      now.st_dev == own.file.st_dev && now.st_ino == own.file.st_ino && now.st_size == own.file.st_size &&
      is_same_time(&now.st_mtim, &own.file.st_mtim) && is_same_time(&now.st_ctim, &own.file.st_ctim))
    return manifest_ref(own.manifest);
  return manifest_read(fd, MANIFEST_COMMITTED, RI_TRANSACTION_DIR, error);
}

gboolean transaction_load(const Root *root, Transaction *transaction, GError **error) {
  g_autoptr(GError) problem = NULL;
  g_autoptr(Manifest) forward = NULL;
  g_autoptr(Manifest) backward = NULL;

  transaction->root = root;
  transaction->state = state_open(root, &problem);
  if (transaction->state >= 0)
    transaction->fd = state_open_directory(transaction->state, TRANSACTION_NAME, &problem);
  if (transaction->fd >= 0)
    forward = read_committed(transaction->fd, &problem);
  if (transaction->fd >= 0 && problem == NULL)
    backward = manifest_read(transaction->fd, MANIFEST_REVERT, RI_TRANSACTION_DIR, &problem);
  if (problem == NULL && forward != NULL && backward != NULL)
    g_set_error(&problem, RI_ERROR, RI_ERROR_BAD_STATE,
                "%s holds both %s and %s, so its direction is unknown; nothing is changed. Remove %s to finish it, or "
                "%s to undo it",
                RI_TRANSACTION_DIR, MANIFEST_COMMITTED, MANIFEST_REVERT, MANIFEST_REVERT, MANIFEST_COMMITTED);
  if (problem != NULL)
    return ri_error_pass(error, g_steal_pointer(&problem));
  transaction->direction = backward != NULL ? ROLL_BACKWARD : ROLL_FORWARD;
  transaction->manifest = backward != NULL ? g_steal_pointer(&backward) : g_steal_pointer(&forward);
  return TRUE;
}
