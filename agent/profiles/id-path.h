/* id-path.h - a NIC's place on its bus as udev calls it (ID_PATH), which match.path of a profile means. */
#pragma once

#include <glib.h>

#include "observe/nics.h"

/* id_path: "pci-0000:00:03.0" of BUS_PATH, a path below /sys/devices; NULL: udev's rule for it is not known. The caller
 * frees. */
char *id_path(const char *bus_path);

/* id_path_device: where in PATH, an id_path, the kernel's name of the device begins ("0000:00:03.0"); NULL: it is none
 * of PCI alone. */
const char *id_path_device(const char *path);

/* id_path_name: "enp0s3", udev's name for a NIC there (systemd.net-naming-scheme(7), ID_NET_NAME_PATH), by which it is
 * known beside the one that it has; NULL: udev's rule for it is not known. The caller frees. */
char *id_path_name(const char *bus_path);

/* id_mac_name: "enx525400aabb01", what ID_NET_NAME_MAC of NIC is; NULL: its address is no Ethernet address. The caller
 * frees. */
char *id_mac_name(const Nic *nic);

/* id_path_is_other_name: NAME is one of both, which NIC may be called by in a file beside its own name. */
gboolean id_path_is_other_name(const Nic *nic, const char *name);
