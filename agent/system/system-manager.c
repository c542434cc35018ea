/* system-manager.c - what PID 1 is asked, on its own socket, and is asked to do, through systemctl */
#include "system-manager.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "base/deadline.h"
#include "base/program.h"
#include "base/system-bus.h"

#define SYSTEMCTL "/usr/bin/systemctl"
#define PRIVATE_SOCKET "unix:path=/run/systemd/private"
#define MANAGER_SERVICE "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE MANAGER_SERVICE ".Manager"

enum { QUEUE_S = 10, REEXECUTE_S = 25, REEXECUTE_TICK_MS = 500, DRAIN_MS = 250 };

static void close_bus(sd_bus *bus) {
  (void)sd_bus_flush_close_unref(bus);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus, close_bus)

gboolean system_manager_runs(void) {
  return sd_booted() > 0;
}

gboolean system_manager_do(const char *verb, const char *unit, int timeout_s, GError **error) {
  const char *arguments[] = {SYSTEMCTL, "--no-ask-password", verb, unit, NULL};

  return program_run(arguments, (unsigned)timeout_s, NULL, error);
}

/* PID 1 itself, before the bus is there: a systemctl costs more than all that most questions are asked for. */
static sd_bus *private_bus_open(void) {
  sd_bus *bus = NULL;

  if (sd_bus_new(&bus) < 0)
    return NULL;
  if (sd_bus_set_address(bus, PRIVATE_SOCKET) < 0 || sd_bus_start(bus) < 0) {
    sd_bus_unref(bus);
    return NULL;
  }
  return bus;
}

/* NULL: PID 1 does not answer. */
static char *active_state(const char *unit) {
  g_autoptr(sd_bus) bus = private_bus_open();
  char *path = NULL;
  char *state = NULL;

  if (bus != NULL && sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0) {
    const BusObject object = {MANAGER_SERVICE, path, MANAGER_SERVICE ".Unit"};
    state = system_bus_property(bus, &object, "ActiveState");
  }
  free(path);
  return state;
}

static gboolean is_service(const char *unit) {
  return g_str_has_suffix(unit, ".service");
}

/* PID 1 keeps a link for each unit that has started a program. A service without one is not active, and there is
 * nothing to ask, early in the boot, where nearly nothing runs. A target or a socket starts no program, and never has
 * one. */
gboolean system_manager_may_have(const char *unit) {
  g_autofree char *link = g_strconcat("/run/systemd/units/invocation:", unit, NULL);
  struct stat info;

  return !is_service(unit) || !system_manager_runs() || lstat(link, &info) == 0 || errno != ENOENT;
}

/* Of a PID 1 that does not answer, the link is the answer: it goes when the service has ended. */
gboolean system_manager_is_active(const char *unit) {
  static const char *const active[] = {"active", "reloading", "refreshing", NULL};

  if (!system_manager_may_have(unit))
    return FALSE;
  g_autofree char *state = active_state(unit);
  if (state != NULL)
    return g_strv_contains(active, state);
  return (is_service(unit) && system_manager_runs()) || system_manager_do("is-active", unit, QUEUE_S, NULL);
}

/* A signal that is noted meanwhile ends no wait. */
static int wait_for_news(sd_bus *bus, uint64_t time_us) {
  const int r = sd_bus_wait(bus, time_us);

  return r == -EINTR ? 0 : r;
}

/* A job of PID 1 that is waited for. */
typedef struct {
  char *path;   /* NULL until PID 1 has said which */
  char *result; /* NULL until it is over */
} Job;

static int job_removed(sd_bus_message *message, void *data, sd_bus_error *error) {
  Job *job = data;
  const char *path = NULL;
  const char *result = NULL;

  if (sd_bus_message_read(message, "uoss", NULL, &path, NULL, &result) >= 0 && g_strcmp0(path, job->path) == 0) {
    g_free(job->result);
    job->result = g_strdup(result);
  }
  return 0;
}

static gboolean begin_restart(sd_bus *bus, const char *unit, Job *job) {
  sd_bus_message *reply = NULL;
  const char *path = NULL;

  /* What PID 1 says of the job before it answers is read after the answer. */
  if (sd_bus_match_signal(bus, NULL, NULL, MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved", job_removed, job) >= 0 &&
      sd_bus_call_method(bus, MANAGER_SERVICE, MANAGER_PATH, MANAGER_INTERFACE, "RestartUnit", NULL, &reply, "ss", unit,
                         "replace") >= 0 &&
      sd_bus_message_read(reply, "o", &path) >= 0)
    job->path = g_strdup(path);
  sd_bus_message_unref(reply);
  return job->path != NULL;
}

static gboolean restart_on_socket(const char *unit, int timeout_s) {
  g_autoptr(sd_bus) bus = private_bus_open();
  const gint64 end = g_get_monotonic_time() + (gint64)timeout_s * G_USEC_PER_SEC;
  Job job = {NULL, NULL};
  int r = 0;

  if (bus != NULL && begin_restart(bus, unit, &job))
    while (job.result == NULL && r >= 0) {
      const gint64 left = end - g_get_monotonic_time();
      r = sd_bus_process(bus, NULL);
      if (r == 0 && left <= 0) /* a look that began behind the time */
        break;
      if (r == 0)
        r = wait_for_news(bus, (uint64_t)left);
    }
  const gboolean done = g_strcmp0(job.result, "done") == 0;
  g_free(job.path);
  g_free(job.result);
  return done;
}

gboolean system_manager_restart(const char *unit, int timeout_s, GError **error) {
  return restart_on_socket(unit, timeout_s) || system_manager_do("restart", unit, timeout_s, error);
}

gboolean system_manager_queue(const char *verb, const char *unit, GError **error) {
  const char *arguments[] = {SYSTEMCTL, "--no-ask-password", "--no-block", verb, unit, NULL};

  return program_run(arguments, QUEUE_S, NULL, error);
}

static gboolean is_job(const char *line) {
  return g_str_has_prefix(line, "Job=") && g_ascii_isdigit(line[strlen("Job=")]);
}

/* "Job=12" and "ActiveState=activating", where there is a job or it runs. */
gboolean system_manager_is_due(const char *unit) {
  const char *arguments[] = {SYSTEMCTL, "--no-pager", "--property=Job,ActiveState", "show", unit, NULL};
  g_autofree char *output = NULL;

  if (!program_run(arguments, QUEUE_S, &output, NULL))
    return FALSE;
  g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_equal(lines[i], "ActiveState=activating") || is_job(lines[i]))
      return TRUE;
  return FALSE;
}

static gboolean ask_reexecute(sd_bus *bus) {
  sd_bus_message *message = NULL;
  int r = sd_bus_message_new_method_call(bus, &message, MANAGER_SERVICE, MANAGER_PATH, MANAGER_INTERFACE, "Reexecute");

  if (r >= 0)
    r = sd_bus_send(bus, message, NULL);
  sd_bus_message_unref(message);
  return r >= 0;
}

/* It says that it begins, or why not. */
static gboolean begins(sd_bus *bus, Deadline *deadline) {
  gboolean begun = FALSE;
  int r = 1;

  while (r >= 0 && !begun) {
    sd_bus_message *message = NULL;

    r = sd_bus_process(bus, &message);
    if (message != NULL && sd_bus_message_is_method_error(message, NULL) > 0)
      r = -ECANCELED;
    begun = message != NULL && sd_bus_message_is_signal(message, MANAGER_INTERFACE, "Reloading") > 0;
    sd_bus_message_unref(message);
    if (r == 0)
      r = deadline_is_over(deadline) ? -ETIMEDOUT : wait_for_news(bus, (uint64_t)REEXECUTE_TICK_MS * 1000);
  }
  return begun;
}

/* What PID 1 says from then on, two messages of each unit that it puts away and takes up again, is nothing to us: it is
 * read as bytes and not one by one, since to take each for a message costs more than all else that PID 1 is asked. */
static gboolean hung_up(int fd) {
  struct pollfd hang_up = {.fd = fd};
  char bytes[16 * 1024];
  ssize_t got;

  (void)poll(&hang_up, 1, DRAIN_MS);
  do
    got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  while (got > 0 || (got < 0 && errno == EINTR));
  return got == 0 || errno != EAGAIN;
}

/* It hangs up then, and answers nothing. */
void system_manager_reexecute(void) {
  g_autoptr(sd_bus) bus = private_bus_open();
  Deadline deadline = deadline_in(REEXECUTE_S * G_GINT64_CONSTANT(1000));

  if (bus == NULL || !ask_reexecute(bus) || !begins(bus, &deadline))
    return;
  while (!hung_up(sd_bus_get_fd(bus)) && !deadline_is_over(&deadline))
    ;
}

char *system_manager_machine_id(void) {
  g_autoptr(sd_bus) private_bus = private_bus_open();
  char *id = system_bus_machine_id(private_bus, MANAGER_SERVICE);

  if (id != NULL)
    return id;
  sd_bus *bus = system_bus();
  return system_bus_machine_id(bus, MANAGER_SERVICE);
}
