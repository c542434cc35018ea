/* plan-tree.h - edits for more than one file: directories that are missing, what goes. */
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

/* plan_remove_tree: the directory PATH (itself not a link) and everything below it, an edit each: files, symbolic
 * links, directories. Refused: more than 10,000 entries or 64 MiB, another file system mounted in it, what is none of
 * these three. Not there: no edit. */
gboolean plan_remove_tree(Plan *plan, const Root *root, const char *step, const char *path, const char *why,
                          GError **error);
