/* address-places.h - the devices of this machine that an address can go to, and the profile that comes up on each.
 *
 * On a NIC it is the one that NetworkManager brings up (profiles/selection/selection.h), or the one of another enabled
 * stack that names the NIC; where none comes up by itself, the only one that is for it. A virtual device has the
 * profile that says its name. Nothing of a stack that is not enabled counts, unless none is.
 */
#pragma once

#include "plan-context.h"
#include "profiles/selection/selection.h"

typedef enum {
  PLACE_NIC,     /* a NIC of this machine */
  PLACE_VIRTUAL, /* a bond, bridge, VLAN, ... */
  PLACE_ABSENT,  /* a NIC that a profile is bound to and this machine does not have */
} PlaceKind;

typedef struct {
  PlaceKind kind;
  const Nic *nic;         /* of PLACE_NIC; else NULL */
  const char *name;       /* of the device; NULL: an absent NIC that is known by its MAC only */
  const Profile *profile; /* comes up there; NULL: none does */
  const Profile *rival;   /* may come up instead; NULL: none may */
  gboolean shared;        /* PROFILE is for several NICs of this machine: an address there is not this NIC's */
  gboolean many;          /* and may be up on several at once */
  gboolean is_port;       /* of a bond, bridge or team: it carries no address */
  gboolean left_alone;    /* NetworkManager is told to: what it has for the NIC does not come up */
} AddressPlace;

typedef struct {
  GArray *items; /* AddressPlace: NICs by position, virtual devices, absent NICs */
  Selections *selections;
} AddressPlaces;

/* CONTEXT and its parts are borrowed. */
AddressPlaces *address_places_new(const PlanContext *context);
void address_places_free(AddressPlaces *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AddressPlaces, address_places_free)

/* address_places_absent_default: BEST is what speaks most for the default route of FAMILY among the profiles of devices
 * that are here. The profile that has the gateway, which BEST has not, and is bound to the MAC address of a NIC that
 * is not here, while one that is here, and may have taken its place, has no profile. NULL: none. */
const Profile *address_places_absent_default(const AddressPlaces *places, const Profile *best, int family);

/* address_places_selections: what comes up once the run is over: connections have other UUIDs, and what hides an edited
 * profile in /run is gone. */
Selections *address_places_selections(const PlanContext *context);
