/* profile-addresses.h - addresses, gateway, DNS and method of a profile on a clone: those that the policy gives this
 * machine in the place of the template's. */
#pragma once

#include "plan-context.h"
#include "profile-edit.h"

/* profile_addresses_apply: to EDIT's profile, by CONTEXT's identity and policy. Where no address is assigned, the
 * template's static ones go too, unless the policy says `keep`. Warns of what the admin should look at: a gateway that
 * is dropped, routes without a next hop, addresses that clones share. */
void profile_addresses_apply(const PlanContext *context, ProfileEdit *edit, Plan *plan);

/* profile_addresses_list: ITEMS as a keyfile has them, "A;B;"; NULL where they are. The caller frees. */
char *profile_addresses_list(char **items);
