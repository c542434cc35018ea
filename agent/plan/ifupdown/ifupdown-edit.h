/* ifupdown-edit.h - the stanzas of one interface become what one address family of it gets. */
#pragma once

#include "plan/outcome.h"
#include "profiles/ifupdown/interfaces.h"

/* ifupdown_edit: in the texts of INTERFACES. `address A/P`, or `address` and `netmask` where the stanza has that;
 * `inet dhcp` or `inet6 auto` where a static family gets no address; a second address gets a stanza of its own where
 * the family is said, which is how ifupdown has it. What had an address and gets none is `manual`. */
void ifupdown_edit(const Interfaces *interfaces, const Profile *profile, const Outcome *outcome);
