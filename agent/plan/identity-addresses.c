/* identity-addresses.c - which profile gets which of the host section's addresses, and which gateway */
#include "identity-addresses.h"

#include <string.h>

#include "address-target.h"
#include "base/each.h"
#include "base/error.h"
#include "profile-maker.h"

/* An assignment in the making, with what only its making needs to know. */
typedef struct {
  Assignment *assignment;
  AddressTarget target;
  gboolean is_default; /* the default route's NIC: the plain gateway is its */
} Draft;

static void assignment_free(Assignment *assignment) {
  g_ptr_array_unref(assignment->addresses);
  g_free(assignment);
}

static Draft *draft_for(GArray *drafts, GPtrArray *assignments, const AddressTarget *target, int family) {
  Assignment *assignment;

  array_each (Draft *, known, drafts)
    if (known->assignment->family == family && address_target_equal(&known->target, target))
      return known;
  assignment = g_new0(Assignment, 1);
  assignment->profile = target->profile;
  assignment->nic = target->profile == NULL ? target->nic : NULL;
  assignment->addresses = g_ptr_array_new();
  assignment->family = family;
  g_ptr_array_add(assignments, assignment);
  Draft draft = (Draft){.assignment = assignment, .target = *target};
  g_array_append_val(drafts, draft);
  return &g_array_index(drafts, Draft, drafts->len - 1);
}

static gboolean contains_gateway(const Draft *draft, const PolicyAddress *gateway) {
  if (gateway->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&gateway->ip.v6))
    return TRUE;
  for (guint i = 0; i < draft->assignment->addresses->len; i++)
    if (policy_address_contains(g_ptr_array_index(draft->assignment->addresses, i), gateway))
      return TRUE;
  return FALSE;
}

static gboolean has_default(const GArray *drafts, int family) {
  for (guint i = 0; i < drafts->len; i++)
    if (g_array_index(drafts, Draft, i).is_default && g_array_index(drafts, Draft, i).assignment->family == family)
      return TRUE;
  return FALSE;
}

/* Every address was given by NIC: the default route's is the profile's that carries it today. */
static void mark_default(const PlanContext *context, GArray *drafts, int family) {
  AddressTarget target;

  if (has_default(drafts, family) || !address_target_default_route(context, family, &target))
    return;
  array_each (Draft *, draft, drafts)
    if (draft->assignment->family == family && address_target_equal(&draft->target, &target))
      draft->is_default = TRUE;
}

/* By the name of the device here, and by what it was called. */
static NetworkPolicy network_of(const PlanContext *context, const Draft *draft) {
  return policy_network_for(context->policy, address_target_name(&draft->target),
                            address_target_device(&draft->target));
}

static gboolean is_onlink(const PlanContext *context, const HostPolicy *host, const Draft *draft) {
  if (host->gateway_onlink_set)
    return host->gateway_onlink;
  return network_of(context, draft).gateway_onlink;
}

/* Neither the policy nor the profiles say which NIC: the only one that can reach the plain gateway, and where that is
 * outside every prefix and may be, the only one there is, unless another one is known to carry the default route. */
static void mark_default_by_gateway(const PlanContext *context, const HostPolicy *host, GArray *drafts, int family,
                                    const PolicyAddress *gateway) {
  Draft *inside = NULL, *any = NULL;
  AddressTarget other;
  guint n_inside = 0, n_any = 0;

  if (has_default(drafts, family) || gateway == NULL)
    return;
  array_each (Draft *, draft, drafts) {
    if (draft->assignment->family != family)
      continue;
    any = draft;
    n_any++;
    if (!contains_gateway(draft, gateway))
      continue;
    inside = draft;
    n_inside++;
  }
  if (n_inside == 1)
    inside->is_default = TRUE;
  else if (n_any == 1 && is_onlink(context, host, any) && !address_target_default_route(context, family, &other))
    any->is_default = TRUE;
}

static const PolicyAddress *plain_gateway(const PolicyAddresses *gateways, int family) {
  for (size_t i = 0; i < gateways->count; i++)
    if (gateways->items[i].family == family && gateways->items[i].nic[0] == '\0')
      return &gateways->items[i];
  return NULL;
}

static const PolicyAddress *host_plain_gateway(const PlanContext *context, const HostPolicy *host, int family) {
  const PolicyAddress *gateway = plain_gateway(&host->gateways, family);

  return gateway != NULL ? gateway : plain_gateway(&context->policy->network.gateways, family);
}

static const PolicyAddress *named_gateway(const PolicyAddresses *gateways, const Draft *draft) {
  const char *name = address_target_name(&draft->target);

  for (size_t i = 0; name != NULL && i < gateways->count; i++)
    if (gateways->items[i].family == draft->assignment->family && gateways->items[i].nic[0] != '\0' &&
        policy_nic_matches(gateways->items[i].nic, name, address_target_device(&draft->target)))
      return &gateways->items[i];
  return NULL;
}

static gboolean is_of(const PolicyAddresses *addresses, const PolicyAddress *address) {
  for (size_t i = 0; i < addresses->count; i++)
    if (&addresses->items[i] == address)
      return TRUE;
  return FALSE;
}

/* The gateway that a [network NIC] section of this NIC says, and not [network] for all. */
static const PolicyAddress *section_gateway(const PlanContext *context, const Draft *draft,
                                            const NetworkPolicy *network) {
  const PolicyAddress *gateway = plain_gateway(&network->gateways, draft->assignment->family);

  return gateway != NULL && !is_of(&context->policy->network.gateways, gateway) ? gateway : NULL;
}

static gboolean choose_gateway(const PlanContext *context, const HostPolicy *host, Draft *draft, GError **error) {
  const NetworkPolicy network = network_of(context, draft);
  const PolicyAddress *gateway = named_gateway(&host->gateways, draft);
  const char *name = address_target_name(&draft->target);

  if (gateway == NULL && draft->is_default)
    gateway = plain_gateway(&host->gateways, draft->assignment->family);
  if (gateway == NULL)
    gateway = section_gateway(context, draft, &network);
  if (gateway == NULL && draft->is_default)
    gateway = plain_gateway(&context->policy->network.gateways, draft->assignment->family);
  if (gateway == NULL || is_onlink(context, host, draft) || contains_gateway(draft, gateway)) {
    draft->assignment->gateway = gateway;
    return TRUE;
  }
  return ri_error(error, RI_ERROR_POLICY,
                  "%s:%u: gateway %s is outside every prefix that host %s (%s:%u) gives %s; fix one of them, or set "
                  "gateway-onlink = yes",
                  gateway->file, gateway->line, gateway->text, host->name, host->file, host->line,
                  name == NULL ? "the NIC" : name);
}

static void warn_of_unused_gateway(const HostPolicy *host, const GArray *drafts, Plan *plan) {
  for (size_t i = 0; i < host->gateways.count; i++) {
    const PolicyAddress *gateway = &host->gateways.items[i];
    gboolean used = FALSE;

    for (guint j = 0; j < drafts->len; j++)
      used = used || g_array_index(drafts, Draft, j).assignment->gateway == gateway;
    if (!used)
      plan_warn(plan,
                "%s:%u: Host %s has gateway %s, but no NIC takes it: give the NIC an address of that family, or say "
                "which one carries the default route with a plain address.",
                gateway->file, gateway->line, host->name, gateway->text);
  }
}

static const Profile *parent_of(const PlanContext *context, const Profile *profile) {
  const char *parent = profile_parent(profile);

  for (guint i = 0; parent != NULL && i < context->profiles->items->len; i++) {
    const Profile *other = g_ptr_array_index(context->profiles->items, i);

    if (other != profile && (g_strcmp0(other->uuid, parent) == 0 || g_strcmp0(other->interface_name, parent) == 0 ||
                             (other->nic != NULL && strcmp(other->nic->name, parent) == 0)))
      return other;
  }
  return NULL;
}

static gboolean is_nic_here(const PlanContext *context, const char *name) {
  const NicSuccession *item = context->nic_map != NULL ? nic_map_by_name(context->nic_map, name) : NULL;

  for (size_t i = 0; i < context->facts->nics.count; i++)
    if (strcmp(context->facts->nics.items[i].name, name) == 0)
      return TRUE;
  return item != NULL && item->present != NULL;
}

/* What PROFILE, a VLAN or the like, lies over, where that is a NIC which is not here; NULL: it is here, or no NIC. The
 * caller frees. */
static char *missing_below(const PlanContext *context, const Profile *profile) {
  const char *parent = profile_parent(profile);
  const Profile *below = parent_of(context, profile);

  if (parent == NULL || *parent == '\0' || is_nic_here(context, parent))
    return NULL;
  if (below == NULL)
    return g_uuid_string_is_valid(parent) ? NULL : g_strdup(parent);
  if (below->nic != NULL || !profile_is_for_hardware(below))
    return NULL;
  return below->interface_name != NULL && !is_nic_here(context, below->interface_name) ? g_strdup(below->interface_name)
                                                                                       : NULL;
}

static void warn_of_missing_below(const PlanContext *context, const HostPolicy *host, const Draft *draft, Plan *plan) {
  const PolicyAddress *address = g_ptr_array_index(draft->assignment->addresses, 0);
  const Profile *profile = draft->target.nic == NULL ? draft->target.profile : NULL;
  g_autofree char *missing = profile != NULL ? missing_below(context, profile) : NULL;

  if (missing != NULL)
    plan_warn(
        plan,
        "%s:%u: host %s: %s goes to %s, which lies over %s, and this machine has no NIC of that name; lay it over "
        "one that is here, or give the address to another.",
        address->file, address->line, host->name, address->text,
        profile->interface_name != NULL ? profile->interface_name : profile->path, missing);
}

/* It is what the policy says, and no address that this machine has by it. */
static void warn_of_idle(const HostPolicy *host, const Draft *draft, Plan *plan) {
  const PolicyAddress *address = g_ptr_array_index(draft->assignment->addresses, 0);

  if (draft->target.is_absent)
    plan_warn(plan,
              "%s:%u: host %s: %s is the address of %s, which this machine does not have: %s gets it all the same.",
              address->file, address->line, host->name, address->text, address_target_name(&draft->target),
              draft->target.profile->path);
  else if (draft->target.is_left_alone)
    plan_warn(
        plan,
        "%s:%u: host %s: %s goes to %s, but NetworkManager is told to leave %s alone (unmanaged-devices, [device] "
        "managed=0 or /etc/network/interfaces): the profile does not come up until that is changed.",
        address->file, address->line, host->name, address->text, draft->target.profile->path, draft->target.nic->name);
}

static gboolean has_room(const HostPolicy *host, const Draft *draft, GError **error) {
  const Profile *profile = draft->target.profile;
  const GPtrArray *addresses = draft->assignment->addresses;

  if (addresses->len == 1 || profile == NULL || profile->plain == NULL || !profile->plain->takes_one ||
      draft->assignment->family != AF_INET)
    return TRUE;
  const PolicyAddress *address = g_ptr_array_index(addresses, 1);
  return ri_error(error, RI_ERROR_POLICY,
                  "%s:%u: host %s: there is no room for %s: %s takes one IPv4 address only; leave one of them out",
                  address->file, address->line, host->name, address->text, profile->path);
}

/* Names that have moved on: what says the template's ens3 and what says this machine's ens4 may be one NIC, and who
 * wrote both meant two. */
static gboolean is_meant_by_one_name(const HostPolicy *host, const Draft *draft, GError **error) {
  const GPtrArray *addresses = draft->assignment->addresses;
  const Nic *nic = draft->target.nic;
  const PolicyAddress *former = NULL;
  char mac[NIC_MAC_TEXT];

  list_each (const PolicyAddress *, address, addresses)
    if (nic != NULL && *address->nic != '\0' && mac_canonical(address->nic, mac) < 0 &&
        policy_nic_matches_former(address->nic, nic))
      former = address;
  list_each (const PolicyAddress *, address, addresses)
    if (former != NULL && *address->nic != '\0' && !policy_nic_matches_former(address->nic, nic))
      return ri_error(
          error, RI_ERROR_POLICY,
          "%s:%u: host %s: address.%s is for %s on this machine, and so is address.%s, since the template's "
          "%s is %s now; write the names or the MAC addresses that the NICs have on this machine",
          address->file, address->line, host->name, address->nic, nic->name, former->nic, former->nic, nic->name);
  return TRUE;
}

static void warn_of_former(const HostPolicy *host, const PolicyAddress *address, const Nic *nic, Plan *plan) {
  char mac[NIC_MAC_TEXT];

  if (nic != NULL && *address->nic != '\0' && policy_nic_matches_former(address->nic, nic))
    plan_warn(plan, "%s:%u: host %s: address.%s goes to %s, which has taken the place of the template's %s.",
              address->file, address->line, host->name, address->nic, nic->name,
              mac_canonical(address->nic, mac) == 0 ? address->nic : nic->former);
}

static const Profile *made_for(const Profiles *made, const Nic *nic) {
  for (guint i = 0; i < made->items->len; i++)
    if (((const Profile *)made->items->pdata[i])->nic == nic)
      return made->items->pdata[i];
  return NULL;
}

/* For a NIC that has none; both families of it are in one. */
static gboolean make_profiles(const PlanContext *context, const GArray *drafts, Profiles *made, Plan *plan,
                              GError **error) {
  array_each (const Draft *, draft, drafts) {
    const Nic *nic = draft->assignment->nic;
    const ProfileFormat *maker = draft->target.maker;

    if (nic == NULL || maker == NULL)
      continue;
    if (made_for(made, nic) == NULL) {
      if (!maker->make(context->root, maker, nic, made, error))
        return FALSE;
      Profile *profile = made->items->pdata[made->items->len - 1];
      profile->nic = nic;
      profile->enabled = profile->is_new = TRUE;
      profile_maker_warn(context, nic, plan);
    }
    draft->assignment->profile = made_for(made, nic);
    draft->assignment->nic = NULL;
  }
  return TRUE;
}

GPtrArray *identity_assign_addresses(const PlanContext *context, const HostPolicy *host, Profiles *made, Plan *plan,
                                     GError **error) {
  g_autoptr(GPtrArray) assignments = g_ptr_array_new_with_free_func((GDestroyNotify)assignment_free);
  g_autoptr(GArray) drafts = g_array_new(FALSE, FALSE, sizeof(Draft));

  for (size_t i = 0; host != NULL && i < host->addresses.count; i++) {
    PolicyAddress *address = &host->addresses.items[i];
    AddressTarget target;

    if (!address_target_find(context, host, address, &target, error))
      return NULL;
    warn_of_former(host, address, target.nic, plan);
    Draft *draft = draft_for(drafts, assignments, &target, address->family);
    draft->is_default = draft->is_default || address->nic[0] == '\0';
    g_ptr_array_add(draft->assignment->addresses, address);
  }
  if (host == NULL)
    return g_steal_pointer(&assignments);
  family_each (af) {
    mark_default(context, drafts, af);
    mark_default_by_gateway(context, host, drafts, af, host_plain_gateway(context, host, af));
  }
  for (guint i = 0; i < drafts->len; i++)
    if (!is_meant_by_one_name(host, &g_array_index(drafts, Draft, i), error) ||
        !has_room(host, &g_array_index(drafts, Draft, i), error) ||
        !choose_gateway(context, host, &g_array_index(drafts, Draft, i), error))
      return NULL;
  for (guint i = 0; i < drafts->len; i++) {
    warn_of_idle(host, &g_array_index(drafts, Draft, i), plan);
    warn_of_missing_below(context, host, &g_array_index(drafts, Draft, i), plan);
  }
  warn_of_unused_gateway(host, drafts, plan);
  if (!make_profiles(context, drafts, made, plan, error))
    return NULL;
  return g_steal_pointer(&assignments);
}

/* The NIC of the first port, in order of position, that names PROFILE as its controller. */
static const Nic *first_port_nic(const PlanContext *context, const Profile *profile) {
  const Nic *first = NULL;

  list_each (const Profile *, port, context->profiles->items) {
    if (port->nic == NULL || port->controller == NULL)
      continue;
    if (g_strcmp0(port->controller, profile->uuid) != 0 && g_strcmp0(port->controller, profile->interface_name) != 0 &&
        g_strcmp0(port->controller, profile->id) != 0)
      continue;
    if (first == NULL || port->nic->position < first->position)
      first = port->nic;
  }
  return first;
}

static const Nic *nic_below(const PlanContext *context, const Profile *profile) {
  const Profile *parent = parent_of(context, profile);
  const Nic *nic = NULL;

  if (profile->nic != NULL)
    return profile->nic;
  nic = first_port_nic(context, profile);
  if (nic == NULL && parent != NULL)
    nic = parent->nic != NULL ? parent->nic : first_port_nic(context, parent);
  return nic;
}

const Nic *identity_default_nic(const PlanContext *context) {
  const NicList *nics = &context->facts->nics;
  const Nic *nic = NULL;
  AddressTarget target;

  if (address_target_default_route(context, AF_INET, &target) ||
      address_target_default_route(context, AF_INET6, &target)) {
    nic = target.nic;
    if (nic == NULL && target.profile != NULL)
      nic = nic_below(context, target.profile);
  }
  if (nic != NULL)
    return nic;
  return nics->count == 0 ? NULL : &nics->items[0];
}
