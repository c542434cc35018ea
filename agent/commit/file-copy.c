/* file-copy.c - one file's content and everything that hangs on it */
#include "file-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/bytes.h"
#include "base/root-file.h"

enum { CHUNK = 64 * 1024 };

int file_create(int directory, const char *name) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(directory, name, flags, 0600);

  if (fd < 0 && errno == EEXIST) {
    if (unlinkat(directory, name, 0) < 0 && errno != ENOENT)
      return -errno;
    fd = openat(directory, name, flags, 0600);
  }
  return fd < 0 ? -errno : fd;
}

int file_open_regular(int directory, const char *name, struct stat *info) {
  struct stat found;

  /* To open some devices is to start them (a watchdog, a tape): look first. */
  if (fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
    return -errno;
  if (!S_ISREG(found.st_mode))
    return S_ISLNK(found.st_mode) ? -ELOOP : -EINVAL;
  autofd fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (fstat(fd, &found) < 0)
    return -errno;
  if (!S_ISREG(found.st_mode))
    return -EINVAL;
  if (info != NULL)
    *info = found;
  return autofd_steal(&fd);
}

int file_copy_content(int from, int to, char **sha256) {
  g_autofree char *buffer = g_malloc(CHUNK);
  g_autoptr(GChecksum) sum = sha256 != NULL ? g_checksum_new(G_CHECKSUM_SHA256) : NULL;
  ssize_t got;

  while ((got = read(from, buffer, CHUNK)) != 0) {
    int result = 0;
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -errno;
    if (sum != NULL)
      g_checksum_update(sum, (const guchar *)buffer, got);
    if (to >= 0)
      result = file_write_all(to, buffer, (gsize)got);
    if (result < 0)
      return result;
  }
  if (sum != NULL)
    *sha256 = g_strdup(g_checksum_get_string(sum));
  return 0;
}

int file_holds(int fd, GBytes *content) {
  gsize size = 0;
  const char *wanted = bytes_text(content, &size);
  g_autofree char *buffer = g_malloc(MIN(size, CHUNK) + 1);
  gsize at = 0;

  /* One byte more than is left of it: a short answer is the end of the file. */
  for (;;) {
    const gsize room = MIN(size - at, CHUNK) + 1;
    ssize_t got = read(fd, buffer, room);

    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -errno;
    if ((gsize)got > size - at || memcmp(buffer, wanted + at, (gsize)got) != 0)
      return 0;
    at += (gsize)got;
    if (got == 0 || (at == size && (gsize)got < room))
      return at == size;
  }
}

static gboolean has_attribute(int fd, const char *name, const char *value, gsize size) {
  char present[XATTR_SIZE_MAX];
  ssize_t length = fgetxattr(fd, name, present, sizeof present);

  return length >= 0 && (gsize)length == size && memcmp(present, value, size) == 0;
}

static int copy_attribute(int from, int to, const char *name) {
  char value[XATTR_SIZE_MAX];

  if (strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0)
    return 0;
  ssize_t length = fgetxattr(from, name, value, sizeof value);
  if (length < 0)
    return errno == ENODATA ? 0 : -errno;
  /* A label that is right already need not be set; some policies and mounts would refuse it. */
  if (has_attribute(to, name, value, (gsize)length))
    return 0;
  return fsetxattr(to, name, value, (size_t)length, 0) < 0 ? -errno : 0;
}

/* A default ACL of the directory gave the new file entries that the file it replaces does not have. */
static int drop_inherited_acl(int from, int to) {
  static const char name[] = "system.posix_acl_access";

  if (fgetxattr(to, name, NULL, 0) < 0 || fgetxattr(from, name, NULL, 0) >= 0 || errno != ENODATA)
    return 0;
  return fremovexattr(to, name) < 0 ? -errno : 0;
}

int file_copy_attributes(int from, int to, char **failed) {
  char names[XATTR_LIST_MAX];
  int result = drop_inherited_acl(from, to);

  if (result < 0)
    return result;
  ssize_t size = flistxattr(from, names, sizeof names);
  if (size < 0)
    return errno == ENOTSUP ? 0 : -errno;
  for (const char *name = names; name < names + size; name += strlen(name) + 1) {
    result = copy_attribute(from, to, name);
    if (result < 0) {
      if (failed != NULL)
        *failed = g_strdup(name);
      return result;
    }
  }
  return 0;
}

int file_copy_metadata(int fd, const struct stat *like, int from, CopyFlags flags, char **failed) {
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, like->st_mtim};
  struct stat now;

  if (fstat(fd, &now) < 0)
    return -errno;
  if ((now.st_uid != like->st_uid || now.st_gid != like->st_gid) && fchown(fd, like->st_uid, like->st_gid) < 0)
    return -errno;
  /* After fchown, which takes set-user-ID bits and capabilities away. */
  if ((now.st_mode & 07777) != (like->st_mode & 07777) && fchmod(fd, like->st_mode & 07777) < 0)
    return -errno;
  if ((flags & COPY_ATTRIBUTES) != 0) {
    int result = file_copy_attributes(from, fd, failed);
    if (result < 0)
      return result;
  }
  if (like->st_mtim.tv_nsec == UTIME_OMIT ||
      (now.st_mtim.tv_sec == like->st_mtim.tv_sec && now.st_mtim.tv_nsec == like->st_mtim.tv_nsec))
    return 0;
  return futimens(fd, times) < 0 ? -errno : 0;
}

char *file_sha256(GBytes *bytes) {
  return bytes != NULL ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes) : NULL;
}
