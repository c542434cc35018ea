/* A job of PID 1 that ends while we stand still has ended (agent/system/system-manager.c), with a PID 1 of the test's
 * own in libsystemd's place. */
#include <stdio.h>
#include <systemd/sd-bus.h>

#include "system/system-manager.h"

#define UNIT "no-such-unit-of-reset-identity.service"
#define JOB "/org/freedesktop/systemd1/job/7"

static gint64 clock_us;
static gboolean has_ended, is_told;
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

int sd_bus_process(sd_bus *bus, sd_bus_message **message) {
  if (!has_ended || is_told)
    return 0;
  is_told = TRUE;
  (void)on_removed(the_message, of_job, NULL);
  return 1;
}

/* We stand still for an hour, in which the job ends. */
int sd_bus_wait(sd_bus *bus, uint64_t time) {
  clock_us += G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
  has_ended = TRUE;
  return 0;
}

static void a_job_that_ended_while_we_stood_still_has_ended(void) {
  g_autoptr(GError) error = NULL;

  g_assert_true(system_manager_restart(UNIT, 30, &error));
  g_assert_no_error(error);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/system-manager/a-job-that-ended-while-we-stood-still-has-ended",
                  a_job_that_ended_while_we_stood_still_has_ended);
  return g_test_run();
}
