/* bound-nics.h - the wired NICs that the profiles of a disk are bound to: all that is known of the template's where it
 * was sealed without NICs.
 */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "observe/nics.h"

/* bound_nics_read: appends to NICS (Nic) one for each MAC address, with the name that a profile has for it or none.
 * Where they stood nobody knows: all positions are 0. *ALL is FALSE where another wired profile says in another way
 * which NIC it is for. */
gboolean bound_nics_read(const Root *root, GArray *nics, gboolean *all, GError **error);
