/* verify-network.c - does the network run as the profiles say? */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/each.h"
#include "base/names.h"
#include "base/tree.h"
#include "live-profile.h"
#include "profile-changes.h"
#include "profiles/keyfile/connection-uuid.h"
#include "profiles/network-stack.h"
#include "profiles/profiles.h"
#include "profiles/selection/manager-configuration.h"
#include "verify-checks.h"
#include "verify-round.h"

typedef struct {
  VerifyRound base;
  NmSession *session;
} Round;

/* The device that a profile which connects by itself names. */
static NMDevice *device_named(NmSession *session, NMConnection *connection) {
  NMSettingWired *wired = nm_connection_get_setting_wired(connection);
  const char *mac = wired != NULL ? nm_setting_wired_get_mac_address(wired) : NULL;
  const char *name = nm_connection_get_interface_name(connection);
  const GPtrArray *devices = nm_client_get_devices(session->client);

  for (guint i = 0; i < devices->len; i++) {
    const char *device_mac = NM_IS_DEVICE_ETHERNET(devices->pdata[i])
                                 ? nm_device_ethernet_get_permanent_hw_address(devices->pdata[i])
                                 : NULL;
    if (g_strcmp0(nm_device_get_iface(devices->pdata[i]), name) == 0 ||
        (mac != NULL && device_mac != NULL && nm_utils_hwaddr_matches(mac, -1, device_mac, -1)))
      return devices->pdata[i];
  }
  return NULL;
}

static gboolean is_generated(NMActiveConnection *active) {
  NMRemoteConnection *connection = nm_active_connection_get_connection(active);

  return connection == NULL ||
         (nm_remote_connection_get_flags(connection) & NM_SETTINGS_CONNECTION_FLAG_NM_GENERATED) != 0;
}

/* Why nobody brings a profile up on DEVICE; NULL: someone should. */
static const char *why_down(NMDevice *device) {
  switch (nm_device_get_state(device)) {
  case NM_DEVICE_STATE_UNMANAGED:
    return "unmanaged";
  case NM_DEVICE_STATE_UNAVAILABLE:
    return "no cable";
  default:
    return !nm_device_get_autoconnect(device) ||
                   nm_device_get_state_reason(device) == NM_DEVICE_STATE_REASON_USER_REQUESTED
               ? "disconnected by hand"
               : NULL;
  }
}

static gboolean connects_by_itself(NMConnection *connection) {
  NMSettingConnection *setting = nm_connection_get_setting_connection(connection);

  return setting != NULL && nm_setting_connection_get_autoconnect(setting);
}

/* What has a device by hand, in another's place. */
static gboolean is_by_hand(NMActiveConnection *active) {
  NMRemoteConnection *connection = active != NULL ? nm_active_connection_get_connection(active) : NULL;

  return connection != NULL && !is_generated(active) && !connects_by_itself(NM_CONNECTION(connection));
}

/* A profile that is not active: is that as it should be? Another profile of the admin's may hold the device, or the
 * device is down for a reason. */
static void verify_inactive(const Round *round, NMConnection *connection) {
  NMDevice *device = device_named(round->session, connection);
  NMActiveConnection *active = device != NULL ? nm_device_get_active_connection(device) : NULL;
  const char *id = nm_connection_get_id(connection);
  const char *why = device != NULL && active == NULL ? why_down(device) : NULL;

  if (device == NULL || !connects_by_itself(connection))
    return;
  if (is_by_hand(active)) {
    g_autofree char *advice =
        g_strdup_printf("%s was activated by hand; nmcli connection up %s", nm_active_connection_get_id(active), id);
    check_add(round->base.verification, CHECK_SKIPPED, id, nm_active_connection_get_id(active), advice, "profile of %s",
              nm_device_get_iface(device));
    return;
  }
  if (round->base.options->changes != NULL || (active != NULL && !is_generated(active)))
    return;
  if (why != NULL)
    check_add(round->base.verification, CHECK_SKIPPED, id, why, NULL, "profile of %s", nm_device_get_iface(device));
  else
    check_add(round->base.verification, CHECK_FAILED, id,
              active != NULL ? nm_active_connection_get_id(active) : "no active profile", "nmcli connection up",
              "profile of %s", nm_device_get_iface(device));
}

/* A VPN has the device of the connection that it goes over. */
static void verify_uuid(const Round *round, NMConnection *connection, NMActiveConnection *active, NMDevice *device) {
  const char *expected = nm_connection_get_uuid(connection);
  const char *found = nm_active_connection_get_uuid(active);
  gboolean up = nm_active_connection_get_state(active) == NM_ACTIVE_CONNECTION_STATE_ACTIVATED;
  gboolean same = expected == NULL || connection_uuid_equal(expected, found);

  check_add(round->base.verification, up && same ? CHECK_OK : CHECK_FAILED, expected != NULL ? expected : found,
            up ? found : "not active", NULL, "active profile of %s",
            nm_active_connection_get_vpn(active) ? nm_connection_get_id(connection) : nm_device_get_iface(device));
}

static void verify_planned(const Round *round, const Link *link, NMIPAddress *planned) {
  verify_address(&round->base, link, nm_ip_address_get_family(planned), nm_ip_address_get_address(planned),
                 nm_ip_address_get_prefix(planned));
}

/* The address that the kernel has and NetworkManager tells of: its gateway is told with it. NULL: none yet. */
static char *find_leased(const Round *round, NMIPConfig *config, const Link *link) {
  const GPtrArray *told = config != NULL ? nm_ip_config_get_addresses(config) : NULL;

  for (guint i = 0; told != NULL && i < told->len; i++) {
    const char *text = nm_ip_address_get_address(told->pdata[i]);
    unsigned char ip[16] = {0};
    if (inet_pton(AF_INET, text, ip) == 1 && link_address_find(round->base.addresses, link->index, AF_INET, ip) != NULL)
      return g_strdup(text);
  }
  return NULL;
}

/* A device is active for NetworkManager as soon as one family is: the other one's DHCP may still be under way, or
 * silent. That is a loss where there was an address before, and where the machine has nothing else to be reached by. */
static void verify_lease(const Round *round, NMSettingIPConfig *setting, NMIPConfig *config, const Link *link,
                         const char *by_hand) {
  g_autofree char *what = g_strdup_printf(VERIFY_LEASE, link->name);
  gboolean excused = round->base.options->changes != NULL ? verify_failed_before(&round->base, what)
                                                          : verify_has_address(&round->base, link, AF_INET6);

  if (g_strcmp0(nm_setting_ip_config_get_method(setting), NM_SETTING_IP4_CONFIG_METHOD_AUTO) != 0)
    return;
  g_autofree char *found = find_leased(round, config, link);
  if (found != NULL)
    check_add(round->base.verification, CHECK_OK, "one", found, NULL, "%s", what);
  else if (excused)
    check_add(round->base.verification, CHECK_SKIPPED, "one",
              round->base.options->changes != NULL ? "none, as before the change" : "none, but IPv6", NULL, "%s", what);
  else
    check_add(round->base.verification, CHECK_FAILED, "one", "none",
              by_hand != NULL ? by_hand
                              : "check the DHCP server and the cable; where there is no server: \"address\" or "
                                "\"method\" in the policy",
              "%s", what);
}

static gboolean has_route(const GPtrArray *routes, int family, NMIPRoute *planned) {
  const char *next_hop = nm_ip_route_get_next_hop(planned);
  unsigned char destination[16] = {0}, gateway[16] = {0};

  (void)inet_pton(family, nm_ip_route_get_dest(planned), destination);
  if (next_hop != NULL)
    (void)inet_pton(family, next_hop, gateway);
  list_each (const LinkRoute *, route, routes)
    if (route->family == family && route->prefix == nm_ip_route_get_prefix(planned) &&
        memcmp(route->destination, destination, sizeof destination) == 0 &&
        memcmp(route->gateway, gateway, sizeof gateway) == 0)
      return TRUE;
  return FALSE;
}

/* The default route by another gateway than GATEWAY, as text; NULL: there is none. */
static char *other_default(const GPtrArray *routes, int family, const char *gateway) {
  unsigned char expected[16] = {0};

  (void)inet_pton(family, gateway, expected);
  list_each (const LinkRoute *, route, routes) {
    char text[INET6_ADDRSTRLEN] = "";
    if (route->family == family && route->prefix == 0 && memcmp(route->gateway, expected, sizeof expected) != 0 &&
        inet_ntop(family, route->gateway, text, sizeof text) != NULL)
      return g_strdup_printf("also by %s", text);
  }
  return NULL;
}

/* The profile's own routes, and no default route that an earlier profile has left beside its own. */
static void verify_routes(const Round *round, NMSettingIPConfig *setting, const Link *link) {
  int family = NM_IS_SETTING_IP4_CONFIG(setting) ? AF_INET : AF_INET6;
  const char *gateway = nm_setting_ip_config_get_gateway(setting);
  g_autoptr(GPtrArray) routes = link_routes(link->index);

  for (guint i = 0; i < nm_setting_ip_config_get_num_routes(setting); i++) {
    NMIPRoute *planned = nm_setting_ip_config_get_route(setting, (int)i);
    GVariant *type = nm_ip_route_get_attribute(planned, NM_IP_ROUTE_ATTRIBUTE_TYPE);
    gboolean there = has_route(routes, family, planned);
    if (type == NULL || g_strcmp0(g_variant_get_string(type, NULL), "unicast") == 0)
      check_add(round->base.verification, there ? CHECK_OK : CHECK_FAILED, "a route", there ? "it" : "it is not there",
                NULL, "route %s/%u on %s", nm_ip_route_get_dest(planned), nm_ip_route_get_prefix(planned), link->name);
  }
  if (gateway == NULL || nm_setting_ip_config_get_never_default(setting) || family != AF_INET)
    return;
  g_autofree char *other = other_default(routes, family, gateway);
  if (other != NULL)
    check_add(round->base.verification, CHECK_FAILED, gateway, other, "nmcli connection up", "default route on %s",
              link->name);
}

/* One family: the profile's own addresses; its gateway, or the one that DHCP or a router gave. */
static void verify_family(const Round *round, NMSettingIPConfig *setting, NMIPConfig *config, const Link *link,
                          const char *by_hand) {
  const char *gateway = setting != NULL ? nm_setting_ip_config_get_gateway(setting) : NULL;

  for (guint i = 0; setting != NULL && i < nm_setting_ip_config_get_num_addresses(setting); i++)
    verify_planned(round, link, nm_setting_ip_config_get_address(setting, (int)i));
  if (setting != NULL)
    verify_routes(round, setting, link);
  if (NM_IS_SETTING_IP4_CONFIG(setting))
    verify_lease(round, setting, config, link, by_hand);
  if (gateway == NULL && config != NULL)
    gateway = nm_ip_config_get_gateway(config);
  if (gateway != NULL)
    verify_gateway(&round->base, link->name, gateway);
}

/* The profile of the change that DEVICE comes up with at its next boot; NULL: none. The caller frees. */
static char *own_profile(const Round *round, const NMDevice *device) {
  const GPtrArray *changes = round->base.options->changes;

  for (guint i = 0; changes != NULL && i < changes->len; i++) {
    g_autoptr(LiveProfile) profile =
        live_profile_read(round->base.options->root, ((const ProfileChange *)changes->pdata[i])->path);
    if (profile != NULL && connects_by_itself(profile->connection) &&
        device_named(round->session, profile->connection) == device)
      return g_strdup(nm_connection_get_id(profile->connection));
  }
  return NULL;
}

/* Why the profile of the file PATH is on DEVICE, and what to do; NULL: it came up by itself. The caller frees. */
static char *by_hand_advice(const Round *round, const char *path, NMActiveConnection *active, NMDevice *device) {
  g_autofree char *own = is_by_hand(active) ? own_profile(round, device) : NULL;

  if (!is_by_hand(active))
    return NULL;
  return g_strdup_printf(
      "%s, of %s, was activated there by hand, since it does not connect by itself: %s%s, then try again",
      nm_active_connection_get_id(active), path,
      own != NULL ? "nmcli connection up " : "activate the profile that is meant", own != NULL ? own : "");
}

static void verify_profile(const Round *round, const char *path) {
  g_autoptr(LiveProfile) profile = live_profile_read(round->base.options->root, path);
  NMConnection *connection = profile != NULL ? profile->connection : NULL;
  NMRemoteConnection *loaded = nm_session_find_path(round->session, path);
  NMActiveConnection *active = loaded != NULL ? nm_session_find_active(round->session, loaded, FALSE) : NULL;
  const GPtrArray *devices = active != NULL ? nm_active_connection_get_devices(active) : NULL;
  NMDevice *device = devices != NULL && devices->len > 0 ? devices->pdata[0] : NULL;
  Link link;

  if (connection == NULL)
    return;
  if (device == NULL) {
    verify_inactive(round, connection);
    return;
  }
  verify_uuid(round, connection, active, device);
  if (nm_active_connection_get_vpn(active))
    return;
  const char *interface =
      nm_device_get_ip_iface(device) != NULL ? nm_device_get_ip_iface(device) : nm_device_get_iface(device);
  if (link_read(interface, &link) < 0)
    return;
  g_autofree char *by_hand = by_hand_advice(round, path, active, device);
  verify_family(round, nm_connection_get_setting_ip4_config(connection), nm_device_get_ip4_config(device), &link,
                by_hand);
  verify_family(round, nm_connection_get_setting_ip6_config(connection), nm_device_get_ip6_config(device), &link,
                by_hand);
}

static void verify_all_profiles(const Round *round) {
  g_auto(GStrv) paths = live_profile_paths(round->base.options->root, NULL);

  /* An ifcfg file may be the network scripts' and not NetworkManager's. */
  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!live_profile_is_ifcfg(*path) || nm_session_find_path(round->session, *path) != NULL)
      verify_profile(round, *path);
}

/* A reset with --no-network, or of a NetworkManager that we cannot restart. */
static void verify_restarted(const Round *round) {
  if (round->base.options->changes == NULL && root_exists(round->base.options->root, RI_NETWORK_FILE))
    check_add(round->base.verification, CHECK_LATER, "the profiles of the files", "those of before the reset",
              "systemctl restart NetworkManager", "NetworkManager");
}

static gboolean has_profiles(const Root *root) {
  g_autofree char *directory = manager_configuration_profiles(root);
  g_auto(GStrv) names = tree_list(root, directory, NULL);

  return names != NULL && names[0] != NULL;
}

void verify_network(const VerifyOptions *options, NmSession *session, Verification *verification) {
  g_autoptr(GArray) addresses = link_addresses(NULL);
  Round round = {.base = {.options = options, .verification = verification, .addresses = addresses},
                 .session = session};

  if (session == NULL && !has_profiles(options->root) && !network_manager_is_installed(options->root))
    return;
  if (session == NULL || addresses == NULL) {
    check_add(verification, has_profiles(options->root) ? CHECK_FAILED : CHECK_SKIPPED, "running", "not running",
              "systemctl start NetworkManager", "NetworkManager");
    return;
  }
  if (options->changes == NULL)
    verify_all_profiles(&round);
  for (guint i = 0; options->changes != NULL && i < options->changes->len; i++)
    verify_profile(&round, ((const ProfileChange *)options->changes->pdata[i])->path);
  verify_restarted(&round);
}
