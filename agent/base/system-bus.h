/* system-bus.h - short questions to the services of a running system, by sd-bus, each with an end.
 *
 * Nothing is ever started by asking: a service that does not run does not answer. No bus, or nobody of that name, is an
 * answer too (FALSE without an error).
 */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

enum { SYSTEM_BUS_CALL_S = 10 };

/* system_bus: the system bus, or NULL where there is none (early in the boot). One connection, this file's, for all
 * that the program asks: another one where it was hung up. */
sd_bus *system_bus(void);

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

/* system_bus_has: NAME has an owner. -1: nobody can say, the bus does not answer. */
int system_bus_has(sd_bus *bus, const char *name);

/* system_bus_machine_id: what SERVICE answers to org.freedesktop.DBus.Peer.GetMachineId, or NULL. The caller frees. */
char *system_bus_machine_id(sd_bus *bus, const char *service);
