/* profile-questions.c - what is asked of a profile that has been read */
#include <arpa/inet.h>
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "profile.h"

static const PlainFamily *plain_of(const Profile *profile, int family) {
  return profile->plain != NULL ? plain_family(profile->plain, family) : NULL;
}

gboolean profile_is_loaded(const Profile *profile) {
  return profile->text != NULL || profile->plain != NULL;
}

const char *profile_step(const Profile *profile) {
  return profile->format != NULL ? profile->format->step : "nm-profile";
}

static const char *family_setting(int family) {
  return family == AF_INET ? "ipv4" : "ipv6";
}

gint64 profile_key_number(const char *key, const char *name) {
  guint64 number;

  if (!g_str_has_prefix(key, name))
    return -2;
  key += strlen(name);
  if (*key == '\0')
    return -1;
  if ((key[0] == '0' && key[1] != '\0') || !g_ascii_isdigit(key[0]) ||
      !g_ascii_string_to_unsigned(key, 10, 0, G_MAXINT32, &number, NULL))
    return -2;
  return (gint64)number;
}

static gboolean is_address_key(const char *key) {
  return profile_key_number(key, "address") != -2 || profile_key_number(key, "addresses") != -2;
}

/* By number, and of one number `address` before `addresses`. */
static int compare_address_keys(gconstpointer a, gconstpointer b) {
  const char *left = *(const char *const *)a;
  const char *right = *(const char *const *)b;
  const gboolean left_is_list = g_str_has_prefix(left, "addresses");
  const gboolean right_is_list = g_str_has_prefix(right, "addresses");
  const gint64 left_number = profile_key_number(left, left_is_list ? "addresses" : "address");
  const gint64 right_number = profile_key_number(right, right_is_list ? "addresses" : "address");

  if (left_number != right_number)
    return left_number < right_number ? -1 : 1;
  return left_is_list - right_is_list;
}

char **profile_address_keys(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = keyfile_text_keys(text, family_setting(family));
  GPtrArray *found = g_ptr_array_new();

  for (char **key = keys; *key != NULL; key++)
    if (is_address_key(*key))
      g_ptr_array_add(found, g_strdup(*key));
  g_ptr_array_sort(found, compare_address_keys);
  return list_strv(found);
}

static gboolean is_address(int family, const char *text) {
  struct in6_addr address;

  return inet_pton(family, text, &address) == 1;
}

/* One value: ADDRESS, ADDRESS/PREFIX, ADDRESS/GATEWAY, ADDRESS/PREFIX,GATEWAY, where "/", ";" and "," are the same and
 * one may stand at the end. FALSE: NetworkManager ignores it. *GATEWAY is NULL where none is said. */
static gboolean split_address(int family, const char *value, char **address, char **gateway) {
  g_auto(GStrv) fields = g_strsplit_set(value, "/;,", -1);
  guint count = g_strv_length(fields);
  guint at = 1;

  *address = *gateway = NULL;
  if (count == 0 || !is_address(family, fields[0]))
    return FALSE;
  const char *prefix = at < count && strspn(fields[at], "0123456789") == strlen(fields[at]) ? fields[at++] : "";
  if (at < count && is_address(family, fields[at]) && strcmp(fields[at], family == AF_INET ? "0.0.0.0" : "::") != 0)
    *gateway = g_strdup(fields[at]);
  *address = g_strconcat(fields[0], *prefix != '\0' ? "/" : "", prefix, NULL);
  return TRUE;
}

char **profile_written_addresses(const Profile *profile, int family) {
  GPtrArray *addresses = g_ptr_array_new();
  g_auto(GStrv) keys = profile->text != NULL ? profile_address_keys(profile->text, family) : NULL;

  for (guint i = 0; profile->plain != NULL && i < plain_of(profile, family)->addresses->len; i++)
    g_ptr_array_add(addresses, g_strdup(plain_of(profile, family)->addresses->pdata[i]));
  for (char **key = keys; profile->plain == NULL && key != NULL && *key != NULL; key++) {
    g_autofree char *value = keyfile_text_get(profile->text, family_setting(family), *key);
    g_autofree char *gateway = NULL;
    char *address;

    if (split_address(family, value, &address, &gateway))
      g_ptr_array_add(addresses, address);
  }
  return list_strv(addresses);
}

char **profile_static_addresses(const Profile *profile, int family) {
  char **addresses = profile_written_addresses(profile, family);

  for (char **address = addresses; *address != NULL; address++)
    (*address)[strcspn(*address, "/")] = '\0';
  return addresses;
}

gboolean profile_has_static_address(const Profile *profile, int family) {
  g_auto(GStrv) addresses = profile_static_addresses(profile, family);

  return addresses[0] != NULL;
}

static char *route_options(const KeyfileText *text, int family, const char *key) {
  g_autofree char *name = g_strconcat(key, "_options", NULL);

  return keyfile_text_get(text, family_setting(family), name);
}

char *profile_route_next_hop(const KeyfileText *text, int family, const char *key) {
  g_autofree char *value = keyfile_text_get(text, family_setting(family), key);
  g_auto(GStrv) fields = g_strsplit_set(value != NULL ? value : "", "/;,", -1);

  if (g_strv_length(fields) < 3 || !is_address(family, fields[2]) ||
      strcmp(fields[2], family == AF_INET ? "0.0.0.0" : "::") == 0)
    return NULL;
  return g_strdup(fields[2]);
}

gboolean profile_route_is_on_link(const KeyfileText *text, int family, const char *key) {
  g_autofree char *options = route_options(text, family, key);

  return options != NULL && strstr(options, "onlink=true") != NULL;
}

char **profile_route_keys(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = keyfile_text_keys(text, family_setting(family));
  GPtrArray *found = g_ptr_array_new();

  for (char **key = keys; *key != NULL; key++)
    if (profile_key_number(*key, "route") != -2 || profile_key_number(*key, "routes") != -2)
      g_ptr_array_add(found, g_strdup(*key));
  return list_strv(found);
}

gboolean profile_route_is_default(const KeyfileText *text, int family, const char *key) {
  g_autofree char *value = keyfile_text_get(text, family_setting(family), key);
  g_autofree char *options = route_options(text, family, key);
  g_autofree char *next_hop = profile_route_next_hop(text, family, key);
  g_auto(GStrv) fields = g_strsplit_set(value != NULL ? value : "", "/;,", 3);

  return next_hop != NULL && strcmp(fields[0], family == AF_INET ? "0.0.0.0" : "::") == 0 &&
         strcmp(fields[1], "0") == 0 && (options == NULL || strstr(options, "table=") == NULL);
}

static char *gateway_of_route(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = profile_route_keys(text, family);

  for (char **key = keys; *key != NULL; key++)
    if (profile_route_is_default(text, family, *key) && !profile_route_is_on_link(text, family, *key))
      return profile_route_next_hop(text, family, *key);
  return NULL;
}

char *profile_gateway(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = profile_address_keys(text, family);
  g_autofree char *own = keyfile_text_get(text, family_setting(family), "gateway");

  if (own != NULL && is_address(family, own))
    return g_steal_pointer(&own);
  for (char **key = keys; *key != NULL; key++) {
    g_autofree char *value = keyfile_text_get(text, family_setting(family), *key);
    g_autofree char *address = NULL;
    char *gateway;

    if (split_address(family, value, &address, &gateway) && gateway != NULL)
      return gateway;
  }
  return gateway_of_route(text, family);
}

char *profile_default_gateway(const Profile *profile, int family) {
  if (profile->plain != NULL)
    return g_strdup(plain_of(profile, family)->gateway);
  return profile->text != NULL ? profile_gateway(profile->text, family) : NULL;
}

gboolean profile_has_gateway(const Profile *profile, int family) {
  g_autofree char *gateway = profile_default_gateway(profile, family);

  return gateway != NULL;
}

static char *method_of(const Profile *profile, int family) {
  return profile->text != NULL ? keyfile_text_get(profile->text, family_setting(family), "method") : NULL;
}

gboolean profile_is_automatic(const Profile *profile, int family) {
  g_autofree char *method = method_of(profile, family);

  if (profile->plain != NULL)
    return plain_of(profile, family)->automatic;
  return g_strcmp0(method, "auto") == 0;
}

gboolean profile_is_manual(const Profile *profile, int family) {
  g_autofree char *method = method_of(profile, family);

  if (profile->plain != NULL)
    return !plain_of(profile, family)->automatic;
  return g_strcmp0(method, "manual") == 0;
}

gboolean profile_is_family_off(const Profile *profile, int family) {
  g_autofree char *method = method_of(profile, family);

  if (profile->plain != NULL)
    return plain_of(profile, family)->off;
  return g_strcmp0(method, "disabled") == 0 || g_strcmp0(method, "ignore") == 0;
}

/* libnm goes by the settings that are there and not by the type. */
static gboolean is_wireguard(const Profile *profile) {
  g_auto(GStrv) groups = profile->text != NULL ? keyfile_text_groups(profile->text) : NULL;

  for (char **group = groups; group != NULL && *group != NULL; group++)
    if (strcmp(*group, "wireguard") == 0 || g_str_has_prefix(*group, "wireguard-peer."))
      return TRUE;
  return FALSE;
}

gboolean profile_has_no_auto(const Profile *profile) {
  static const char *const types[] = {"dummy", "ip-tunnel", "tun", "vrf", "wireguard", NULL};

  return (profile->type != NULL && g_strv_contains(types, profile->type)) || profile->has_no_ports ||
         is_wireguard(profile);
}

/* NetworkManager keeps the servers of a profile beside those. */
gboolean profile_takes_dns(const Profile *profile, int family) {
  return profile->plain == NULL || !plain_of(profile, family)->no_dns;
}

gboolean profile_takes_routes(const Profile *profile, int family) {
  g_autofree char *ignores =
      profile->text != NULL ? keyfile_text_get(profile->text, family_setting(family), "ignore-auto-routes") : NULL;

  if (profile->plain != NULL)
    return !plain_of(profile, family)->no_routes;
  return g_strcmp0(ignores, "true") != 0 && g_strcmp0(ignores, "1") != 0;
}

char *profile_parent(const Profile *profile) {
  g_autofree char *parent = NULL;

  if (profile->plain != NULL)
    return g_strdup(profile->plain->parent);
  if (profile->text == NULL)
    return NULL;
  parent = keyfile_text_get(profile->text, "vlan", "parent");
  return parent != NULL ? g_steal_pointer(&parent) : keyfile_text_get(profile->text, "macvlan", "parent");
}

gboolean profile_is_for_hardware(const Profile *profile) {
  static const char *const types[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return profile->type == NULL || g_strv_contains(types, profile->type);
}

gboolean profile_is_port(const Profile *profile) {
  if (profile->plain != NULL)
    return profile->plain->is_port;
  if (profile->text == NULL)
    return FALSE;
  g_autofree char *new_type = keyfile_text_get(profile->text, "connection", "port-type");
  g_autofree char *old_type = keyfile_text_get(profile->text, "connection", "slave-type");
  const char *type = new_type != NULL ? new_type : old_type;
  /* A port of a VRF keeps its addresses, and so does an interface of Open vSwitch, which is always one of an ovs-port.
   */
  if (g_strcmp0(type, "vrf") == 0 || g_strcmp0(profile->type, "ovs-interface") == 0)
    return FALSE;
  return profile->controller != NULL || (type != NULL && type[0] != '\0');
}

gboolean profile_type_carries_ip(const char *type) {
  static const char *const others[] = {"adsl",     "bluetooth", "cdma", "generic",  "gsm",   "loopback", "ovs-bridge",
                                       "ovs-port", "pppoe",     "vpn",  "wifi-p2p", "wimax", "wpan",     NULL};

  return type == NULL || !g_strv_contains(others, type);
}

gboolean profile_carries_ip(const Profile *profile) {
  if (profile->plain != NULL)
    return profile->plain->carries_ip && !profile->plain->is_port;
  if (profile->text == NULL || profile_is_port(profile))
    return FALSE;
  return profile_type_carries_ip(profile->type);
}

gboolean profile_is_port_with_ip(const Profile *profile) {
  return profile->plain != NULL && profile->plain->is_port && profile->plain->port_has_ip;
}

gboolean profile_autoconnects(const Profile *profile) {
  g_autofree char *value = profile->text != NULL ? keyfile_text_get(profile->text, "connection", "autoconnect") : NULL;

  if (profile->plain != NULL)
    return profile->plain->starts;
  if (value == NULL)
    return profile->text != NULL;
  g_strchomp(value);
  return strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

gboolean profile_is_managers(const Profile *profile) {
  return profile->plain != NULL ? profile->plain->is_managers : profile->format == NULL;
}

int profile_priority(const Profile *profile) {
  g_autofree char *text =
      profile->text != NULL ? keyfile_text_get(profile->text, "connection", "autoconnect-priority") : NULL;

  if (profile->plain != NULL)
    return profile->plain->priority;
  return text != NULL ? (int)g_ascii_strtoll(text, NULL, 10) : 0;
}
