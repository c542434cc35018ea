/* label.c - the SELinux label of a file that replaces none: the one that the policy gives its path */
#include "label.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "autofd.h"

#define ATTRIBUTE "security.selinux"

enum { LABEL_SIZE = 4096, SIBLINGS_LIMIT = 1000, FILE_CONTEXTS = 0 /* SELABEL_CTX_FILE */ };

/* What is used of libselinux (selinux/selinux.h, selinux/label.h). */
typedef struct {
  int (*is_selinux_enabled)(void);
  void *(*selabel_open)(unsigned backend, const void *options, unsigned n_options);
  int (*selabel_lookup_raw)(void *handle, char **label, const char *path, int mode);
  void (*selabel_close)(void *handle);
  void (*freecon)(char *label);
} Selinux;

static gboolean find(void *library, const char *name, gpointer function) {
  void *symbol = dlsym(library, name);

  memcpy(function, &symbol, sizeof symbol);
  return symbol != NULL;
}

static gboolean load(void *library, Selinux *selinux) {
  return find(library, "is_selinux_enabled", &selinux->is_selinux_enabled) &&
         find(library, "selabel_open", &selinux->selabel_open) &&
         find(library, "selabel_lookup_raw", &selinux->selabel_lookup_raw) &&
         find(library, "selabel_close", &selinux->selabel_close) && find(library, "freecon", &selinux->freecon);
}

static int ask_policy(const Selinux *selinux, int fd, const char *path, mode_t mode) {
  void *handle = selinux->selabel_open(FILE_CONTEXTS, NULL, 0);
  char *label = NULL;
  int r = 0;

  if (handle == NULL)
    return -errno;
  /* ENOENT: the policy has nothing to say about the path. */
  if (selinux->selabel_lookup_raw(handle, &label, path, (int)mode) < 0)
    r = errno == ENOENT ? 0 : -errno;
  else if (fsetxattr(fd, ATTRIBUTE, label, strlen(label) + 1, 0) < 0)
    r = -errno;
  selinux->freecon(label);
  selinux->selabel_close(handle);
  return r;
}

/* selinuxfs is mounted where SELinux is on, before anything else runs: looked at once, and without it not even the
 * library is looked for. */
static gboolean selinux_may_be_on(void) {
  static int mounted = -1;

  if (mounted < 0)
    mounted = access("/sys/fs/selinux/enforce", F_OK) == 0;
  return mounted > 0;
}

static int label_by_policy(int fd, const char *path, mode_t mode) {
  Selinux selinux;
  int r = 0;

  if (!selinux_may_be_on())
    return 0;
  void *library = dlopen("libselinux.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    return -ENOPKG;
  if (!load(library, &selinux))
    r = -ENOSYS;
  else if (selinux.is_selinux_enabled() > 0)
    r = ask_policy(&selinux, fd, path, mode);
  (void)dlclose(library);
  return r;
}

/* 1: the label of the regular file NAME was copied; 0: it has none. */
static int copy_from(int directory, const char *name, int fd) {
  struct stat info;
  char label[LABEL_SIZE];

  if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(info.st_mode))
    return 0;
  autofd sibling = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t size = sibling < 0 ? -1 : fgetxattr(sibling, ATTRIBUTE, label, sizeof label);
  if (size <= 0)
    return 0;
  return fsetxattr(fd, ATTRIBUTE, label, (size_t)size, 0) < 0 ? -errno : 1;
}

static int label_by_sibling(int fd, int parent) {
  int list = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr(DIR) directory = list < 0 ? NULL : fdopendir(list);
  const struct dirent *entry;
  struct stat own, other;
  int r = 0;

  if (directory == NULL || fstat(fd, &own) < 0)
    return -errno;
  for (int i = 0; r == 0 && i < SIBLINGS_LIMIT && (entry = readdir(directory)) != NULL; i++)
    if (fstatat(dirfd(directory), entry->d_name, &other, AT_SYMLINK_NOFOLLOW) == 0 && other.st_ino != own.st_ino)
      r = copy_from(dirfd(directory), entry->d_name, fd);
  return r < 0 ? r : 0;
}

int label_new(const Root *root, int fd, const char *path, mode_t mode, int parent) {
  return root->is_host ? label_by_policy(fd, path, mode) : label_by_sibling(fd, parent);
}

int label_directory(const Root *root, const char *path, int parent, const char *name) {
  if (!root->is_host || !selinux_may_be_on())
    return 0;
  autofd fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : label_by_policy(fd, path, S_IFDIR | 0755);
}
