/* unit-enabled.h - what systemd of a root would start, by files only, so that a mounted image answers as well. */
#pragma once

#include <glib.h>

#include "root.h"

/* unit_is_enabled: does systemd of ROOT start UNIT (its name, with "*" for any characters), by a link in some .wants or
 * .requires? */
gboolean unit_is_enabled(const Root *root, const char *unit);

/* unit_is_masked: UNIT is a link to /dev/null. */
gboolean unit_is_masked(const Root *root, const char *unit);
