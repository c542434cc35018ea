/* nic-permanent-mac.h - the address that a NIC was born with, whatever it goes by now.
 *
 * A bond gives all its ports one address, NetworkManager may set a random one: only the permanent address tells NICs
 * apart. On the running machine the kernel is asked: rtnetlink's IFLA_PERM_ADDRESS (Linux 5.6), else ethtool(8)'s
 * ETHTOOL_GPERMADDR. A captured machine has files only: `address` where `addr_assign_type` is 0 (NET_ADDR_PERM), and
 * `bonding_slave/perm_hwaddr` where a bond has set it.
 */
#pragma once

#include "base/root.h"
#include "mac-address.h"

/* nic_permanent_mac: of the interface NAME below HARDWARE. Returns 1 with MAC; 0 when it has none (made up by a
 * driver, all zero), is neither Ethernet nor InfiniBand, or is not there; else a negative errno. */
int nic_permanent_mac(const Root *hardware, const char *name, char mac[static NIC_MAC_TEXT]);
