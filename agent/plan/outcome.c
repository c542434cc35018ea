/* outcome.c - what one address family of one profile gets on a clone */
#include "outcome.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "decide/addresses.h"
#include "profile-assignment.h"

gboolean profile_is_edited(const PlanContext *context, const Profile *profile) {
  return profile_is_loaded(profile) && profile->why_not == NULL &&
         policy_step_enabled(context->policy, profile_step(profile), true);
}

NetworkPolicy profile_network(const PlanContext *context, const Profile *profile) {
  const Nic *device = profile->nic != NULL ? profile->nic : profile->child;

  return policy_network_for(context->policy, device != NULL ? device->name : profile->interface_name, device);
}

void outcome_clear(Outcome *outcome) {
  g_clear_pointer(&outcome->gateway, g_free);
  g_clear_pointer(&outcome->dns, g_strfreev);
  g_clear_pointer(&outcome->search, g_strfreev);
}

gboolean outcome_is_reachable(const Outcome *outcome, const char *text) {
  PolicyAddress hop = {.family = outcome->family, .prefix = outcome->family == AF_INET ? 32 : 128};

  if (inet_pton(outcome->family, text, &hop.ip) != 1)
    return TRUE;
  if (outcome->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&hop.ip.v6))
    return TRUE;
  for (guint i = 0; outcome->addresses != NULL && i < outcome->addresses->len; i++)
    if (policy_address_contains(g_ptr_array_index(outcome->addresses, i), &hop))
      return TRUE;
  return FALSE;
}

/* The policy says a gateway of this family, and not for this profile. */
static gboolean default_route_is_elsewhere(const PlanContext *context, const Assignment *own, int family) {
  list_each (const Assignment *, assignment, context->identity->assignments)
    if (assignment != own && assignment->family == family && assignment->gateway != NULL)
      return TRUE;
  return FALSE;
}

/* As the files have it: in the entry of PROFILE's NIC, else in the one that it has under its former name. */
static const char *old_gateway(const PlanContext *context, const Profile *profile, int family) {
  const char *gateway = profile_default_gateway(profile, family);

  for (guint i = 0; gateway == NULL && i < context->profiles->items->len; i++) {
    const Profile *other = context->profiles->items->pdata[i];
    if (other->yields_to == profile)
      gateway = profile_default_gateway(other, family);
  }
  return gateway;
}

/* The gateway afterwards: the given one, else the old one where a new prefix holds it. */
static char *choose_gateway(const PlanContext *context, const Profile *profile, const Assignment *assignment,
                            const Outcome *outcome, Plan *plan) {
  const char *old = old_gateway(context, profile, outcome->family);

  if (assignment->gateway != NULL)
    return g_strdup(assignment->gateway->text);
  if (old == NULL || default_route_is_elsewhere(context, assignment, outcome->family))
    return NULL;
  if (outcome_is_reachable(outcome, old))
    return g_strdup(old);
  plan_warn(plan,
            "%s: the gateway %s is in none of the new %s prefixes and is dropped; set gateway in the policy if this "
            "machine needs one.",
            profile->path, old, address_family_name(outcome->family));
  return NULL;
}

static char **servers_of(const PolicyAddresses *addresses, int family) {
  g_autoptr(GPtrArray) list = g_ptr_array_new();

  for (size_t i = 0; i < addresses->count; i++)
    if (addresses->items[i].family == family)
      g_ptr_array_add(list, g_strdup(addresses->items[i].text));
  if (list->len == 0)
    return NULL;
  return list_strv(g_steal_pointer(&list));
}

char **outcome_servers(const HostPolicy *host, const NetworkPolicy *network, int family) {
  return servers_of(host != NULL && host->dns.count > 0 ? &host->dns : &network->dns, family);
}

char **outcome_search(const HostPolicy *host, const NetworkPolicy *network) {
  char **search = host != NULL && host->dns_search != NULL ? host->dns_search : network->dns_search;

  return search != NULL && search[0] != NULL ? g_strdupv(search) : NULL;
}

static void set_static(const PlanContext *context, const Profile *profile, const Assignment *assignment, Plan *plan,
                       Outcome *outcome) {
  const HostPolicy *host = context->identity->host;
  const NetworkPolicy network = profile_network(context, profile);

  outcome->kind = OUTCOME_STATIC;
  outcome->addresses = assignment->addresses;
  outcome->gateway = choose_gateway(context, profile, assignment, outcome, plan);
  outcome->dns = outcome_servers(host, &network, outcome->family);
  outcome->search = outcome_search(host, &network);
}

/* Every machine has 127.0.0.1 and ::1. */
static gboolean is_everybodys(const char *address) {
  return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0;
}

static char **kept_addresses(const Profile *profile, int family) {
  g_auto(GStrv) all = profile_static_addresses(profile, family);
  GPtrArray *kept = g_ptr_array_new();

  for (char **address = all; *address != NULL; address++)
    if (!is_everybodys(*address))
      g_ptr_array_add(kept, g_strdup(*address));
  return list_strv(kept);
}

static void warn_of_kept(const PlanContext *context, const Profile *profile, int family, Plan *plan) {
  g_auto(GStrv) addresses = kept_addresses(profile, family);
  g_autofree char *list = g_strjoinv(", ", addresses);

  if (addresses[0] != NULL)
    plan_warn(plan, "%s: keeps the template's address %s; every clone has it too.", profile->path, list);
  if (profile_has_gateway(profile, family) && default_route_is_elsewhere(context, NULL, family))
    plan_warn(plan, "%s: keeps the template's %s gateway beside the one that the policy gives another NIC.",
              profile->path, address_family_name(family));
}

/* Is the DNS said for this NIC itself and not for all? Then it takes the place of DHCP's too. */
static gboolean has_dns_of_its_own(const PlanContext *context, const NetworkPolicy *network) {
  return network->dns_set && network->dns.items != context->policy->network.dns.items;
}

/* A family that gets no address; OTHER says whether the profile's other one does. */
static void set_by_method(const PlanContext *context, const Profile *profile, gboolean other, Plan *plan,
                          Outcome *outcome) {
  const NetworkPolicy network = profile_network(context, profile);

  if (network.method == METHOD_KEEP) {
    warn_of_kept(context, profile, outcome->family, plan);
    return;
  }
  if (network.method == METHOD_DISABLED) {
    /* A NIC with an address of its own in one family keeps what the other one gets from the network. */
    if (!other || outcome->had_static || profile->is_new)
      outcome->kind = OUTCOME_DISABLED;
    return;
  }
  outcome->kind = OUTCOME_AUTO;
  if (outcome->had_static && profile_has_no_auto(profile) && profile_is_manual(profile, outcome->family)) {
    outcome->kind = OUTCOME_DISABLED;
    outcome->no_auto = TRUE;
    plan_warn(plan,
              "%s: the template's static %s addresses of %s are removed and the family is disabled, because nothing "
              "assigns others on such a link; give this machine one in the policy, or set method = keep.",
              profile->path, address_family_name(outcome->family),
              profile->interface_name != NULL ? profile->interface_name : profile->id);
    return;
  }
  if (outcome->had_static && profile_has_gateway(profile, outcome->family) &&
      !profile_takes_routes(profile, outcome->family))
    plan_warn(plan,
              "%s: the template's %s gateway goes with its addresses, and this profile takes no routes from DHCP or a "
              "router: give this machine an address with a gateway in the policy, or let it take them.",
              profile->path, address_family_name(outcome->family));
  if ((outcome->had_static || profile_is_automatic(profile, outcome->family)) && has_dns_of_its_own(context, &network))
    outcome->dns = servers_of(&network.dns, outcome->family);
}

/* What is above a port has the addresses: nothing comes in the place of those that it should not have had. */
static void clear_port(const Profile *profile, Plan *plan, Outcome *outcome) {
  outcome->kind = OUTCOME_DISABLED;
  outcome->no_auto = TRUE;
  plan_warn(plan,
            "%s: the template's static %s addresses of %s are removed, and none come in their place, because it is a "
            "port of a bond or bridge; where they are wanted, set method = keep for it in the policy.",
            profile->path, address_family_name(outcome->family),
            profile->interface_name != NULL ? profile->interface_name : profile->id);
}

void outcome_of(const PlanContext *context, const Profile *profile, int family, Plan *plan, Outcome *outcome) {
  const Assignment *assignment = profile_assignment(context->identity, profile, NULL, family);
  const int other = family == AF_INET ? AF_INET6 : AF_INET;

  *outcome =
      (Outcome){.kind = OUTCOME_LEAVE, .family = family, .had_static = profile_has_static_address(profile, family)};
  if (assignment != NULL)
    set_static(context, profile, assignment, plan, outcome);
  else if (profile_is_port_with_ip(profile) && outcome->had_static &&
           profile_network(context, profile).method != METHOD_KEEP)
    clear_port(profile, plan, outcome);
  else if (profile_carries_ip(profile))
    set_by_method(context, profile, profile_assignment(context->identity, profile, NULL, other) != NULL, plan, outcome);
  else
    warn_of_kept(context, profile, family, plan);
  outcome->keeps_token = outcome->kind == OUTCOME_LEAVE &&
                         (!profile_carries_ip(profile) || profile_network(context, profile).method == METHOD_KEEP);
}

static char *static_reason(const PlanContext *context, const Outcome *outcome) {
  const HostPolicy *host = context->identity->host;
  g_auto(GStrv) addresses = address_texts(outcome->addresses);
  g_autofree char *list = g_strjoinv(", ", addresses);

  return g_strdup_printf("address %s by [host %s]%s%s", list, host != NULL ? host->name : "",
                         outcome->gateway != NULL ? "; gateway " : "",
                         outcome->gateway != NULL ? outcome->gateway : "");
}

char *outcome_reason(const PlanContext *context, const Outcome *outcome) {
  const char *family = address_family_name(outcome->family);

  switch (outcome->kind) {
  case OUTCOME_STATIC:
    return static_reason(context, outcome);
  case OUTCOME_DISABLED:
    if (outcome->no_auto)
      return g_strdup_printf("the template's static %s addresses removed", family);
    return g_strdup_printf("%s disabled by the policy: no address of its own", family);
  case OUTCOME_AUTO:
    if (outcome->had_static)
      return g_strdup_printf("%s by DHCP or router in place of the template's static addresses", family);
    return outcome->dns != NULL ? g_strdup_printf("%s DNS by the policy", family) : NULL;
  case OUTCOME_LEAVE:
    break;
  }
  return NULL;
}
