/* seal-checks.h - can what is sealed here ever be told from its copies, and will anything look? */
#pragma once

#include <glib.h>

#include "machine.h"

/* seal_check_evidence: refused where no signal that counts exists that a copy could differ in. MACHINE is observed. */
gboolean seal_check_evidence(const Machine *machine, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* seal_warn_units: to WARNINGS (char*) where the unit that looks at every boot is not enabled, or the door behind it.
 */
void seal_warn_units(const Machine *machine, GPtrArray *warnings);

/* seal_warn_name: where the template's name is none of its own and the clones' are made of it. */
void seal_warn_name(const Machine *machine, GPtrArray *warnings);
