/* active-profiles.c - what was active where before the change, and what of it the change concerns */
#include "active-profiles.h"

#include <string.h>

#include "profiles/connection-uuid.h"

void active_profile_free(ActiveProfile *profile) {
  g_free(profile->interface);
  g_free(profile->uuid);
  g_free(profile->path);
  g_free(profile->active_path);
  g_free(profile);
}

static gboolean names(const char *reference, const char *uuid, const char *interface) {
  return reference != NULL && (connection_uuid_equal(reference, uuid) || g_strcmp0(reference, interface) == 0);
}

/* Every kind of profile that lies over another (VLAN, MACVLAN, tunnels, ...) says so in a property "parent". */
static gboolean has_parent(NMConnection *connection, const char *uuid, const char *interface) {
  guint count = 0;
  g_autofree NMSetting **settings = nm_connection_get_settings(connection, &count);
  gboolean found = FALSE;

  for (guint i = 0; i < count && !found; i++) {
    g_autofree char *parent = NULL;
    GParamSpec *property = g_object_class_find_property(G_OBJECT_GET_CLASS(settings[i]), "parent");
    if (property == NULL || property->value_type != G_TYPE_STRING)
      continue;
    g_object_get(settings[i], "parent", &parent, NULL);
    found = names(parent, uuid, interface);
  }
  return found;
}

gboolean profile_depends_on(NMConnection *connection, const char *uuid, const char *interface, gboolean *parent) {
  NMSettingConnection *setting = nm_connection_get_setting_connection(connection);
  gboolean lies_over = has_parent(connection, uuid, interface);

  if (parent != NULL)
    *parent = lies_over;
  return lies_over || (setting != NULL && names(nm_setting_connection_get_master(setting), uuid, interface));
}

static const char *changed_path(NmSession *session, const GPtrArray *changes, NMRemoteConnection *connection) {
  const char *uuid = nm_connection_get_uuid(NM_CONNECTION(connection));

  for (guint i = 0; i < changes->len; i++) {
    const ProfileChange *change = changes->pdata[i];
    if (connection_uuid_equal(change->old_uuid, uuid) || nm_session_find_path(session, change->path) == connection)
      return change->path;
  }
  return NULL;
}

static ActiveProfile *read_one(NmSession *session, const GPtrArray *changes, NMActiveConnection *active) {
  const GPtrArray *devices = nm_active_connection_get_devices(active);
  NMRemoteConnection *connection = nm_active_connection_get_connection(active);
  NMActiveConnectionState state = nm_active_connection_get_state(active);

  if (devices->len == 0 || connection == NULL ||
      (state != NM_ACTIVE_CONNECTION_STATE_ACTIVATING && state != NM_ACTIVE_CONNECTION_STATE_ACTIVATED) ||
      (nm_active_connection_get_state_flags(active) & NM_ACTIVATION_STATE_FLAG_EXTERNAL) != 0)
    return NULL;
  ActiveProfile *profile = g_new0(ActiveProfile, 1);
  profile->interface = g_strdup(nm_device_get_iface(devices->pdata[0]));
  profile->uuid = g_strdup(nm_active_connection_get_uuid(active));
  profile->active_path = g_strdup(nm_object_get_path(NM_OBJECT(active)));
  profile->path = g_strdup(changed_path(session, changes, connection));
  profile->concerned = profile->path != NULL;
  profile->metrics = route_metrics_read(devices->pdata[0]);
  profile->generated = (nm_remote_connection_get_flags(connection) & NM_SETTINGS_CONNECTION_FLAG_NM_GENERATED) != 0;
  return profile;
}

static gboolean depends_on(NmSession *session, const ActiveProfile *profile, const ActiveProfile *other) {
  NMRemoteConnection *connection = nm_session_find_uuid(session, profile->uuid);

  return connection != NULL && profile_depends_on(NM_CONNECTION(connection), other->uuid, other->interface, NULL);
}

/* Two of which one depends on the other: who depends on what changes is concerned too; both are of one group. */
static gboolean tie(NmSession *session, ActiveProfile *profile, ActiveProfile *other) {
  guint group = MIN(profile->group, other->group);

  if (!other->concerned || !depends_on(session, profile, other))
    return FALSE;
  if (profile->concerned && profile->group == other->group)
    return FALSE;
  if (!profile->concerned)
    group = other->group;
  profile->concerned = TRUE;
  profile->group = other->group = group;
  return TRUE;
}

/* Ports of a bridge that is a port of a bond that changes, and so on, until nothing more is tied. */
static void find_groups(NmSession *session, GPtrArray *profiles) {
  gboolean more = TRUE;

  for (guint i = 0; i < profiles->len; i++) {
    ActiveProfile *profile = profiles->pdata[i];
    profile->group = profile->concerned ? i + 1 : 0;
  }
  while (more) {
    more = FALSE;
    for (guint i = 0; i < profiles->len; i++)
      for (guint j = 0; j < profiles->len; j++)
        if (i != j)
          more |= tie(session, profiles->pdata[i], profiles->pdata[j]);
  }
}

GPtrArray *active_profiles_read(NmSession *session, const GPtrArray *changes) {
  GPtrArray *profiles = g_ptr_array_new_with_free_func((GDestroyNotify)active_profile_free);
  const GPtrArray *all = nm_client_get_active_connections(session->client);

  for (guint i = 0; i < all->len; i++) {
    ActiveProfile *profile = read_one(session, changes, all->pdata[i]);
    if (profile != NULL)
      g_ptr_array_add(profiles, profile);
  }
  find_groups(session, profiles);
  return profiles;
}
