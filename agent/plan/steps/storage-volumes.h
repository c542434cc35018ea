/* storage-volumes.h - what LVM and multipath remember of the template's disks. Both heal themselves, where they are
 * told to look again; where not, it is said.
 */
#pragma once

#include "plan/plan-context.h"

/* storage_volumes_check: warnings only. */
gboolean storage_volumes_check(const PlanContext *context, Plan *plan, GError **error);
