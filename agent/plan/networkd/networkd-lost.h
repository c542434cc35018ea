/* networkd-lost.h - NICs that a file of systemd-networkd was for which is not edited, and that no file is for now. */
#pragma once

#include "plan/plan-context.h"
#include "plan/plan.h"

/* networkd_lost_warn: of a pattern in [Match], which says no old value. Errors: files that cannot be read. */
gboolean networkd_lost_warn(const PlanContext *context, Plan *plan, GError **error);
