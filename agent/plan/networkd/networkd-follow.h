/* networkd-follow.h - what in a file of systemd-networkd is the template's follows to the clone. */
#pragma once

#include "networkd-edit.h"

/* networkd_follow: MAC addresses, NIC names, bus paths, addresses and host names of the followed keys; a DUID that is
 * written down goes. Call it after the addresses are set: what is new is not looked at. */
void networkd_follow(NetworkdEdit *edit);

/* networkd_follow_warn: of every old value that the texts still say, with file and line. */
void networkd_follow_warn(const NetworkdEdit *edit);
