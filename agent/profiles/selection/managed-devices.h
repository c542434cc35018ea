/* managed-devices.h - which devices NetworkManager is told to leave alone, and which profiles it may bring up on one:
 * [keyfile] unmanaged-devices and the [device*] sections of its configuration, and the interfaces that ifupdown has. */
#pragma once

#include "base/root.h"
#include "decide/nic-map.h"
#include "device-spec.h"

typedef struct ManagedDevices ManagedDevices;

/* managed_devices_read: an interface of ifupdown that is a recorded NIC of MAP (may be NULL) is its successor. Errors:
 * a file that cannot be read. One that NetworkManager could not parse is passed over. */
ManagedDevices *managed_devices_read(const Root *root, const NicMap *map, GError **error);
void managed_devices_free(ManagedDevices *devices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ManagedDevices, managed_devices_free)

/* managed_devices_has: NetworkManager has DEVICE. DEVICES may be NULL: it has all. */
gboolean managed_devices_has(const ManagedDevices *devices, const NetDevice *device);

/* managed_devices_allow: no [device] allowed-connections (NetworkManager 1.34) keeps CONNECTION off DEVICE. DEVICES may
 * be NULL. */
gboolean managed_devices_allow(const ManagedDevices *devices, const NetDevice *device, const NetConnection *connection);
