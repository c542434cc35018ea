/* policy.h - what the admin wants (reset-identity.ini(5)), and what it says for one machine, NIC or step. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "observe/nics.h"
#include "observe/product-uuid.h"

/* The host name of a clone that no section names. */
#define POLICY_DEFAULT_HOSTNAME "{template}-{mac:6}"

typedef enum { CHOICE_RANDOM, CHOICE_DERIVE, CHOICE_KEEP } PolicyChoice;
typedef enum { METHOD_AUTO, METHOD_DISABLED, METHOD_KEEP } Method;
typedef enum { ON_CLONE, ON_REBIND, ON_IGNORE } SettledChange;
typedef enum { UNMATCHED_DEFAULT, UNMATCHED_REFUSE } Unmatched;
typedef enum { PROBE_BEST_EFFORT, PROBE_REQUIRED, PROBE_OFF } ProbePolicy;
typedef enum { FOREIGN_REFUSE, FOREIGN_WARN } ForeignPolicy;

typedef struct {
  bool uuid;                  /* signals: the product UUID may say "clone" */
  bool mac;                   /* signals: the MAC set may */
  SettledChange settled_uuid; /* ON_CLONE or ON_IGNORE */
  SettledChange settled_mac;  /* ON_REBIND, ON_CLONE or ON_IGNORE */
} DetectPolicy;

/* Where a value was written. FILE is borrowed from the PolicyFiles; NULL: nowhere, the default applies. */
typedef struct {
  const char *file;
  unsigned line;
} PolicyPlace;

/* An address as people write it, with where it was written. */
typedef struct {
  int family; /* AF_INET or AF_INET6 */
  union {
    struct in_addr v4;
    struct in6_addr v6;
  } ip;
  unsigned prefix;             /* bits; 32 or 128 for a bare address (gateways, DNS) */
  char text[INET6_ADDRSTRLEN]; /* canonical, without the prefix */
  char nic[NIC_MAC_TEXT];      /* address.NIC: the NIC's name, glob or MAC; empty: the default route's NIC */
  const char *file;            /* borrowed from the PolicyFiles */
  unsigned line;
} PolicyAddress;

typedef struct {
  PolicyAddress *items;
  size_t count;
} PolicyAddresses;

/* [network] and [network NIC]; a field that a section does not set has its `set` flag false. */
typedef struct {
  char nic[NIC_MAC_TEXT]; /* name, glob or MAC; empty: [network], every NIC */
  bool method_set;
  Method method;
  PolicyPlace method_at;
  PolicyAddresses gateways; /* at most one of each family */
  PolicyAddresses dns;
  bool dns_set;
  char **dns_search; /* NULL-terminated, NULL when not set */
  bool gateway_onlink_set;
  bool gateway_onlink;
  const char *file;
  unsigned line;
} NetworkPolicy;

typedef struct {
  char *name;              /* the section's name behind "host " */
  ProductUuid *match_uuid; /* arrays: a host may be named by several */
  size_t n_match_uuid;
  char (*match_mac)[NIC_MAC_TEXT];
  size_t n_match_mac;
  char **match_serial; /* NULL-terminated, or NULL */
  char *hostname;      /* template; default: the section's name */
  PolicyPlace hostname_at;
  PolicyAddresses addresses;
  PolicyAddresses gateways; /* a host may override [network]'s gateway, dns and dns-search */
  PolicyAddresses dns;
  char **dns_search;
  bool gateway_onlink_set;
  bool gateway_onlink;
  const char *file;
  unsigned line;
} HostPolicy;

typedef struct {
  char *step;
  bool on;
} StepPolicy;

typedef struct {
  DetectPolicy detect;
  char *hostname; /* template, NULL: the default */
  PolicyPlace hostname_at;
  PolicyChoice machine_id;
  PolicyPlace machine_id_at;
  PolicyChoice connection_uuid;
  PolicyPlace connection_uuid_at;
  NetworkPolicy network; /* [network] */
  NetworkPolicy *nics;   /* [network NIC], in the order of the files */
  size_t n_nics;
  Unmatched unmatched;   /* a clone that none of the [host] sections names, where there are some */
  ProbePolicy probe;     /* whether a new address is free, where nobody can be asked */
  ForeignPolicy foreign; /* a static address of the template in a file that is not edited */
  HostPolicy *hosts;
  size_t n_hosts;
  StepPolicy *steps;
  size_t n_steps;
  bool isolate; /* on-failure = isolate (the default) */
} Policy;

/* policy_defaults: what rules when no file says anything. */
void policy_defaults(Policy *policy);

void policy_clear(Policy *policy);
/* policy_host_clear: what HOST owns. */
void policy_host_clear(HostPolicy *host);

/* policy_uuid_fault, policy_mac_fault: why no machine is told by this UUID (parsed), or by this MAC (canonical), in
 * words that follow it ("is a group address: ..."); NULL: it may be. */
const char *policy_uuid_fault(const ProductUuid *uuid);
const char *policy_mac_fault(const char *mac);

/* policy_host_for: the host section that names this machine by UUID (in either byte order), MAC or serial: 1 and *HOST,
 * or 0 and NULL. Errors: -EEXIST, two sections name it, PROBLEM says which and where; -ENOMEM. */
int policy_host_for(const Policy *policy, const ProductUuid *uuid, const NicList *nics, const char *serial,
                    const HostPolicy **host, Problem *problem);

/* policy_network_for: [network] with the sections that fit NIC (may be NULL: no hardware NIC) named NAME laid over it,
 * a MAC beating a name beating a glob; the result borrows from POLICY. */
NetworkPolicy policy_network_for(const Policy *policy, const char *name, const Nic *nic);

/* policy_nic_pattern: TEXT as a NIC's name, glob or MAC, a MAC in its canonical form. Errors: -EINVAL, PROBLEM says
 * why. */
int policy_nic_pattern(const char *text, char pattern[static NIC_MAC_TEXT], Problem *problem);

/* policy_serial_canonical: SERIAL, malloc'ed, without white space and in lower case: vendors print it in both ways. */
char *policy_serial_canonical(const char *serial);

/* policy_nic_matches: does PATTERN (name, glob or MAC) mean this NIC? NIC may be NULL; NAME is the interface's name. A
 * name or MAC of the template's that no NIC has now is that of the NIC which took its NIC's place. */
bool policy_nic_matches(const char *pattern, const char *name, const Nic *nic);
/* policy_nic_matches_former: it means NIC by such a name or MAC only. */
bool policy_nic_matches_former(const char *pattern, const Nic *nic);

/* policy_step_enabled: BY_DEFAULT unless [steps] says otherwise. */
bool policy_step_enabled(const Policy *policy, const char *step, bool by_default);

/* policy_address_contains: is ADDRESS inside the prefix of NETWORK (same family)? */
bool policy_address_contains(const PolicyAddress *network, const PolicyAddress *address);
