/* absent-nics.h - profiles of a machine that is what its record says, bound to a NIC that is not here while another NIC
 * has none: one of several NICs was replaced, which is no reason to rebind anything by itself.
 */
#pragma once

#include <glib.h>

#include "machine.h"

/* absent_nics_warnings: a sentence for each such profile (char*). */
GPtrArray *absent_nics_warnings(const Machine *machine);
