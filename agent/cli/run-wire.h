/* run-wire.h - the wire of a run: is an address of the policy free? */
#pragma once

#include "plan/identity.h"
#include "run.h"

/* run_wire: asks the neighbours by ARP and neighbour discovery. A held address is RI_ERROR_NETWORK, which names it and
 * the MAC of its holder. RUN must outlive it. */
Wire run_wire(Run *run);
