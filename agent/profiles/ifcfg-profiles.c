/* ifcfg-profiles.c - connections in /etc/sysconfig/network-scripts, as records */
#include "ifcfg-profiles.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/tree-entry.h"
#include "base/tree.h"
#include "decide/policy.h"
#include "ifcfg-keys.h"
#include "mac-notation.h"

typedef struct {
  const Root *root;
  const ProfileFormat *format;
  Profiles *profiles;
  char **names;      /* of the directory */
  ShellText *common; /* IFCFG_COMMON_FILE, empty where there is none */
} Reading;

static void part_free(gpointer data) {
  IfcfgPart *part = data;

  g_free(part->path);
  g_bytes_unref(part->bytes);
  shell_text_free(part->text);
  g_free(part);
}

static void own_free(IfcfgProfile *own) {
  if (own == NULL)
    return;
  g_free(own->name);
  shell_text_free(own->text);
  g_ptr_array_unref(own->parts);
  g_free(own);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IfcfgProfile, own_free)

static void free_own(gpointer data) {
  own_free(data);
}

const IfcfgProfile *ifcfg_of(const Profile *profile) {
  return profile->plain->own;
}

char *ifcfg_gateway_address(const char *text) {
  return g_strndup(text, strcspn(text, "%"));
}

/* The file that NAME's is a part of: "ifcfg-eth0" of "ifcfg-eth0:1" and "ifcfg-eth0-range0"; NULL: none that is there.
 */
static char *whole_of(char **names, const char *name) {
  const char *colon = strrchr(name, ':');
  const char *range = strstr(name, "-range");
  const char *end = colon != NULL ? colon : range;
  g_autofree char *whole = end != NULL ? g_strndup(name, (gsize)(end - name)) : NULL;

  if (colon == NULL && range != NULL &&
      strspn(range + strlen("-range"), "0123456789") != strlen(range + strlen("-range")))
    return NULL;
  return whole != NULL && g_strv_contains((const char *const *)names, whole) ? g_steal_pointer(&whole) : NULL;
}

/* In order of preference, as the plugin has it. */
static char *controller_of(const ShellText *text) {
  static const char *const keys[] = {"BRIDGE_UUID", "BRIDGE",        "MASTER_UUID", "MASTER",   "TEAM_MASTER_UUID",
                                     "TEAM_MASTER", "OVS_PORT_UUID", "OVS_PORT",    "VRF_UUID", "VRF"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    char *value = ifcfg_value(text, keys[i]);

    if (value != NULL)
      return value;
  }
  return NULL;
}

/* A port of a VRF keeps its addresses. */
static gboolean is_port(const ShellText *text) {
  static const char *const keys[] = {"BRIDGE_UUID",      "BRIDGE",      "MASTER_UUID",   "MASTER",
                                     "TEAM_MASTER_UUID", "TEAM_MASTER", "OVS_PORT_UUID", "OVS_PORT"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    g_autofree char *value = ifcfg_value(text, keys[i]);

    if (value != NULL)
      return TRUE;
  }
  return ifcfg_is(text, "DEVICETYPE", "TeamPort");
}

/* PHYSDEV, else what the name of a VLAN says: "eth0.9". */
static char *parent_of(const ShellText *text, const char *type) {
  g_autofree char *parent = ifcfg_value(text, "PHYSDEV");
  g_autofree char *device = ifcfg_value(text, "DEVICE");
  const char *dot = device != NULL ? strrchr(device, '.') : NULL;

  if (parent != NULL)
    return g_steal_pointer(&parent);
  if (strcmp(type, "vlan") != 0 || dot == NULL)
    return NULL;
  return g_strndup(device, (gsize)(dot - device));
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
  for (guint i = 0; i < family->addresses->len; i++) {
    const char *text = family->addresses->pdata[i];
    const char *slash = strchr(text, '/');
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    PolicyAddress own = {.family = number, .prefix = slash != NULL ? (unsigned)atoi(slash + 1) : hop.prefix};

    if (own.prefix <= hop.prefix && inet_pton(number, address, &own.ip) == 1 && policy_address_contains(&own, &hop))
      return TRUE;
  }
  return FALSE;
}

/* That of IFCFG_COMMON_FILE, where it names DEVICE or lies in its network; NULL: it is not for this one. */
static char *common_gateway(const Reading *reading, const PlainFamily *family, int number, const char *device) {
  const gboolean ipv4 = number == AF_INET;
  g_autofree char *value = ifcfg_value(reading->common, ipv4 ? "GATEWAY" : "IPV6_DEFAULTGW");
  g_autofree char *named = ifcfg_value(reading->common, ipv4 ? "GATEWAYDEV" : "IPV6_DEFAULTDEV");
  g_autofree char *gateway = value != NULL ? ifcfg_gateway_address(value) : NULL;
  const char *scope = value != NULL ? strchr(value, '%') : NULL;

  if (gateway == NULL || family->addresses->len == 0 || !is_address(number, gateway))
    return NULL;
  if (scope != NULL || named != NULL)
    return g_strcmp0(scope != NULL ? scope + 1 : named, device) == 0 ? g_steal_pointer(&gateway) : NULL;
  return is_reached(family, number, gateway) ? g_steal_pointer(&gateway) : NULL;
}

static void read_ipv4(const Reading *reading, IfcfgProfile *own, PlainFamily *family, const char *device) {
  g_autofree char *method = ifcfg_value(own->text, "BOOTPROTO");
  const gboolean dhcp =
      method != NULL && (g_ascii_strcasecmp(method, "dhcp") == 0 || g_ascii_strcasecmp(method, "bootp") == 0);

  add_ipv4(family, own->text);
  for (guint i = 0; i < own->parts->len; i++) {
    const IfcfgPart *part = own->parts->pdata[i];

    add_ipv4(family, part->text);
    add_range(family, part->text);
  }
  family->automatic = dhcp;
  family->off = family->addresses->len == 0 && (method == NULL || g_ascii_strcasecmp(method, "none") == 0 ||
                                                g_ascii_strcasecmp(method, "static") == 0);
  if (!ifcfg_is_true(own->text, "DEFROUTE", TRUE))
    return;
  family->gateway = own_gateway(own->text);
  if (family->gateway == NULL) {
    family->gateway = common_gateway(reading, family, AF_INET, device);
    own->common_gateway[0] = family->gateway != NULL;
  }
}

static void read_ipv6(const Reading *reading, IfcfgProfile *own, PlainFamily *family, const char *device) {
  const gboolean on = ifcfg_is_true(own->text, "IPV6INIT", ifcfg_is_true(reading->common, "IPV6INIT", FALSE)) &&
                      !ifcfg_is_true(own->text, "IPV6_DISABLED", FALSE);
  const gboolean advertised =
      ifcfg_is_true(own->text, "IPV6_AUTOCONF", !ifcfg_is_true(own->text, "IPV6FORWARDING", FALSE)) ||
      ifcfg_is_true(own->text, "DHCPV6C", FALSE);
  g_autofree char *gateway = ifcfg_value(own->text, "IPV6_DEFAULTGW");

  add_ipv6(family, own->text);
  family->automatic = on && advertised;
  family->off = !on;
  if (!ifcfg_is_true(own->text, "IPV6_DEFROUTE", TRUE))
    return;
  family->gateway =
      gateway != NULL ? ifcfg_gateway_address(gateway) : common_gateway(reading, family, AF_INET6, device);
  own->common_gateway[1] = gateway == NULL && family->gateway != NULL;
}

/* Where the plugin finds no UUID it makes one of the file's name (nm_uuid_generate_from_string, legacy): the same one
 * on every clone. */
static char *made_uuid(const char *path) {
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, path, -1);

  return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hash, hash + 8, hash + 12, hash + 16, hash + 20);
}

/* What the plugin makes no connection of has no UUID of its making. */
static char *uuid_of(const char *name, const ShellText *text) {
  g_autofree char *path = g_strdup_printf(IFCFG_DIR "/ifcfg-%s", name);
  g_autofree char *device = ifcfg_value(text, "DEVICE");
  g_autofree char *said = ifcfg_value(text, "TYPE");
  char *uuid = ifcfg_value(text, "UUID");

  if (uuid != NULL)
    return uuid;
  if (strcmp(ifcfg_type(text), "generic") == 0 || !ifcfg_is_true(text, "NM_CONTROLLED", TRUE) ||
      ifcfg_is(text, "BOOTPROTO", "ibft") || (device == NULL && said == NULL))
    return NULL;
  return made_uuid(path);
}

/* A part has none. */
char *ifcfg_uuid(const char *path, GBytes *bytes) {
  g_autoptr(ShellText) text = shell_text_parse(bytes);
  const char *name = path + strlen(IFCFG_DIR "/ifcfg-");

  return strchr(name, ':') == NULL && strstr(name, "-range") == NULL ? uuid_of(name, text) : NULL;
}

static char *id_of(const IfcfgProfile *own) {
  char *name = ifcfg_value(own->text, "NAME");

  return name != NULL ? name : g_strdup_printf("System %s", own->name);
}

static char *mac_of(const ShellText *text) {
  g_autofree char *value = ifcfg_value(text, "HWADDR");

  return value != NULL ? mac_notation_canonical(value) : NULL;
}

/* Of what is dialled the peer decides; iBFT's addresses are the firmware's. */
static gboolean carries_ip(const IfcfgProfile *own, const char *type) {
  static const char *const dialled[] = {"pppoe", "gsm", "ovs-port", NULL};

  return !g_strv_contains(dialled, type) && !ifcfg_is(own->text, "BOOTPROTO", "ibft");
}

/* The network scripts, which take what NetworkManager is told to leave alone. */
static gboolean has_scripts(const Root *root) {
  g_autofree char *ifup = tree_resolve(root, IFCFG_DIR "/ifup");

  return ifup != NULL;
}

static char **paths_of_parts(const IfcfgProfile *own) {
  GPtrArray *paths = g_ptr_array_new();

  for (guint i = 0; i < own->parts->len; i++)
    g_ptr_array_add(paths, g_strdup(((const IfcfgPart *)own->parts->pdata[i])->path));
  g_ptr_array_add(paths, NULL);
  return (char **)g_ptr_array_free(paths, FALSE);
}

static int priority_of(const ShellText *text) {
  g_autofree char *value = ifcfg_value(text, "AUTOCONNECT_PRIORITY");

  return value != NULL ? (int)g_ascii_strtoll(value, NULL, 10) : 0;
}

static void fill(const Reading *reading, Profile *profile, IfcfgProfile *own) {
  PlainProfile *plain = profile_make_plain(profile);
  const ShellText *text = own->text;

  plain->own = own;
  plain->free_own = free_own;
  plain->line = 1;
  plain->more_paths = paths_of_parts(own);
  profile->type = g_strdup(ifcfg_type(text));
  profile->id = id_of(own);
  profile->uuid = uuid_of(own->name, text);
  profile->interface_name = ifcfg_value(text, "DEVICE");
  profile->mac_address = mac_of(text);
  profile->controller = controller_of(text);
  plain->parent = parent_of(text, profile->type);
  plain->is_port = is_port(text);
  plain->carries_ip = carries_ip(own, profile->type);
  plain->starts =
      ifcfg_is_true(text, "ONBOOT", TRUE) && (ifcfg_is_true(text, "NM_CONTROLLED", TRUE) || has_scripts(reading->root));
  plain->is_managers = profile->uuid != NULL && ifcfg_is_true(text, "NM_CONTROLLED", TRUE);
  plain->priority = priority_of(text);
  read_ipv4(reading, own, plain_family(plain, AF_INET), profile->interface_name);
  read_ipv6(reading, own, plain_family(plain, AF_INET6), profile->interface_name);
}

/* Why it must not be edited, with the file where it is a part. */
static char *why_not(const IfcfgProfile *own) {
  const char *reason = shell_text_why_not(own->text);

  for (guint i = 0; reason == NULL && i < own->parts->len; i++) {
    const IfcfgPart *part = own->parts->pdata[i];
    const char *of_part = shell_text_why_not(part->text);

    if (of_part != NULL)
      return g_strdup_printf("%s belongs to it, and %s", part->path, of_part);
  }
  return g_strdup(reason);
}

static gboolean is_known(const Profiles *profiles, const ProfileFormat *format, const char *path) {
  for (guint i = 0; i < profiles->items->len; i++) {
    const Profile *profile = profiles->items->pdata[i];

    if (profile->format == format && strcmp(profile->path, path) == 0)
      return TRUE;
  }
  return FALSE;
}

/* *BYTES is NULL: there is no such file, or no regular one. */
static gboolean read_file(const Root *root, const char *path, GBytes **bytes, char **resolved, GError **error) {
  *bytes = NULL;
  return !tree_means_regular_file(root, path) || tree_read(root, path, bytes, resolved, error);
}

static gboolean read_named(const Root *root, const char *name, GBytes **bytes, char **resolved, GError **error) {
  g_autofree char *path = g_build_filename(IFCFG_DIR, name, NULL);

  return read_file(root, path, bytes, resolved, error);
}

static gboolean read_parts(const Reading *reading, const char *name, IfcfgProfile *own, GError **error) {
  for (char **other = reading->names; *other != NULL; other++) {
    g_autofree char *whole = ifcfg_is_read_name(*other) ? whole_of(reading->names, *other) : NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *path = NULL;
    IfcfgPart *part;

    if (g_strcmp0(whole, name) != 0)
      continue;
    if (!read_named(reading->root, *other, &bytes, &path, error))
      return FALSE;
    if (bytes == NULL)
      continue;
    part = g_new0(IfcfgPart, 1);
    part->path = g_steal_pointer(&path);
    part->text = shell_text_parse(bytes);
    part->bytes = g_steal_pointer(&bytes);
    g_ptr_array_add(own->parts, part);
  }
  return TRUE;
}

static gboolean read_connection(const Reading *reading, const char *name, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *path = NULL;
  g_autoptr(IfcfgProfile) own = g_new0(IfcfgProfile, 1);
  Profile *profile;

  own->parts = g_ptr_array_new_with_free_func(part_free);
  if (!read_named(reading->root, name, &bytes, &path, error))
    return FALSE;
  if (bytes == NULL || is_known(reading->profiles, reading->format, path))
    return TRUE;
  own->name = g_strdup(name + strlen("ifcfg-"));
  own->text = shell_text_parse(bytes);
  if (ifcfg_is(own->text, "DEVICE", "lo"))
    return TRUE;
  if (!read_parts(reading, name, own, error))
    return FALSE;
  profile = profiles_add(reading->profiles, reading->format, path, bytes);
  profile->why_not = why_not(own);
  fill(reading, profile, g_steal_pointer(&own));
  return TRUE;
}

/* ONLY: a name in the directory; NULL: all. */
static gboolean read_directory(const Root *root, const ProfileFormat *format, const char *only, Profiles *profiles,
                               GError **error) {
  g_auto(GStrv) names = tree_list(root, IFCFG_DIR, error);
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
  g_autoptr(ShellText) common = NULL;
  Reading reading = {.root = root, .format = format, .profiles = profiles, .names = names};

  if (names == NULL || !read_file(root, IFCFG_COMMON_FILE, &content, NULL, error))
    return FALSE;
  common = shell_text_parse(content != NULL ? content : nothing);
  reading.common = common;
  for (char **name = names; *name != NULL; name++) {
    const gboolean read = ifcfg_is_read_name(*name) && (only == NULL || strcmp(*name, only) == 0);
    g_autofree char *whole = read ? whole_of(names, *name) : NULL;

    if (read && whole == NULL && !read_connection(&reading, *name, error))
      return FALSE;
  }
  return TRUE;
}

gboolean ifcfg_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error) {
  return read_directory(root, format, NULL, profiles, error);
}

Profiles *ifcfg_profiles_at(const Root *root, const char *path) {
  g_autofree char *name = g_path_get_basename(path);
  Profiles *profiles = profiles_new();

  (void)read_directory(root, NULL, name, profiles, NULL);
  return profiles;
}

/* ifcfg-NIC, or with a number where that is something else's; resolved. */
static char *free_path(const Root *root, const Nic *nic, char **name, GError **error) {
  g_auto(GStrv) names = tree_list(root, IFCFG_DIR, error);
  g_autofree char *chosen = g_strdup_printf("ifcfg-%s", nic->name);
  g_autofree char *path = NULL;
  g_autoptr(GBytes) content = NULL;
  char *resolved = NULL;

  if (names == NULL)
    return NULL;
  for (guint i = 1; g_strv_contains((const char *const *)names, chosen); i++) {
    g_free(chosen);
    chosen = g_strdup_printf("ifcfg-%s-%u", nic->name, i);
  }
  path = g_build_filename(IFCFG_DIR, chosen, NULL);
  *name = g_strdup(chosen + strlen("ifcfg-"));
  return tree_read(root, path, &content, &resolved, error) ? resolved : NULL;
}

gboolean ifcfg_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error) {
  g_autofree char *name = NULL;
  g_autofree char *path = free_path(root, nic, &name, error);
  /* An InfiniBand address has 20 bytes. */
  const char *type = strlen(nic->mac) > strlen("00:00:00:00:00:00") ? "InfiniBand" : "Ethernet";
  g_autoptr(GBytes) content = NULL;
  g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(ShellText) common = NULL;
  Reading reading = {.root = root, .format = format, .profiles = made};
  IfcfgProfile *own;
  Profile *profile;
  char *text;

  if (path == NULL || !read_file(root, IFCFG_COMMON_FILE, &content, NULL, error))
    return FALSE;
  common = shell_text_parse(content != NULL ? content : nothing);
  reading.common = common;
  text = g_strdup_printf("TYPE=%s\nNAME=%s\nDEVICE=%s\nHWADDR=%s\nONBOOT=yes\nBOOTPROTO=dhcp\nIPV6INIT=yes\n"
                         "IPV6_AUTOCONF=yes\n",
                         type, nic->name, nic->name, nic->mac);
  bytes = g_bytes_new_take(text, strlen(text));
  own = g_new0(IfcfgProfile, 1);
  own->name = g_steal_pointer(&name);
  own->text = shell_text_parse(bytes);
  own->parts = g_ptr_array_new_with_free_func(part_free);
  profile = profiles_add(made, format, path, bytes);
  fill(&reading, profile, own);
  profile->nic = nic;
  profile->enabled = profile->is_new = TRUE;
  return TRUE;
}
