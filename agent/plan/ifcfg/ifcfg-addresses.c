/* ifcfg-addresses.c - addresses, gateway, DNS and method of an ifcfg file on a clone */
#include <arpa/inet.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "ifcfg-edit.h"
#include "plan/profile-assignment.h"
#include "profiles/ifcfg/ifcfg-keys.h"
#include "profiles/network-stack.h"

void ifcfg_put(IfcfgEdit *edit, const char *neighbour, const char *key, const char *value) {
  shell_text_remove_overridden(edit->text, key);
  shell_text_set_behind(edit->text, neighbour, key, value);
}

/* NAME with every number but those of KEPT (gint64; NULL: none). */
static void remove_numbers(ShellText *text, const char *name, const GArray *kept) {
  g_autoptr(GArray) numbers = ifcfg_numbered(text, name);

  for (guint i = 0; i < numbers->len; i++) {
    const gint64 number = g_array_index(numbers, gint64, i);
    g_autofree char *key = ifcfg_key(name, number);
    gboolean stays = FALSE;

    for (guint j = 0; kept != NULL && j < kept->len; j++)
      stays = stays || g_array_index(kept, gint64, j) == number;
    if (!stays)
      (void)shell_text_remove(text, key);
  }
}

static gboolean has_numbered(const ShellText *text, const char *name) {
  g_autoptr(GArray) numbers = ifcfg_numbered(text, name);

  return numbers->len > 0;
}

static gboolean has(const ShellText *text, const char *name, gint64 number) {
  g_autofree char *key = ifcfg_key(name, number);

  return shell_text_line(text, key) > 0;
}

/* VALUE NULL: KEY goes. */
static void set_or_remove(ShellText *text, const char *key, const char *value) {
  if (value != NULL)
    shell_text_set(text, key, value);
  else
    (void)shell_text_remove(text, key);
}

/* GATEWAY (NULL: none) where all connections have it in common; FALSE: they do not. */
static gboolean put_common_gateway(const IfcfgEdit *edit, int family, const char *gateway) {
  if (!edit->own->common_gateway[family == AF_INET6] || edit->common == NULL)
    return FALSE;
  set_or_remove(edit->common, family == AF_INET6 ? "IPV6_DEFAULTGW" : "GATEWAY", gateway);
  return TRUE;
}

/* IPv4 -------------------------------------------------------------------------------------------------------------*/

/* The numbers of COUNT addresses: from where the file begins, so that its first line stays the first. The plugin sees
 * no number that is not among -1, 0, 1, 2 or behind another, and takes the gateway of the same number only. */
static GArray *choose_numbers(const ShellText *text, guint count, gboolean gateway) {
  g_autoptr(GArray) there = ifcfg_numbered(text, "IPADDR");
  const gint64 first = there->len > 0 ? g_array_index(there, gint64, 0) : -1;
  const gint64 begin = first > 2 || (gateway && first >= 0 && !has(text, "GATEWAY", first)) ? -1 : first;
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(gint64));

  for (guint i = 0; i < count; i++) {
    const gint64 number = i == 0 ? begin : begin < 0 ? (gint64)i : begin + (gint64)i;

    g_array_append_val(numbers, number);
  }
  return numbers;
}

/* Where the addresses begin: their first line, or what a NIC's file has in front of them. */
static char *first_neighbour(const ShellText *text) {
  static const char *const before[] = {"BOOTPROTO", "ONBOOT", "DEVICE"};
  g_autoptr(GArray) there = ifcfg_numbered(text, "IPADDR");

  if (there->len > 0)
    return ifcfg_key("IPADDR", g_array_index(there, gint64, 0));
  for (gsize i = 0; i < G_N_ELEMENTS(before); i++)
    if (shell_text_line(text, before[i]) > 0)
      return g_strdup(before[i]);
  return NULL;
}

/* One address behind *NEIGHBOUR, which becomes its last key. */
static void put_address(IfcfgEdit *edit, const PolicyAddress *address, gint64 number, gboolean mask_is_usual,
                        char **neighbour) {
  g_autofree char *address_key = ifcfg_key("IPADDR", number);
  g_autofree char *prefix_key = ifcfg_key("PREFIX", number);
  g_autofree char *mask_key = ifcfg_key("NETMASK", number);
  g_autofree char *prefix = g_strdup_printf("%u", address->prefix);
  g_autofree char *mask = address_part(address, PART_MASK);
  const gboolean has_mask = has(edit->text, "NETMASK", number);
  const gboolean has_prefix = has(edit->text, "PREFIX", number);

  ifcfg_put(edit, *neighbour, address_key, address->text);
  if (has_mask || (mask_is_usual && !has_prefix))
    ifcfg_put(edit, address_key, mask_key, mask);
  if (has_prefix || (!mask_is_usual && !has_mask))
    ifcfg_put(edit, address_key, prefix_key, prefix);
  g_free(*neighbour);
  *neighbour = g_strdup(has_prefix || (!mask_is_usual && !has_mask) ? prefix_key : mask_key);
}

/* What can be worked out of the addresses, and was of the template's. */
static void remove_worked_out(IfcfgEdit *edit) {
  remove_numbers(edit->text, "NETWORK", NULL);
  remove_numbers(edit->text, "BROADCAST", NULL);
}

/* SCOPE="peer A" of the network scripts: the far end of a host address is the gateway; another address has none. */
static void put_far_end(IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *scope = ifcfg_value(edit->text, "SCOPE");

  if (scope == NULL || !g_str_has_prefix(scope, "peer "))
    return;
  const gboolean stays = outcome != NULL && outcome->gateway != NULL &&
                         ((const PolicyAddress *)outcome->addresses->pdata[0])->prefix == 32;
  g_autofree char *far_end = stays ? g_strconcat("peer ", outcome->gateway, NULL) : NULL;
  set_or_remove(edit->text, "SCOPE", far_end);
}

/* The gateway where it was said: in this file, or in the one that all have in common. */
static void put_gateway(IfcfgEdit *edit, const Outcome *outcome, gint64 first, const char *neighbour) {
  const gboolean numbered = first >= 0 && has(edit->text, "GATEWAY", first);
  g_autofree char *key = ifcfg_key("GATEWAY", numbered ? first : -1);
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(gint64));
  const gint64 number = numbered ? first : -1;

  if (!put_common_gateway(edit, AF_INET, outcome->gateway) && outcome->gateway != NULL) {
    ifcfg_put(edit, neighbour, key, outcome->gateway);
    g_array_append_val(kept, number);
  }
  remove_numbers(edit->text, "GATEWAY", kept);
}

/* The other end, PEER_INNER_IPADDR, is the peer's. With a prefix where it had one. */
static gboolean put_inner(IfcfgEdit *edit, const Outcome *outcome) {
  const PolicyAddress *address = outcome->addresses->pdata[0];
  g_autofree char *old = ifcfg_value(edit->text, IFCFG_INNER_ADDRESS);
  g_auto(GStrv) whole = address_texts(outcome->addresses);

  if (old == NULL)
    return FALSE;
  ifcfg_put(edit, NULL, IFCFG_INNER_ADDRESS, strchr(old, '/') != NULL ? whole[0] : address->text);
  return TRUE;
}

/* ifup-eth takes GATEWAY where it is in the first address's network, and says nothing where it is not; NetworkManager
 * takes it as it is. */
static void warn_of_unreached(const IfcfgEdit *edit, const Outcome *outcome) {
  const gboolean scripts = !profile_is_managers(edit->profile) || !network_manager_is_installed(edit->context->root);

  if (outcome->gateway != NULL && scripts && !outcome_is_reachable(outcome, outcome->gateway))
    plan_warn(
        edit->plan,
        "%s: the network scripts make no default route by the gateway %s, which is in none of the prefixes: write "
        "it and a route to it into the connection's route file.",
        edit->profile->path, outcome->gateway);
}

static void put_static_ipv4(IfcfgEdit *edit, const Outcome *outcome) {
  g_autoptr(GArray) numbers = choose_numbers(edit->text, outcome->addresses->len, outcome->gateway != NULL);
  const gboolean mask_is_usual = has_numbered(edit->text, "NETMASK") && !has_numbered(edit->text, "PREFIX");
  g_autofree char *neighbour = first_neighbour(edit->text);

  if (put_inner(edit, outcome))
    return;
  for (guint i = 0; i < numbers->len; i++)
    put_address(edit, outcome->addresses->pdata[i], g_array_index(numbers, gint64, i), mask_is_usual, &neighbour);
  remove_numbers(edit->text, "IPADDR", numbers);
  remove_numbers(edit->text, "PREFIX", numbers);
  remove_numbers(edit->text, "NETMASK", numbers);
  remove_worked_out(edit);
  put_gateway(edit, outcome, g_array_index(numbers, gint64, 0), neighbour);
  put_far_end(edit, outcome);
  warn_of_unreached(edit, outcome);
  edit->parts_go = TRUE;
  /* A shared interface hands out addresses of its own address's network. */
  if (!ifcfg_is(edit->text, "BOOTPROTO", "static") &&
      (!ifcfg_is(edit->text, "BOOTPROTO", "shared") || outcome->addresses->len > 1))
    ifcfg_put(edit, "ONBOOT", "BOOTPROTO", "none");
}

static void remove_ipv4(IfcfgEdit *edit) {
  static const char *const names[] = {"IPADDR", "PREFIX", "NETMASK", "GATEWAY"};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    remove_numbers(edit->text, names[i], NULL);
  (void)shell_text_remove(edit->text, IFCFG_INNER_ADDRESS);
  remove_worked_out(edit);
  put_far_end(edit, NULL);
  (void)put_common_gateway(edit, AF_INET, NULL);
  edit->parts_go = TRUE;
}

/* What has addresses by itself, or hands them out, goes on. */
static gboolean is_by_hand(const ShellText *text) {
  g_autofree char *method = ifcfg_value(text, "BOOTPROTO");

  return method == NULL || g_ascii_strcasecmp(method, "none") == 0 || g_ascii_strcasecmp(method, "static") == 0;
}

/* IPv6 -------------------------------------------------------------------------------------------------------------*/

/* A tokenised interface identifier is a static address in all but name. */
static void remove_token(IfcfgEdit *edit) {
  if (shell_text_remove(edit->text, "IPV6_TOKEN"))
    list_say(edit->reasons, "the template's IPV6_TOKEN removed");
}

/* A link-local one means nothing without its NIC. */
static char *scoped_gateway(const IfcfgEdit *edit, const char *gateway) {
  g_autofree char *device = ifcfg_value(edit->text, "DEVICE");
  struct in6_addr address;

  if (device == NULL || inet_pton(AF_INET6, gateway, &address) != 1 || !IN6_IS_ADDR_LINKLOCAL(&address))
    return g_strdup(gateway);
  return g_strdup_printf("%s%%%s", gateway, device);
}

static void put_gateway6(IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *gateway = outcome->gateway != NULL ? scoped_gateway(edit, outcome->gateway) : NULL;

  if (put_common_gateway(edit, AF_INET6, gateway))
    return;
  if (gateway != NULL)
    ifcfg_put(edit, shell_text_line(edit->text, "IPV6ADDR_SECONDARIES") > 0 ? "IPV6ADDR_SECONDARIES" : "IPV6ADDR",
              "IPV6_DEFAULTGW", gateway);
  else
    (void)shell_text_remove(edit->text, "IPV6_DEFAULTGW");
}

static void put_static_ipv6(IfcfgEdit *edit, const Outcome *outcome) {
  g_auto(GStrv) addresses = address_texts(outcome->addresses);
  g_autofree char *others = g_strjoinv(" ", addresses + 1);

  remove_token(edit);
  if (!ifcfg_is_true(edit->text, "IPV6INIT", FALSE))
    ifcfg_put(edit, NULL, "IPV6INIT", "yes");
  (void)shell_text_remove(edit->text, "IPV6_DISABLED");
  if (ifcfg_is_true(edit->text, "IPV6_AUTOCONF", !ifcfg_is_true(edit->text, "IPV6FORWARDING", FALSE)))
    ifcfg_put(edit, "IPV6INIT", "IPV6_AUTOCONF", "no");
  if (ifcfg_is_true(edit->text, "DHCPV6C", FALSE))
    ifcfg_put(edit, NULL, "DHCPV6C", "no");
  ifcfg_put(edit, shell_text_line(edit->text, "IPV6_AUTOCONF") > 0 ? "IPV6_AUTOCONF" : "IPV6INIT", "IPV6ADDR",
            addresses[0]);
  if (*others != '\0')
    ifcfg_put(edit, "IPV6ADDR", "IPV6ADDR_SECONDARIES", others);
  else
    (void)shell_text_remove(edit->text, "IPV6ADDR_SECONDARIES");
  put_gateway6(edit, outcome);
}

static void remove_ipv6(IfcfgEdit *edit) {
  static const char *const keys[] = {"IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6_DEFAULTGW"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
    (void)shell_text_remove(edit->text, keys[i]);
  (void)put_common_gateway(edit, AF_INET6, NULL);
}

/* DNS --------------------------------------------------------------------------------------------------------------*/

/* "192.0.2.53#dns.example": by its colons. */
static gboolean is_server_of(const char *value, int family) {
  const gsize size = strcspn(value, "#%");
  const gboolean colons = memchr(value, ':', size) != NULL;

  return colons == (family == AF_INET6);
}

/* The servers of FAMILY make room for SERVERS (NULL: none); those of the other family stay, in order. */
static GPtrArray *merge_servers(const ShellText *text, int family, char **servers) {
  g_autoptr(GArray) numbers = ifcfg_numbered(text, "DNS");
  GPtrArray *merged = g_ptr_array_new_with_free_func(g_free);
  gboolean placed = servers == NULL;

  for (guint i = 0; i < numbers->len; i++) {
    g_autofree char *key = ifcfg_key("DNS", g_array_index(numbers, gint64, i));
    g_autofree char *value = ifcfg_value(text, key);
    const gboolean goes = value != NULL && is_server_of(value, family);

    for (char **server = servers; goes && !placed && *server != NULL; server++)
      g_ptr_array_add(merged, g_strdup(*server));
    placed = placed || goes;
    if (value != NULL && !goes)
      g_ptr_array_add(merged, g_steal_pointer(&value));
  }
  for (char **server = servers; !placed && *server != NULL; server++)
    g_ptr_array_add(merged, g_strdup(*server));
  return merged;
}

/* LAST: the last server, else the first one. */
static char *dns_neighbour(const ShellText *text, gboolean last) {
  static const char *const before[] = {"GATEWAY", "PREFIX", "NETMASK", "IPADDR", "IPV6_DEFAULTGW", "IPV6ADDR"};
  g_autoptr(GArray) numbers = ifcfg_numbered(text, "DNS");

  if (numbers->len > 0)
    return ifcfg_key("DNS", g_array_index(numbers, gint64, last ? numbers->len - 1 : 0));
  for (gsize i = 0; i < G_N_ELEMENTS(before); i++)
    if (shell_text_line(text, before[i]) > 0)
      return g_strdup(before[i]);
  return NULL;
}

static void put_dns(IfcfgEdit *edit, int family, char **servers) {
  g_autoptr(GPtrArray) merged = merge_servers(edit->text, family, servers);
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(gint64));
  g_autofree char *neighbour = dns_neighbour(edit->text, FALSE);

  for (guint i = 0; i < merged->len; i++) {
    const gint64 number = (gint64)i + 1;
    char *key = ifcfg_key("DNS", number);

    ifcfg_put(edit, neighbour, key, merged->pdata[i]);
    g_array_append_val(kept, number);
    g_free(neighbour);
    neighbour = key;
  }
  remove_numbers(edit->text, "DNS", kept);
}

static void put_policy_dns(IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *search = outcome->search != NULL ? g_strjoinv(" ", outcome->search) : NULL;

  if (outcome->dns != NULL)
    put_dns(edit, outcome->family, outcome->dns);
  g_autofree char *neighbour = dns_neighbour(edit->text, TRUE);
  if (search != NULL)
    ifcfg_put(edit, neighbour, "DOMAIN", search);
}

/* With the template's static addresses its servers go, where others come with the lease. */
static void drop_dns(IfcfgEdit *edit, const Outcome *outcome) {
  if (outcome->dns == NULL && profile_takes_dns(edit->profile, outcome->family))
    put_dns(edit, outcome->family, NULL);
}

/* Outcomes ---------------------------------------------------------------------------------------------------------*/

static void apply_auto(IfcfgEdit *edit, const Outcome *outcome) {
  const gboolean ipv4 = outcome->family == AF_INET;
  const PlainFamily *family = plain_family(edit->profile->plain, outcome->family);

  if (!ipv4)
    remove_token(edit);
  if (outcome->had_static && ipv4)
    remove_ipv4(edit);
  else if (outcome->had_static)
    remove_ipv6(edit);
  if (outcome->had_static && !family->automatic)
    drop_dns(edit, outcome);
  if (outcome->had_static && ipv4 && is_by_hand(edit->text))
    ifcfg_put(edit, "ONBOOT", "BOOTPROTO", "dhcp");
  if (outcome->had_static && !ipv4 && !family->automatic && !family->off)
    ifcfg_put(edit, "IPV6INIT", "IPV6_AUTOCONF", "yes");
  put_policy_dns(edit, outcome);
}

static void apply_disabled(IfcfgEdit *edit, const Outcome *outcome) {
  const PlainFamily *family = plain_family(edit->profile->plain, outcome->family);

  if (family->off && !outcome->had_static)
    return;
  put_dns(edit, outcome->family, NULL);
  if (outcome->family == AF_INET) {
    remove_ipv4(edit);
    if (!ifcfg_is(edit->text, "BOOTPROTO", "static"))
      ifcfg_put(edit, "ONBOOT", "BOOTPROTO", "none");
    return;
  }
  remove_token(edit);
  remove_ipv6(edit);
  ifcfg_put(edit, NULL, "IPV6INIT", "no");
  if (shell_text_line(edit->text, "IPV6_AUTOCONF") > 0)
    ifcfg_put(edit, NULL, "IPV6_AUTOCONF", "no");
}

static void leave(IfcfgEdit *edit, const Outcome *outcome) {
  g_autofree char *token = outcome->family == AF_INET6 ? ifcfg_value(edit->text, "IPV6_TOKEN") : NULL;

  if (token != NULL && !outcome->keeps_token)
    remove_token(edit);
  else if (token != NULL)
    plan_warn(edit->plan, "%s: keeps the template's IPV6_TOKEN %s; every clone has the same address with it.",
              edit->profile->path, token);
}

/* FALSE: it changes nothing, and is no reason. */
static gboolean apply(IfcfgEdit *edit, const Outcome *outcome) {
  g_autoptr(GBytes) before = shell_text_bytes(edit->text);
  g_autoptr(GBytes) after = NULL;

  switch (outcome->kind) {
  case OUTCOME_STATIC:
    if (outcome->family == AF_INET)
      put_static_ipv4(edit, outcome);
    else
      put_static_ipv6(edit, outcome);
    put_policy_dns(edit, outcome);
    break;
  case OUTCOME_AUTO:
    apply_auto(edit, outcome);
    break;
  case OUTCOME_DISABLED:
    apply_disabled(edit, outcome);
    break;
  case OUTCOME_LEAVE:
    leave(edit, outcome);
    break;
  }
  after = shell_text_bytes(edit->text);
  return !g_bytes_equal(before, after);
}

void ifcfg_addresses_apply(IfcfgEdit *edit) {

  family_each (family) {
    g_auto(Outcome) outcome = {0};

    outcome_of(edit->context, edit->profile, family, edit->plan, &outcome);
    if (apply(edit, &outcome) || outcome.kind == OUTCOME_STATIC)
      list_add_once(edit->reasons, outcome_reason(edit->context, &outcome));
    ifcfg_routes_check(edit, &outcome);
  }
}
