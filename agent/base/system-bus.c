/* system-bus.c - short questions to the services of a running system, by sd-bus, each with an end */
#include "system-bus.h"

#include <stdarg.h>

#include "error.h"

static const uint64_t call_usec = (uint64_t)SYSTEM_BUS_CALL_S * G_USEC_PER_SEC;

/* What was said meanwhile is taken in, a hanging up among it. */
static gboolean is_connected(sd_bus *bus) {
  int r;

  do
    r = sd_bus_process(bus, NULL);
  while (r > 0);
  return r == 0 && sd_bus_is_open(bus) > 0;
}

sd_bus *system_bus(void) {
  static sd_bus *bus;

  if (bus != NULL && !is_connected(bus))
    bus = sd_bus_flush_close_unref(bus);
  if (bus == NULL && sd_bus_open_system(&bus) < 0)
    bus = NULL;
  return bus;
}

/* Returns 1 with *REPLY, 0 when nobody is there, else a negative errno with DETAIL filled. Takes MESSAGE over. */
static int call(sd_bus *bus, sd_bus_message *message, sd_bus_message **reply, sd_bus_error *detail) {
  int r = sd_bus_message_set_auto_start(message, 0);

  if (r >= 0)
    r = sd_bus_call(bus, message, call_usec, detail, reply);
  sd_bus_message_unref(message);
  if (r >= 0)
    return 1;
  if (sd_bus_error_has_name(detail, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
      sd_bus_error_has_name(detail, SD_BUS_ERROR_SERVICE_UNKNOWN) || !sd_bus_error_is_set(detail))
    return 0;
  return r;
}

static sd_bus_message *reply_to(sd_bus *bus, sd_bus_message *message) {
  sd_bus_error detail = SD_BUS_ERROR_NULL;
  sd_bus_message *reply = NULL;
  int r = call(bus, message, &reply, &detail);

  sd_bus_error_free(&detail);
  return r > 0 ? reply : NULL;
}

char *system_bus_property(sd_bus *bus, const BusObject *object, const char *property) {
  sd_bus_message *message = NULL;
  const char *value = NULL;

  if (bus == NULL || sd_bus_message_new_method_call(bus, &message, object->service, object->path,
                                                    "org.freedesktop.DBus.Properties", "Get") < 0)
    return NULL;
  if (sd_bus_message_append(message, "ss", object->interface, property) < 0) {
    sd_bus_message_unref(message);
    return NULL;
  }
  sd_bus_message *reply = reply_to(bus, message);
  char *copy = NULL;
  if (reply != NULL && sd_bus_message_enter_container(reply, 'v', "s") > 0 &&
      sd_bus_message_read_basic(reply, 's', &value) > 0)
    copy = g_strdup(value);
  sd_bus_message_unref(reply);
  return copy;
}

gboolean system_bus_call(sd_bus *bus, const BusObject *object, const char *method, gboolean *answered, GError **error,
                         const char *types, ...) {
  sd_bus_error detail = SD_BUS_ERROR_NULL;
  sd_bus_message *message = NULL;
  sd_bus_message *reply = NULL;
  va_list arguments;
  int r = 0;

  if (bus != NULL) {
    r = sd_bus_message_new_method_call(bus, &message, object->service, object->path, object->interface, method);
    if (r >= 0) {
      va_start(arguments, types);
      r = sd_bus_message_appendv(message, types, arguments);
      va_end(arguments);
    }
    if (r < 0)
      sd_bus_message_unref(message);
    else
      r = call(bus, message, &reply, &detail);
  }
  if (answered != NULL)
    *answered = r > 0;
  if (r < 0)
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s of %s failed: %s", method, object->service,
                detail.message != NULL ? detail.message : g_strerror(-r));
  sd_bus_message_unref(reply);
  sd_bus_error_free(&detail);
  return r >= 0;
}

int system_bus_has(sd_bus *bus, const char *name) {
  static const char service[] = "org.freedesktop.DBus";
  sd_bus_message *message = NULL;
  int has = -1;

  if (bus == NULL ||
      sd_bus_message_new_method_call(bus, &message, service, "/org/freedesktop/DBus", service, "NameHasOwner") < 0)
    return -1;
  if (sd_bus_message_append(message, "s", name) < 0) {
    sd_bus_message_unref(message);
    return -1;
  }
  sd_bus_message *reply = reply_to(bus, message);
  if (reply == NULL || sd_bus_message_read_basic(reply, 'b', &has) <= 0)
    has = -1;
  sd_bus_message_unref(reply);
  return has;
}

char *system_bus_machine_id(sd_bus *bus, const char *service) {
  sd_bus_message *message = NULL;
  const char *value = NULL;

  if (bus == NULL ||
      sd_bus_message_new_method_call(bus, &message, service, "/", "org.freedesktop.DBus.Peer", "GetMachineId") < 0)
    return NULL;
  sd_bus_message *reply = reply_to(bus, message);
  char *copy = reply != NULL && sd_bus_message_read_basic(reply, 's', &value) > 0 ? g_strdup(value) : NULL;
  sd_bus_message_unref(reply);
  return copy;
}
