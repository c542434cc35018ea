/* netplan-family.c - what one address family of one interface becomes in netplan's files */
#include "netplan-family.h"

#include <netinet/in.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "netplan-places.h"
#include "plan/profile-assignment.h"
#include "profiles/text/yaml-value.h"

typedef struct {
  NetplanPlaces places;
  const Outcome *outcome;
  int family;
} Family;

static const char *const nothing[] = {NULL};

static const char *by_family(const Family *family, const char *v4, const char *v6) {
  return family->family == AF_INET ? v4 : v6;
}

static const char *address_text(const YamlNode *item, int family) {
  const char *text = netplan_address(item);

  return text != NULL && netplan_family(text) == family ? text : NULL;
}

static const char *any_text(const YamlNode *item, int family) {
  return yaml_node_text(item);
}

static gboolean replace_addresses(Family *family, const char *const *values, GError **error) {
  static const ListName addresses = {NULL, "addresses"};

  return places_replace(&family->places, addresses, address_text, family->family, values, error);
}

static gboolean replace_servers(Family *family, const char *const *values, GError **error) {
  static const ListName servers = {"nameservers", "addresses"};

  return places_replace(&family->places, servers, address_text, family->family, values, error);
}

/* The policy's servers and search domains. */
static gboolean set_dns(Family *family, GError **error) {
  static const ListName search = {"nameservers", "search"};

  if (family->outcome->dns != NULL && !replace_servers(family, (const char *const *)family->outcome->dns, error))
    return FALSE;
  return family->outcome->search == NULL || places_replace(&family->places, search, any_text, family->family,
                                                           (const char *const *)family->outcome->search, error);
}

/* gateway4 and gateway6 where the file had one, else the default route. */
static gboolean set_gateway(Family *family, GError **error) {
  const char *key = by_family(family, "gateway4", "gateway6");
  const char *gateway = family->outcome->gateway;
  const gboolean on_link = gateway != NULL && !outcome_is_reachable(family->outcome, gateway);
  const gboolean old_style = gateway != NULL && !on_link && places_text(&family->places, key) != NULL;
  gboolean found = FALSE;

  if (!(old_style ? places_set(&family->places, key, gateway, FALSE, error)
                  : places_remove(&family->places, key, error)) ||
      !places_default_route(&family->places, family->family, old_style ? NULL : gateway, on_link, &found, error))
    return FALSE;
  return gateway == NULL || old_style || found ||
         places_add_route(&family->places, family->family, gateway, on_link, error);
}

static gboolean set_if_there(Family *family, const char *key, const char *bare, GError **error) {
  const char *old = places_text(&family->places, key);

  return old == NULL || netplan_is_true(old) == netplan_is_true(bare) ||
         places_set(&family->places, key, bare, FALSE, error);
}

/* A tokenised interface identifier is a static address in all but name. */
static gboolean drop_token(Family *family, GError **error) {
  return family->family == AF_INET || places_remove(&family->places, "ipv6-address-token", error);
}

static gboolean set_static(Family *family, GError **error) {
  g_auto(GStrv) addresses = address_texts(family->outcome->addresses);

  return replace_addresses(family, (const char *const *)addresses, error) && set_gateway(family, error) &&
         set_dns(family, error) && drop_token(family, error) &&
         set_if_there(family, by_family(family, "dhcp4", "dhcp6"), "false", error);
}

/* The template's addresses, gateway and, where nothing takes their place, name servers. */
static gboolean remove_static(Family *family, GError **error) {
  gboolean found;

  return replace_addresses(family, nothing, error) &&
         places_remove(&family->places, by_family(family, "gateway4", "gateway6"), error) &&
         places_default_route(&family->places, family->family, NULL, FALSE, &found, error) &&
         (family->outcome->dns != NULL || !profile_takes_dns(family->places.profile, family->family) ||
          replace_servers(family, nothing, error));
}

/* The address that IPv6 makes itself is there unless a list without it says otherwise. */
static gboolean set_link_local(Family *family, gboolean on, GError **error) {
  return places_set_word(&family->places, "link-local", "ipv6", on, error);
}

/* DHCPv6 waits for a router that says so, and asks from the link-local address. */
static gboolean accept_routers(Family *family, GError **error) {
  return family->family == AF_INET ||
         (set_if_there(family, "accept-ra", "true", error) && set_link_local(family, TRUE, error));
}

/* Its definition as the files are now. */
static NetplanInterface *interface_of(const Family *family) {
  return netplan_interface(family->places.edit->files, family->places.profile->id);
}

/* KEY of the mapping MAPPING in every file that has it; a later file's word counts. */
static GHashTable *words_of(const NetplanInterface *interface, const char *mapping) {
  GHashTable *words = g_hash_table_new(g_str_hash, g_str_equal);

  for (guint i = 0; i < interface->nodes->len; i++) {
    const YamlNode *node = yaml_node_resolve(yaml_node_get(interface->nodes->pdata[i], mapping));
    for (guint j = 0; node != NULL && node->kind == YAML_KIND_MAPPING && j < node->children->len; j++) {
      const YamlNode *value = yaml_node_resolve(yaml_node_child(node, j));
      if (yaml_node_text(value) != NULL)
        g_hash_table_insert(words, yaml_node_child(node, j)->key->text, value->text);
    }
  }
  return words;
}

static gboolean are_alike(GHashTable *one, GHashTable *other) {
  GHashTableIter iterator;
  gpointer key, value;

  g_hash_table_iter_init(&iterator, one);
  while (g_hash_table_iter_next(&iterator, &key, &value))
    if (g_strcmp0(value, g_hash_table_lookup(other, key)) != 0)
      return FALSE;
  return g_hash_table_size(one) == g_hash_table_size(other);
}

/* For networkd netplan refuses DHCP in both families with other dhcp6-overrides than dhcp4-overrides: the unit has one
 * set of them. */
static gboolean must_agree(const Family *family, const NetplanInterface *interface) {
  return interface != NULL && !netplan_is_manager(family->places.edit->files, interface) &&
         netplan_is_true(netplan_text(interface, by_family(family, "dhcp6", "dhcp4")));
}

/* Without dhcp6 a router's word still begins DHCPv6 (systemd.network(5), DHCPv6Client=). */
static gboolean is_left_to_routers(const Family *family) {
  g_autoptr(NetplanInterface) interface = interface_of(family);
  g_autoptr(GHashTable) v4 = NULL;
  g_autoptr(GHashTable) v6 = NULL;

  if (family->family == AF_INET || !must_agree(family, interface))
    return FALSE;
  v4 = words_of(interface, "dhcp4-overrides");
  v6 = words_of(interface, "dhcp6-overrides");
  return !are_alike(v4, v6);
}

/* DHCPv4 has no router that begins it: it gets the overrides that DHCPv6 has. Its own, where it has some, are
 * somebody's choice; where they differ netplan's refusal says so. */
static gboolean share_overrides(Family *family, GError **error) {
  g_autoptr(NetplanInterface) interface = interface_of(family);
  g_autoptr(GHashTable) words = NULL;
  g_autoptr(GList) keys = NULL;
  g_autoptr(GString) said = g_string_new(NULL);

  if (family->family == AF_INET6 || !must_agree(family, interface) ||
      netplan_value(interface, "dhcp4-overrides", NULL) != NULL)
    return TRUE;
  words = words_of(interface, "dhcp6-overrides");
  if (g_hash_table_size(words) == 0)
    return TRUE;
  keys = g_list_sort(g_hash_table_get_keys(words), (GCompareFunc)strcmp);
  YamlValue *overrides = yaml_value_mapping();
  for (const GList *key = keys; key != NULL; key = key->next) {
    const char *word = g_hash_table_lookup(words, key->data);
    yaml_value_add(overrides, key->data, yaml_is_typed(word) ? yaml_value_bare(word) : yaml_value_text(word));
    g_string_append_printf(said, "%s%s: %s", said->len > 0 ? ", " : "", (const char *)key->data, word);
  }
  plan_warn(family->places.edit->plan,
            "%s: %s: DHCPv4 gets the dhcp6-overrides too (%s), because netplan wants both alike; where it must not, "
            "write dhcp4-overrides, or give the clone an address.",
            family->places.profile->path, interface->id, said->str);
  return places_add(&family->places, "dhcp4-overrides", overrides, error);
}

/* What is added comes before what goes: a mapping that is never empty keeps its style. */
static gboolean set_auto(Family *family, GError **error) {
  const char *key = by_family(family, "dhcp4", "dhcp6");
  const gboolean is_on = netplan_is_true(places_text(&family->places, key)) || is_left_to_routers(family);

  if (family->outcome->had_static &&
      !((is_on || places_set(&family->places, key, "true", TRUE, error)) && share_overrides(family, error) &&
        accept_routers(family, error) && remove_static(family, error)))
    return FALSE;
  return set_dns(family, error) && drop_token(family, error);
}

static gboolean refuses_routers(const Family *family) {
  const char *accepts = places_text(&family->places, "accept-ra");

  return accepts != NULL && !netplan_is_true(accepts);
}

static gboolean set_disabled(Family *family, GError **error) {
  if (!remove_static(family, error) || !drop_token(family, error) ||
      !set_if_there(family, by_family(family, "dhcp4", "dhcp6"), "false", error))
    return FALSE;
  if (family->family == AF_INET || family->outcome->no_auto)
    return TRUE;
  return (refuses_routers(family) || places_set(&family->places, "accept-ra", "false", TRUE, error)) &&
         set_link_local(family, FALSE, error);
}

/* NetworkManager's own keys ---------------------------------------------------------------------------------------*/

static char *passed_key(const Family *family, const char *key) {
  return g_strdup_printf("%s.%s", by_family(family, "ipv4", "ipv6"), key);
}

/* The family stands there, and not in netplan's words. */
static gboolean is_passed(const Family *family) {
  g_autofree char *address = passed_key(family, "address1");
  g_autofree char *method = passed_key(family, "method");

  return places_are_in(&family->places, "nm-devices") || places_passed(&family->places, address) != NULL ||
         places_passed(&family->places, method) != NULL;
}

static gboolean pass(Family *family, const char *key, const char *value, gboolean add, GError **error) {
  g_autofree char *name = passed_key(family, key);

  return places_pass(&family->places, name, value, add, error);
}

static gboolean pass_addresses(Family *family, char **addresses, GError **error) {
  const guint count = addresses != NULL ? g_strv_length(addresses) : 0;

  for (guint i = 1;; i++) {
    g_autofree char *key = g_strdup_printf("address%u", i);
    g_autofree char *name = passed_key(family, key);

    if (i > count && places_passed(&family->places, name) == NULL)
      return TRUE;
    if (!pass(family, key, i <= count ? addresses[i - 1] : NULL, TRUE, error))
      return FALSE;
  }
}

/* Where NetworkManager wrote the file, a static profile stands in it twice: in netplan's words too, and of both the
 * connection is made. What netplan's words say of the family agrees with what is handed through, or goes. */
static gboolean set_twice_said(Family *family, char **addresses, GError **error) {
  static const ListName own = {NULL, "addresses"};
  static const ListName servers = {"nameservers", "addresses"};
  gboolean found;

  if (addresses == NULL)
    return remove_static(family, error);
  return (!places_has(&family->places, own, address_text, family->family) ||
          replace_addresses(family, (const char *const *)addresses, error)) &&
         places_remove(&family->places, by_family(family, "gateway4", "gateway6"), error) &&
         places_default_route(&family->places, family->family, NULL, FALSE, &found, error) &&
         (family->outcome->dns == NULL || !places_has(&family->places, servers, address_text, family->family) ||
          replace_servers(family, (const char *const *)family->outcome->dns, error));
}

static gboolean set_passed(Family *family, GError **error) {
  const Outcome *outcome = family->outcome;
  const gboolean is_static = outcome->kind == OUTCOME_STATIC;
  g_auto(GStrv) addresses = is_static ? address_texts(outcome->addresses) : NULL;
  g_autofree char *joined = outcome->dns != NULL ? g_strjoinv(";", outcome->dns) : NULL;
  g_autofree char *dns = joined != NULL ? g_strconcat(joined, ";", NULL) : NULL;
  const char *method = is_static ? "manual" : outcome->kind == OUTCOME_AUTO ? "auto" : "disabled";

  if (outcome->kind == OUTCOME_AUTO && !outcome->had_static)
    return dns == NULL || pass(family, "dns", dns, TRUE, error);
  return set_twice_said(family, addresses, error) && drop_token(family, error) &&
         pass(family, "method", method, TRUE, error) && pass_addresses(family, addresses, error) &&
         pass(family, "gateway", outcome->gateway, TRUE, error) &&
         (dns == NULL && is_static ? TRUE : pass(family, "dns", dns, dns != NULL, error)) &&
         pass(family, "token", NULL, FALSE, error);
}

/* -----------------------------------------------------------------------------------------------------------------*/

static const char *lost_hop(const YamlNode *route, const Outcome *outcome) {
  const char *via = yaml_node_text(yaml_node_get(route, "via"));

  if (via == NULL || netplan_family(via) != outcome->family || netplan_is_default(route, outcome->family) ||
      netplan_is_true(yaml_node_text(yaml_node_get(route, "on-link"))) || outcome_is_reachable(outcome, via))
    return NULL;
  return via;
}

static void check_routes(const Family *family) {
  const NetplanEdit *edit = family->places.edit;
  g_autoptr(NetplanInterface) interface = interface_of(family);

  if (interface == NULL)
    return;
  g_autoptr(GPtrArray) routes = netplan_items(interface, "routes");
  list_each (const YamlNode *, route, routes) {
    const char *hop = lost_hop(route, family->outcome);
    if (hop != NULL)
      plan_warn(edit->plan,
                "%s: %s: the next hop %s of a route is in none of the new prefixes; the route stays as it is, check "
                "whether this machine needs another.",
                family->places.profile->path, interface->id, hop);
  }
}

static gboolean leave(Family *family, GError **error) {
  const char *token = family->family == AF_INET6 ? places_text(&family->places, "ipv6-address-token") : NULL;

  if (!family->outcome->keeps_token)
    return drop_token(family, error);
  if (token != NULL)
    plan_warn(family->places.edit->plan,
              "%s: keeps the template's ipv6-address-token %s; every clone has the same address with it.",
              family->places.profile->path, token);
  return TRUE;
}

static gboolean set_family(Family *family, GError **error) {
  if (family->outcome->kind != OUTCOME_LEAVE && is_passed(family))
    return set_passed(family, error);
  switch (family->outcome->kind) {
  case OUTCOME_STATIC:
    return set_static(family, error);
  case OUTCOME_AUTO:
    return set_auto(family, error);
  case OUTCOME_DISABLED:
    return set_disabled(family, error);
  case OUTCOME_LEAVE:
    break;
  }
  return leave(family, error);
}

gboolean netplan_edit_family(NetplanEdit *edit, const Profile *profile, const Outcome *outcome, GError **error) {
  g_autoptr(GPtrArray) touched = g_ptr_array_new();
  Family family = {
      .places = {.edit = edit, .profile = profile, .touched = touched}, .outcome = outcome, .family = outcome->family};
  g_autofree char *reason = outcome_reason(edit->context, outcome);

  if (!set_family(&family, error))
    return FALSE;
  if (outcome->kind == OUTCOME_STATIC)
    check_routes(&family);
  for (guint i = 0; i < touched->len; i++)
    netplan_edit_say(edit, touched->pdata[i], "%s: %s", profile->id,
                     reason != NULL ? reason : "the template's IPv6 token removed");
  return TRUE;
}
