/* profile-questions.c - what is asked of a profile that has been read */
#include <string.h>

#include "base/list.h"
#include "profile.h"

static const PlainFamily *plain_of(const Profile *profile, int family) {
  return profile->plain != NULL ? plain_family(profile->plain, family) : NULL;
}

gboolean profile_is_loaded(const Profile *profile) {
  return profile->plain != NULL;
}

char *profile_bound_name(const Profile *profile) {
  return profile->interface_name != NULL || profile->plain == NULL ? profile->interface_name
                                                                   : profile->plain->only_name;
}

const char *profile_step(const Profile *profile) {
  return profile->format != NULL ? profile->format->step : "nm-profile";
}

char **profile_written_addresses(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);
  GPtrArray *addresses = g_ptr_array_new();

  for (guint i = 0; plain != NULL && i < plain->addresses->len; i++)
    g_ptr_array_add(addresses, g_strdup(plain->addresses->pdata[i]));
  return list_strv(addresses);
}

char **profile_static_addresses(const Profile *profile, int family) {
  char **addresses = profile_written_addresses(profile, family);

  for (char **address = addresses; *address != NULL; address++)
    (*address)[strcspn(*address, "/")] = '\0';
  return addresses;
}

gboolean profile_has_static_address(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain != NULL && plain->addresses->len > 0;
}

const char *profile_default_gateway(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain != NULL ? plain->gateway : NULL;
}

gboolean profile_has_gateway(const Profile *profile, int family) {
  return profile_default_gateway(profile, family) != NULL;
}

gboolean profile_is_automatic(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain != NULL && plain->automatic;
}

gboolean profile_is_manual(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain != NULL && !plain->automatic && !plain->no_manual;
}

gboolean profile_is_family_off(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain != NULL && plain->off;
}

gboolean profile_has_no_auto(const Profile *profile) {
  static const char *const types[] = {"dummy", "ip-tunnel", "tun", "vrf", "wireguard", NULL};

  return (profile->type != NULL && g_strv_contains(types, profile->type)) || profile->has_no_ports ||
         (profile->plain != NULL && profile->plain->no_auto);
}

gboolean profile_takes_dns(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain == NULL || !plain->no_dns;
}

gboolean profile_takes_routes(const Profile *profile, int family) {
  const PlainFamily *plain = plain_of(profile, family);

  return plain == NULL || !plain->no_routes;
}

const char *profile_parent(const Profile *profile) {
  return profile->plain != NULL ? profile->plain->parent : NULL;
}

gboolean profile_is_for_hardware(const Profile *profile) {
  static const char *const types[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return profile->type == NULL || g_strv_contains(types, profile->type);
}

gboolean profile_is_port(const Profile *profile) {
  return profile->plain != NULL && profile->plain->is_port;
}

gboolean profile_type_carries_ip(const char *type) {
  static const char *const others[] = {"adsl",     "bluetooth", "cdma", "generic",  "gsm",   "loopback", "ovs-bridge",
                                       "ovs-port", "pppoe",     "vpn",  "wifi-p2p", "wimax", "wpan",     NULL};

  return type == NULL || !g_strv_contains(others, type);
}

gboolean profile_carries_ip(const Profile *profile) {
  return profile->plain != NULL && profile->plain->carries_ip && !profile->plain->is_port;
}

gboolean profile_is_port_with_ip(const Profile *profile) {
  return profile_is_port(profile) && profile->plain->port_has_ip;
}

gboolean profile_autoconnects(const Profile *profile) {
  return profile->plain != NULL && profile->plain->starts;
}

gboolean profile_is_managers(const Profile *profile) {
  return profile->plain != NULL ? profile->plain->is_managers : profile->format == NULL;
}

int profile_priority(const Profile *profile) {
  return profile->plain != NULL ? profile->plain->priority : 0;
}
