/* nics.h - the machine's NICs and what of them stays the same for their whole life.
 *
 * Hardware only: an interface of type Ethernet or InfiniBand with a `device` link in /sys/class/net/X and a permanent,
 * non-random address (nic-permanent-mac.h). Bonds, bridges, VLANs, veth, tap have no device link. Passed over are
 * virtual functions (`device/physfn`), the pass-through half of an accelerated NIC (`master/device`: the NIC it
 * serves counts), and tethers: phones and modems by their driver (rndis_host, ipheth, qmi_wwan, ...), Bluetooth, and
 * what cdc_ether or cdc_ncm drives with a locally administered address: docks and USB sticks have one of their maker's,
 * phones and the NICs that a BMC shows its host do not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "mac-address.h"

enum { NIC_NAME = 16, NIC_BUS_PATH = 256, NIC_DRIVER = 64 };

typedef struct {
  char name[NIC_NAME];         /* as the kernel calls it now */
  char mac[NIC_MAC_TEXT];      /* permanent address, lower case, colons */
  char bus_path[NIC_BUS_PATH]; /* resolved `device` link below /sys/devices, e.g. "pci0000:00/0000:00:03.0/virtio0" */
  unsigned position;           /* 0-based, counted in order of bus path */
  char driver[NIC_DRIVER];     /* "virtio_net"; empty: none, or of a NIC that is only recorded */
  char former[NIC_NAME]; /* the name of the recorded NIC whose place it took, where none is called so now; or "" */
  char former_mac[NIC_MAC_TEXT]; /* likewise its permanent address, where no NIC has it now */
} Nic;

typedef struct {
  Nic *items;
  size_t count;
} NicList;

/* nic_read: one interface by name. Returns 1 and fills NIC (position 0) when it is hardware with a permanent address,
 * 0 when it is not (or is not there), else a negative errno. */
int nic_read(const Root *hardware, const char *name, Nic *nic);

/* nics_read: all of them, sorted by bus path, positions given. The caller frees with nics_clear. */
int nics_read(const Root *hardware, NicList *list);
void nics_clear(NicList *list);

/* nics_find_mac: the NIC with this permanent address (any case, colons or dashes; of InfiniBand's 20 bytes the last
 * eight), else NULL. */
const Nic *nics_find_mac(const NicList *list, const char *mac);
