/* profile-dhcp.h - what a profile makes its machine tell DHCP servers: the name, the client id, the DUID. Where they
 * are the template's, they follow to the clone; what cannot follow is a warning. */
#pragma once

#include "identity.h"
#include "profile-edit.h"

void profile_dhcp_follow(const PlanContext *context, ProfileEdit *edit, Plan *plan);
