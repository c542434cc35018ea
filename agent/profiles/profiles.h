/* profiles.h - NetworkManager's keyfile profiles as they lie in the tree. Read once, shared by the steps.
 *
 * /etc/NetworkManager/system-connections with the names that NetworkManager loads: no leading dot, no trailing "~", no
 * ending of six letters or digits as mkstemp's (so "NAME.nmmeta" is none), no .pem or .der (nm-keyfile.c,
 * nm_keyfile_utils_ignore_filename). Profiles in /run and /usr/lib and those that NetworkManager does not load are
 * listed with why they are not edited.
 */
#pragma once

#include <glib.h>
#include <time.h>

#include "base/root.h"
#include "decide/nic-map.h"
#include "profile-groups.h"

typedef struct Profile Profile;

struct Profile {
  char *path;           /* resolved, below the root */
  GBytes *bytes;        /* as read */
  KeyfileText *text;    /* NULL: NetworkManager does not load it; the fields below are then NULL too */
  char *id, *uuid;      /* raw values in effect; NULL when not set */
  char *type;           /* canonical: "802-3-ethernet"; where it is not set, that of the first base setting */
  char *interface_name; /* of [connection], else of the type's own group, where it used to stand */
  char *controller;     /* connection.controller or .master */
  char *mac_address;    /* canonical, of ethernet/wifi/infiniband; NULL */
  const Nic *nic; /* the present hardware NIC it is bound to, after succession; NULL: none or not a hardware profile */
  char *why_not;  /* NULL: may be edited; else the reason, for people */
  struct timespec changed;  /* st_mtim */
  const Profile *hidden_by; /* another file has the same UUID, and NetworkManager takes that one; NULL: none */
};

typedef struct {
  GPtrArray *items; /* Profile*, sorted by path */
} Profiles;

Profiles *profiles_read(const Root *root, const NicMap *map, const NicList *present, GError **error);
void profiles_free(Profiles *profiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Profiles, profiles_free)

/* Questions that the choice of an identity asks of a profile. FAMILY is AF_INET or AF_INET6. A profile that does not
 * parse answers no to all of them. */

/* profile_has_static_address: are addresses written in the profile? (With method=auto they come on top of DHCP's.) */
gboolean profile_has_static_address(const Profile *profile, int family);
/* profile_static_addresses: them, as written but without prefix and gateway; NULL-terminated, possibly empty; the
 * caller frees with g_strfreev. */
char **profile_static_addresses(const Profile *profile, int family);
/* profile_has_gateway: a gateway is written, as `gateway` or behind an address. */
gboolean profile_has_gateway(const Profile *profile, int family);
/* profile_is_port: the profile belongs to a bond, bridge, team, VRF or OVS parent and carries no addresses. */
gboolean profile_is_port(const Profile *profile);
/* profile_carries_ip: no port, not the loopback, no VPN or generic type whose addresses the peer decides. */
gboolean profile_carries_ip(const Profile *profile);
/* profile_autoconnects: NetworkManager brings it up by itself. "no" and other texts that are no GKeyFile booleans mean
 * what NetworkManager makes of them: yes. */
gboolean profile_autoconnects(const Profile *profile);

/* profile_address_keys: address, addressN, addresses, addressesN of FAMILY, in the order in which NetworkManager takes
 * them; NULL-terminated; the caller frees with g_strfreev. */
char **profile_address_keys(const KeyfileText *text, int family);
/* profile_gateway: the gateway in effect, or NULL. The caller frees. */
char *profile_gateway(const KeyfileText *text, int family);
