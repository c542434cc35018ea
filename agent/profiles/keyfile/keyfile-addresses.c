/* keyfile-addresses.c - what a keyfile's keys say of addresses, gateways and routes */
#include "keyfile-addresses.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/list.h"
#include "profiles/profile.h"

static const char *family_setting(int family) {
  return family == AF_INET ? "ipv4" : "ipv6";
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

char **keyfile_address_keys(const KeyfileText *text, int family) {
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

GPtrArray *keyfile_addresses(const KeyfileText *text, int family) {
  GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) keys = keyfile_address_keys(text, family);

  for (char **key = keys; *key != NULL; key++) {
    g_autofree char *value = keyfile_text_get(text, family_setting(family), *key);
    g_autofree char *gateway = NULL;
    char *address;

    if (split_address(family, value, &address, &gateway))
      g_ptr_array_add(addresses, address);
  }
  return addresses;
}

static char *route_options(const KeyfileText *text, int family, const char *key) {
  g_autofree char *name = g_strconcat(key, "_options", NULL);

  return keyfile_text_get(text, family_setting(family), name);
}

char *keyfile_route_next_hop(const KeyfileText *text, int family, const char *key) {
  g_autofree char *value = keyfile_text_get(text, family_setting(family), key);
  g_auto(GStrv) fields = g_strsplit_set(value != NULL ? value : "", "/;,", -1);

  if (g_strv_length(fields) < 3 || !is_address(family, fields[2]) ||
      strcmp(fields[2], family == AF_INET ? "0.0.0.0" : "::") == 0)
    return NULL;
  return g_strdup(fields[2]);
}

gboolean keyfile_route_is_on_link(const KeyfileText *text, int family, const char *key) {
  g_autofree char *options = route_options(text, family, key);

  return options != NULL && strstr(options, "onlink=true") != NULL;
}

char **keyfile_route_keys(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = keyfile_text_keys(text, family_setting(family));
  GPtrArray *found = g_ptr_array_new();

  for (char **key = keys; *key != NULL; key++)
    if (profile_key_number(*key, "route") != -2 || profile_key_number(*key, "routes") != -2)
      g_ptr_array_add(found, g_strdup(*key));
  return list_strv(found);
}

gboolean keyfile_route_is_default(const KeyfileText *text, int family, const char *key) {
  g_autofree char *value = keyfile_text_get(text, family_setting(family), key);
  g_autofree char *options = route_options(text, family, key);
  g_autofree char *next_hop = keyfile_route_next_hop(text, family, key);
  g_auto(GStrv) fields = g_strsplit_set(value != NULL ? value : "", "/;,", 3);

  return next_hop != NULL && strcmp(fields[0], family == AF_INET ? "0.0.0.0" : "::") == 0 &&
         strcmp(fields[1], "0") == 0 && (options == NULL || strstr(options, "table=") == NULL);
}

static char *gateway_of_route(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = keyfile_route_keys(text, family);

  for (char **key = keys; *key != NULL; key++)
    if (keyfile_route_is_default(text, family, *key) && !keyfile_route_is_on_link(text, family, *key))
      return keyfile_route_next_hop(text, family, *key);
  return NULL;
}

char *keyfile_gateway(const KeyfileText *text, int family) {
  g_auto(GStrv) keys = keyfile_address_keys(text, family);
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
