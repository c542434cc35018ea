/* address-target.h - which profile, or which NIC without one, an address of the policy is meant for.
 *
 * `address` means the NIC that carries the default route, `address.NIC` the one that is named. What is ambiguous is
 * refused with the candidates' names, never guessed.
 */
#pragma once

#include "plan-context.h"

typedef struct {
  const Profile *profile; /* NULL: none as yet, one is to be made for NIC */
  const Nic *nic;         /* the hardware NIC; NULL: a bond, bridge, VLAN, ... or a NIC that is not there */
} AddressTarget;

/* address_target_default_route: the profile that carries the default route of FAMILY: the only one, else the only one
 * with a gateway; without any profile the only NIC. FALSE when there is none or several. */
gboolean address_target_default_route(const PlanContext *context, int family, AddressTarget *target);

/* address_target_find: for ADDRESS of section HOST. Errors: RI_ERROR_POLICY with the policy's file and line and the
 * candidates. */
gboolean address_target_find(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                             AddressTarget *target, GError **error);

gboolean address_target_equal(const AddressTarget *a, const AddressTarget *b);

/* address_target_name: the interface's name: the NIC's, else the profile's; NULL when the profile names none. */
const char *address_target_name(const AddressTarget *target);
