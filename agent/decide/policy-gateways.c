/* policy-gateways.c - can each host reach its gateway? For policy-check.c. */
#include <stdio.h>
#include <string.h>

#include "addresses.h"
#include "policy-draft.h"

static const PolicyAddress *gateway_of(const PolicyAddresses *gateways, int family) {
  for (size_t i = 0; i < gateways->count; i++)
    if (gateways->items[i].family == family)
      return &gateways->items[i];
  return NULL;
}

/* Those of HOST's addresses that stand on one NIC, in one family. */
static bool is_on(const PolicyAddress *address, const char *nic, int family) {
  return address->family == family && strcmp(address->nic, nic) == 0;
}

static const PolicyAddress *first_on(const HostPolicy *host, const char *nic, int family) {
  for (size_t i = 0; i < host->addresses.count; i++)
    if (is_on(&host->addresses.items[i], nic, family))
      return &host->addresses.items[i];
  return NULL;
}

typedef enum { GATEWAY_FITS, GATEWAY_IS_OUTSIDE, GATEWAY_IS_OWN, GATEWAY_IS_EDGE } GatewayFit;

/* How GATEWAY fits to the addresses that HOST has on NIC. *ADDRESS: the one that speaks against it. */
static GatewayFit judge(const HostPolicy *host, const char *nic, const PolicyAddress *gateway, bool onlink,
                        const PolicyAddress **address) {
  bool inside = onlink || address_is_link_local(gateway);

  for (size_t i = 0; i < host->addresses.count; i++) {
    const PolicyAddress *own = &host->addresses.items[i];

    if (!is_on(own, nic, gateway->family))
      continue;
    *address = own;
    if (address_equal(own, gateway))
      return GATEWAY_IS_OWN;
    if (address_is_edge(own, gateway))
      return GATEWAY_IS_EDGE;
    inside = inside || policy_address_contains(own, gateway);
  }
  if (inside)
    return GATEWAY_FITS;
  *address = first_on(host, nic, gateway->family);
  return GATEWAY_IS_OUTSIDE;
}

static int report(PolicyDraft *draft, const HostPolicy *host, GatewayFit fit, const PolicyAddress *gateway, bool is_own,
                  const PolicyAddress *address) {
  static const char *const fits[] = {[GATEWAY_IS_OUTSIDE] = "is outside the network of",
                                     [GATEWAY_IS_OWN] = "is the host's own address",
                                     [GATEWAY_IS_EDGE] = "is the network or broadcast address of"};
  const PolicyAddress *at = is_own ? gateway : address, *other = is_own ? address : gateway;
  const char *advice = fit != GATEWAY_IS_OUTSIDE ? "" : "; if that is meant: gateway-onlink = yes";
  char where[160];

  (void)snprintf(where, sizeof where, "host %.80s.%s%s%s", host->name, is_own ? "gateway" : "address",
                 is_own || address->nic[0] == '\0' ? "" : ".", is_own ? "" : address->nic);
  return policy_error_add(draft->errors, at->file, at->line, where, "gateway %s %s %s/%u (the %s is at %.100s:%u)%s",
                          gateway->text, fits[fit], address->text, address->prefix, is_own ? "address" : "gateway",
                          other->file, other->line, advice);
}

static bool onlink_of(const HostPolicy *host, const NetworkPolicy *nic, const NetworkPolicy *network) {
  if (host->gateway_onlink_set)
    return host->gateway_onlink;
  if (nic != NULL && nic->gateway_onlink_set)
    return nic->gateway_onlink;
  return network->gateway_onlink_set && network->gateway_onlink;
}

static int report_idle(PolicyDraft *draft, const HostPolicy *host, const PolicyAddress *gateway) {
  char where[160];

  (void)snprintf(where, sizeof where, "host %.80s.gateway", host->name);
  return policy_error_add(draft->errors, gateway->file, gateway->line, where,
                          "gateway %s serves no address: [host %.60s] (%.100s:%u) has no %s address", gateway->text,
                          host->name, host->file, host->line, address_family_name(gateway->family));
}

/* HOST's own gateway serves its addresses without a NIC. Where there are none it goes to the NIC that carries the
 * default route, which only the machine knows: it has to fit to one of them. */
static int check_own(PolicyDraft *draft, const HostPolicy *host, const PolicyAddress *gateway) {
  bool onlink = onlink_of(host, NULL, &draft->policy->network);
  const PolicyAddress *address = NULL;
  GatewayFit fit = GATEWAY_IS_OUTSIDE;

  if (first_on(host, "", gateway->family) != NULL)
    fit = judge(host, "", gateway, onlink, &address);
  else
    for (size_t i = 0; fit != GATEWAY_FITS && i < host->addresses.count; i++)
      if (host->addresses.items[i].family == gateway->family)
        fit = judge(host, host->addresses.items[i].nic, gateway, onlink, &address);
  if (address == NULL)
    return report_idle(draft, host, gateway);
  return fit == GATEWAY_FITS ? 0 : report(draft, host, fit, gateway, true, address);
}

/* Without one of its own it is [network]'s, or that of a [network NIC]: which NIC it will be, only the machine knows.
 */
static int check_inherited(PolicyDraft *draft, const HostPolicy *host, int family) {
  const Policy *policy = draft->policy;
  const PolicyAddress *gateway = gateway_of(&policy->network.gateways, family), *address = NULL, *unused;

  if (gateway == NULL || first_on(host, "", family) == NULL)
    return 0;
  GatewayFit fit = judge(host, "", gateway, onlink_of(host, NULL, &policy->network), &address);
  for (size_t i = 0; fit != GATEWAY_FITS && i < policy->n_nics; i++) {
    const PolicyAddress *other = gateway_of(&policy->nics[i].gateways, family);

    if (other != NULL &&
        judge(host, "", other, onlink_of(host, &policy->nics[i], &policy->network), &unused) == GATEWAY_FITS)
      return 0;
  }
  return fit == GATEWAY_FITS ? 0 : report(draft, host, fit, gateway, false, address);
}

/* An address.NIC has the gateway of [network NIC], never the one that [network] says for all. */
static int check_nic(PolicyDraft *draft, const HostPolicy *host, const PolicyAddress *first) {
  const Policy *policy = draft->policy;
  const NetworkPolicy network = policy_network_for(policy, first->nic, NULL);
  const PolicyAddress *gateway = gateway_of(&network.gateways, first->family), *address = NULL;

  if (gateway == NULL || network.gateways.items == policy->network.gateways.items)
    return 0;
  GatewayFit fit = judge(host, first->nic, gateway, onlink_of(host, &network, &policy->network), &address);
  return fit == GATEWAY_FITS ? 0 : report(draft, host, fit, gateway, false, address);
}

static int check_family(PolicyDraft *draft, const HostPolicy *host, int family) {
  const PolicyAddress *own = gateway_of(&host->gateways, family);

  return own != NULL ? check_own(draft, host, own) : check_inherited(draft, host, family);
}

int policy_check_gateways(PolicyDraft *draft, const HostPolicy *host) {
  int r = check_family(draft, host, AF_INET);

  if (r == 0)
    r = check_family(draft, host, AF_INET6);
  for (size_t i = 0; r == 0 && i < host->addresses.count; i++) {
    const PolicyAddress *address = &host->addresses.items[i];

    if (address->nic[0] != '\0' && first_on(host, address->nic, address->family) == address)
      r = check_nic(draft, host, address);
  }
  return r;
}
