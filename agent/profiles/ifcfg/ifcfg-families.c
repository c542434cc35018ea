/* ifcfg-families.c - the addresses, gateways and methods that ifcfg files say */
#include "ifcfg-families.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/each.h"
#include "decide/policy.h"
#include "ifcfg-keys.h"

/* IPV6_DEFAULTGW may have a scope behind it ("fe80::1%eth0"): without. */
static char *without_scope(const char *text) {
  return g_strndup(text, strcspn(text, "%"));
}

static gboolean is_address(int family, const char *text) {
  g_autofree char *address = g_strndup(text, strcspn(text, "/"));
  struct in6_addr binary;

  return inet_pton(family, address, &binary) == 1;
}

/* "192.0.2.10/24", without the prefix where none is said. */
static char *with_prefix(const ShellText *text, const char *address, gint64 number) {
  g_autofree char *prefix_key = ifcfg_key("PREFIX", number);
  g_autofree char *mask_key = ifcfg_key("NETMASK", number);
  g_autofree char *prefix = ifcfg_value(text, prefix_key);
  g_autofree char *mask = ifcfg_value(text, mask_key);
  const int bits = mask != NULL ? ifcfg_prefix(mask) : -1;

  if (strchr(address, '/') != NULL || (prefix == NULL && bits < 0))
    return g_strdup(address);
  return prefix != NULL ? g_strdup_printf("%s/%s", address, prefix) : g_strdup_printf("%s/%d", address, bits);
}

static void add_ipv4(PlainFamily *family, const ShellText *text) {
  g_autoptr(GArray) numbers = ifcfg_numbered(text, "IPADDR");

  for (guint i = 0; i < numbers->len; i++) {
    const gint64 number = g_array_index(numbers, gint64, i);
    g_autofree char *key = ifcfg_key("IPADDR", number);
    g_autofree char *address = ifcfg_value(text, key);

    if (address != NULL && is_address(AF_INET, address))
      g_ptr_array_add(family->addresses, with_prefix(text, address, number));
  }
}

/* Of a GRE or IPIP tunnel (ifup-tunnel). */
static void add_inner(PlainFamily *family, const ShellText *text) {
  g_autofree char *address = ifcfg_value(text, IFCFG_INNER_ADDRESS);

  if (address != NULL && is_address(AF_INET, address))
    g_ptr_array_add(family->addresses, g_steal_pointer(&address));
}

static void add_range(PlainFamily *family, const ShellText *text) {
  static const char *const keys[] = {"IPADDR_START", "IPADDR_END"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *address = ifcfg_value(text, keys[i]);

    if (address != NULL && is_address(AF_INET, address))
      g_ptr_array_add(family->addresses, g_steal_pointer(&address));
  }
}

/* IPV6ADDR and IPV6ADDR_SECONDARIES: lists of words. */
static void add_ipv6(PlainFamily *family, const ShellText *text) {
  static const char *const keys[] = {"IPV6ADDR", "IPV6ADDR_SECONDARIES"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *list = ifcfg_value(text, keys[i]);
    g_auto(GStrv) words = g_strsplit_set(list != NULL ? list : "", " \t\n", -1);

    for (char **word = words; *word != NULL; word++)
      if (is_address(AF_INET6, *word))
        g_ptr_array_add(family->addresses, g_strdup(*word));
  }
}

/* GATEWAY, else the first numbered one. */
static char *own_gateway(const ShellText *text) {
  g_autoptr(GArray) numbers = ifcfg_numbered(text, "GATEWAY");

  for (guint i = 0; i < numbers->len; i++) {
    g_autofree char *key = ifcfg_key("GATEWAY", g_array_index(numbers, gint64, i));
    g_autofree char *value = ifcfg_value(text, key);

    if (value != NULL && is_address(AF_INET, value))
      return g_steal_pointer(&value);
  }
  return NULL;
}

/* Is the gateway that all have in common in a prefix of FAMILY's addresses? */
static gboolean is_reached(const PlainFamily *family, int number, const char *gateway) {
  PolicyAddress hop = {.family = number, .prefix = number == AF_INET ? 32 : 128};

  if (inet_pton(number, gateway, &hop.ip) != 1)
    return FALSE;
  list_each (const char *, text, family->addresses) {
    const char *slash = strchr(text, '/');
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    PolicyAddress own = {.family = number, .prefix = slash != NULL ? (unsigned)atoi(slash + 1) : hop.prefix};

    if (own.prefix <= hop.prefix && inet_pton(number, address, &own.ip) == 1 && policy_address_contains(&own, &hop))
      return TRUE;
  }
  return FALSE;
}

/* That of IFCFG_COMMON_FILE, where it names DEVICE or lies in its network; NULL: it is not for this one. */
static char *common_gateway(const ShellText *common, const PlainFamily *family, int number, const char *device) {
  const gboolean ipv4 = number == AF_INET;
  g_autofree char *value = ifcfg_value(common, ipv4 ? "GATEWAY" : "IPV6_DEFAULTGW");
  g_autofree char *named = ifcfg_value(common, ipv4 ? "GATEWAYDEV" : "IPV6_DEFAULTDEV");
  g_autofree char *gateway = value != NULL ? without_scope(value) : NULL;
  const char *scope = value != NULL ? strchr(value, '%') : NULL;

  if (gateway == NULL || family->addresses->len == 0 || !is_address(number, gateway))
    return NULL;
  if (scope != NULL || named != NULL)
    return g_strcmp0(scope != NULL ? scope + 1 : named, device) == 0 ? g_steal_pointer(&gateway) : NULL;
  return is_reached(family, number, gateway) ? g_steal_pointer(&gateway) : NULL;
}

gboolean ifcfg_ipv4_read(const ShellText *common, const ShellText *text, const GPtrArray *more, const char *device,
                         PlainFamily *family) {
  g_autofree char *method = ifcfg_value(text, "BOOTPROTO");
  const gboolean dhcp =
      method != NULL && (g_ascii_strcasecmp(method, "dhcp") == 0 || g_ascii_strcasecmp(method, "bootp") == 0);

  add_ipv4(family, text);
  add_inner(family, text);
  for (guint i = 0; i < more->len; i++) {
    add_ipv4(family, more->pdata[i]);
    add_range(family, more->pdata[i]);
  }
  family->automatic = dhcp;
  family->no_dns = !ifcfg_is_true(text, "PEERDNS", TRUE);
  family->no_routes = !ifcfg_is_true(text, "PEERROUTES", TRUE);
  family->off = family->addresses->len == 0 && (method == NULL || g_ascii_strcasecmp(method, "none") == 0 ||
                                                g_ascii_strcasecmp(method, "static") == 0);
  if (!ifcfg_is_true(text, "DEFROUTE", TRUE))
    return FALSE;
  family->gateway = own_gateway(text);
  if (family->gateway != NULL)
    return FALSE;
  family->gateway = common_gateway(common, family, AF_INET, device);
  return family->gateway != NULL;
}

gboolean ifcfg_ipv6_read(const ShellText *common, const ShellText *text, const char *device, PlainFamily *family) {
  const gboolean on = ifcfg_is_true(text, "IPV6INIT", ifcfg_is_true(common, "IPV6INIT", FALSE)) &&
                      !ifcfg_is_true(text, "IPV6_DISABLED", FALSE);
  const gboolean advertised = ifcfg_is_true(text, "IPV6_AUTOCONF", !ifcfg_is_true(text, "IPV6FORWARDING", FALSE)) ||
                              ifcfg_is_true(text, "DHCPV6C", FALSE);
  g_autofree char *gateway = ifcfg_value(text, "IPV6_DEFAULTGW");

  add_ipv6(family, text);
  family->automatic = on && advertised;
  family->no_dns = !ifcfg_is_true(text, "IPV6_PEERDNS", TRUE);
  family->no_routes = !ifcfg_is_true(text, "IPV6_PEERROUTES", TRUE);
  family->off = !on;
  if (!ifcfg_is_true(text, "IPV6_DEFROUTE", TRUE))
    return FALSE;
  family->gateway = gateway != NULL ? without_scope(gateway) : common_gateway(common, family, AF_INET6, device);
  return gateway == NULL && family->gateway != NULL;
}
