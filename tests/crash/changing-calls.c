/* changing-calls.c - the system calls that change the disk, and which of them do so below a directory */
#include "changing-calls.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { RESOLVE_BELOW = 0x18 };

/* Where a call names what it changes: argument numbers; NOWHERE where it has no such argument. */
enum { NOWHERE = -1, AT_CWD = -2 };
typedef enum { ALWAYS, IF_CREATES, IF_CREATES_HOW } When;

typedef struct {
  long number;
  const char *name;
  int directory, path;         /* of a name; directory AT_CWD: the working directory */
  int directory_two, path_two; /* of a second name */
  int fd;                      /* of an open file */
  When when;
  int flags; /* which argument holds open(2) flags */
} Call;

#define PATH_CALL(name, directory, path)                                                                               \
  { SYS_##name, #name, directory, path, NOWHERE, NOWHERE, NOWHERE, ALWAYS, NOWHERE }
#define PATHS_CALL(name, d1, p1, d2, p2)                                                                               \
  { SYS_##name, #name, d1, p1, d2, p2, NOWHERE, ALWAYS, NOWHERE }
#define FD_CALL(name, fd)                                                                                              \
  { SYS_##name, #name, NOWHERE, NOWHERE, NOWHERE, NOWHERE, fd, ALWAYS, NOWHERE }

static const Call calls[] = {
    {SYS_openat, "openat", 0, 1, NOWHERE, NOWHERE, NOWHERE, IF_CREATES, 2},
    {SYS_openat2, "openat2", 0, 1, NOWHERE, NOWHERE, NOWHERE, IF_CREATES_HOW, 2},
#ifdef SYS_open
    {SYS_open, "open", AT_CWD, 0, NOWHERE, NOWHERE, NOWHERE, IF_CREATES, 1},
    PATH_CALL(creat, AT_CWD, 0),
    PATHS_CALL(rename, AT_CWD, 0, AT_CWD, 1),
    PATH_CALL(unlink, AT_CWD, 0),
    PATH_CALL(rmdir, AT_CWD, 0),
    PATH_CALL(mkdir, AT_CWD, 0),
    PATHS_CALL(link, AT_CWD, 0, AT_CWD, 1),
    PATH_CALL(symlink, AT_CWD, 1),
    PATH_CALL(mknod, AT_CWD, 0),
    PATH_CALL(chmod, AT_CWD, 0),
    PATH_CALL(chown, AT_CWD, 0),
    PATH_CALL(lchown, AT_CWD, 0),
    PATH_CALL(utime, AT_CWD, 0),
    PATH_CALL(utimes, AT_CWD, 0),
    PATH_CALL(futimesat, 0, 1),
#endif
#ifdef SYS_renameat
    PATHS_CALL(renameat, 0, 1, 2, 3),
#endif
    PATHS_CALL(renameat2, 0, 1, 2, 3),
    PATH_CALL(unlinkat, 0, 1),
    PATH_CALL(mkdirat, 0, 1),
    PATHS_CALL(linkat, 0, 1, 2, 3),
    PATH_CALL(symlinkat, 1, 2),
    PATH_CALL(mknodat, 0, 1),
    PATH_CALL(fchmodat, 0, 1),
    PATH_CALL(fchmodat2, 0, 1),
    PATH_CALL(fchownat, 0, 1),
    PATH_CALL(utimensat, 0, 1),
    PATH_CALL(truncate, AT_CWD, 0),
    PATH_CALL(setxattr, AT_CWD, 0),
    PATH_CALL(lsetxattr, AT_CWD, 0),
    PATH_CALL(removexattr, AT_CWD, 0),
    PATH_CALL(lremovexattr, AT_CWD, 0),
    FD_CALL(write, 0),
    FD_CALL(pwrite64, 0),
    FD_CALL(writev, 0),
    FD_CALL(pwritev, 0),
    FD_CALL(pwritev2, 0),
    FD_CALL(copy_file_range, 2),
    FD_CALL(sendfile, 0),
    FD_CALL(splice, 2),
    FD_CALL(ftruncate, 0),
    FD_CALL(fallocate, 0),
    FD_CALL(fchmod, 0),
    FD_CALL(fchown, 0),
    FD_CALL(fsetxattr, 0),
    FD_CALL(fremovexattr, 0),
    FD_CALL(fsync, 0),
    FD_CALL(fdatasync, 0),
    FD_CALL(syncfs, 0),
};

static bool read_memory(pid_t pid, uint64_t address, void *data, size_t size) {
  struct iovec local = {data, size}, remote = {(void *)(uintptr_t)address, size};

  return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* A string may end just before memory that is not there: up to the page's end at a time. */
static bool read_string(pid_t pid, uint64_t address, char text[static PATH_MAX]) {
  size_t got = 0;

  while (got < PATH_MAX) {
    size_t part = 4096 - (address + got) % 4096;
    if (part > PATH_MAX - got)
      part = PATH_MAX - got;
    if (!read_memory(pid, address + got, text + got, part))
      return false;
    if (memchr(text + got, '\0', part) != NULL)
      return true;
    got += part;
  }
  return false;
}

/* Where the descriptor FD of PID leads, or with AT_FDCWD its working directory. */
static bool read_link(pid_t pid, int fd, char path[static PATH_MAX]) {
  char link[64];
  ssize_t length;

  if (fd >= 0)
    (void)snprintf(link, sizeof link, "/proc/%d/fd/%d", pid, fd);
  else
    (void)snprintf(link, sizeof link, "/proc/%d/cwd", pid);
  length = readlink(link, path, PATH_MAX - 1);
  if (length < 0)
    return false;
  path[length] = '\0';
  return true;
}

static bool is_below(const char *directory, const char *path) {
  size_t length = strlen(directory);

  return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* What a directory and a path argument mean. */
static bool name_of(pid_t pid, const uint64_t *arguments, int directory, int path, bool in_root,
                    char name[static PATH_MAX]) {
  static char text[PATH_MAX], base[PATH_MAX];
  int fd = directory == AT_CWD ? AT_FDCWD : (int)arguments[directory];
  int written;

  if (arguments[path] == 0) /* futimens(3): the descriptor itself */
    return read_link(pid, fd, name);
  if (!read_string(pid, arguments[path], text))
    return false;
  if (text[0] == '/' && !in_root)
    return (void)strcpy(name, text), true;
  if (!read_link(pid, fd, base))
    return false;
  written = snprintf(name, PATH_MAX, "%s%s%s", base, text[0] == '/' || text[0] == '\0' ? "" : "/", text);
  return written > 0 && written < PATH_MAX;
}

static bool creates(const Call *call, pid_t pid, const uint64_t *arguments, bool *in_root) {
  uint64_t how[3] = {0};
  uint64_t flags = 0;

  if (call->when == ALWAYS)
    return true;
  if (call->when == IF_CREATES)
    flags = arguments[call->flags];
  else if (read_memory(pid, arguments[call->flags], how, sizeof how))
    flags = how[0];
  *in_root = (how[2] & RESOLVE_BELOW) != 0;
  return (flags & (O_CREAT | O_TRUNC)) != 0;
}

const char *changing_call(const char *directory, pid_t pid, uint64_t number, const uint64_t *arguments, char *one,
                          char *two) {
  bool in_root = false, below;
  const Call *call = NULL;

  for (size_t i = 0; i < sizeof calls / sizeof *calls && call == NULL; i++)
    if ((uint64_t)calls[i].number == number)
      call = &calls[i];
  one[0] = two[0] = '\0';
  if (call == NULL || !creates(call, pid, arguments, &in_root))
    return NULL;
  if (call->fd != NOWHERE)
    return read_link(pid, (int)arguments[call->fd], one) && is_below(directory, one) ? call->name : NULL;
  below = name_of(pid, arguments, call->directory, call->path, in_root, one) && is_below(directory, one);
  if (call->path_two != NOWHERE && name_of(pid, arguments, call->directory_two, call->path_two, false, two) &&
      is_below(directory, two))
    below = true;
  return below ? call->name : NULL;
}

bool changing_calls_stop(void) {
  enum { N_CALLS = sizeof calls / sizeof *calls };
  struct sock_filter program[2 * N_CALLS + 2];
  struct sock_fprog filter = {.filter = program};

  program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < N_CALLS; i++) {
    program[filter.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
    program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
