/* foreign-mentions.h - what files of network programs that are not edited say of the template beside its addresses */
#pragma once

#include "plan-context.h"

/* foreign_mentions: a warning with file and line for each. Errors: what cannot be read. */
gboolean foreign_mentions(const PlanContext *context, Plan *plan, GError **error) G_GNUC_WARN_UNUSED_RESULT;
