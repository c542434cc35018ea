/* foreign-state.h - what other programs keep as an identity of this machine, in files that say nothing of the template
 */
#pragma once

#include "plan-context.h"

/* foreign_state: of a clone, a warning for each such file, with what to do. Errors: a directory that cannot be read. */
gboolean foreign_state(const PlanContext *context, Plan *plan, GError **error) G_GNUC_WARN_UNUSED_RESULT;
