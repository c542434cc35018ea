/* foreign.h - who else could put the template's address on a wire? The one list.
 *
 * What this program does not edit: profiles in /run and /usr/lib, the files of other network stacks, the kernel command
 * line. A global static address there, on a hardware NIC or on what lies over one, would be the template's on every
 * clone.
 */
#pragma once

#include <glib.h>

#include "plan-context.h"
#include "plan.h"

/* foreign_check: CONTEXT has an identity. Each such address is an error that names file and line, all in one message
 * (RI_ERROR_FAILED). It is a warning where the policy says `foreign = warn`, or `keep` of its NIC; where its stack is
 * not enabled; and where the interface does not come up by itself or lies over no hardware. What the kernel command
 * line says of host name and machine-id is a warning too. A rewired machine keeps its addresses. */
gboolean foreign_check(const PlanContext *context, Plan *plan, GError **error) G_GNUC_WARN_UNUSED_RESULT;
