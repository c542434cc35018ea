/* networkd-match.h - whether a .network file is for a NIC, by its [Match] (systemd.network(5)).
 */
#pragma once

#include "networkd-file.h"
#include "observe/nics.h"

/* networkd_may_match: FILE's names, MAC addresses and paths all fit NIC, or are not said. */
gboolean networkd_may_match(const NetworkdFile *file, const Nic *nic);
