/* profile-shape.c - does a profile ask for the same network as before, under other names? */
#include "profile-shape.h"

#include <string.h>

#include "profiles/profiles.h"

NMConnection *profile_connection(GBytes *content) {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(NMConnection) connection = NULL;

  if (content == NULL || !g_key_file_load_from_bytes(file, content, G_KEY_FILE_NONE, NULL))
    return NULL;
  connection = nm_keyfile_read(file, PROFILES_DIR, NM_KEYFILE_HANDLER_FLAGS_NONE, NULL, NULL, NULL);
  if (connection == NULL || !nm_connection_normalize(connection, NULL, NULL, NULL))
    return NULL;
  return g_steal_pointer(&connection);
}

/* What names something and asks for nothing. The DHCP server is told the new host name without a new lease. */
static void forget_names(NMSetting *setting) {
  static const char *const names[] = {"uuid",      "id",     "interface-name", "master",      "controller",
                                      "timestamp", "parent", "mac-address",    "secondaries", "dhcp-hostname",
                                      "dhcp-fqdn"};

  for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
    GParamSpec *property = g_object_class_find_property(G_OBJECT_GET_CLASS(setting), names[i]);
    if (property != NULL && (property->flags & G_PARAM_WRITABLE) != 0)
      g_object_set_property(G_OBJECT(setting), names[i], g_param_spec_get_default_value(property));
  }
}

char *profile_shape(GBytes *content) {
  g_autoptr(NMConnection) connection = profile_connection(content);
  guint count = 0;

  if (connection == NULL)
    return g_strdup("");
  nm_connection_remove_setting(connection, NM_TYPE_SETTING_MATCH);
  g_autofree NMSetting **settings = nm_connection_get_settings(connection, &count);
  for (guint i = 0; i < count; i++)
    forget_names(settings[i]);
  g_autoptr(GVariant) all = g_variant_ref_sink(nm_connection_to_dbus(connection, NM_CONNECTION_SERIALIZE_ALL));
  g_autofree char *text = g_variant_print(all, FALSE);
  return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static gboolean is_derived(const char *value) {
  static const char *const words[] = {"stable", "stable-ssid", "duid", "ipv6-duid", NULL};

  return value != NULL && g_strv_contains(words, value);
}

gboolean profile_derives_ids(NMConnection *connection) {
  NMSettingIPConfig *ip4 = nm_connection_get_setting_ip4_config(connection);
  NMSettingWired *wired = nm_connection_get_setting_wired(connection);
  NMSettingWireless *wireless = nm_connection_get_setting_wireless(connection);
  const char *id = ip4 != NULL ? nm_setting_ip4_config_get_dhcp_client_id(NM_SETTING_IP4_CONFIG(ip4)) : NULL;

  return is_derived(id) || (wired != NULL && is_derived(nm_setting_wired_get_cloned_mac_address(wired))) ||
         (wireless != NULL && is_derived(nm_setting_wireless_get_cloned_mac_address(wireless)));
}
