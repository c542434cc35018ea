/* faultline - run a command and end it, or fail it, at the Nth system call that changes the disk below a directory.
 *
 *   faultline --below=DIR [--report=FILE] count COMMAND...           how many there are, to FILE
 *                                         log COMMAND...             each of them, one line: N NAME PATH [PATH]
 *                                         kill-before N COMMAND...   SIGKILL instead of the Nth
 *                                         kill-after N COMMAND...    SIGKILL as the Nth returns
 *                                         fail N ERRNO COMMAND...    the Nth fails (ENOSPC, EIO, EROFS or a number)
 *
 * A ptrace(2) supervisor for x86-64 and aarch64 that follows forks and threads; a seccomp(2) filter sees to it that
 * only the calls in question stop. Exit status: the command's; 137 when it was killed here; 125 when the tool itself
 * failed. Writes count by where the descriptor leads, so output on a terminal or a pipe does not. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { TASKS_LIMIT = 256, EXIT_KILLED = 137, EXIT_TOOL = 125, RESOLVE_BELOW = 0x18 };

typedef enum { MODE_COUNT, MODE_LOG, MODE_KILL_BEFORE, MODE_KILL_AFTER, MODE_FAIL } Mode;

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

typedef struct {
  pid_t pid;
  bool ends; /* as its present call returns */
} Task;

typedef struct {
  const char *below;
  FILE *report;
  Mode mode;
  unsigned long target;
  int error;
  unsigned long count;
  pid_t first;
  int first_status;
  bool killed;
  Task tasks[TASKS_LIMIT];
  size_t n_tasks;
} Supervisor;

static void die(const char *what) {
  fprintf(stderr, "faultline: %s: %s\n", what, strerror(errno));
  exit(EXIT_TOOL);
}

static Task *find_task(Supervisor *supervisor, pid_t pid) {
  for (size_t i = 0; i < supervisor->n_tasks; i++)
    if (supervisor->tasks[i].pid == pid)
      return &supervisor->tasks[i];
  if (supervisor->n_tasks == TASKS_LIMIT) {
    errno = EAGAIN;
    die("too many processes and threads");
  }
  supervisor->tasks[supervisor->n_tasks] = (Task){.pid = pid};
  return &supervisor->tasks[supervisor->n_tasks++];
}

static void forget_task(Supervisor *supervisor, pid_t pid) {
  Task *task = find_task(supervisor, pid);

  *task = supervisor->tasks[--supervisor->n_tasks];
}

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

static bool is_below(const Supervisor *supervisor, const char *path) {
  size_t length = strlen(supervisor->below);

  return strncmp(path, supervisor->below, length) == 0 && (path[length] == '\0' || path[length] == '/');
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

/* Does this call change the disk below the directory? ONE and TWO are then what it names. */
static const Call *matching_call(const Supervisor *supervisor, pid_t pid, uint64_t number, const uint64_t *arguments,
                                 char *one, char *two) {
  bool in_root = false, below;
  const Call *call = NULL;

  for (size_t i = 0; i < sizeof calls / sizeof *calls && call == NULL; i++)
    if ((uint64_t)calls[i].number == number)
      call = &calls[i];
  one[0] = two[0] = '\0';
  if (call == NULL || !creates(call, pid, arguments, &in_root))
    return NULL;
  if (call->fd != NOWHERE)
    return read_link(pid, (int)arguments[call->fd], one) && is_below(supervisor, one) ? call : NULL;
  below = name_of(pid, arguments, call->directory, call->path, in_root, one) && is_below(supervisor, one);
  if (call->path_two != NOWHERE && name_of(pid, arguments, call->directory_two, call->path_two, false, two) &&
      is_below(supervisor, two))
    below = true;
  return below ? call : NULL;
}

/* The call is not made and returns RESULT at once. */
#if defined(__x86_64__)
static void skip_call(pid_t pid, int result) {
  struct user_regs_struct registers;

  if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
    die("reading registers");
  registers.orig_rax = (unsigned long long)-1;
  registers.rax = (unsigned long long)(long long)result;
  if (ptrace(PTRACE_SETREGS, pid, NULL, &registers) < 0)
    die("writing registers");
}
#elif defined(__aarch64__)
static void skip_call(pid_t pid, int result) {
  struct user_regs_struct registers;
  int number = -1;
  struct iovec all = {&registers, sizeof registers}, call = {&number, sizeof number};

  if (ptrace(PTRACE_GETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &all) < 0)
    die("reading registers");
  registers.regs[0] = (unsigned long long)(long long)result;
  if (ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &all) < 0 ||
      ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_ARM_SYSTEM_CALL, &call) < 0)
    die("writing registers");
}
#else
#error "faultline knows x86-64 and aarch64"
#endif

static void kill_all(Supervisor *supervisor) {
  supervisor->killed = true;
  for (size_t i = 0; i < supervisor->n_tasks; i++)
    (void)kill(supervisor->tasks[i].pid, SIGKILL);
}

/* A task stopped before one of the calls. */
static void at_call(Supervisor *supervisor, Task *task) {
  static char one[PATH_MAX], two[PATH_MAX];
  struct __ptrace_syscall_info info;
  uint64_t arguments[6];
  const Call *call;

  if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, (void *)sizeof info, &info) < 0)
    return; /* killed meanwhile */
  for (int i = 0; i < 6; i++)
    arguments[i] = info.seccomp.args[i];
  call = matching_call(supervisor, task->pid, info.seccomp.nr, arguments, one, two);
  if (call == NULL)
    return;
  supervisor->count++;
  if (supervisor->mode == MODE_LOG && supervisor->report != NULL)
    fprintf(supervisor->report, "%lu %s %s %s\n", supervisor->count, call->name, one, two);
  if (supervisor->count != supervisor->target)
    return;
  if (supervisor->mode == MODE_KILL_AFTER) {
    task->ends = true;
  } else if (supervisor->mode == MODE_KILL_BEFORE) {
    skip_call(task->pid, -EINTR);
    kill_all(supervisor);
  } else if (supervisor->mode == MODE_FAIL) {
    skip_call(task->pid, -supervisor->error);
  }
}

static void at_stop(Supervisor *supervisor, pid_t pid, int status) {
  Task *task = find_task(supervisor, pid);
  int signal_number = 0;

  if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8)))
    at_call(supervisor, task);
  else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
    kill_all(supervisor); /* only a call after which all ends is watched as it returns */
  else if (status >> 16 == 0)
    signal_number = WSTOPSIG(status);
  (void)ptrace(task->ends ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
}

static void supervise(Supervisor *supervisor) {
  int status;
  pid_t pid;

  while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
    if (pid < 0)
      continue;
    if (!WIFEXITED(status) && !WIFSIGNALED(status)) {
      at_stop(supervisor, pid, status);
      continue;
    }
    if (pid == supervisor->first)
      supervisor->first_status = status;
    forget_task(supervisor, pid);
  }
}

/* Stop at the calls of the table, and only there. */
static void install_filter(void) {
  enum { N_CALLS = sizeof calls / sizeof *calls };
  struct sock_filter program[2 * N_CALLS + 2];
  struct sock_fprog filter = {.filter = program};

  program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < N_CALLS; i++) {
    program[filter.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
    program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  }
  program[filter.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
    die("installing the filter");
}

static void start(Supervisor *supervisor, char **command) {
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;
  pid_t pid = fork();
  int status;

  if (pid < 0)
    die("fork");
  if (pid == 0) {
    install_filter();
    (void)raise(SIGSTOP);
    (void)execvp(command[0], command);
    fprintf(stderr, "faultline: %s: %s\n", command[0], strerror(errno));
    _exit(EXIT_TOOL);
  }
  supervisor->first = pid;
  if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
    die("waiting for the command");
  if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0)
    die("tracing the command");
  (void)find_task(supervisor, pid);
  (void)kill(pid, SIGCONT);
}

static int parse_error(const char *name) {
  if (strcmp(name, "ENOSPC") == 0)
    return ENOSPC;
  if (strcmp(name, "EIO") == 0)
    return EIO;
  if (strcmp(name, "EROFS") == 0)
    return EROFS;
  return (int)strtol(name, NULL, 10);
}

static char **parse(Supervisor *supervisor, char **argument) {
  static const struct {
    const char *name;
    int n_arguments;
  } modes[] = {[MODE_COUNT] = {"count", 0},
               [MODE_LOG] = {"log", 0},
               [MODE_KILL_BEFORE] = {"kill-before", 1},
               [MODE_KILL_AFTER] = {"kill-after", 1},
               [MODE_FAIL] = {"fail", 2}};

  for (; *argument != NULL && strncmp(*argument, "--", 2) == 0; argument++) {
    if (strncmp(*argument, "--below=", 8) == 0)
      supervisor->below = *argument + 8;
    else if (strncmp(*argument, "--report=", 9) == 0 && (supervisor->report = fopen(*argument + 9, "we")) == NULL)
      die(*argument + 9);
  }
  for (size_t i = 0; *argument != NULL && i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(*argument, modes[i].name) != 0)
      continue;
    supervisor->mode = (Mode)i;
    for (int k = 1; k <= modes[i].n_arguments; k++)
      if (argument[k] == NULL)
        return NULL;
    if (modes[i].n_arguments > 0)
      supervisor->target = strtoul(argument[1], NULL, 10);
    if (modes[i].n_arguments > 1)
      supervisor->error = parse_error(argument[2]);
    argument += 1 + modes[i].n_arguments;
    return *argument != NULL && supervisor->below != NULL ? argument : NULL;
  }
  return NULL;
}

int main(int argc, char **argv) {
  static Supervisor supervisor;
  static char below[PATH_MAX];
  char **command = argc > 1 ? parse(&supervisor, argv + 1) : NULL;

  if (command == NULL) {
    fprintf(stderr, "usage: faultline --below=DIR [--report=FILE] count|log|kill-before N|kill-after N|fail N ERRNO "
                    "COMMAND...\n");
    return EXIT_TOOL;
  }
  if (realpath(supervisor.below, below) == NULL)
    die(supervisor.below);
  supervisor.below = below;
  start(&supervisor, command);
  supervise(&supervisor);
  if (supervisor.report != NULL && supervisor.mode != MODE_LOG)
    fprintf(supervisor.report, "%lu\n", supervisor.count);
  if (supervisor.report != NULL && fclose(supervisor.report) != 0)
    die("writing the report");
  if (supervisor.killed)
    return EXIT_KILLED;
  return WIFEXITED(supervisor.first_status) ? WEXITSTATUS(supervisor.first_status)
                                            : 128 + WTERMSIG(supervisor.first_status);
}
