/* nm-configuration.c - the configuration of a running NetworkManager, to which this program adds drop-ins below /run */
#include "nm-configuration.h"

#include "base/system-bus.h"

static const BusObject network_manager = {"org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
                                          "org.freedesktop.NetworkManager"};
static const guint32 reload_configuration = 0x01; /* NM_MANAGER_RELOAD_FLAG_CONF */

gboolean nm_configuration_reload(GError **error) {
  sd_bus *bus = system_bus();

  /* One that ends while it is asked does not answer: asked once more it is not there, or it is the next one. */
  if (system_bus_call(bus, &network_manager, "Reload", NULL, NULL, "u", reload_configuration))
    return TRUE;
  return system_bus_call(bus, &network_manager, "Reload", NULL, error, "u", reload_configuration);
}
