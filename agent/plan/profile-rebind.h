/* profile-rebind.h - what in a profile names a network card, by MAC address or by name, follows to the card that took
 * its place. */
#pragma once

#include "identity.h"
#include "profile-edit.h"

/* profile_rebind: only what names a recorded card whose successor has another address or name. All of a profile is read
 * before any of it is changed, so that two cards that swapped their names are not mixed up. Warns of bindings that
 * cannot follow. */
void profile_rebind(const PlanContext *context, ProfileEdit *edit, Plan *plan);
