/* checks.h - what stands in the way of a plan and can be asked without writing. What only writing shows (space, quota,
 * permission) the staging meets. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "plan/plan.h"

/* checks_run: refuse PLAN, also one of a dry run, with every reason at once: a mount point, a read-only file system, a
 * file system of an image that is not mounted, an immutable or append-only file or directory, what is not a regular
 * file, a directory that is not there, two edits of one path. */
gboolean checks_run(const Root *root, const Plan *plan, GError **error);

/* checks_files: the same of PATHS (NULL ends them), files that are replaced whatever they hold, without a plan, in
 * directories that may have to be made. */
gboolean checks_files(const Root *root, const char *const *paths, GError **error);

/* checks_warn: what an admin should know before signing is added to PLAN's warnings: a hard link that is cut. */
void checks_warn(const Root *root, Plan *plan);
