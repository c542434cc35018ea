/* ifupdown-link.h - interfaces of a machine that runs with ifupdown, down by the old files and up by the new. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* As link-stacks.h has them. NICS are names of /etc/network/interfaces, also logical ones; what the files do not know
 * (any more), or do not bring up by themselves, is left alone. What is up for the root file system is not taken down:
 * RI_ERROR_NETWORK. */
gboolean ifupdown_link_runs(const Root *root);
gboolean ifupdown_link_down(const Root *root, char **nics, GError **error);
gboolean ifupdown_link_up(const Root *root, char **nics, GError **error);
