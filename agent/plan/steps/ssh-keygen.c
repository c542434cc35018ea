/* ssh-keygen.c - new SSH keys, made by ssh-keygen(1) in a private directory that does not outlive the call */
#include "ssh-keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/program.h"
#include "base/run-directory.h"

/* A key file is a few KiB; more is no key. A large RSA key takes a slow machine a minute. */
enum { KEY_FILE_LIMIT = 64 * 1024, TIME_LIMIT_S = 120 };

/* A directory that only this run uses; the lock on FD says that it is alive. */
typedef struct {
  char *path;
  int fd;
} PrivateDir;

typedef struct {
  guint8 *data;
  gsize capacity;
} Secret;

static void secret_free(Secret *secret) {
  explicit_bzero(secret->data, secret->capacity);
  g_free(secret->data);
  g_free(secret);
}

void ssh_key_pair_free(SshKeyPair *pair) {
  g_clear_pointer(&pair->private_key, g_bytes_unref);
  g_clear_pointer(&pair->public_key, g_bytes_unref);
  g_free(pair);
}

static gboolean private_dir_make(const char *run_dir, PrivateDir *dir, GError **error) {
  g_autofree char *path = g_build_filename(run_dir, RUN_PRIVATE_PREFIX "XXXXXX", NULL);

  if (mkdtemp(path) == NULL)
    return ri_error_errno(error, -errno, "cannot make a private directory for new SSH keys in %s", run_dir);
  dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir->fd < 0 || flock(dir->fd, LOCK_EX) < 0) {
    ri_error_errno(error, -errno, "cannot use the private directory %s", path);
    if (dir->fd >= 0)
      (void)close(dir->fd);
    (void)rmdir(path);
    return FALSE;
  }
  dir->path = g_steal_pointer(&path);
  return TRUE;
}

/* RUN_DIR is locked until the directory in it has its own lock: who cleans up takes it for nobody's else. */
static gboolean private_dir_open(const char *run_dir, PrivateDir *dir, GError **error) {
  run_directory_clean(run_dir);
  autofd lock = run_directory_lock(run_dir);

  if (lock < 0)
    return ri_error_errno(error, lock, "cannot make %s, where new SSH keys are made", run_dir);
  return private_dir_make(run_dir, dir, error);
}

static void private_dir_close(PrivateDir *dir) {
  run_directory_remove_private(dir->path, dir->fd);
  (void)close(dir->fd);
  g_free(dir->path);
}

static GPtrArray *arguments_for(const char *program, const char *key_path, const SshKeyType *type,
                                const char *comment) {
  GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

  g_ptr_array_add(arguments, g_strdup(program));
  g_ptr_array_add(arguments, g_strdup("-q"));
  g_ptr_array_add(arguments, g_strdup("-t"));
  g_ptr_array_add(arguments, g_strdup(type->name));
  if (type->bits != 0) {
    g_ptr_array_add(arguments, g_strdup("-b"));
    g_ptr_array_add(arguments, g_strdup_printf("%u", type->bits));
  }
  g_ptr_array_add(arguments, g_strdup("-N"));
  g_ptr_array_add(arguments, g_strdup(""));
  g_ptr_array_add(arguments, g_strdup("-C"));
  g_ptr_array_add(arguments, g_strdup(comment));
  g_ptr_array_add(arguments, g_strdup("-f"));
  g_ptr_array_add(arguments, g_strdup(key_path));
  g_ptr_array_add(arguments, NULL);
  return arguments;
}

static gboolean start(const char *program, const PrivateDir *dir, guint number, const SshKeyType *type,
                      const char *comment, Program *process, GError **error) {
  g_autofree char *key_path = g_strdup_printf("%s/%u", dir->path, number);
  g_autoptr(GPtrArray) arguments = arguments_for(program, key_path, type, comment);

  /* In ssh_keygen_t it could make keys in /etc/ssh only, beside those that are in use. */
  return program_start_as_we_are(process, (const char *const *)arguments->pdata, error);
}

/* All processes are waited for, also when one could not be started or failed. */
static gboolean run_all(const char *program, const PrivateDir *dir, const char *comment, GPtrArray *pairs,
                        GError **error) {
  g_autofree Program *processes = g_new0(Program, pairs->len);
  gboolean done = TRUE;
  guint started = 0;

  for (; done && started < pairs->len; started += done ? 1 : 0) {
    const SshKeyPair *pair = g_ptr_array_index(pairs, started);

    done = start(program, dir, started, &pair->type, comment, &processes[started], error);
  }
  for (guint i = 0; i < started; i++)
    if (!program_finish(&processes[i], TIME_LIMIT_S, NULL, done ? error : NULL))
      done = FALSE;
  if (!done && error != NULL)
    g_prefix_error(error,
                   "no new SSH host keys (install OpenSSH's ssh-keygen, or set ssh-host-keys = off in [steps]): ");
  return done;
}

static gboolean read_whole(int fd, guint8 *data, gsize size) {
  gsize done = 0;

  while (done < size) {
    ssize_t count = read(fd, data + done, size - done);

    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return FALSE;
    done += (gsize)count;
  }
  return TRUE;
}

static GBytes *read_key(const PrivateDir *dir, const char *name, GError **error) {
  int fd = openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;

  if (fd < 0) {
    ri_error_errno(error, -errno, "ssh-keygen made no %s/%s", dir->path, name);
    return NULL;
  }
  if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size <= 0 || info.st_size > KEY_FILE_LIMIT) {
    (void)close(fd);
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "what ssh-keygen made as %s/%s is no key: it is empty or too large",
                dir->path, name);
    return NULL;
  }
  Secret *secret = g_new0(Secret, 1);
  secret->capacity = (gsize)info.st_size;
  secret->data = g_malloc(secret->capacity);
  if (!read_whole(fd, secret->data, secret->capacity)) {
    ri_error_errno(error, errno == 0 ? -EIO : -errno, "cannot read the new key %s/%s", dir->path, name);
    secret_free(secret);
    (void)close(fd);
    return NULL;
  }
  (void)close(fd);
  return g_bytes_new_with_free_func(secret->data, secret->capacity, (GDestroyNotify)secret_free, secret);
}

/* A pair is taken only when each half says that it is a key of the type asked for. */
static gboolean read_pair(const PrivateDir *dir, guint number, SshKeyPair *pair, GError **error) {
  g_autofree char *private_name = g_strdup_printf("%u", number);
  g_autofree char *public_name = g_strdup_printf("%u.pub", number);
  SshKeyType private_type = {0};
  SshKeyType public_type = {0};

  pair->private_key = read_key(dir, private_name, error);
  pair->public_key = pair->private_key == NULL ? NULL : read_key(dir, public_name, error);
  if (pair->public_key == NULL)
    return FALSE;
  if (ssh_key_type_of_private(pair->private_key, &private_type) &&
      ssh_key_type_of_public(pair->public_key, &public_type) && strcmp(private_type.name, pair->type.name) == 0 &&
      strcmp(public_type.name, pair->type.name) == 0)
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED, "what ssh-keygen made is no %s key: check its version and its output",
                  pair->type.name);
}

gboolean ssh_keygen_run(const char *program, const char *run_dir, const char *comment, GPtrArray *pairs,
                        GError **error) {
  PrivateDir dir = {.fd = -1};

  if (!private_dir_open(run_dir, &dir, error))
    return FALSE;
  gboolean done = run_all(program, &dir, comment, pairs, error);
  for (guint i = 0; done && i < pairs->len; i++)
    done = read_pair(&dir, i, g_ptr_array_index(pairs, i), error);
  for (guint i = 0; !done && i < pairs->len; i++) {
    SshKeyPair *pair = g_ptr_array_index(pairs, i);

    g_clear_pointer(&pair->private_key, g_bytes_unref);
    g_clear_pointer(&pair->public_key, g_bytes_unref);
  }
  private_dir_close(&dir);
  return done;
}
