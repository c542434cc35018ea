/* networkd-profiles.c - systemd-networkd's .network files as profiles */
#include "networkd-profiles.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "networkd-match.h"
#include "observe/hostname.h"
#include "profiles/mac-notation.h"

/* Kind= of a .netdev, and what NetworkManager calls it. */
static const struct {
  const char *kind, *type;
} kinds[] = {
    {"bond", "bond"},         {"bridge", "bridge"},       {"team", "team"},        {"vlan", "vlan"},
    {"macvlan", "macvlan"},   {"macvtap", "macvlan"},     {"ipvlan", "macvlan"},   {"vxlan", "vxlan"},
    {"dummy", "dummy"},       {"veth", "veth"},           {"vrf", "vrf"},          {"tun", "tun"},
    {"tap", "tun"},           {"wireguard", "wireguard"}, {"gre", "ip-tunnel"},    {"gretap", "ip-tunnel"},
    {"ip6gre", "ip-tunnel"},  {"ipip", "ip-tunnel"},      {"ip6tnl", "ip-tunnel"}, {"sit", "ip-tunnel"},
    {"vti", "ip-tunnel"},     {"erspan", "ip-tunnel"},    {"macsec", "macsec"},    {"geneve", "ip-tunnel"},
    {"bareudp", "ip-tunnel"}, {"vcan", "generic"},        {"batadv", "generic"},   {"ifb", "generic"},
    {"nlmon", "generic"},     {"xfrm", "ip-tunnel"},      {"ipoib", "infiniband"}, {"wlan", "802-11-wireless"},
};

/* Type= of [Match], networkctl's words. */
static const struct {
  const char *match, *type;
} types[] = {
    {"ether", "802-3-ethernet"},
    {"wlan", "802-11-wireless"},
    {"infiniband", "infiniband"},
    {"wwan", "gsm"},
    {"loopback", "loopback"},
    {"bridge", "bridge"},
    {"bond", "bond"},
    {"vlan", "vlan"},
    {"wireguard", "wireguard"},
    {"ppp", "pppoe"},
};

/* What all files say of an interface, by its name. */
typedef struct {
  GHashTable *netdevs; /* char * -> NetworkdFile, borrowed: the .netdev that makes it */
  GHashTable
      *parents; /* char * -> char *: the one that it, a VLAN or the like, lies over by another file's [Network] */
} Names;

static void names_clear(Names *names) {
  g_hash_table_unref(names->netdevs);
  g_hash_table_unref(names->parents);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Names, names_clear)

static void add_children(GHashTable *parents, const NetworkdFile *file) {
  static const char *const keys[] = {"VLAN", "MACVLAN", "IPVLAN", "MACVTAP", "VXLAN"};
  g_auto(GStrv) names = networkd_file_words(file, "Match", "Name");

  for (gsize k = 0; names[0] != NULL && names[1] == NULL && k < G_N_ELEMENTS(keys); k++) {
    g_auto(GStrv) words = networkd_file_words(file, "Network", keys[k]);

    for (char **word = words; *word != NULL; word++)
      if (!g_hash_table_contains(parents, *word))
        g_hash_table_insert(parents, g_strdup(*word), g_strdup(names[0]));
  }
}

/* The first file that says it counts. */
static Names names_of(const NetworkdFiles *networks, const NetworkdFiles *netdevs) {
  const Names names = {.netdevs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};

  list_each (NetworkdFile *, netdev, netdevs) {
    const char *name = networkd_file_value(netdev, "NetDev", "Name");
    if (name != NULL && !g_hash_table_contains(names.netdevs, name))
      g_hash_table_insert(names.netdevs, g_strdup(name), netdev);
  }
  list_each (const NetworkdFile *, file, networks)
    add_children(names.parents, file);
  return names;
}

static const char *type_of(const NetworkdFile *file, const Names *names, const char *name) {
  const NetworkdFile *netdev = name != NULL ? g_hash_table_lookup(names->netdevs, name) : NULL;
  const char *kind = netdev != NULL ? networkd_file_value(netdev, "NetDev", "Kind") : NULL;
  const char *match = networkd_file_value(file, "Match", "Type");

  for (gsize i = 0; kind != NULL && i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].kind, kind) == 0)
      return kinds[i].type;
  if (kind != NULL)
    return "generic";
  for (gsize i = 0; match != NULL && i < G_N_ELEMENTS(types); i++)
    if (strcmp(types[i].match, match) == 0)
      return types[i].type;
  if (g_strcmp0(name, "lo") == 0)
    return "loopback";
  return name != NULL && g_str_has_prefix(name, "wl") ? "802-11-wireless" : "802-3-ethernet";
}

static gboolean is_pattern(const char *word) {
  return strpbrk(word, "*?[!") != NULL;
}

/* A "!" in front of a list is for all of it. */
static char **bare_words(char *const *words) {
  g_autoptr(GPtrArray) bare = g_ptr_array_new();

  for (; *words != NULL; words++)
    g_ptr_array_add(bare, g_strdup(*words + (**words == '!' ? 1 : 0)));
  return list_strv(g_steal_pointer(&bare));
}

/* Of [Match] Name=: one name is the interface, more than one or a pattern are globs. */
static void set_names(const NetworkdFile *file, Profile *profile) {
  g_auto(GStrv) words = networkd_file_words(file, "Match", "Name");

  if (words[0] == NULL)
    return;
  if (words[0][0] == '!')
    profile->plain->denied_globs = bare_words(words);
  else if (words[1] == NULL && !is_pattern(words[0]))
    profile->interface_name = g_strdup(words[0]);
  else
    profile->plain->name_globs = g_steal_pointer(&words);
}

static void set_macs(char *const *words, Profile *profile) {
  g_autoptr(GPtrArray) macs = g_ptr_array_new();

  for (; *words != NULL; words++) {
    char *mac = mac_notation_of_systemd(*words);
    if (mac != NULL)
      g_ptr_array_add(macs, mac);
  }
  if (macs->len == 1)
    profile->mac_address = g_ptr_array_index(macs, 0);
  if (macs->len > 1)
    profile->plain->macs = list_strv(g_steal_pointer(&macs));
}

static void set_hardware(const NetworkdFile *file, Profile *profile) {
  static const char *const keys[] = {"PermanentMACAddress", "MACAddress"};
  g_auto(GStrv) paths = networkd_file_words(file, "Match", "Path");
  g_auto(GStrv) drivers = networkd_file_words(file, "Match", "Driver");

  for (gsize i = 0; i < G_N_ELEMENTS(keys) && profile->mac_address == NULL && profile->plain->macs == NULL; i++) {
    g_auto(GStrv) words = networkd_file_words(file, "Match", keys[i]);
    set_macs(words, profile);
  }
  if (paths[0] != NULL && paths[0][0] != '!')
    profile->plain->path_globs = g_steal_pointer(&paths);
  if (drivers[0] != NULL && drivers[0][0] != '!')
    profile->plain->drivers = g_steal_pointer(&drivers);
}

static char *controller_of(const NetworkdFile *file, gboolean *is_port) {
  static const char *const keys[] = {"Bond", "Bridge", "BatmanAdvanced", "VRF"};

  for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
    const char *value = networkd_file_value(file, "Network", keys[i]);

    if (value == NULL || *value == '\0')
      continue;
    /* What is in a VRF keeps its addresses. */
    *is_port = strcmp(keys[i], "VRF") != 0;
    return g_strdup(value);
  }
  return NULL;
}

/* For a machine of another name than the one that was read, or for all but it. */
static gboolean is_for_host(const NetworkdFile *file, const char *hostname, const char *machine_id) {
  const char *value = networkd_file_value(file, "Match", "Host");

  if (value == NULL || *value == '\0')
    return TRUE;
  return networkd_host_fits(value + (*value == '!' ? 1 : 0), hostname, machine_id) != (*value == '!');
}

static gboolean starts(const NetworkdFile *file) {
  static const char *const by_hand[] = {"manual", "always-down", "down", NULL};
  const char *policy = networkd_file_value(file, "Link", "ActivationPolicy");

  return !networkd_boolean(networkd_file_value(file, "Link", "Unmanaged"), FALSE) &&
         (policy == NULL || !g_strv_contains(by_hand, policy));
}

static gboolean has_link_local(const NetworkdFile *file) {
  const char *value = networkd_file_value(file, "Network", "LinkLocalAddressing");

  return value == NULL || strcmp(value, "ipv6") == 0 || networkd_boolean(value, FALSE);
}

static gboolean accepts_routers(const NetworkdFile *file) {
  return networkd_boolean(networkd_file_value(file, "Network", "IPv6AcceptRA"), has_link_local(file));
}

/* KEY is off in [SECTION]. */
static gboolean refuses(const NetworkdFile *file, const char *section, const char *key) {
  return !networkd_boolean(networkd_file_value(file, section, key), TRUE);
}

/* [DHCP] is what [DHCPv4] was called. UseRoutes= is what UseGateway= is where that is not said. */
static void set_refusals(const NetworkdFile *file, PlainFamily *record, int family) {
  if (family == AF_INET6) {
    record->no_dns = refuses(file, "IPv6AcceptRA", "UseDNS") && refuses(file, "DHCPv6", "UseDNS");
    record->no_routes = refuses(file, "IPv6AcceptRA", "UseGateway");
    return;
  }
  record->no_dns = refuses(file, "DHCPv4", "UseDNS") || refuses(file, "DHCP", "UseDNS");
  record->no_routes = networkd_file_value(file, "DHCPv4", "UseGateway") != NULL
                          ? refuses(file, "DHCPv4", "UseGateway")
                          : refuses(file, "DHCPv4", "UseRoutes") || refuses(file, "DHCP", "UseRoutes");
}

static void set_family(const NetworkdFile *file, PlainProfile *plain, int family) {
  PlainFamily *record = plain_family(plain, family);
  g_autoptr(GPtrArray) addresses = networkd_file_addresses(file, family);

  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add(record->addresses, g_strdup(addresses->pdata[i]));
  record->gateway = networkd_file_gateway(file, family);
  record->automatic = networkd_file_dhcp(file, family);
  set_refusals(file, record, family);
  record->off = addresses->len == 0 && !record->automatic && (family == AF_INET || !accepts_routers(file));
}

/* The drop-ins that may be edited, but the one that the profile is called by. */
static char **other_parts(const NetworkdFile *file, const char *path) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new();

  list_each (const NetworkdPart *, part, file->parts)
    if (part->editable && strcmp(part->path, path) != 0)
      g_ptr_array_add(paths, g_strdup(part->path));
  return list_strv(g_steal_pointer(&paths));
}

/* Until it is decided; it comes before all, and goes. */
static gboolean keeps_nics_down(const NetworkdFile *file) {
  return strcmp(networkd_file_main(file)->path, RI_NETWORKD_ISOLATION_FILE) == 0;
}

static gboolean is_of_netplan(const NetworkdFile *file) {
  const NetworkdPart *part = networkd_file_main(file);

  return !part->editable && g_str_has_prefix(part->path, "/run/systemd/network/10-netplan-");
}

gboolean networkd_is_passing(const NetworkdFile *file) {
  return is_of_netplan(file) || keeps_nics_down(file);
}

/* A package's file that only says when to ask a DHCP server is nothing that anybody wants to hear of; what netplan
 * makes is told of by its own files. */
static gboolean concerns_us(const NetworkdFile *file) {
  const NetworkdPart *part = networkd_file_main(file);

  if (is_of_netplan(file))
    return FALSE;
  family_each (family) {
    g_autoptr(GPtrArray) addresses = networkd_file_addresses(file, family);
    if (addresses->len > 0)
      return TRUE;
  }
  return part->editable;
}

static Profile *add_profile(const ProfileFormat *format, NetworkdFile *file, const Names *names, Profiles *profiles) {
  const NetworkdPart *part = networkd_file_main(file);
  Profile *profile = profiles_add(profiles, format, part->path, part->bytes);

  profile->id = g_strdup(file->name);
  if (file->refused != NULL)
    profile->why_not = g_strdup_printf("systemd-networkd refuses it: %s", file->refused);
  else if (!part->editable)
    profile->why_not = profile_why_not_ours(part->path, "/etc/systemd/network");
  if (file->refused != NULL)
    return profile;
  PlainProfile *plain = profile_make_plain(profile);
  plain->own = networkd_file_ref(file);
  plain->free_own = (GDestroyNotify)networkd_file_unref;
  plain->line = 1;
  set_names(file, profile);
  set_hardware(file, profile);
  profile->controller = controller_of(file, &plain->is_port);
  plain->port_has_ip = plain->is_port;
  profile->type = g_strdup(type_of(file, names, profile->interface_name));
  if (profile->interface_name != NULL)
    plain->parent = g_strdup(g_hash_table_lookup(names->parents, profile->interface_name));
  plain->starts = starts(file);
  plain->carries_ip = strcmp(profile->type, "loopback") != 0 && strcmp(profile->type, "generic") != 0;
  plain->more_paths = other_parts(file, part->path);
  family_each (family)
    set_family(file, plain, family);
  return profile;
}

/* Nothing in [Match] but names. */
static gboolean matches_by_name_only(const NetworkdFile *file) {
  static const char *const others[] = {"MACAddress", "PermanentMACAddress", "Path", "Driver", "Type", "Kind", "Host",
                                       NULL};

  for (const char *const *key = others; *key != NULL; key++)
    if (networkd_file_value(file, "Match", *key) != NULL)
      return FALSE;
  return !networkd_has_condition(file);
}

/* networkd takes the first file that fits an interface: a later one for the same name says nothing. */
static void find_hidden(const Profiles *profiles, guint first) {
  g_autoptr(GPtrArray) fitting = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

  for (guint i = first; i < profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(profiles->items, i);

    for (guint j = 0; j < i - first && profile->interface_name != NULL && profile->hidden_by == NULL; j++) {
      char **words = fitting->pdata[j];
      if (words != NULL && networkd_names_fit(words, profile->interface_name))
        profile->hidden_by = g_ptr_array_index(profiles->items, first + j);
    }
    g_ptr_array_add(fitting, profile->plain != NULL && matches_by_name_only(profile->plain->own)
                                 ? networkd_file_words(profile->plain->own, "Match", "Name")
                                 : NULL);
  }
}

/* "" where there is none. */
static char *read_machine_id(const Root *root) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(root, "/etc/machine-id", &content, NULL, NULL) || content == NULL)
    return g_strdup("");
  char *text = bytes_dup(content);
  return g_strstrip(text);
}

static GPtrArray *references_to(const GPtrArray *files) {
  GPtrArray *references = g_ptr_array_new_with_free_func((GDestroyNotify)networkd_file_unref);

  list_each (NetworkdFile *, file, files)
    g_ptr_array_add(references, networkd_file_ref(file));
  return references;
}

gboolean networkd_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error) {
  g_autoptr(GPtrArray) netdevs = networkd_files_read(root, ".netdev", error);
  g_autoptr(GPtrArray) networks = netdevs != NULL ? networkd_files_read(root, ".network", error) : NULL;
  g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func((GDestroyNotify)networkd_file_unref);
  const guint first = profiles->items->len;
  char hostname[HOSTNAME_SIZE];

  if (networks == NULL)
    return FALSE;
  g_auto(Names) names = names_of(networks, netdevs);
  g_autofree char *machine_id = read_machine_id(root);
  if (hostname_read(root, hostname, sizeof hostname, NULL) < 0)
    *hostname = '\0';
  list_each (NetworkdFile *, file, networks) {
    if (!concerns_us(file)) {
      if (!networkd_is_passing(file))
        g_ptr_array_add(packages, networkd_file_ref(file));
      continue;
    }
    file->front = packages->len > 0 ? references_to(packages) : NULL;
    Profile *profile = add_profile(format, file, &names, profiles);
    if (profile->plain != NULL)
      profile->plain->starts &= is_for_host(file, hostname, machine_id);
  }
  find_hidden(profiles, first);
  return TRUE;
}

/* A new one.
 * ---------------------------------------------------------------------------------------------------------*/

static gboolean some_matches_by(const NetworkdFiles *networks, const char *key) {
  for (guint i = 0; i < networks->len; i++)
    if (networkd_file_value(g_ptr_array_index(networks, i), "Match", key) != NULL)
      return TRUE;
  return FALSE;
}

/* As the files there have it. By a MAC address the NIC is known beside its name: a VLAN over it has the same. An
 * InfiniBand address is one that older versions do not read. */
static char *match_of(const NetworkdFiles *networks, const Nic *nic) {
  if (!mac_is_infiniband(nic->mac) && some_matches_by(networks, "PermanentMACAddress"))
    return g_strdup_printf("PermanentMACAddress=%s", nic->mac);
  if (!mac_is_infiniband(nic->mac) && some_matches_by(networks, "MACAddress"))
    return g_strdup_printf("MACAddress=%s\nName=%s", nic->mac, nic->name);
  return g_strdup_printf("Name=%s", nic->name);
}

/* What fitted the NIC whose place it took follows to it. */
static gboolean may_come_to_match(const NetworkdFile *file, const Nic *nic) {
  Nic former = *nic;

  if (*nic->former != '\0')
    (void)g_strlcpy(former.name, nic->former, sizeof former.name);
  if (*nic->former_mac != '\0')
    (void)g_strlcpy(former.mac, nic->former_mac, sizeof former.mac);
  return networkd_may_match(file, nic) || networkd_may_match(file, &former);
}

static const NetworkdFile *first_in_front_of(const NetworkdFiles *networks, const Nic *nic, const char *name) {
  list_each (const NetworkdFile *, file, networks) {
    if (keeps_nics_down(file))
      continue;
    if (strcmp(file->name, name) <= 0 && (may_come_to_match(file, nic) || strcmp(file->name, name) == 0))
      return file;
  }
  return NULL;
}

/* networkd takes the first file that fits. */
static char *winning_name(const NetworkdFiles *networks, const Nic *nic, GError **error) {
  static const char *const leads[] = {"10-", "05-", "00-", "0-"};
  const NetworkdFile *front = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(leads); i++) {
    g_autofree char *name = g_strdup_printf("%s%s.network", leads[i], nic->name);

    front = first_in_front_of(networks, nic, name);
    if (front == NULL)
      return g_steal_pointer(&name);
  }
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED,
              "%s: it may be for %s too, and no name of a new file comes before it, so that systemd-networkd would not "
              "take one; nothing is changed: rename it to begin with a number",
              networkd_file_main(front)->path, nic->name);
  return NULL;
}

gboolean networkd_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error) {
  g_autoptr(GPtrArray) networks = networkd_files_read(root, ".network", error);
  g_autofree char *name = networks != NULL ? winning_name(networks, nic, error) : NULL;
  g_autofree char *resolved = NULL;
  g_autoptr(GBytes) there = NULL;
  g_autoptr(NetworkdFile) file = NULL;

  if (name == NULL)
    return FALSE;
  g_autofree char *path = g_build_filename("/etc/systemd/network", name, NULL);
  if (!tree_read(root, path, &there, &resolved, error))
    return FALSE;
  g_autofree char *match = match_of(networks, nic);
  g_autoptr(GBytes) bytes = bytes_take(g_strdup_printf("[Match]\n%s\n\n[Network]\nDHCP=ipv4\n", match));
  file = networkd_file_new(resolved, bytes);
  g_autoptr(GPtrArray) netdevs = g_ptr_array_new();
  g_auto(Names) names = names_of(networks, netdevs);
  (void)add_profile(format, file, &names, made);
  return TRUE;
}

const NetworkdFile *networkd_profile_file(const Profile *profile) {
  return profile->plain->own;
}
