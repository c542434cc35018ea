/* live-apply.c - a committed plan on the running NetworkManager */
#include <arpa/inet.h>
#include <string.h>

#include "address-detection.h"
#include "base/error.h"
#include "base/tree.h"
#include "isolation.h"
#include "link.h"
#include "live-internal.h"
#include "profiles/connection-uuid.h"
#include "profiles/keyfile-text.h"

/* What NetworkManager tells of its profiles and devices comes a little after its answers. */
enum { NEWS_MS = 3000, MANAGED_MS = 10000, FITTING_MS = 500 };

/* What the file has now; NULL: no such file; "": nothing. */
static char *value_in_file(const LiveNetwork *live, const char *path, const char *group, const char *key) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read(live->root, path, &content, NULL, NULL) || content == NULL)
    return NULL;
  g_autoptr(KeyfileText) text = keyfile_text_parse(content, NULL);
  char *value = text != NULL ? keyfile_text_get(text, group, key) : NULL;
  return value != NULL ? value : g_strdup("");
}

static gboolean is_known(LiveNetwork *live, const char *path) {
  g_autofree char *uuid = value_in_file(live, path, "connection", "uuid"); /* "": NetworkManager makes one up */
  NMRemoteConnection *connection = nm_session_find_path(live->session, path);

  if (uuid == NULL)
    return connection == NULL;
  return connection != NULL &&
         (*uuid == '\0' || connection_uuid_equal(uuid, nm_connection_get_uuid(NM_CONNECTION(connection))));
}

typedef struct {
  LiveNetwork *live;
  const GPtrArray *paths;
} Loading;

/* The first file that NetworkManager does not have as it is now; NULL: it has all. */
static const char *unknown_path(const Loading *loading) {
  for (guint i = 0; i < loading->paths->len; i++)
    if (!is_known(loading->live, loading->paths->pdata[i]))
      return loading->paths->pdata[i];
  return NULL;
}

static gboolean are_known(gpointer data) {
  return unknown_path(data) == NULL;
}

gboolean live_load(LiveNetwork *live, const GPtrArray *paths, GError **error) {
  Loading loading = {live, paths};

  if (paths->len == 0)
    return TRUE;
  live_tell(live, paths->len == 1 ? "loading %u profile" : "loading %u profiles", paths->len);
  if (!nm_session_load(live->session, paths, error))
    return FALSE;
  if (nm_session_wait(live->session, NEWS_MS, are_known, &loading))
    return TRUE;
  g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "NetworkManager refuses %s: see its messages in the journal",
              unknown_path(&loading));
  return FALSE;
}

gboolean live_load_all(LiveNetwork *live, const GPtrArray *further, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new();

  for (guint i = 0; i < further->len; i++)
    g_ptr_array_add(paths, further->pdata[i]);
  for (guint i = 0; i < live->note->changes->len; i++)
    g_ptr_array_add(paths, ((ProfileChange *)live->note->changes->pdata[i])->path);
  return live_load(live, paths, error);
}

NMRemoteConnection *live_successor(LiveNetwork *live, const ActiveProfile *profile) {
  NMRemoteConnection *connection = profile->path != NULL ? nm_session_find_path(live->session, profile->path) : NULL;

  return connection != NULL ? connection : nm_session_find_uuid(live->session, profile->uuid);
}

/* The numbers of the groups, each once. */
static GArray *find_groups(const GPtrArray *active) {
  GArray *groups = g_array_new(FALSE, FALSE, sizeof(guint));

  for (guint i = 0; i < active->len; i++) {
    guint group = ((const ActiveProfile *)active->pdata[i])->group;
    gboolean known = group == 0;
    for (guint j = 0; j < groups->len && !known; j++)
      known = g_array_index(groups, guint, j) == group;
    if (!known)
      g_array_append_val(groups, group);
  }
  return groups;
}

static gboolean load_group(LiveNetwork *live, guint group, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new();

  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    if (profile->group == group && profile->path != NULL)
      g_ptr_array_add(paths, profile->path);
  }
  return live_load(live, paths, error);
}

/* No reason to fail: the network works with other metrics too. */
static void keep_metrics(LiveNetwork *live, guint group) {
  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMDevice *device = profile->group == group ? nm_session_find_device(live->session, profile->interface) : NULL;
    g_autoptr(GError) error = NULL;
    if (device != NULL && !route_metrics_keep(live->session, device, &profile->metrics, &error))
      live_tell(live, "%s: %s", profile->interface, error->message);
  }
}

static gboolean activate_group(LiveNetwork *live, guint group, GError **error) {
  g_autoptr(GPtrArray) activations = g_ptr_array_new_with_free_func((GDestroyNotify)activation_free);

  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMRemoteConnection *connection = profile->group == group ? live_successor(live, profile) : NULL;
    if (connection != NULL)
      g_ptr_array_add(activations, activation_new(connection, profile->interface, profile->active_path));
  }
  if (!activations_run(live->session, activations, live->progress, live->data, error))
    return FALSE;
  keep_metrics(live, group);
  return TRUE;
}

/* The changed profiles that were not active. */
static gboolean load_rest(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new();

  for (guint i = 0; i < live->note->changes->len; i++) {
    ProfileChange *change = live->note->changes->pdata[i];
    if (!live_is_active(live->note, change))
      g_ptr_array_add(paths, change->path);
  }
  return live_load(live, paths, error);
}

/* One that is gone is found out, and made up for, by those who need it. */
void live_extend_checkpoint(LiveNetwork *live) {
  if (live->note->checkpoint != NULL)
    (void)nm_checkpoint_extend(live->session, live->note->checkpoint, LIVE_ROLLBACK_S, NULL);
}

static gboolean has_address(const Link *link, const GArray *all, const char *value) {
  g_autofree char *text = g_strndup(value, strcspn(value, "/,; \t"));
  struct in_addr ip;

  if (inet_pton(AF_INET, text, &ip) != 1)
    return FALSE;
  for (guint i = 0; i < all->len; i++) {
    const LinkAddress *address = &g_array_index(all, LinkAddress, i);
    if (address->index == link->index && address->family == AF_INET && memcmp(address->ip, &ip, sizeof ip) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether the card has every IPv4 address that the profile's file gives it now: they are this machine's. */
static gboolean keeps_addresses(const LiveNetwork *live, const ActiveProfile *profile) {
  g_autofree char *method = value_in_file(live, profile->path, "ipv4", "method");
  g_autoptr(GArray) addresses = link_addresses(NULL);
  g_autoptr(GBytes) content = NULL;
  Link link;

  if (g_strcmp0(method, "manual") != 0 || addresses == NULL || link_read(profile->interface, &link) < 0 ||
      !tree_read(live->root, profile->path, &content, NULL, NULL) || content == NULL)
    return FALSE;
  g_autoptr(KeyfileText) text = keyfile_text_parse(content, NULL);
  g_auto(GStrv) keys = text != NULL ? keyfile_text_keys(text, "ipv4") : NULL;
  for (char **key = keys; key != NULL && *key != NULL; key++) {
    g_autofree char *value = g_str_has_prefix(*key, "address") ? keyfile_text_get(text, "ipv4", *key) : NULL;
    if (value != NULL && !has_address(&link, addresses, value))
      return FALSE;
  }
  return keys != NULL;
}

/* No reason to fail: it takes a little longer then. */
static void suspend_address_detection(LiveNetwork *live) {
  g_autoptr(GPtrArray) interfaces = g_ptr_array_new();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    if (profile->group != 0 && profile->path != NULL && keeps_addresses(live, profile))
      g_ptr_array_add(interfaces, profile->interface);
  }
  if (!address_detection_suspend(live->root, live->session, interfaces, &error))
    live_tell(live, "%s", error->message);
}

static gboolean load_and_activate(LiveNetwork *live, const GPtrArray *further, GError **error) {
  g_autoptr(GArray) groups = find_groups(live->note->active);
  gboolean at_once = further->len > 0;

  if (at_once && !live_load_all(live, further, error))
    return FALSE;
  for (guint i = 0; i < groups->len; i++) {
    guint group = g_array_index(groups, guint, i);
    live_extend_checkpoint(live);
    if ((!at_once && !load_group(live, group, error)) || !activate_group(live, group, error))
      return FALSE;
  }
  return at_once || load_rest(live, error);
}

gboolean live_apply(LiveNetwork *live, const GPtrArray *further, GError **error) {
  suspend_address_detection(live);
  gboolean applied = load_and_activate(live, further, error);
  return address_detection_resume(live->root, applied ? error : NULL) && applied;
}

/* NetworkManager's own judgement of what fits where. */
static gboolean is_available(NMDevice *device, NMRemoteConnection *connection) {
  const GPtrArray *available = nm_device_get_available_connections(device);

  for (guint i = 0; i < available->len; i++)
    if (available->pdata[i] == connection)
      return TRUE;
  return FALSE;
}

/* The device that a profile which was not active takes over: one that NetworkManager gave a connection of its own
 * making because this profile did not fit it before, or that was kept unmanaged in isolation. */
static const char *device_to_take(LiveNetwork *live, NMRemoteConnection *connection) {
  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMDevice *device = profile->generated ? nm_session_find_device(live->session, profile->interface) : NULL;
    if (device != NULL && is_available(device, connection))
      return profile->interface;
  }
  for (guint i = 0; i < live->unmanaged->len; i++) {
    NMDevice *device = nm_session_find_device(live->session, live->unmanaged->pdata[i]);
    if (device != NULL && is_available(device, connection))
      return live->unmanaged->pdata[i];
  }
  return NULL;
}

/* A changed profile that connects by itself and was not active. */
static NMRemoteConnection *newcomer(LiveNetwork *live, const ProfileChange *change) {
  NMRemoteConnection *connection =
      live_is_active(live->note, change) ? NULL : nm_session_find_path(live->session, change->path);
  NMSettingConnection *setting =
      connection != NULL ? nm_connection_get_setting_connection(NM_CONNECTION(connection)) : NULL;

  return setting != NULL && nm_setting_connection_get_autoconnect(setting) ? connection : NULL;
}

static gboolean have_devices(gpointer data) {
  LiveNetwork *live = data;

  for (guint i = 0; i < live->note->changes->len; i++) {
    NMRemoteConnection *connection = newcomer(live, live->note->changes->pdata[i]);
    if (connection != NULL && device_to_take(live, connection) == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean activate_newcomers(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) activations = g_ptr_array_new_with_free_func((GDestroyNotify)activation_free);

  (void)nm_session_wait(live->session, FITTING_MS, have_devices, live);
  for (guint i = 0; i < live->note->changes->len; i++) {
    NMRemoteConnection *connection = newcomer(live, live->note->changes->pdata[i]);
    const char *interface = connection != NULL ? device_to_take(live, connection) : NULL;
    if (interface != NULL)
      g_ptr_array_add(activations, activation_new(connection, interface, NULL));
  }
  return activations_run(live->session, activations, live->progress, live->data, error);
}

static gboolean are_managed(gpointer data) {
  const LiveNetwork *live = data;

  for (guint i = 0; i < live->unmanaged->len; i++) {
    NMDevice *device = nm_session_find_device(live->session, live->unmanaged->pdata[i]);
    if (device != NULL && nm_device_get_state(device) < NM_DEVICE_STATE_DISCONNECTED)
      return FALSE;
  }
  return TRUE;
}

gboolean live_network_load_and_activate(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) further = g_ptr_array_new_with_free_func(g_free);

  live->loaded = TRUE;
  if (!live_reconnect(live, error) || !live_files_hide_shadows(live->root, live->note, further, error))
    return FALSE;
  /* Isolation was lifted a moment ago: the cards need theirs to be seen. One without a cable never is. */
  if (live->unmanaged->len > 0)
    (void)nm_session_wait(live->session, MANAGED_MS, are_managed, live);
  if (!live_apply(live, further, error) || !activate_newcomers(live, error))
    return FALSE;
  live_extend_checkpoint(live);
  return TRUE;
}
