/* seal-samples.h - what a template's clones would be given, for seal and for plan --as: the plan of sample clones, as
 * rauc refuses a bundle before it installs it.
 *
 * A sample has the NICs that are here, by number and name, with MACs of its own: all digits in one, with letters in
 * another; a serial number where there is one here; and it is each [host] of the policy once. Nobody on the wire is
 * asked. An image that is sealed from outside has the NICs that its profiles are bound to.
 */
#pragma once

#include <glib.h>

#include "machine.h"

/* seal_samples_plan: every error of a clone's plan refuses the seal; what a clone would warn of, and what on
 * this disk stands in its way now, goes to WARNINGS (char*), each sentence once. MACHINE is observed, its policy is
 * good. */
gboolean seal_samples_plan(const Machine *machine, GPtrArray *warnings, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef gboolean (*SampleShow)(const Machine *sample, const Proposal *proposal, gpointer data, GError **error);

/* seal_samples_show: what the clone called AS (a [host] section's name, a product UUID, or the MAC of its first NIC)
 * would be given, to SHOW. What AS does not say is made up. */
gboolean seal_samples_show(const Machine *machine, const char *as, SampleShow show, gpointer data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
