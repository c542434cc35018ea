/* absent-nics.h - profiles of a machine that is what its record says, or is recorded as it is, bound to a NIC that is
 * not here while another NIC has none: one of several NICs was replaced, which is no reason to rebind anything by
 * itself.
 */
#pragma once

#include <glib.h>

#include "machine.h"

/* absent_nics_warn: a sentence for each such profile behind WARNINGS (char*). */
void absent_nics_warn(const Machine *machine, GPtrArray *warnings);
