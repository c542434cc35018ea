/* root.h - one directory below which everything is opened.
 *
 * A Root is a directory fd: "/" on a running machine, else a mounted image, an initramfs's /sysroot, a
 * captured machine or a test tree. Paths given to these functions are absolute *inside* the root; symbolic
 * links, absolute ones too, are followed inside it and never lead out of it (openat2(2) with
 * RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS; on kernels before 5.6 a walk, component by component, with
 * O_NOFOLLOW and readlinkat that gives the same answers).
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "problem.h"

typedef struct {
  int fd;                    /* O_PATH | O_DIRECTORY; -1 when not open */
  bool is_host;              /* the root is "/" (of PID 1, where that was looked at): what runs here may be touched */
  struct TreeMemory *memory; /* what base/tree.h has read of it already; NULL: it asks the disk each time */
} Root;

/* root_open: open PATH as a root. Errors: those of open(2), -ENOTDIR. The caller closes it. */
int root_open(Root *root, const char *path);
void root_close(Root *root);

/* root_open_at: open PATH, which is there, below ROOT with open(2) FLAGS (O_CLOEXEC is added; nothing is made).
 * Returns an fd or a negative errno (-ELOOP for a link chain without end). */
int root_open_at(const Root *root, const char *path, int flags);

/* root_stat: stat(2) of PATH, or lstat(2) where FOLLOW is not wanted. Returns 0 or a negative errno. */
int root_stat(const Root *root, const char *path, bool follow, struct stat *info);

/* root_open_directory: opendir(3) of PATH below ROOT. NULL: errno says why; the caller closes it. */
DIR *root_open_directory(const Root *root, const char *path);

/* root_exists: something is there, links followed. */
bool root_exists(const Root *root, const char *path);

/* root_open_at_walking: the same without openat2: the fall-back, public so that tests run both. */
int root_open_at_walking(const Root *root, const char *path, int flags);

/* root_open_at_plainly: the same where ROOT is "/" itself, out of which no link leads, without openat2: as any program
 * opens it, in one call where the walk takes a dozen. */
int root_open_at_plainly(const Root *root, const char *path, int flags);

/* root_stat_plainly: root_stat likewise, in one call where opening takes three. */
int root_stat_plainly(const Root *root, const char *path, bool follow, struct stat *info);

/* root_resolve: PATH as it is called once every symbolic link, the last one too, is followed inside the root:
 * "/etc/hostname" -> "/srv/state/hostname". The last component need not exist (its directory must).
 * *RESOLVED is malloc'ed. Errors: -ENOENT, -ELOOP, -ENOTDIR, -ENAMETOOLONG. */
int root_resolve(const Root *root, const char *path, char **resolved);

/* root_resolve_walking: the same for any path, name by name: what root_resolve does where a link is on the way and the
 * kernel cannot be asked. Public so that tests compare the two. */
int root_resolve_walking(const Root *root, const char *path, char **resolved);

/* root_open_parent: open (O_PATH|O_DIRECTORY) the directory that holds PATH, following links inside the root, and point
 * *NAME at the last component inside PATH. For the *at() calls of commit/. */
int root_open_parent(const Root *root, const char *path, const char **name);

/* root_is_named: something of the name PATH is there, be it a link that leads nowhere. */
bool root_is_named(const Root *root, const char *path);

/* root_read_file: read the regular file PATH whole. *DATA is malloc'ed, NUL-terminated behind its *SIZE bytes (the
 * content may hold NULs too). A FIFO, a directory or a device is -EINVAL and is never waited for;
 * more than LIMIT bytes is -EFBIG. PROBLEM, where given, names path and cause. */
int root_read_file(const Root *root, const char *path, size_t limit, char **data, size_t *size, Problem *problem);

/* root_open_file and root_read_fd: the two halves of it, for those who have to look at the open file (its owner) in
 * between. root_read_fd reads from where FD stands and is the one that refuses what is no regular file. */
int root_open_file(const Root *root, const char *path);
int root_read_fd(int fd, size_t limit, char **data, size_t *size);

/* root_outer_path: what FD is called outside of its root, in a command that a person is to run; OTHERWISE where that
 * cannot be told. In BUFFER, or OTHERWISE itself. */
enum { ROOT_OUTER_PATH = 4096 };
const char *root_outer_path(int fd, char buffer[ROOT_OUTER_PATH], const char *otherwise);

/* root_read_line: the first line of a file of /sys or /proc: at most SIZE-1 bytes are read into BUFFER,
 * cut at the first newline or NUL, white space at the end stripped. A FIFO is never waited for. Returns the length or a
 * negative errno. */
int root_read_line(const Root *root, const char *path, char *buffer, size_t size);
