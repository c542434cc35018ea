/* ifupdown-routes.h - routes that a stanza's commands set, which stay when its addresses change. */
#pragma once

#include "plan/outcome.h"
#include "profiles/ifupdown/interfaces.h"

/* ifupdown_routes_check: warns of those of PROFILE's stanzas, as they were read, that do not fit OUTCOME. */
void ifupdown_routes_check(const Interfaces *interfaces, const Profile *profile, const Outcome *outcome, Plan *plan);
