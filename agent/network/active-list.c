/* active-list.c - what is active where before NetworkManager restarts */
#include "active-list.h"

#include <string.h>

#include "address-probe.h"
#include "base/each.h"
#include "base/tree.h"
#include "live-profile.h"
#include "profiles/keyfile/connection-uuid.h"
#include "profiles/profiles.h"
#include "profiles/selection/manager-configuration.h"
#include "profiles/text/keyfile-text.h"
#include "verification.h"

#define FORMAT "(sa(ssssbb)asas)"
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

enum { GATEWAY_MS = 1500 };

static void active_profile_free(ActiveProfile *profile) {
  g_free(profile->id);
  g_free(profile->uuid);
  g_free(profile->path);
  g_free(profile->interface);
  g_free(profile);
}

ActiveList *active_list_new(void) {
  ActiveList *list = g_new0(ActiveList, 1);

  list->profiles = g_ptr_array_new_with_free_func((GDestroyNotify)active_profile_free);
  list->held = g_ptr_array_new_with_free_func(g_free);
  list->made_up = g_ptr_array_new_with_free_func(g_free);
  list->forgotten = g_ptr_array_new_with_free_func((GDestroyNotify)active_profile_free);
  list->failed_before = g_ptr_array_new_with_free_func(g_free);
  return list;
}

void active_list_free(ActiveList *list) {
  g_ptr_array_unref(list->profiles);
  g_ptr_array_unref(list->held);
  g_ptr_array_unref(list->made_up);
  g_ptr_array_unref(list->forgotten);
  g_ptr_array_unref(list->failed_before);
  g_free(list);
}

/* Its file by its UUID: NetworkManager names the one in /run where that hides it. */
static char *path_of(const Root *root, NMRemoteConnection *connection) {
  const char *name = nm_remote_connection_get_filename(connection);
  g_autofree char *directory = manager_configuration_profiles(root);
  g_autofree char *beginning = g_strconcat(directory, "/", NULL);
  g_auto(GStrv) names = NULL;

  if (name != NULL && (g_str_has_prefix(name, beginning) || live_profile_is_ifcfg(name)))
    return g_strdup(name);
  names = tree_list(root, directory, NULL);
  for (char **each = names; each != NULL && *each != NULL; each++) {
    g_autofree char *path = g_build_filename(directory, *each, NULL);
    g_autoptr(GBytes) content = NULL;
    if (!tree_read(root, path, &content, NULL, NULL) || content == NULL)
      continue;
    g_autoptr(KeyfileText) text = keyfile_text_parse(content, NULL);
    g_autofree char *uuid = text != NULL ? keyfile_text_get(text, "connection", "uuid") : NULL;
    if (connection_uuid_equal(uuid, nm_connection_get_uuid(NM_CONNECTION(connection))))
      return g_steal_pointer(&path);
  }
  return g_strdup(name != NULL ? name : "");
}

static void note_gateway(ActiveList *list, const char *interface, NMIPConfig *config) {
  const char *gateway = config != NULL ? nm_ip_config_get_gateway(config) : NULL;

  if (gateway != NULL && !gateway_answers(interface, gateway, GATEWAY_MS, NULL, NULL))
    g_ptr_array_add(list->failed_before, g_strdup_printf(VERIFY_GATEWAY, gateway, interface));
}

static void note_what_fails(ActiveList *list, NMDevice *device) {
  const char *interface = nm_device_get_iface(device);
  NMIPConfig *ip4 = nm_device_get_ip4_config(device);

  note_gateway(list, interface, ip4);
  note_gateway(list, interface, nm_device_get_ip6_config(device));
  if (ip4 == NULL || nm_ip_config_get_addresses(ip4)->len == 0)
    g_ptr_array_add(list->failed_before, g_strdup_printf(VERIFY_LEASE, interface));
}

static void read_active(ActiveList *list, const Root *root, NMActiveConnection *active, gboolean vpns) {
  const GPtrArray *devices = nm_active_connection_get_devices(active);
  NMRemoteConnection *connection = nm_active_connection_get_connection(active);
  NMActiveConnectionState state = nm_active_connection_get_state(active);
  gboolean is_vpn = nm_active_connection_get_vpn(active);

  if (connection == NULL || is_vpn != vpns || (devices->len == 0 && !is_vpn) ||
      (state != NM_ACTIVE_CONNECTION_STATE_ACTIVATING && state != NM_ACTIVE_CONNECTION_STATE_ACTIVATED) ||
      (nm_active_connection_get_state_flags(active) & NM_ACTIVATION_STATE_FLAG_EXTERNAL) != 0)
    return;
  g_autofree char *path = path_of(root, connection);
  const gboolean made_up = (nm_remote_connection_get_flags(connection) & NM_SETTINGS_CONNECTION_FLAG_NM_GENERATED) != 0;
  const gboolean forgotten = !made_up && *path != '\0' && !root_exists(root, path);
  if ((made_up || forgotten) && devices->len > 0)
    g_ptr_array_add(list->made_up, g_strdup(nm_device_get_iface(devices->pdata[0])));
  if (made_up)
    return;
  ActiveProfile *profile = g_new0(ActiveProfile, 1);
  *profile = (ActiveProfile){
      .id = g_strdup(nm_active_connection_get_id(active)),
      .uuid = g_strdup(nm_active_connection_get_uuid(active)),
      .path = g_steal_pointer(&path),
      .interface = g_strdup(is_vpn ? "" : nm_device_get_iface(devices->pdata[0])),
      .is_vpn = is_vpn,
      .was_up = state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED,
  };
  g_ptr_array_add(forgotten ? list->forgotten : list->profiles, profile);
  if (!is_vpn && !forgotten)
    note_what_fails(list, devices->pdata[0]);
}

/* `nmcli connection down` leaves this reason, `nmcli device disconnect` this property, and so do we. */
static gboolean is_held(NMDevice *device) {
  return nm_device_get_state(device) == NM_DEVICE_STATE_DISCONNECTED &&
         (nm_device_get_state_reason(device) == NM_DEVICE_STATE_REASON_USER_REQUESTED ||
          !nm_device_get_autoconnect(device));
}

ActiveList *active_list_read(NmSession *session, const Root *root) {
  ActiveList *list = active_list_new();
  const GPtrArray *all = nm_client_get_active_connections(session->client);
  const GPtrArray *devices = nm_client_get_devices(session->client);

  for (guint i = 0; i < all->len; i++)
    read_active(list, root, all->pdata[i], FALSE);
  for (guint i = 0; i < all->len; i++)
    read_active(list, root, all->pdata[i], TRUE);
  for (guint i = 0; i < devices->len; i++)
    if (is_held(devices->pdata[i]))
      g_ptr_array_add(list->held, g_strdup(nm_device_get_iface(devices->pdata[i])));
  return list;
}

static char *boot_id(void) {
  char *id = NULL;

  return g_file_get_contents(BOOT_ID_FILE, &id, NULL, NULL) ? g_strstrip(id) : g_strdup("");
}

static GVariant *strings(const GPtrArray *array) {
  return g_variant_new_strv((const char *const *)array->pdata, array->len);
}

char *active_list_format(const ActiveList *list) {
  g_autofree char *boot = boot_id();
  GVariantBuilder profiles;

  g_variant_builder_init(&profiles, G_VARIANT_TYPE("a(ssssbb)"));
  list_each (const ActiveProfile *, profile, list->profiles)
    g_variant_builder_add(&profiles, "(ssssbb)", profile->id, profile->uuid, profile->path, profile->interface,
                          profile->is_vpn, profile->was_up);
  g_autoptr(GVariant) all = g_variant_ref_sink(
      g_variant_new("(sa(ssssbb)@as@as)", boot, &profiles, strings(list->held), strings(list->failed_before)));
  return g_variant_print(all, FALSE);
}

static void take_strings(GVariantIter *from, GPtrArray *to) {
  char *text = NULL;

  while (g_variant_iter_next(from, "s", &text))
    g_ptr_array_add(to, text);
}

ActiveList *active_list_parse(const char *text) {
  ActiveList *list = active_list_new();
  g_autoptr(GVariantIter) profiles = NULL, held = NULL, failed = NULL;
  g_autofree char *boot = NULL, *present_boot = boot_id();
  ActiveProfile profile;

  g_autoptr(GVariant) all = text != NULL ? g_variant_parse(G_VARIANT_TYPE(FORMAT), text, NULL, NULL, NULL) : NULL;
  if (all == NULL)
    return list;
  g_variant_get(all, FORMAT, &boot, &profiles, &held, &failed);
  if (strcmp(boot, present_boot) != 0)
    return list;
  while (g_variant_iter_next(profiles, "(ssssbb)", &profile.id, &profile.uuid, &profile.path, &profile.interface,
                             &profile.is_vpn, &profile.was_up)) {
    ActiveProfile *copy = g_new(ActiveProfile, 1);
    *copy = profile;
    g_ptr_array_add(list->profiles, copy);
  }
  take_strings(held, list->held);
  take_strings(failed, list->failed_before);
  return list;
}
