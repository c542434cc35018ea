/* empty-bridges.h - bridges without a port. */
#pragma once

#include "profiles/profile.h"

/* empty_bridges_find: sets has_no_ports of each of PROFILES that is a bridge which no other is a port of. ifupdown's
 * say their ports themselves. */
void empty_bridges_find(const Profiles *profiles);
