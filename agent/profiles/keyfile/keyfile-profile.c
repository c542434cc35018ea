/* keyfile-profile.c - a keyfile of NetworkManager as a plain record */
#include "keyfile-profile.h"

#include <string.h>

#include "base/each.h"
#include "keyfile-addresses.h"
#include "profiles/mac-notation.h"

/* The kinds of connection; a profile that does not say its type has the first one of these whose group is there
 * (nm-connection.c, _nm_connection_find_base_type_setting). */
static const char *const base_types[] = {
    "802-3-ethernet",
    "802-11-wireless",
    "infiniband",
    "bond",
    "bridge",
    "team",
    "vlan",
    "macvlan",
    "wireguard",
    "ip-tunnel",
    "vxlan",
    "tun",
    "dummy",
    "veth",
    "macsec",
    "vrf",
    "ovs-bridge",
    "ovs-port",
    "ovs-interface",
    "6lowpan",
    "gsm",
    "cdma",
    "bluetooth",
    "pppoe",
    "adsl",
    "wimax",
    "wifi-p2p",
    "802-11-olpc-mesh",
    "wpan",
    "loopback",
    "generic",
    "vpn",
};

static char *read_type(const KeyfileText *text) {
  g_autofree char *type = keyfile_text_get(text, "connection", "type");

  if (type != NULL)
    return g_strdup(profile_setting_of_group(type));
  for (gsize i = 0; i < G_N_ELEMENTS(base_types); i++)
    if (profile_group(text, base_types[i]) != NULL)
      return g_strdup(base_types[i]);
  return NULL;
}

static char *non_empty(char *value) {
  if (value != NULL && value[0] != '\0')
    return value;
  g_free(value);
  return NULL;
}

static char *read_mac_address(const KeyfileText *text) {
  static const char *const settings[] = {"802-3-ethernet", "802-11-wireless", "infiniband"};

  for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
    g_autofree char *value = profile_value(text, settings[i], "mac-address");
    char *mac = value != NULL ? mac_notation_canonical(value) : NULL;

    if (mac != NULL)
      return mac;
  }
  return NULL;
}

static void fill_names(Profile *profile, const KeyfileText *text) {
  profile->id = keyfile_text_get(text, "connection", "id");
  profile->uuid = keyfile_text_get(text, "connection", "uuid");
  profile->type = read_type(text);
  profile->interface_name = non_empty(keyfile_text_get(text, "connection", "interface-name"));
  if (profile->interface_name == NULL && profile->type != NULL)
    profile->interface_name = non_empty(keyfile_text_get(text, profile->type, "interface-name"));
  profile->controller = non_empty(keyfile_text_get(text, "connection", "controller"));
  if (profile->controller == NULL)
    profile->controller = non_empty(keyfile_text_get(text, "connection", "master"));
  profile->mac_address = read_mac_address(text);
}

/* A port of a VRF keeps its addresses, and so does an interface of Open vSwitch, which is always one of an ovs-port. */
static gboolean is_port(const Profile *profile, const KeyfileText *text) {
  g_autofree char *new_type = keyfile_text_get(text, "connection", "port-type");
  g_autofree char *old_type = keyfile_text_get(text, "connection", "slave-type");
  const char *type = new_type != NULL ? new_type : old_type;

  if (g_strcmp0(type, "vrf") == 0 || g_strcmp0(profile->type, "ovs-interface") == 0)
    return FALSE;
  return profile->controller != NULL || (type != NULL && type[0] != '\0');
}

/* libnm goes by the settings that are there and not by the type. */
static gboolean is_wireguard(const KeyfileText *text) {
  g_auto(GStrv) groups = keyfile_text_groups(text);

  for (char **group = groups; *group != NULL; group++)
    if (strcmp(*group, "wireguard") == 0 || g_str_has_prefix(*group, "wireguard-peer."))
      return TRUE;
  return FALSE;
}

/* "no" and other texts that are no GKeyFile booleans mean what NetworkManager makes of them: yes. */
static gboolean starts(const KeyfileText *text) {
  g_autofree char *value = keyfile_text_get(text, "connection", "autoconnect");

  if (value == NULL)
    return TRUE;
  g_strchomp(value);
  return strcmp(value, "false") != 0 && strcmp(value, "0") != 0;
}

/* NetworkManager keeps the servers of a profile beside those of DHCP. */
static void fill_family(PlainFamily *plain, const KeyfileText *text, int family) {
  const char *group = family == AF_INET ? "ipv4" : "ipv6";
  g_autofree char *method = keyfile_text_get(text, group, "method");
  g_autofree char *ignores = keyfile_text_get(text, group, "ignore-auto-routes");

  g_ptr_array_unref(plain->addresses);
  plain->addresses = keyfile_addresses(text, family);
  plain->gateway = keyfile_gateway(text, family);
  plain->automatic = g_strcmp0(method, "auto") == 0;
  plain->off = g_strcmp0(method, "disabled") == 0 || g_strcmp0(method, "ignore") == 0;
  plain->no_manual = g_strcmp0(method, "manual") != 0;
  plain->no_routes = g_strcmp0(ignores, "true") == 0 || g_strcmp0(ignores, "1") == 0;
}

/* nm-settings(5): a name with "!" is for all others, and "&" and "|" say how patterns go together. */
static char *read_only_name(const KeyfileText *text) {
  g_autofree char *value = keyfile_text_get(text, "match", "interface-name");

  if (value == NULL)
    return NULL;
  if (g_str_has_suffix(value, ";"))
    value[strlen(value) - 1] = '\0';
  return *value != '\0' && strpbrk(value, ";,*?[!&|\\") == NULL ? g_steal_pointer(&value) : NULL;
}

void keyfile_profile_fill(Profile *profile) {
  const KeyfileText *text = profile->text;
  PlainProfile *plain = profile_make_plain(profile);
  g_autofree char *priority = keyfile_text_get(text, "connection", "autoconnect-priority");

  fill_names(profile, text);
  plain->parent = keyfile_text_get(text, "vlan", "parent");
  if (plain->parent == NULL)
    plain->parent = keyfile_text_get(text, "macvlan", "parent");
  plain->only_name = read_only_name(text);
  plain->line = 1;
  plain->is_port = is_port(profile, text);
  plain->carries_ip = profile_type_carries_ip(profile->type);
  plain->no_auto = is_wireguard(text);
  plain->starts = starts(text);
  plain->is_managers = TRUE;
  plain->priority = priority != NULL ? (int)g_ascii_strtoll(priority, NULL, 10) : 0;
  family_each (family)
    fill_family(plain_family(plain, family), text, family);
}
