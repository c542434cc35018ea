/* system-bus.c: short questions to the services of a running system, of a bus that this test starts. */
#include <gio/gio.h>
#include <string.h>

#include "base/error.h"
#include "base/system-bus.h"

static const BusObject daemon_object = {"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};
static const BusObject nobody = {"org.example.Nobody", "/", "org.example.Nobody"};

static GSubprocess *the_daemon;

/* Its address is the first line that it prints; it ends when it is told to. */
static void start_bus(void) {
  g_autoptr(GError) error = NULL;
  the_daemon = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address", NULL);
  g_assert_no_error(error);
  g_autoptr(GDataInputStream) said = g_data_input_stream_new(g_subprocess_get_stdout_pipe(the_daemon));
  g_autofree char *address = g_data_input_stream_read_line(said, NULL, NULL, &error);

  g_assert_no_error(error);
  g_assert_nonnull(address);
  g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
}

static void a_service_answers(void) {
  sd_bus *bus = system_bus();
  g_autoptr(GError) error = NULL;
  gboolean answered = FALSE;

  g_assert_nonnull(bus);
  g_assert_true(system_bus_call(bus, &daemon_object, "NameHasOwner", &answered, &error, "s", "org.freedesktop.DBus"));
  g_assert_no_error(error);
  g_assert_true(answered);
}

static void what_a_service_says_against_it_is_the_error(void) {
  sd_bus *bus = system_bus();
  g_autoptr(GError) error = NULL;
  gboolean answered = TRUE;

  g_assert_false(system_bus_call(bus, &daemon_object, "AddMatch", &answered, &error, "s", "no rule"));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "AddMatch of org.freedesktop.DBus failed: "));
  g_assert_false(answered);
}

static void nobody_of_that_name_is_no_error(void) {
  sd_bus *bus = system_bus();
  g_autoptr(GError) error = NULL;
  gboolean answered = TRUE;

  g_assert_true(system_bus_call(bus, &nobody, "Method", &answered, &error, "u", 1));
  g_assert_no_error(error);
  g_assert_false(answered);
  g_assert_null(system_bus_property(bus, &nobody, "Property"));
  g_assert_null(system_bus_machine_id(bus, nobody.service));
}

/* The bus's own property is an array of strings, and is none that was asked for. */
static void a_property_that_is_no_string_is_none(void) {
  sd_bus *bus = system_bus();

  g_assert_null(system_bus_property(bus, &daemon_object, "Features"));
  g_assert_null(system_bus_property(bus, &daemon_object, "Absent"));
}

static void a_name_has_an_owner_or_none(void) {
  g_assert_cmpint(system_bus_has(system_bus(), daemon_object.service), ==, 1);
  g_assert_cmpint(system_bus_has(system_bus(), nobody.service), ==, 0);
  g_assert_cmpint(system_bus_has(NULL, nobody.service), ==, -1);
}

static void stop_bus(void) {
  g_subprocess_force_exit(the_daemon);
  (void)g_subprocess_wait(the_daemon, NULL, NULL);
  g_clear_object(&the_daemon);
}

/* One connection for all questions, and another one where the bus was started again. */
static void a_bus_that_hung_up_is_connected_to_again(void) {
  sd_bus *first = system_bus();

  g_assert_true(system_bus() == first);
  stop_bus();
  start_bus();
  g_assert_cmpint(system_bus_has(system_bus(), daemon_object.service), ==, 1);
}

static void no_bus_is_an_answer_too(void) {
  g_autoptr(GError) error = NULL;
  gboolean answered = TRUE;

  stop_bus();
  g_assert_null(system_bus());
  g_assert_true(system_bus_call(NULL, &nobody, "Method", &answered, &error, ""));
  g_assert_no_error(error);
  g_assert_false(answered);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  start_bus();
  g_test_add_func("/system-bus/a-service-answers", a_service_answers);
  g_test_add_func("/system-bus/what-a-service-says-against-it-is-the-error",
                  what_a_service_says_against_it_is_the_error);
  g_test_add_func("/system-bus/nobody-of-that-name-is-no-error", nobody_of_that_name_is_no_error);
  g_test_add_func("/system-bus/a-property-that-is-no-string-is-none", a_property_that_is_no_string_is_none);
  g_test_add_func("/system-bus/a-name-has-an-owner-or-none", a_name_has_an_owner_or_none);
  g_test_add_func("/system-bus/a-bus-that-hung-up-is-connected-to-again", a_bus_that_hung_up_is_connected_to_again);
  g_test_add_func("/system-bus/no-bus-is-an-answer-too", no_bus_is_an_answer_too);
  int result = g_test_run();
  if (the_daemon != NULL) /* where one test alone was wanted */
    stop_bus();
  return result;
}
