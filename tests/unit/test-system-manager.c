/* What PID 1 is asked, and does while we wait or stand still (agent/system/system-manager.c), with a PID 1 of the
 * test's own in libsystemd's place. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "system/system-manager.h"

#define UNIT "no-such-unit-of-reset-identity.service"
#define JOB "/org/freedesktop/systemd1/job/7"

static gint64 clock_us;
static gboolean has_ended, is_told, is_interrupted;
static sd_bus_message_handler_t on_removed;
static void *of_job;

/* Never looked into. */
static sd_bus *const the_bus = (sd_bus *)&clock_us;
static sd_bus_message *const the_message = (sd_bus_message *)&is_told;

gint64 g_get_monotonic_time(void) {
  return clock_us;
}

int sd_bus_new(sd_bus **bus) {
  *bus = the_bus;
  return 0;
}

int sd_bus_set_address(sd_bus *bus, const char *address) {
  return 0;
}

int sd_bus_start(sd_bus *bus) {
  return 0;
}

sd_bus *sd_bus_flush_close_unref(sd_bus *bus) {
  return NULL;
}

sd_bus_message *sd_bus_message_unref(sd_bus_message *message) {
  return NULL;
}

int sd_bus_match_signal(sd_bus *bus, sd_bus_slot **slot, const char *sender, const char *path, const char *interface,
                        const char *member, sd_bus_message_handler_t callback, void *data) {
  on_removed = callback;
  of_job = data;
  return 0;
}

int sd_bus_call_method(sd_bus *bus, const char *destination, const char *path, const char *interface,
                       const char *member, sd_bus_error *error, sd_bus_message **reply, const char *types, ...) {
  *reply = the_message;
  return 0;
}

int sd_bus_message_read(sd_bus_message *message, const char *types, ...) {
  va_list out;

  va_start(out, types);
  if (g_str_equal(types, "uoss"))
    (void)va_arg(out, uint32_t *);
  *va_arg(out, const char **) = JOB;
  if (g_str_equal(types, "uoss")) {
    (void)va_arg(out, const char **);
    *va_arg(out, const char **) = "done";
  }
  va_end(out);
  return 1;
}

/* Before it begins anew, PID 1 says that it does, or why not; the first look is too early. */
static enum { NO_REEXECUTE, BEGINS, REFUSES } reexecute;
static gboolean was_early;
static int of_pid_1 = -1;

int sd_bus_process(sd_bus *bus, sd_bus_message **message) {
  if (reexecute != NO_REEXECUTE) {
    was_early = !was_early;
    *message = was_early ? NULL : the_message;
    return was_early ? 0 : 1;
  }
  if (!has_ended || is_told)
    return 0;
  is_told = TRUE;
  (void)on_removed(the_message, of_job, NULL);
  return 1;
}

int sd_bus_message_new_method_call(sd_bus *bus, sd_bus_message **message, const char *destination, const char *path,
                                   const char *interface, const char *member) {
  g_assert_cmpstr(member, ==, "Reexecute");
  *message = the_message;
  return 0;
}

int sd_bus_send(sd_bus *bus, sd_bus_message *message, uint64_t *cookie) {
  return 1;
}

int sd_bus_message_is_method_error(sd_bus_message *message, const char *name) {
  return reexecute == REFUSES;
}

int sd_bus_message_is_signal(sd_bus_message *message, const char *interface, const char *member) {
  return reexecute == BEGINS && g_str_equal(member, "Reloading");
}

int sd_bus_get_fd(sd_bus *bus) {
  return of_pid_1;
}

/* First a signal comes, and then we stand still for an hour, in which the job ends. */
int sd_bus_wait(sd_bus *bus, uint64_t time) {
  is_interrupted = !is_interrupted;
  if (is_interrupted)
    return -EINTR;
  clock_us += G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
  has_ended = TRUE;
  return 0;
}

static void a_job_that_ended_while_we_stood_still_has_ended(void) {
  g_autoptr(GError) error = NULL;

  g_assert_true(system_manager_restart(UNIT, 30, &error));
  g_assert_no_error(error);
}

/* More than a socket holds: who is not read is never done, and PID 1 would wait for us. */
static void chatter(int fd) {
  char news[1000] = "";

  for (int i = 0; i < 2000; i++)
    if (write(fd, news, sizeof news) != sizeof news)
      _exit(1);
  _exit(0);
}

static void what_pid_1_says_while_it_begins_anew_is_read_away(void) {
  int ends[2], status = -1;

  g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  const pid_t child = fork();
  if (child == 0) {
    (void)close(ends[0]);
    chatter(ends[1]);
  }
  (void)close(ends[1]);
  of_pid_1 = ends[0];
  reexecute = BEGINS;
  system_manager_reexecute();
  g_assert_cmpint(recv(ends[0], &status, 1, MSG_DONTWAIT), ==, 0); /* it has hung up, and has nothing more to say */
  g_assert_cmpint(waitpid(child, &status, 0), ==, child);
  g_assert_cmpint(status, ==, 0);
  (void)close(ends[0]);
}

/* Nobody hangs up then. */
static void a_pid_1_that_refuses_is_not_waited_for(void) {
  int ends[2];

  g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  of_pid_1 = ends[0];
  reexecute = REFUSES;
  system_manager_reexecute();
  g_assert_cmpint(send(ends[1], "", 1, MSG_NOSIGNAL), ==, 1);
  (void)close(ends[0]);
  (void)close(ends[1]);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/system-manager/a-job-that-ended-while-we-stood-still-has-ended",
                  a_job_that_ended_while_we_stood_still_has_ended);
  g_test_add_func("/system-manager/what-pid-1-says-while-it-begins-anew-is-read-away",
                  what_pid_1_says_while_it_begins_anew_is_read_away);
  g_test_add_func("/system-manager/a-pid-1-that-refuses-is-not-waited-for", a_pid_1_that_refuses_is_not_waited_for);
  return g_test_run();
}
