/* netplan-profiles.c - what netplan's files define, as profiles */
#include "netplan-profiles.h"

#include <fnmatch.h>
#include <netinet/in.h>
#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/tree.h"
#include "netplan-files.h"
#include "observe/mac-address.h"
#include "profiles/mac-notation.h"

static const struct {
  const char *section;
  const char *type; /* as NetworkManager calls it */
} types[] = {
    {"ethernets", "802-3-ethernet"},
    {"wifis", "802-11-wireless"},
    {"modems", "gsm"},
    {"bonds", "bond"},
    {"bridges", "bridge"},
    {"vlans", "vlan"},
    {"vrfs", "vrf"},
    {"dummy-devices", "dummy"},
    {"virtual-ethernets", "veth"},
};

/* A key of NetworkManager's own, which netplan hands through. */
static const char *passed_text(const NetplanInterface *interface, const char *key) {
  return yaml_node_text(netplan_value(interface, "networkmanager", "passthrough", key, NULL));
}

/* netplan has no section for it: `lo` among the NICs, with or without `match: {name: lo}`. */
static gboolean is_loopback(const NetplanInterface *interface) {
  const char *name = yaml_node_text(netplan_value(interface, "match", "name", NULL));

  if (strcmp(interface->section, "ethernets") != 0)
    return FALSE;
  return netplan_value(interface, "match", NULL) == NULL ? strcmp(interface->id, "lo") == 0
                                                         : g_strcmp0(name, "lo") == 0;
}

static const char *type_of(const NetplanInterface *interface) {
  const char *mode = netplan_text(interface, "mode");
  const char *passed = passed_text(interface, "connection.type");

  if (is_loopback(interface))
    return "loopback";
  for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
    if (strcmp(types[i].section, interface->section) == 0)
      return types[i].type;
  if (strcmp(interface->section, "tunnels") == 0)
    return g_strcmp0(mode, "wireguard") == 0 || g_strcmp0(mode, "vxlan") == 0 ? mode : "ip-tunnel";
  return passed != NULL ? profile_setting_of_group(passed) : "generic";
}

static gboolean is_hardware(const NetplanInterface *interface) {
  static const char *const sections[] = {"ethernets", "wifis", "modems", NULL};

  return g_strv_contains(sections, interface->section);
}

/* A pattern or a list of them. */
static char **drivers_of(const YamlNode *node) {
  const YamlNode *list = yaml_node_resolve(node);

  if (list == NULL)
    return NULL;
  GPtrArray *drivers = g_ptr_array_new();
  if (list->kind != YAML_KIND_LIST)
    g_ptr_array_add(drivers, g_strdup(yaml_node_text(list)));
  for (guint i = 0; list->kind == YAML_KIND_LIST && i < list->children->len; i++)
    g_ptr_array_add(drivers, g_strdup(yaml_node_text(list->children->pdata[i])));
  return list_strv(drivers);
}

/* The NIC's name, where the file says one. */
static void read_name(const NetplanInterface *interface, Profile *profile) {
  const YamlNode *match = netplan_value(interface, "match", NULL);
  const char *name = yaml_node_text(netplan_value(interface, "match", "name", NULL));
  const char *mac = yaml_node_text(netplan_value(interface, "match", "macaddress", NULL));
  const char *set_name = netplan_text(interface, "set-name");

  if (mac == NULL)
    mac = passed_text(interface, "ethernet.mac-address");
  profile->mac_address = mac != NULL ? mac_notation_canonical(mac) : NULL;
  profile->plain->drivers = drivers_of(netplan_value(interface, "match", "driver", NULL));
  if (strcmp(interface->section, "nm-devices") == 0)
    profile->interface_name = g_strdup(passed_text(interface, "connection.interface-name"));
  else if (!is_hardware(interface) || match == NULL)
    profile->interface_name = g_strdup(interface->id);
  else if (set_name != NULL)
    profile->interface_name = g_strdup(set_name);
  else if (name != NULL && strpbrk(name, "*?[") == NULL) {
    profile->interface_name = g_strdup(name);
    profile->plain->only_name = g_strdup(name);
  } else if (name != NULL) {
    profile->plain->name_globs = g_new0(char *, 2);
    profile->plain->name_globs[0] = g_strdup(name);
  }
}

/* Addresses, and what brings others. */
static void add_addresses(const NetplanInterface *interface, PlainProfile *plain) {
  g_autoptr(GPtrArray) items = netplan_items(interface, "addresses");

  for (guint i = 0; i < items->len; i++) {
    const char *address = netplan_address(items->pdata[i]);
    if (address != NULL)
      g_ptr_array_add(plain_family(plain, netplan_family(address))->addresses, g_strdup(address));
  }
}

static char *gateway_of(const NetplanInterface *interface, int family) {
  g_autoptr(GPtrArray) routes = netplan_items(interface, "routes");
  const char *gateway = netplan_text(interface, family == AF_INET ? "gateway4" : "gateway6");

  for (guint i = 0; gateway == NULL && i < routes->len; i++)
    if (netplan_is_default(routes->pdata[i], family))
      gateway = yaml_node_text(yaml_node_get(routes->pdata[i], "via"));
  return g_strdup(gateway);
}

static const char *passed(const NetplanInterface *interface, int family, const char *key) {
  g_autofree char *name = g_strdup_printf("%s.%s", family == AF_INET ? "ipv4" : "ipv6", key);

  return passed_text(interface, name);
}

/* "ipv4.address1": "10.0.0.4/24,10.0.0.1". */
static void add_passed(const NetplanInterface *interface, PlainFamily *plain, int family) {
  const char *method = passed(interface, family, "method");
  const char *gateway = passed(interface, family, "gateway");

  for (guint i = 1;; i++) {
    g_autofree char *key = g_strdup_printf("address%u", i);
    const char *value = passed(interface, family, key);
    if (value == NULL)
      break;
    const char *comma = strchr(value, ',');
    g_autofree char *address = g_strndup(value, strcspn(value, ",;"));
    if (!g_ptr_array_find_with_equal_func(plain->addresses, address, g_str_equal, NULL))
      g_ptr_array_add(plain->addresses, g_steal_pointer(&address));
    if (gateway == NULL && comma != NULL && comma[1] != '\0')
      gateway = comma + 1;
  }
  if (gateway != NULL && plain->gateway == NULL)
    plain->gateway = g_strdup(gateway);
  if (method != NULL)
    plain->automatic = strcmp(method, "auto") == 0;
}

static gboolean refuses(const NetplanInterface *interface, const char *overrides, const char *key) {
  const char *text = yaml_node_text(netplan_value(interface, overrides, key, NULL));

  return text != NULL && !netplan_is_true(text);
}

static void read_families(const NetplanInterface *interface, PlainProfile *plain) {
  PlainFamily *v4 = plain_family(plain, AF_INET);
  PlainFamily *v6 = plain_family(plain, AF_INET6);

  add_addresses(interface, plain);
  v4->gateway = gateway_of(interface, AF_INET);
  v6->gateway = gateway_of(interface, AF_INET6);
  v4->automatic = netplan_is_true(netplan_text(interface, "dhcp4"));
  v6->automatic =
      netplan_is_true(netplan_text(interface, "dhcp6")) || netplan_is_true(netplan_text(interface, "accept-ra"));
  family_each (family) {
    const char *overrides = family == AF_INET ? "dhcp4-overrides" : "dhcp6-overrides";
    plain_family(plain, family)->no_dns = refuses(interface, overrides, "use-dns");
    plain_family(plain, family)->no_routes = refuses(interface, overrides, "use-routes");
  }
  add_passed(interface, v4, AF_INET);
  add_passed(interface, v6, AF_INET6);
  v4->off = !v4->automatic && v4->addresses->len == 0;
  v6->off = !v6->automatic && v6->addresses->len == 0 && netplan_text(interface, "accept-ra") != NULL;
}

static gboolean starts(const NetplanInterface *interface) {
  const char *mode = netplan_text(interface, "activation-mode");
  const char *auto_connect = passed_text(interface, "connection.autoconnect");

  return mode == NULL && g_strcmp0(auto_connect, "false") != 0;
}

/* Ports: "interfaces:" of bonds and bridges names ids. A VRF's keep their addresses. */
static const NetplanInterface *controller_of(const GPtrArray *interfaces, const char *id) {
  list_each (const NetplanInterface *, interface, interfaces) {
    if (strcmp(interface->section, "bonds") != 0 && strcmp(interface->section, "bridges") != 0)
      continue;
    g_autoptr(GPtrArray) ports = netplan_items(interface, "interfaces");
    for (guint j = 0; j < ports->len; j++)
      if (g_strcmp0(yaml_node_text(ports->pdata[j]), id) == 0)
        return interface;
  }
  return NULL;
}

static void read_fields(const GPtrArray *files, const GPtrArray *interfaces, const NetplanInterface *interface,
                        Profile *profile) {
  const NetplanInterface *controller = controller_of(interfaces, interface->id);
  const char *priority = passed_text(interface, "connection.autoconnect-priority");
  PlainProfile *plain = profile_make_plain(profile);

  profile->id = g_strdup(interface->id);
  profile->uuid = g_strdup(yaml_node_text(netplan_value(interface, "networkmanager", "uuid", NULL)));
  profile->type = g_strdup(type_of(interface));
  profile->controller = controller != NULL ? g_strdup(controller->id) : NULL;
  plain->is_port = controller != NULL || passed_text(interface, "connection.master") != NULL ||
                   passed_text(interface, "connection.controller") != NULL;
  plain->carries_ip = profile_type_carries_ip(profile->type);
  plain->starts = starts(interface);
  plain->is_managers = netplan_is_manager(files, interface);
  plain->port_has_ip = controller != NULL && !plain->is_managers;
  plain->priority = priority != NULL ? (int)g_ascii_strtoll(priority, NULL, 10) : 0;
  plain->parent = g_strdup(netplan_text(interface, "link"));
  read_name(interface, profile);
  read_families(interface, plain);
}

/* What a VLAN lies over is an id, which need not be a NIC's name. */
static void name_parents(Profiles *profiles, guint first) {
  for (guint i = first; i < profiles->items->len; i++) {
    const Profile *profile = profiles->items->pdata[i];
    for (guint j = first; profile->plain != NULL && profile->plain->parent != NULL && j < profiles->items->len; j++) {
      const Profile *below = profiles->items->pdata[j];
      if (below->plain == NULL || strcmp(below->id, profile->plain->parent) != 0 || below->interface_name == NULL)
        continue;
      g_free(profile->plain->parent);
      profile->plain->parent = g_strdup(below->interface_name);
      break;
    }
  }
}

static gboolean has_addresses(const YamlNode *node) {
  const YamlNode *list = yaml_node_resolve(yaml_node_get(node, "addresses"));

  return list != NULL && list->kind == YAML_KIND_LIST && list->children->len > 0;
}

/* The file that people look into for it: in /etc where one is, with addresses where one has some. */
static guint main_file(const NetplanInterface *interface) {
  guint best = 0;
  int best_rank = -1;

  for (guint i = 0; i < interface->files->len; i++) {
    const NetplanFile *file = interface->files->pdata[i];
    const int rank = (file->is_ours ? 2 : 0) + (has_addresses(interface->nodes->pdata[i]) ? 1 : 0);
    if (rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  return best;
}

static char **other_paths(const NetplanInterface *interface, guint but) {
  GPtrArray *paths = g_ptr_array_new();

  for (guint i = 0; i < interface->files->len; i++) {
    const NetplanFile *file = interface->files->pdata[i];
    if (i != but && file->is_ours)
      g_ptr_array_add(paths, g_strdup(file->path));
  }
  return list_strv(paths);
}

static void add_unread(Profiles *profiles, const ProfileFormat *format, const NetplanFile *file) {
  Profile *profile = profiles_add(profiles, format, file->path, file->bytes);

  profile->why_not = g_strdup(file->refused);
}

gboolean netplan_profiles(const Root *root, const ProfileFormat *format, Profiles *profiles, GError **error) {
  g_autoptr(GPtrArray) files = netplan_files_read(root, error);
  g_autoptr(GPtrArray) interfaces = NULL;
  const guint first = profiles->items->len;

  if (files == NULL)
    return FALSE;
  interfaces = netplan_interfaces(files);
  list_each (const NetplanInterface *, interface, interfaces) {
    const guint at = main_file(interface);
    const NetplanFile *file = interface->files->pdata[at];
    Profile *profile = profiles_add(profiles, format, file->path, file->bytes);

    read_fields(files, interfaces, interface, profile);
    profile->plain->line = ((const YamlNode *)interface->nodes->pdata[at])->key->line;
    profile->plain->more_paths = other_paths(interface, at);
    profile->why_not = file->is_ours ? NULL : profile_why_not_ours(file->path, NETPLAN_DIR);
  }
  name_parents(profiles, first);
  for (guint i = 0; i < files->len; i++)
    if (((const NetplanFile *)files->pdata[i])->refused != NULL)
      add_unread(profiles, format, files->pdata[i]);
  return TRUE;
}

/* networkd: 10-netplan-ID.network, .netdev, .link. NetworkManager: netplan-ID.nmconnection, of a Wi-Fi network
 * netplan-ID-SSID.nmconnection, with what no file name may have as %XX (netplan's networkd.c and nm.c). */
static gboolean makes(const Profile *profile, const char *path) {
  static const char networkd[] = "/run/systemd/network/10-netplan-";
  static const char manager[] = "/run/NetworkManager/system-connections/netplan-";
  g_autofree char *escaped = g_uri_escape_string(profile->id, NULL, TRUE);
  const char *rest;

  if (g_str_has_prefix(path, networkd)) {
    static const char *const endings[] = {".network", ".netdev", ".link", NULL};
    rest = path + strlen(networkd);
    return g_str_has_prefix(rest, profile->id) && g_strv_contains(endings, rest + strlen(profile->id));
  }
  if (!g_str_has_prefix(path, manager))
    return FALSE;
  rest = path + strlen(manager);
  if (!g_str_has_prefix(rest, escaped))
    return FALSE;
  rest += strlen(escaped);
  return strcmp(rest, ".nmconnection") == 0 ||
         (*rest == '-' && g_strcmp0(profile->type, "802-11-wireless") == 0 && g_str_has_suffix(rest, ".nmconnection"));
}

const Profile *netplan_maker(const Profiles *profiles, const char *path) {
  if (!g_str_has_prefix(path, "/run/"))
    return NULL;
  list_each (const Profile *, profile, profiles->items)
    if (profile->format != NULL && profile->plain != NULL && strcmp(profile->format->name, "netplan") == 0 &&
        makes(profile, path))
      return profile;
  return NULL;
}

/* A new one. -------------------------------------------------------------------------------------------------------*/

static gboolean may_be_for(const NetplanInterface *interface, const Nic *nic) {
  const YamlNode *match = netplan_value(interface, "match", NULL);
  const char *name = yaml_node_text(netplan_value(interface, "match", "name", NULL));
  const char *mac = yaml_node_text(netplan_value(interface, "match", "macaddress", NULL));
  g_autofree char *canonical = mac != NULL ? mac_notation_canonical(mac) : NULL;

  return is_hardware(interface) && match != NULL && (name == NULL || fnmatch(name, nic->name, 0) == 0) &&
         (canonical == NULL || mac_equal(canonical, nic->mac));
}

/* What networkd is given is sorted by id, and the first file that fits counts. */
static const NetplanInterface *in_the_way(const GPtrArray *interfaces, const Nic *nic, const char *id) {
  list_each (const NetplanInterface *, interface, interfaces)
    if (strcmp(interface->id, id) == 0 || (strcmp(interface->id, id) < 0 && may_be_for(interface, nic)))
      return interface;
  return NULL;
}

/* The NIC's name, which needs no match, else one that is matched to it. */
static char *winning_id(const GPtrArray *interfaces, const Nic *nic, GError **error) {
  static const char *const leads[] = {"", "00-", "0-"};
  const NetplanInterface *other = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(leads); i++) {
    g_autofree char *id = g_strconcat(leads[i], nic->name, NULL);
    other = in_the_way(interfaces, nic, id);
    if (other == NULL)
      return g_steal_pointer(&id);
  }
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED,
              "%s: %s may be for %s too, and no id of a new definition comes before it; nothing is changed: give it "
              "another id",
              ((const NetplanFile *)other->files->pdata[0])->path, other->id, nic->name);
  return NULL;
}

static gboolean has_name(const GPtrArray *files, const char *name) {
  for (guint i = 0; i < files->len; i++)
    if (strcmp(((const NetplanFile *)files->pdata[i])->name, name) == 0)
      return TRUE;
  return FALSE;
}

static char *free_name(const GPtrArray *files, const Nic *nic) {
  char *name = g_strdup_printf("60-%s.yaml", nic->name);

  for (guint number = 1; has_name(files, name); number++) {
    g_free(name);
    name = g_strdup_printf("60-%s-%u.yaml", nic->name, number);
  }
  return name;
}

static GBytes *new_text(const char *id, const Nic *nic, gboolean by_networkd) {
  GString *text = g_string_new("network:\n  version: 2\n  ethernets:\n");

  g_string_append_printf(text, "    %s:\n", id);
  if (strcmp(id, nic->name) != 0)
    g_string_append_printf(text, "      match:\n        name: %s\n", nic->name);
  if (by_networkd)
    g_string_append(text, "      renderer: networkd\n");
  g_string_append(text, "      dhcp4: true\n");
  return g_string_free_to_bytes(text);
}

/* Its back end would be NetworkManager, which has the NIC not, or is not there. */
static gboolean is_of_manager(const GPtrArray *files) {
  static const NetplanInterface ethernet = {.section = "ethernets"};
  g_autoptr(GPtrArray) nodes = g_ptr_array_new();
  NetplanInterface interface = ethernet;

  interface.nodes = nodes;
  return netplan_is_manager(files, &interface);
}

gboolean netplan_make(const Root *root, const ProfileFormat *format, const Nic *nic, Profiles *made, GError **error) {
  g_autoptr(GPtrArray) files = netplan_files_read(root, error);
  g_autoptr(GPtrArray) interfaces = files != NULL ? netplan_interfaces(files) : NULL;
  g_autofree char *id = interfaces != NULL ? winning_id(interfaces, nic, error) : NULL;
  g_autofree char *name = id != NULL ? free_name(files, nic) : NULL;
  g_autofree char *path = name != NULL ? g_build_filename(NETPLAN_DIR, name, NULL) : NULL;
  g_autofree char *resolved = NULL;
  g_autoptr(GBytes) there = NULL;
  g_autoptr(GBytes) bytes = NULL;

  if (path == NULL || !tree_read(root, path, &there, &resolved, error))
    return FALSE;
  bytes = new_text(id, nic, is_of_manager(files));
  Profile *profile = profiles_add(made, format, resolved, bytes);
  profile->id = g_strdup(id);
  profile->type = g_strdup("802-3-ethernet");
  profile->interface_name = g_strdup(nic->name);
  profile_make_plain(profile)->line = 4;
  plain_family(profile->plain, AF_INET)->automatic = TRUE;
  return TRUE;
}
