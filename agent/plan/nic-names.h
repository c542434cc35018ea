/* nic-names.h - does a plan write the names of NICs? Where udev has not given them yet it must not. */
#pragma once

#include "observe/nics.h"
#include "plan.h"

/* plan_names_nic: the first file of PLAN that will say the name of one of NICS as a whole word, in its text or in its
 * own name; NULL: none does. The record is left out: it is told by addresses, and follows. */
const char *plan_names_nic(const Plan *plan, const NicList *nics);
