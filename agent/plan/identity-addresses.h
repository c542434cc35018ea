/* identity-addresses.h - which profile gets which of the host section's addresses, and which gateway. */
#pragma once

#include "plan-context.h"

/* identity_assign_addresses: Assignment* for each profile (or NIC) and family that HOST has an address for; an empty
 * array when HOST is NULL. What is made for a NIC without a profile, other than a keyfile, is added to MADE. Errors:
 * RI_ERROR_POLICY (ambiguous or missing NIC, a gateway outside the NIC's prefixes). */
GPtrArray *identity_assign_addresses(const PlanContext *context, const HostPolicy *host, Profiles *made, Plan *plan,
                                     GError **error);

/* identity_choose_addresses: what each NIC has and gets, into PLAN's choices: the policy's addresses and gateway, or
 * DHCP or nothing in place of the template's static ones. */
void identity_choose_addresses(const PlanContext *context, const GPtrArray *assignments, Plan *plan);

/* identity_default_nic: the NIC behind the default route ({mac}): of its profile, of a bond's or bridge's first port,
 * of a VLAN's parent; else the machine's first NIC; NULL without any NIC. */
const Nic *identity_default_nic(const PlanContext *context);
