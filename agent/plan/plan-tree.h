/* plan-tree.h - edits that look at the tree first: directories that are missing, a file that goes. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "plan.h"

/* plan_make_parents: an edit for each directory above PATH that is neither there nor in the plan, mode 0755. */
void plan_make_parents(Plan *plan, const Root *root, const char *step, const char *path, const char *why);

/* plan_remove_file: the regular file that PATH means, which no step has edited yet. *EDIT (may be NULL): NULL: there is
 * none. */
gboolean plan_remove_file(Plan *plan, const Root *root, const char *step, const char *path, EditFlags flags,
                          const char *why, Edit **edit, GError **error);
