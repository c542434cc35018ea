/* address-target.h - which profile, or which NIC without one, an address of the policy is meant for.
 *
 * `address` means the device that carries the default route, `address.NIC` the one that is named; there it goes to the
 * profile that comes up (address-places.h). What is ambiguous is refused with the candidates' names, never guessed.
 */
#pragma once

#include "plan-context.h"

typedef struct {
  const Profile *profile; /* NULL: none as yet, one is to be made for NIC */
  const Nic *nic; /* the hardware NIC; NULL: a bond, bridge, VLAN, ..., any of several NICs, or one that is not there */
  const ProfileFormat *maker; /* of the one that is to be made; NULL: a keyfile */
  gboolean is_absent;         /* PROFILE is bound to a NIC that this machine does not have */
  gboolean is_left_alone;     /* PROFILE is for a NIC that NetworkManager is told to leave alone */
} AddressTarget;

/* address_target_default_route: what carries the default route of FAMILY: of the profiles that come up the only one
 * with a gateway, else the only one; without any profile the only NIC. FALSE when there is none or several. */
gboolean address_target_default_route(const PlanContext *context, int family, AddressTarget *target);

/* address_target_find: for ADDRESS of section HOST. Errors: RI_ERROR_POLICY with the policy's file and line and the
 * candidates. */
gboolean address_target_find(const PlanContext *context, const HostPolicy *host, const PolicyAddress *address,
                             AddressTarget *target, GError **error);

gboolean address_target_equal(const AddressTarget *a, const AddressTarget *b);

/* address_target_device: by what it is called here and formerly: the NIC, or what is called after one; NULL: neither.
 */
const Nic *address_target_device(const AddressTarget *target);

/* address_target_name: the interface's name: the NIC's, else the profile's; NULL when the profile names none. */
const char *address_target_name(const AddressTarget *target);
