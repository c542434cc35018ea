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
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changing-calls.h"

enum { TASKS_LIMIT = 256, EXIT_KILLED = 137, EXIT_TOOL = 125 };

typedef enum { MODE_COUNT, MODE_LOG, MODE_KILL_BEFORE, MODE_KILL_AFTER, MODE_FAIL } Mode;

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
  const char *call;

  if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, (void *)sizeof info, &info) < 0)
    return; /* killed meanwhile */
  for (int i = 0; i < 6; i++)
    arguments[i] = info.seccomp.args[i];
  call = changing_call(supervisor->below, task->pid, info.seccomp.nr, arguments, one, two);
  if (call == NULL)
    return;
  supervisor->count++;
  if (supervisor->mode == MODE_LOG && supervisor->report != NULL)
    fprintf(supervisor->report, "%lu %s %s %s\n", supervisor->count, call, one, two);
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

static void start(Supervisor *supervisor, char **command) {
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;
  pid_t pid = fork();
  int status;

  if (pid < 0)
    die("fork");
  if (pid == 0) {
    if (!changing_calls_stop())
      die("installing the filter");
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
