/* outcome.h - what one address family of one profile gets on a clone: decided here, once, for every format. A format
 * only writes it down.
 */
#pragma once

#include "plan-context.h"

typedef enum {
  OUTCOME_LEAVE,    /* nothing of the family is touched */
  OUTCOME_STATIC,   /* the policy's addresses take the place of all that it had, and GATEWAY that of its gateway */
  OUTCOME_AUTO,     /* DHCP or router: where HAD_STATIC, in the place of static addresses and gateway, which go */
  OUTCOME_DISABLED, /* switched off; addresses, gateway and DNS go */
} OutcomeKind;

typedef struct {
  OutcomeKind kind;
  int family;
  gboolean had_static;  /* static addresses of the template are in the profile */
  gboolean keeps_token; /* LEAVE: a tokenised IPv6 interface identifier stays, as static addresses do; else it goes */
  gboolean no_auto;     /* DISABLED because nothing assigns others on such a link, or to a port; not by the policy */
  const GPtrArray *addresses; /* STATIC: const PolicyAddress*, borrowed, at least one; else NULL */
  char *gateway;              /* STATIC: the gateway afterwards; NULL: none */
  char **dns;                 /* the servers that take the place of the family's; NULL: those there stay */
  char **search;              /* likewise, search domains; STATIC only */
} Outcome;

/* outcome_of: FAMILY (AF_INET, AF_INET6) of PROFILE, which may be edited, on a clone. Warns of what an admin should
 * look at: a gateway that is dropped, addresses that clones share. Clear with outcome_clear. */
void outcome_of(const PlanContext *context, const Profile *profile, int family, Plan *plan, Outcome *outcome);
void outcome_clear(Outcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

/* outcome_servers, outcome_search: what the policy gives of DNS, HOST (NULL: none) beating NETWORK; NULL: nothing. The
 * caller frees with g_strfreev. */
char **outcome_servers(const HostPolicy *host, const NetworkPolicy *network, int family);
char **outcome_search(const HostPolicy *host, const NetworkPolicy *network);

/* outcome_is_reachable: the next hop TEXT is in a prefix of OUTCOME's addresses, or link-local; what is no address is.
 */
gboolean outcome_is_reachable(const Outcome *outcome, const char *text);

/* outcome_reason: why the family's part of the file changes, for Edit.why: "address 10.0.0.17/24 by [host web-17],
 * gateway 10.0.0.1"; NULL: it does not. The caller frees. */
char *outcome_reason(const PlanContext *context, const Outcome *outcome);

/* profile_is_edited: may be edited, and its step is on. */
gboolean profile_is_edited(const PlanContext *context, const Profile *profile);

/* profile_network: what the policy's [network] sections say of PROFILE's NIC. */
NetworkPolicy profile_network(const PlanContext *context, const Profile *profile);
