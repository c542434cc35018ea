/* networkd-addresses.h - addresses, gateway, DNS and DHCP of a .network file on a clone (systemd.network(5)). */
#pragma once

#include "networkd-edit.h"

/* networkd_addresses_apply: what outcome_of() says of both families. */
void networkd_addresses_apply(NetworkdEdit *edit);
