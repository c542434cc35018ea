/* system-bus.h - short questions to the services of a running system, by sd-bus, each with an end.
 *
 * Nothing is ever started by asking: a service that does not run does not answer. No bus, or nobody of that name, is an
 * answer too (FALSE without an error).
 */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

enum { SYSTEM_BUS_CALL_S = 10 };

/* system_bus_open: the system bus, or NULL where there is none (early in the boot). The caller closes it. */
sd_bus *system_bus_open(void);
void system_bus_close(sd_bus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus, system_bus_close)

/* A service and the object and interface of it that is spoken to. */
typedef struct {
  const char *service;
  const char *path;
  const char *interface;
} BusObject;

/* system_bus_property: a string property, or NULL without an error when the service does not run or has no such
 * property. The caller frees. BUS may be NULL. */
char *system_bus_property(sd_bus *bus, const BusObject *object, const char *property);

/* system_bus_call: METHOD with arguments by sd-bus's TYPES. *ANSWERED (may be NULL) is FALSE, without an error, when
 * there is no bus or the service does not run. Errors: RI_ERROR_FAILED with what the service said. */
gboolean system_bus_call(sd_bus *bus, const BusObject *object, const char *method, gboolean *answered, GError **error,
                         const char *types, ...);

/* system_bus_machine_id: what SERVICE answers to org.freedesktop.DBus.Peer.GetMachineId, or NULL. The caller frees. */
char *system_bus_machine_id(sd_bus *bus, const char *service);
