/* profile-addresses.c - addresses, gateway, DNS and method of a profile on a clone */
#include "profile-addresses.h"

#include <NetworkManager.h>
#include <arpa/inet.h>
#include <string.h>

/* One family of one profile. */
typedef struct {
  const PlanContext *context;
  ProfileEdit *edit;
  Plan *plan;
  const char *group; /* "ipv4" or "ipv6" */
  int family;
  const Assignment *assignment; /* NULL: none, or none with an address */
  NetworkPolicy network;        /* borrows from the policy */
} Family;

static const int families[] = {AF_INET, AF_INET6};

static const char *family_name(int family) {
  return family == AF_INET ? "IPv4" : "IPv6";
}

/* A copy with the same UUID gets what the file gets that NetworkManager takes: which one that is may change. */
static gboolean is_copy_of(const Profile *profile, const Profile *other) {
  return profile != NULL && other != NULL && profile->uuid != NULL && other->uuid != NULL &&
         g_ascii_strcasecmp(profile->uuid, other->uuid) == 0;
}

const Assignment *profile_addresses_assignment(const Identity *identity, const Profile *profile, const Nic *nic,
                                               int family) {
  for (guint i = 0; i < identity->assignments->len; i++) {
    const Assignment *assignment = g_ptr_array_index(identity->assignments, i);

    if ((assignment->profile == profile || is_copy_of(assignment->profile, profile)) && assignment->nic == nic &&
        assignment->family == family && assignment->addresses->len > 0)
      return assignment;
  }
  return NULL;
}

char *profile_addresses_text(const PolicyAddress *address) {
  return g_strdup_printf("%s/%u", address->text, address->prefix);
}

static char *list_of_family(const PolicyAddresses *addresses, int family) {
  GString *list = g_string_new(NULL);

  for (size_t i = 0; i < addresses->count; i++)
    if (addresses->items[i].family == family)
      g_string_append_printf(list, "%s;", addresses->items[i].text);
  if (list->len > 0)
    return g_string_free(list, FALSE);
  g_string_free(list, TRUE);
  return NULL;
}

char *profile_addresses_dns(const HostPolicy *host, const NetworkPolicy *network, int family) {
  if (host != NULL && host->dns.count > 0)
    return list_of_family(&host->dns, family);
  return list_of_family(&network->dns, family);
}

char *profile_addresses_dns_search(const HostPolicy *host, const NetworkPolicy *network) {
  char **domains = host != NULL && host->dns_search != NULL ? host->dns_search : network->dns_search;
  g_autofree char *joined = domains != NULL && domains[0] != NULL ? g_strjoinv(";", domains) : NULL;

  return joined != NULL ? g_strconcat(joined, ";", NULL) : NULL;
}

/* IPv4's go without saying. */
static gboolean parse_ip(int family, const char *text, PolicyAddress *address) {
  *address = (PolicyAddress){.family = family, .prefix = family == AF_INET ? 32 : 128};
  return inet_pton(family, text, &address->ip) == 1;
}

static gboolean is_reachable(const Assignment *assignment, const PolicyAddress *hop) {
  if (hop->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&hop->ip.v6))
    return TRUE;
  for (guint i = 0; i < assignment->addresses->len; i++)
    if (policy_address_contains(g_ptr_array_index(assignment->addresses, i), hop))
      return TRUE;
  return FALSE;
}

/* The policy says a gateway of this family, and not for this profile. */
static gboolean default_route_is_elsewhere(const Family *family) {
  const GPtrArray *assignments = family->context->identity->assignments;

  for (guint i = 0; i < assignments->len; i++) {
    const Assignment *assignment = g_ptr_array_index(assignments, i);

    if (assignment != family->assignment && assignment->family == family->family && assignment->gateway != NULL)
      return TRUE;
  }
  return FALSE;
}

/* The gateway that the profile has afterwards: the given one, else its old one where a new prefix holds it. */
static char *choose_gateway(const Family *family) {
  g_autofree char *old = profile_gateway(family->edit->profile->text, family->family);
  PolicyAddress address;

  if (family->assignment->gateway != NULL)
    return g_strdup(family->assignment->gateway->text);
  if (old == NULL)
    return NULL;
  if (default_route_is_elsewhere(family)) {
    profile_edit_say(family->edit, "the template's gateway %s removed: the policy gives the default route another NIC",
                     old);
    return NULL;
  }
  if (parse_ip(family->family, old, &address) && is_reachable(family->assignment, &address))
    return g_steal_pointer(&old);
  plan_warn(family->plan,
            "%s: the gateway %s is in none of the new %s prefixes and is dropped; set gateway in the policy if this "
            "machine needs one.",
            family->edit->profile->path, old, family_name(family->family));
  return NULL;
}

/* libnm reads addr-gen-mode otherwise where the group is there without it than where there is no group at all
 * (nm-keyfile.c, ip6_addr_gen_mode_parser): a group that is added says what was meant without it. */
static void ensure_group(const Family *family) {
  g_autoptr(NMSetting) setting = NULL;
  g_autofree char *mode = NULL;

  if (family->family != AF_INET6 || keyfile_text_has_group(family->edit->text, family->group))
    return;
  setting = nm_setting_ip6_config_new();
  mode = nm_utils_enum_to_str(nm_setting_ip6_config_addr_gen_mode_get_type(),
                              nm_setting_ip6_config_get_addr_gen_mode(NM_SETTING_IP6_CONFIG(setting)));
  profile_edit_set(family->edit, family->group, "addr-gen-mode", mode);
}

/* Addresses where the old ones stood; the gateway where it stood, else behind them. */
static void write_addresses(const Family *family, const char *gateway) {
  const KeyfileText *text = family->edit->profile->text;
  const GPtrArray *addresses = family->assignment->addresses;
  g_auto(GStrv) old_keys = profile_address_keys(text, family->family);
  g_autofree char *old_gateway = keyfile_text_get(text, family->group, "gateway");
  g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);

  for (guint i = 0; i < addresses->len; i++) {
    g_ptr_array_add(pairs, g_strdup_printf("address%u", i + 1));
    g_ptr_array_add(pairs, profile_addresses_text(g_ptr_array_index(addresses, i)));
  }
  if (gateway != NULL && old_gateway == NULL) {
    g_ptr_array_add(pairs, g_strdup("gateway"));
    g_ptr_array_add(pairs, g_strdup(gateway));
  }
  g_ptr_array_add(pairs, NULL);
  profile_edit_replace(family->edit, family->group, (const char *const *)old_keys, (const char *const *)pairs->pdata);
  if (old_gateway != NULL && gateway != NULL)
    profile_edit_set(family->edit, family->group, "gateway", gateway);
  else if (old_gateway != NULL)
    profile_edit_remove(family->edit, family->group, "gateway");
}

static char *list_addresses(const GPtrArray *addresses) {
  GString *list = g_string_new(NULL);

  for (guint i = 0; i < addresses->len; i++) {
    g_autofree char *text = profile_addresses_text(g_ptr_array_index(addresses, i));

    g_string_append_printf(list, "%s%s", i == 0 ? "" : ", ", text);
  }
  return g_string_free(list, FALSE);
}

/* DEST/PREFIX,NEXT-HOP,METRIC; the options may say that the hop is on the link all the same. */
static void check_route(const Family *family, const char *key) {
  const KeyfileText *text = family->edit->profile->text;
  g_autofree char *value = keyfile_text_get(text, family->group, key);
  g_autofree char *options_key = g_strconcat(key, "_options", NULL);
  g_autofree char *options = keyfile_text_get(text, family->group, options_key);
  g_auto(GStrv) fields = g_strsplit_set(value, "/;,", -1);
  PolicyAddress hop;

  if (g_strv_length(fields) < 3 || !parse_ip(family->family, fields[2], &hop))
    return;
  if (strcmp(fields[2], "0.0.0.0") == 0 || strcmp(fields[2], "::") == 0 || is_reachable(family->assignment, &hop))
    return;
  if (options != NULL && strstr(options, "onlink=true") != NULL)
    return;
  plan_warn(family->plan,
            "%s: %s.%s = %s: the next hop %s is in none of the new prefixes; the route stays as it is, check whether "
            "this machine needs another.",
            family->edit->profile->path, family->group, key, value, fields[2]);
}

static gboolean is_route_key(const char *key) {
  const char *number;

  if (!g_str_has_prefix(key, "route"))
    return FALSE;
  number = key + strlen("route") + (key[strlen("route")] == 's' ? 1 : 0);
  return strspn(number, "0123456789") == strlen(number);
}

static void check_routes(const Family *family) {
  g_auto(GStrv) keys = keyfile_text_keys(family->edit->profile->text, family->group);

  for (char **key = keys; *key != NULL; key++)
    if (is_route_key(*key))
      check_route(family, *key);
}

/* A tokenised interface identifier (nm-settings(5), ipv6.token) is a static address in all but name. */
static void drop_token(const Family *family) {
  if (family->family == AF_INET6 && profile_edit_remove(family->edit, family->group, "token"))
    profile_edit_say(family->edit, "the template's ipv6.token removed");
}

static void set_dns(const Family *family) {
  const HostPolicy *host = family->context->identity->host;
  g_autofree char *dns = profile_addresses_dns(host, &family->network, family->family);
  g_autofree char *search = profile_addresses_dns_search(host, &family->network);

  if (dns != NULL && profile_edit_set(family->edit, family->group, "dns", dns))
    profile_edit_say(family->edit, "%s DNS by the policy", family_name(family->family));
  if (search != NULL && profile_edit_set(family->edit, family->group, "dns-search", search))
    profile_edit_say(family->edit, "DNS search domains by the policy");
}

static void apply_assignment(const Family *family) {
  const HostPolicy *host = family->context->identity->host;
  g_autofree char *method = keyfile_text_get(family->edit->profile->text, family->group, "method");
  g_autofree char *gateway = choose_gateway(family);
  g_autofree char *list = list_addresses(family->assignment->addresses);

  ensure_group(family);
  drop_token(family);
  write_addresses(family, gateway);
  /* A shared interface hands out addresses of its own address's network, and is a DNS server itself. */
  if (g_strcmp0(method, "shared") != 0 || family->assignment->addresses->len > 1) {
    profile_edit_set(family->edit, family->group, "method", "manual");
    set_dns(family);
  }
  profile_edit_say(family->edit, "address %s by [host %s]", list, host != NULL ? host->name : "");
  if (gateway != NULL)
    profile_edit_say(family->edit, "gateway %s", gateway);
  check_routes(family);
}

/* libnm goes by the settings that are there and not by the type. */
static gboolean is_wireguard(const Profile *profile) {
  g_auto(GStrv) groups = keyfile_text_groups(profile->text);

  for (char **group = groups; *group != NULL; group++)
    if (strcmp(*group, "wireguard") == 0 || g_str_has_prefix(*group, "wireguard-peer."))
      return TRUE;
  return FALSE;
}

/* Links on which no DHCP server or router answers: what `auto` would mean for them is nothing. */
static gboolean has_no_auto(const Profile *profile) {
  static const char *const types[] = {"dummy", "ip-tunnel", "tun", "vrf", NULL};

  return (profile->type != NULL && g_strv_contains(types, profile->type)) || is_wireguard(profile);
}

static gboolean remove_keys(const Family *family, const char *const *keys) {
  gboolean removed = FALSE;

  for (; *keys != NULL; keys++)
    removed = profile_edit_remove(family->edit, family->group, *keys) || removed;
  return removed;
}

static gboolean remove_addresses(const Family *family) {
  static const char *const gateway[] = {"gateway", NULL};
  static const char *const nothing[] = {NULL};
  g_auto(GStrv) keys = profile_address_keys(family->edit->profile->text, family->family);
  const gboolean had = keys[0] != NULL;

  if (had)
    profile_edit_replace(family->edit, family->group, (const char *const *)keys, nothing);
  return remove_keys(family, gateway) || had;
}

/* libnm allows no DNS where the family is off. */
static void disable(const Family *family) {
  static const char *const not_allowed[] = {"dns", "dns-search", NULL};
  g_autofree char *method = keyfile_text_get(family->edit->text, family->group, "method");

  if (g_strcmp0(method, "disabled") == 0)
    return;
  ensure_group(family);
  (void)remove_addresses(family);
  (void)remove_keys(family, not_allowed);
  profile_edit_set(family->edit, family->group, "method", "disabled");
}

static void explain_disabled(const Family *family) {
  g_autofree char *method = keyfile_text_get(family->edit->profile->text, family->group, "method");

  if (g_strcmp0(method, "disabled") != 0)
    profile_edit_say(family->edit, "%s disabled by the policy: no address of its own", family_name(family->family));
}

static void drop_addresses(const Family *family) {
  g_autofree char *method = keyfile_text_get(family->edit->profile->text, family->group, "method");

  if (!remove_addresses(family))
    return;
  if (g_strcmp0(method, "manual") != 0) {
    profile_edit_say(family->edit, "the template's static %s addresses removed", family_name(family->family));
    return;
  }
  if (has_no_auto(family->edit->profile)) {
    disable(family);
    plan_warn(
        family->plan,
        "%s: the template's static %s addresses are removed and the family is disabled, for on such a link nothing "
        "assigns others; give this machine one in the policy, or say method = keep.",
        family->edit->profile->path, family_name(family->family));
    profile_edit_say(family->edit, "the template's static %s addresses removed", family_name(family->family));
    return;
  }
  profile_edit_set(family->edit, family->group, "method", "auto");
  profile_edit_say(family->edit, "%s by DHCP or router in place of the template's static addresses",
                   family_name(family->family));
}

static void warn_of_kept(const Family *family) {
  g_autofree char *token =
      family->family == AF_INET6 ? keyfile_text_get(family->edit->profile->text, family->group, "token") : NULL;
  g_auto(GStrv) addresses = profile_static_addresses(family->edit->profile, family->family);
  g_autofree char *list = g_strjoinv(", ", addresses);

  if (addresses[0] != NULL)
    plan_warn(family->plan, "%s: keeps the template's address %s; every clone has it too.", family->edit->profile->path,
              list);
  if (profile_has_gateway(family->edit->profile, family->family) && default_route_is_elsewhere(family))
    plan_warn(family->plan, "%s: keeps the template's %s gateway beside the one that the policy gives another NIC.",
              family->edit->profile->path, family_name(family->family));
  if (token != NULL)
    plan_warn(family->plan, "%s: keeps the template's ipv6.token %s; every clone has the same address with it.",
              family->edit->profile->path, token);
}

/* Is the DNS said for this NIC itself and not for all? Then it rules over DHCP's too. */
static gboolean has_dns_of_its_own(const Family *family) {
  return family->network.dns_set && family->network.dns.items != family->context->policy->network.dns.items;
}

/* A family that gets no address; OTHER says whether the profile's other one does. */
static void apply_method(const Family *family, gboolean other) {
  const Profile *profile = family->edit->profile;
  const gboolean is_static = profile_has_static_address(profile, family->family);
  g_autofree char *dns = profile_addresses_dns(NULL, &family->network, family->family);
  g_autofree char *method = NULL;

  if (family->network.method == METHOD_KEEP) {
    warn_of_kept(family);
    return;
  }
  drop_token(family);
  if (family->network.method == METHOD_DISABLED) {
    /* A NIC with an address of its own in one family keeps what the other one gets from the network. */
    if (other && !is_static)
      return;
    disable(family);
    explain_disabled(family);
    return;
  }
  if (is_static)
    drop_addresses(family);
  method = keyfile_text_get(family->edit->text, family->group, "method");
  if (dns != NULL && g_strcmp0(method, "auto") == 0 && has_dns_of_its_own(family) &&
      profile_edit_set(family->edit, family->group, "dns", dns))
    profile_edit_say(family->edit, "%s DNS by the policy", family_name(family->family));
}

void profile_addresses_apply(const PlanContext *context, ProfileEdit *edit, Plan *plan) {
  const Profile *profile = edit->profile;
  const char *name = profile->nic != NULL ? profile->nic->name : profile->interface_name;
  Family items[G_N_ELEMENTS(families)];
  const Family *v4 = &items[0];
  const Family *v6 = &items[1];

  for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
    items[i] = (Family){.context = context,
                        .edit = edit,
                        .plan = plan,
                        .group = families[i] == AF_INET ? "ipv4" : "ipv6",
                        .family = families[i],
                        .assignment = profile_addresses_assignment(context->identity, profile, NULL, families[i]),
                        .network = policy_network_for(context->policy, name, profile->nic)};
  for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
    if (items[i].assignment != NULL)
      apply_assignment(&items[i]);
    else if (profile_carries_ip(profile))
      apply_method(&items[i], (families[i] == AF_INET ? v6 : v4)->assignment != NULL);
    else
      warn_of_kept(&items[i]);
  }
}
