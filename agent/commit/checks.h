/* checks.h - everything that can be known to go wrong before anything is touched. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "plan/plan.h"

/* checks_run: refuse PLAN with every reason at once: a file that changed since it was planned, a mount point, a
 * read-only file system, something that is no regular file, an immutable file, two edits of one path, no room.
 * STATE is the state directory. RI_ERROR_CHANGED when nothing but changed files stands in the way. */
gboolean checks_run(const Root *root, int state, const Plan *plan, GError **error);
