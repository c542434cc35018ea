/* profile.h - what gives a NIC its addresses: one plain record for each connection, whatever file of which format it
 * stands in, and the questions that are asked of it.
 */
#pragma once

#include <glib.h>
#include <time.h>

#include "base/root.h"
#include "decide/nic-map.h"
#include "profiles/keyfile/profile-groups.h"
#include "profiles/keyfile/profile-judge.h"

typedef struct Profile Profile;
typedef struct ProfileFormat ProfileFormat;

/* What a profile says of one address family. */
typedef struct {
  GPtrArray *addresses; /* char*, static ones as written, with or without a prefix; never NULL */
  char *gateway;        /* NULL: none */
  gboolean automatic;   /* DHCP, or router advertisements that are asked for */
  gboolean off;         /* switched off, so that it carries no default route */
  gboolean no_manual;   /* a keyfile's: addresses that stand there are not all: its method is another than "manual" */
  gboolean no_dns;      /* the name servers that DHCP or a router gives are not taken */
  gboolean no_routes;   /* nor the routes, the default one among them */
} PlainFamily;

typedef struct {
  PlainFamily families[2]; /* IPv4, IPv6 */
  guint line;              /* in which it begins, from 1 */
  char **more_paths;       /* resolved, of other files that say something of it; NULL: none */
  char **name_globs;       /* the NICs' names that it is for, where it says them as fnmatch(3) patterns; NULL */
  char *only_name;         /* where it matches NICs (a keyfile's [match], netplan's match) by one name: that; NULL */
  char **denied_globs;     /* likewise, the names that it is not for; NULL */
  char **macs;             /* their MAC addresses, canonical, where it says several; NULL */
  char **path_globs;       /* their ID_PATHs, where it says them as fnmatch(3) patterns; NULL */
  char **drivers;          /* the drivers of the NICs that it is for, likewise; all that is said must hold; NULL */
  GPtrArray *nics;      /* const Nic*: the several that it is on at once; NULL: one, which is the profile's, or none */
  char *parent;         /* what a VLAN or MACVLAN lies over: a name; NULL */
  gboolean is_port;     /* of a bond, bridge, team: it carries no addresses */
  gboolean port_has_ip; /* a port, and its stack gives it the addresses that stand there all the same */
  gboolean carries_ip;  /* no port, no loopback, no tunnel whose peer decides */
  gboolean no_auto;     /* WireGuard's, whatever its type is: nobody answers DHCP there */
  gboolean takes_one;   /* its file has room for one IPv4 address */
  gboolean by_own_name; /* its interface name is the NIC's own: no other that udev has for it counts */
  gboolean starts;      /* comes up by itself */
  gboolean is_managers; /* NetworkManager takes it: a keyfile, or what it ranks with them */
  int priority;         /* then: its connection.autoconnect-priority */
  gpointer own;         /* the format's: its parse of it */
  GDestroyNotify free_own; /* NULL: nobody frees it here */
} PlainProfile;

struct Profile {
  const ProfileFormat *format; /* NULL: a keyfile of NetworkManager */
  PlainProfile *plain;         /* what it says; NULL: its owner does not take the file, nor then the text below */
  gboolean enabled;            /* what reads the file runs on this machine */
  char *path;                  /* resolved, below the root; a file may hold several profiles */
  GBytes *bytes;               /* as read */
  KeyfileText *text;           /* of a keyfile, else NULL */
  JudgedProfile *judged;       /* likewise: what libnm makes of it */
  char *id, *uuid;       /* raw values in effect; NULL when not set. The id of other formats is what people call it */
  char *type;            /* canonical: "802-3-ethernet"; where it is not set, that of the first base setting */
  char *interface_name;  /* of [connection], else of the type's own group, where it used to stand; or as a VLAN that is
                            not named is called */
  char *named_after;     /* the interface whose name its device's begins with, and has to ("eth0" of the VLAN eth0.9):
                            it follows; NULL: its name is its own */
  Nic *child;            /* then: what it is called here, and formerly; NULL: its name is the same */
  char *controller;      /* connection.controller or .master */
  char *mac_address;     /* canonical, of ethernet/wifi/infiniband; NULL */
  gboolean has_no_ports; /* a bridge without any */
  const Nic *nic; /* the present hardware NIC it is bound to, after succession; NULL: none or not a hardware profile */
  char *why_not;  /* NULL: may be edited; else the reason, for people */
  struct timespec changed;  /* st_mtim, of keyfiles and ifcfg files */
  const Profile *hidden_by; /* what reads the file takes that one instead: of keyfiles with one UUID, of networkd's
                             * files for one NIC; NULL: none */
  const Profile *yields_to; /* the entry that its NIC has under its name here, as this one is for it under the former
                             * name: that one is the NIC's, and this one is nobody's; NULL: none */
  gboolean is_new;          /* made for a NIC that has none: BYTES are what its file, or its part of one, begins as */
};

typedef struct {
  GPtrArray *items;       /* Profile*, sorted by path, within a file as they stand in it */
  gboolean lacks_manager; /* NetworkManager is not installed, and something else is that has files for NICs */
  GArray *enabled;        /* const ProfileFormat*: what reads such files runs on this machine, with or without a file */
  char *directory;        /* where NetworkManager has the keyfiles that can be edited */
} Profiles;

Profiles *profiles_new(void);
void profiles_free(Profiles *profiles);
/* profile_clear: what PROFILE owns, not itself. */
void profile_clear(Profile *profile);
void profile_free(Profile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Profiles, profiles_free)

/* A format beside keyfiles: a row of profile-formats.c. READ adds a Profile for each connection that its files describe
 * and fills in id, uuid, type (as NetworkManager calls it: "802-3-ethernet", "bond", "vlan"), interface_name,
 * controller and mac_address; what must not be edited has why_not. Which NIC it is for, and whether its stack runs, is
 * found for all formats alike. Which of them gets an address is decided in plan/, and the step that is named edits the
 * bytes. */
struct ProfileFormat {
  const char *name;  /* for people: "netplan" */
  const char *step;  /* as in [steps] */
  const char *stack; /* the row of network_stacks that reads the files */
  gboolean (*read)(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error);
  /* Adds to MADE the profile of NIC, which has none, in a file that is not there yet or in one that gets it as an
   * addition: it counts before what else may fit the NIC, comes up by itself and asks for DHCP. That it is new, and
   * NIC's, its caller notes. The step that edits it writes its addresses as in any other. Errors: none can be made that
   * counts.
   */
  gboolean (*make)(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error);
  /* Of the NICs that each profile of the format fits, those that it gets beside the others; NULL: all. */
  void (*settle)(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present);
};

/* profiles_add: for the readers of other formats. A new profile of the file PATH (resolved) with the content BYTES,
 * owned by PROFILES, whose fields the reader fills in. */
Profile *profiles_add(Profiles *profiles, const ProfileFormat *format, const char *path, GBytes *bytes);
/* profile_why_not_ours: of what lies at PATH, and would be the admin's in the directory HOME: why it is not ours to
 * edit. The caller frees. */
char *profile_why_not_ours(const char *path, const char *home);
/* profile_make_plain: PROFILE's plain record, made empty: comes up by itself, carries addresses. */
PlainProfile *profile_make_plain(Profile *profile);
/* plain_family: of AF_INET or AF_INET6. */
PlainFamily *plain_family(PlainProfile *plain, int family);

/* Questions that the choice of an identity asks of a profile. FAMILY is AF_INET or AF_INET6. A profile that does not
 * parse answers no to all of them. */

/* profile_is_loaded: what reads the file takes the profile. */
gboolean profile_is_loaded(const Profile *profile);
/* profile_bound_name: the name of the NIC or device that it is for, and of no other; NULL: it says none. */
char *profile_bound_name(const Profile *profile);
/* profile_step: the name of the step that edits it. */
const char *profile_step(const Profile *profile);

/* profile_has_static_address: are addresses written in the profile? (With method=auto they come on top of DHCP's.) */
gboolean profile_has_static_address(const Profile *profile, int family);
/* profile_static_addresses: them, as written but without prefix and gateway; NULL-terminated, possibly empty; the
 * caller frees with g_strfreev. */
char **profile_static_addresses(const Profile *profile, int family);
/* profile_written_addresses: the same with the prefix that is written, as ADDRESS/PREFIX. */
char **profile_written_addresses(const Profile *profile, int family);
/* profile_has_gateway: a gateway is written, as `gateway`, behind an address or as a default route. */
gboolean profile_has_gateway(const Profile *profile, int family);
/* profile_default_gateway: the gateway in effect, or NULL. */
const char *profile_default_gateway(const Profile *profile, int family);
/* profile_is_automatic: the family asks for DHCP or router advertisements. */
gboolean profile_is_automatic(const Profile *profile, int family);
/* profile_is_manual: the family has its static addresses and asks for no others. */
gboolean profile_is_manual(const Profile *profile, int family);
/* profile_is_family_off: the family is switched off. */
gboolean profile_is_family_off(const Profile *profile, int family);
/* profile_has_no_auto: a link on which no DHCP server or router answers: what `auto` would mean for it is nothing. */
gboolean profile_has_no_auto(const Profile *profile);
/* profile_takes_dns, profile_takes_routes: those that DHCP or a router gives. */
gboolean profile_takes_dns(const Profile *profile, int family);
gboolean profile_takes_routes(const Profile *profile, int family);
/* profile_parent: what a VLAN or MACVLAN lies over: UUID or interface name; NULL: nothing. */
const char *profile_parent(const Profile *profile);
/* profile_is_for_hardware: for a NIC, as its type says; without one it is for Ethernet. */
gboolean profile_is_for_hardware(const Profile *profile);
/* profile_is_port: the profile belongs to a bond, bridge, team, VRF or OVS parent and carries no addresses. */
gboolean profile_is_port(const Profile *profile);
/* profile_carries_ip: no port, not the loopback, no VPN or generic type whose addresses the peer decides. */
gboolean profile_carries_ip(const Profile *profile);
/* profile_is_port_with_ip: a port that gets the static addresses of its file from ifupdown or networkd, though it
 * should have none: NetworkManager and the network scripts pass them over. */
gboolean profile_is_port_with_ip(const Profile *profile);
/* profile_type_carries_ip: the same by NetworkManager's name of the type alone; NULL: Ethernet. */
gboolean profile_type_carries_ip(const char *type);
/* profile_autoconnects: it comes up by itself. */
gboolean profile_autoconnects(const Profile *profile);
/* profile_is_managers: NetworkManager takes it, whatever file it stands in. */
gboolean profile_is_managers(const Profile *profile);
/* profile_priority: connection.autoconnect-priority of one that is NetworkManager's. */
int profile_priority(const Profile *profile);

/* profile_key_number: of a numbered key: "address3" of NAME "address" is 3, "address" itself -1, another key -2. As
 * strict as nm-keyfile.c: no leading zero, and no more than an int holds. */
gint64 profile_key_number(const char *key, const char *name);
