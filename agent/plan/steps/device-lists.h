/* device-lists.h - NetworkManager's lists of devices, where a pattern of names in one means another NIC than before. */
#pragma once

#include "plan/plan-context.h"

/* device_lists_warn: of each list in PATH, a configuration file of NetworkManager, as it will be: what it says of the
 * template's NIC and of the one that took its place, which is called otherwise, is not the same by a pattern of names.
 */
gboolean device_lists_warn(const PlanContext *context, const char *path, Plan *plan, GError **error);
