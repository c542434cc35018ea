/* profile-new.h - a profile for a NIC that has none, when the policy gives the NIC an address. */
#pragma once

#include "plan-context.h"

/* profile_new_plan: one file for each NIC that CONTEXT's identity assigns addresses to without a profile. Errors:
 * RI_ERROR_FAILED when libnm would refuse it. */
gboolean profile_new_plan(const PlanContext *context, const char *step, Plan *plan, GError **error);
