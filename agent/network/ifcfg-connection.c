/* ifcfg-connection.c - what NetworkManager's plugin makes of an ifcfg file */
#include "ifcfg-connection.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/ifcfg/ifcfg-keys.h"

/* Without one the address's class says it (nm_ip4_addr_get_default_prefix); IPv6 has 64. */
static guint prefix_of(int family, const char *text) {
  const char *slash = strchr(text, '/');
  guchar bytes[sizeof(struct in6_addr)] = {0};
  g_autofree char *address = g_strndup(text, strcspn(text, "/"));

  if (slash != NULL)
    return (guint)strtoul(slash + 1, NULL, 10);
  if (family == AF_INET6 || inet_pton(AF_INET, address, bytes) != 1)
    return 64;
  return bytes[0] < 128 ? 8 : bytes[0] < 192 ? 16 : 24;
}

static void add_addresses(NMSettingIPConfig *setting, int family, const PlainFamily *plain) {
  list_each (const char *, text, plain->addresses) {
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    NMIPAddress *item = nm_ip_address_new(family, address, prefix_of(family, text), NULL);

    if (item == NULL)
      continue;
    (void)nm_setting_ip_config_add_address(setting, item);
    nm_ip_address_unref(item);
  }
}

static const char *method_of(const PlainFamily *plain, gboolean ipv4) {
  if (plain->off)
    return ipv4 ? NM_SETTING_IP4_CONFIG_METHOD_DISABLED : NM_SETTING_IP6_CONFIG_METHOD_IGNORE;
  if (plain->automatic)
    return NM_SETTING_IP4_CONFIG_METHOD_AUTO;
  return plain->addresses->len > 0 ? NM_SETTING_IP4_CONFIG_METHOD_MANUAL : NM_SETTING_IP4_CONFIG_METHOD_LINK_LOCAL;
}

static void add_family(NMConnection *connection, const Profile *profile, int family) {
  const gboolean ipv4 = family == AF_INET;
  const PlainFamily *plain = plain_family(profile->plain, family);
  NMSetting *setting = ipv4 ? nm_setting_ip4_config_new() : nm_setting_ip6_config_new();
  g_autofree char *id = ipv4 ? ifcfg_value(ifcfg_of(profile)->text, "DHCP_CLIENT_ID") : NULL;

  g_object_set(setting, NM_SETTING_IP_CONFIG_METHOD, method_of(plain, ipv4), NULL);
  if (!plain->off)
    add_addresses(NM_SETTING_IP_CONFIG(setting), family, plain);
  if (!plain->off && plain->addresses->len > 0)
    g_object_set(setting, NM_SETTING_IP_CONFIG_GATEWAY, plain->gateway, NULL);
  if (id != NULL)
    g_object_set(setting, NM_SETTING_IP4_CONFIG_DHCP_CLIENT_ID, id, NULL);
  nm_connection_add_setting(connection, setting);
}

NMConnection *ifcfg_connection(const Profile *profile) {
  NMConnection *connection = nm_simple_connection_new();
  NMSetting *setting = nm_setting_connection_new();
  NMSetting *wired = nm_setting_wired_new();
  g_autofree char *cloned = ifcfg_value(ifcfg_of(profile)->text, "MACADDR");

  g_object_set(setting, NM_SETTING_CONNECTION_ID, profile->id, NM_SETTING_CONNECTION_UUID, profile->uuid,
               NM_SETTING_CONNECTION_TYPE, profile->type, NM_SETTING_CONNECTION_INTERFACE_NAME, profile->interface_name,
               NM_SETTING_CONNECTION_AUTOCONNECT, profile->plain->starts, NULL);
  g_object_set(wired, NM_SETTING_WIRED_MAC_ADDRESS, profile->mac_address, NM_SETTING_WIRED_CLONED_MAC_ADDRESS, cloned,
               NULL);
  nm_connection_add_setting(connection, setting);
  nm_connection_add_setting(connection, wired);
  if (!profile_is_port(profile)) {
    add_family(connection, profile, AF_INET);
    add_family(connection, profile, AF_INET6);
  }
  return connection;
}

/* What names something and asks for nothing. The DHCP server is told the new host name without a new lease. */
static gboolean is_name(const char *key) {
  static const char *const keys[] = {
      "UUID",          "NAME",      "DEVICE",          "HWADDR",   "MASTER",  "BRIDGE", "TEAM_MASTER",
      "DHCP_HOSTNAME", "DHCP_FQDN", "DHCPV6_HOSTNAME", "HOSTNAME", "PHYSDEV", NULL};

  return g_strv_contains(keys, key) || g_str_has_suffix(key, "_UUID") || strcmp(key, "SECONDARY_UUIDS") == 0;
}

static void add_value(const char *key, const char *value, guint line, gpointer data) {
  if (!is_name(key))
    g_string_append_printf(data, "%s=%s\n", key, value);
}

static void add_file(const Root *root, const char *path, GString *all) {
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_read_file(root, path, &content, NULL, NULL) || content == NULL)
    return;
  const char *text = bytes_text(content, &size);
  g_string_append_printf(all, "[%s]\n", path);
  g_string_append_len(all, text, (gssize)size);
}

static void add_common(const Root *root, GString *all) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(root, IFCFG_COMMON_FILE, &content, NULL, NULL) || content == NULL)
    return;
  g_autoptr(ShellText) text = shell_text_parse(content);
  shell_text_foreach(text, add_value, all);
}

char *ifcfg_shape(const Root *root, const Profile *profile) {
  static const char *const companions[] = {"route", "route6", "rule", "rule6"};
  const IfcfgProfile *own = ifcfg_of(profile);
  g_autoptr(GString) all = g_string_new(NULL);

  shell_text_foreach(own->text, add_value, all);
  for (guint i = 0; i < own->parts->len; i++)
    shell_text_foreach(((const IfcfgPart *)own->parts->pdata[i])->text, add_value, all);
  add_common(root, all);
  for (gsize i = 0; i < G_N_ELEMENTS(companions); i++) {
    g_autofree char *path = g_strdup_printf(IFCFG_DIR "/%s-%s", companions[i], own->name);

    add_file(root, path, all);
  }
  return g_compute_checksum_for_string(G_CHECKSUM_SHA256, all->str, (gssize)all->len);
}
