/* profile-addresses.c - addresses, gateway, DNS and method of a profile on a clone */
#include "profile-addresses.h"

#include <NetworkManager.h>
#include <arpa/inet.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "decide/addresses.h"
#include "outcome.h"
#include "profile-assignment.h"
#include "profiles/keyfile/keyfile-addresses.h"

/* One family of one profile. */
typedef struct {
  const PlanContext *context;
  ProfileEdit *edit;
  Plan *plan;
  const char *group; /* "ipv4" or "ipv6" */
  const Outcome *outcome;
} Family;

static const char *family_name(const Family *family) {
  return address_family_name(family->outcome->family);
}

char *profile_addresses_list(char **items) {
  g_autofree char *joined = items != NULL ? g_strjoinv(";", items) : NULL;

  return joined != NULL ? g_strconcat(joined, ";", NULL) : NULL;
}

/* libnm reads addr-gen-mode otherwise where the group is there without it than where there is no group at all
 * (nm-keyfile.c, ip6_addr_gen_mode_parser): a group that is added says what was meant without it. */
static void ensure_group(const Family *family) {
  g_autoptr(NMSetting) setting = NULL;

  if (family->outcome->family != AF_INET6 || keyfile_text_has_group(family->edit->text, family->group))
    return;
  setting = nm_setting_ip6_config_new();
  g_autofree char *mode = nm_utils_enum_to_str(nm_setting_ip6_config_addr_gen_mode_get_type(),
                                               nm_setting_ip6_config_get_addr_gen_mode(NM_SETTING_IP6_CONFIG(setting)));
  profile_edit_set(family->edit, family->group, "addr-gen-mode", mode);
}

static void check_routes(const Family *family) {
  const KeyfileText *text = family->edit->text;
  const int af = family->outcome->family;
  g_auto(GStrv) keys = keyfile_route_keys(text, af);

  for (char **key = keys; *key != NULL; key++) {
    g_autofree char *value = keyfile_text_get(text, family->group, *key);
    g_autofree char *next_hop = keyfile_route_next_hop(text, af, *key);

    if (next_hop != NULL && !outcome_is_reachable(family->outcome, next_hop) &&
        !keyfile_route_is_on_link(text, af, *key))
      plan_warn(family->plan,
                "%s: %s.%s = %s: the next hop %s is in none of the new prefixes; the route stays as it is, check "
                "whether this machine needs another.",
                family->edit->profile->path, family->group, *key, value, next_hop);
  }
}

static void drop_route(const Family *family, const char *key, const char *next_hop) {
  g_autofree char *options = g_strconcat(key, "_options", NULL);

  (void)profile_edit_remove(family->edit, family->group, key);
  (void)profile_edit_remove(family->edit, family->group, options);
  /* Without a new gateway the old one is said to be removed, however it was written. */
  if (family->outcome->kind != OUTCOME_STATIC || family->outcome->gateway != NULL)
    list_say(family->edit->reasons, "the template's default route by %s removed", next_hop);
}

/* A default route that is written as a route is the template's gateway, and goes as that does. It stays where it is by
 * the new gateway, or where no prefix had to hold its next hop and nothing takes its place. TRUE: one is by the new
 * gateway. */
static gboolean settle_default_routes(const Family *family) {
  const KeyfileText *text = family->edit->profile->text;
  const int af = family->outcome->family;
  const char *gateway = family->outcome->gateway;
  g_auto(GStrv) keys = keyfile_route_keys(text, af);
  gboolean found = FALSE;

  for (char **key = keys; *key != NULL; key++) {
    if (!keyfile_route_is_default(text, af, *key))
      continue;
    g_autofree char *next_hop = keyfile_route_next_hop(text, af, *key);
    if (g_strcmp0(next_hop, gateway) == 0)
      found = TRUE;
    else if (gateway != NULL || family->outcome->kind != OUTCOME_STATIC || !keyfile_route_is_on_link(text, af, *key))
      drop_route(family, *key, next_hop);
  }
  return found;
}

/* Addresses where the old ones stood; the gateway where it stood, else behind them. */
static void write_addresses(const Family *family) {
  const KeyfileText *text = family->edit->profile->text;
  g_auto(GStrv) addresses = address_texts(family->outcome->addresses);
  const char *gateway = family->outcome->gateway;
  g_auto(GStrv) old_keys = keyfile_address_keys(text, family->outcome->family);
  g_autofree char *old_gateway = keyfile_text_get(text, family->group, "gateway");
  g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);

  for (guint i = 0; addresses[i] != NULL; i++) {
    g_ptr_array_add(pairs, g_strdup_printf("address%u", i + 1));
    g_ptr_array_add(pairs, g_strdup(addresses[i]));
  }
  if (!settle_default_routes(family) && gateway != NULL && old_gateway == NULL) {
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

/* A tokenised interface identifier (nm-settings(5), ipv6.token) is a static address in all but name. */
static void drop_token(const Family *family) {
  if (family->outcome->family == AF_INET6 && profile_edit_remove(family->edit, family->group, "token"))
    list_say(family->edit->reasons, "the template's ipv6.token removed");
}

static void set_dns(const Family *family) {
  g_autofree char *dns = profile_addresses_list(family->outcome->dns);
  g_autofree char *search = profile_addresses_list(family->outcome->search);

  if (dns != NULL && profile_edit_set(family->edit, family->group, "dns", dns))
    list_say(family->edit->reasons, "%s DNS by the policy", family_name(family));
  if (search != NULL && profile_edit_set(family->edit, family->group, "dns-search", search))
    list_say(family->edit->reasons, "DNS search domains by the policy");
}

static void say_reason(const Family *family) {
  g_autofree char *reason = outcome_reason(family->context, family->outcome);

  if (reason != NULL)
    list_say(family->edit->reasons, "%s", reason);
}

static void set_static(const Family *family) {
  g_autofree char *method = keyfile_text_get(family->edit->profile->text, family->group, "method");
  g_autofree char *old = keyfile_gateway(family->edit->profile->text, family->outcome->family);

  ensure_group(family);
  drop_token(family);
  write_addresses(family);
  /* A shared interface hands out addresses of its own address's network, and is a DNS server itself. */
  if (g_strcmp0(method, "shared") != 0 || family->outcome->addresses->len > 1) {
    profile_edit_set(family->edit, family->group, "method", "manual");
    set_dns(family);
  }
  say_reason(family);
  if (old != NULL && family->outcome->gateway == NULL)
    list_say(family->edit->reasons, "the template's gateway %s removed", old);
  check_routes(family);
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
  g_auto(GStrv) keys = keyfile_address_keys(family->edit->profile->text, family->outcome->family);
  const gboolean had = keys[0] != NULL;

  if (had)
    profile_edit_replace(family->edit, family->group, (const char *const *)keys, nothing);
  (void)settle_default_routes(family);
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

static void set_disabled(const Family *family) {
  g_autofree char *method = keyfile_text_get(family->edit->profile->text, family->group, "method");

  drop_token(family);
  disable(family);
  if (g_strcmp0(method, "disabled") != 0)
    say_reason(family);
}

static void set_auto(const Family *family) {
  g_autofree char *old = keyfile_text_get(family->edit->profile->text, family->group, "method");
  g_autofree char *method = NULL;
  g_autofree char *dns = profile_addresses_list(family->outcome->dns);

  drop_token(family);
  if (family->outcome->had_static && remove_addresses(family)) {
    if (g_strcmp0(old, "manual") == 0)
      profile_edit_set(family->edit, family->group, "method", "auto");
    if (g_strcmp0(old, "manual") == 0)
      say_reason(family);
    else
      list_say(family->edit->reasons, "the template's static %s addresses removed", family_name(family));
  }
  method = keyfile_text_get(family->edit->text, family->group, "method");
  if (dns != NULL && g_strcmp0(method, "auto") == 0 && profile_edit_set(family->edit, family->group, "dns", dns))
    list_say(family->edit->reasons, "%s DNS by the policy", family_name(family));
}

static void leave(const Family *family) {
  const Profile *profile = family->edit->profile;
  g_autofree char *token =
      family->outcome->family == AF_INET6 ? keyfile_text_get(profile->text, family->group, "token") : NULL;

  if (!family->outcome->keeps_token)
    drop_token(family);
  else if (token != NULL)
    plan_warn(family->plan, "%s: keeps the template's ipv6.token %s; every clone has the same address with it.",
              profile->path, token);
}

static void set_family(const Family *family) {
  switch (family->outcome->kind) {
  case OUTCOME_STATIC:
    set_static(family);
    break;
  case OUTCOME_AUTO:
    set_auto(family);
    break;
  case OUTCOME_DISABLED:
    set_disabled(family);
    break;
  case OUTCOME_LEAVE:
    leave(family);
    break;
  }
}

void profile_addresses_apply(const PlanContext *context, ProfileEdit *edit, Plan *plan) {
  family_each (af) {
    g_auto(Outcome) outcome = {0};
    outcome_of(context, edit->profile, af, plan, &outcome);
    const Family family = {
        .context = context, .edit = edit, .plan = plan, .group = af == AF_INET ? "ipv4" : "ipv6", .outcome = &outcome};
    set_family(&family);
  }
}
