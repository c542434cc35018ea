/* yielding-entries.h - what a template for several hypervisors has under a name that this machine's NIC does not have
 * (profiles/own-entries.h). */
#pragma once

#include "plan-context.h"

/* yielding_entry: the entry ID of the profiles that STEP edits, where it is for no NIC, since another is that NIC's;
 * NULL: there is none, or it counts. */
const Profile *yielding_entry(const PlanContext *context, const char *step, const char *id);
/* yielding_entry_warn: says so of ENTRY. */
void yielding_entry_warn(const Profile *entry, Plan *plan);
