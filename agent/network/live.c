/* live.c - the new profiles in force on a NetworkManager that is running, or the old ones again */
#include "live-internal.h"

#include <string.h>
#include <unistd.h>

#include "address-probe.h"
#include "base/error.h"
#include "isolation.h"
#include "link.h"
#include "verify.h"

enum { GATEWAY_MS = 1500 };

LiveNetwork *live_network_open(const Root *root, NetworkPresence *presence, GError **error) {
  NmSession *session = nm_session_open(presence, error);

  if (session == NULL)
    return NULL;
  LiveNetwork *live = g_new0(LiveNetwork, 1);
  live->root = root;
  live->session = session;
  live->failed_before = g_ptr_array_new_with_free_func(g_free);
  live->unmanaged = g_ptr_array_new_with_free_func(g_free);
  return live;
}

void live_network_free(LiveNetwork *live) {
  if (live == NULL)
    return;
  nm_session_free(live->session);
  live_note_free(live->note);
  g_ptr_array_unref(live->failed_before);
  g_ptr_array_unref(live->unmanaged);
  g_free(live);
}

const char *live_network_stack(void) {
  if (access("/run/systemd/netif/state", F_OK) == 0)
    return "systemd-networkd";
  return access("/run/network/ifstate", F_OK) == 0 ? "ifupdown" : NULL;
}

void live_network_set_progress(LiveNetwork *live, LiveProgress progress, gpointer data) {
  live->progress = progress;
  live->data = data;
}

const GPtrArray *live_network_failed_before(const LiveNetwork *live) {
  return live->failed_before;
}

void live_tell(const LiveNetwork *live, const char *format, ...) {
  va_list arguments;

  if (live->progress == NULL)
    return;
  va_start(arguments, format);
  g_autofree char *stage = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  live->progress(stage, live->data);
}

/* Before the commit. */

static void note_dead_gateway(LiveNetwork *live, const char *interface, NMIPConfig *config) {
  const char *gateway = config != NULL ? nm_ip_config_get_gateway(config) : NULL;

  if (gateway != NULL && !gateway_answers(interface, gateway, GATEWAY_MS, NULL, NULL))
    g_ptr_array_add(live->failed_before, g_strdup_printf(VERIFY_GATEWAY, gateway, interface));
}

static void note_what_fails(LiveNetwork *live) {
  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMDevice *device = nm_session_find_device(live->session, profile->interface);
    if (!profile->concerned || device == NULL)
      continue;
    note_dead_gateway(live, profile->interface, nm_device_get_ip4_config(device));
    note_dead_gateway(live, profile->interface, nm_device_get_ip6_config(device));
    if (profile->metrics.ipv4 == LINK_NO_ROUTE)
      g_ptr_array_add(live->failed_before, g_strdup_printf(VERIFY_LEASE, profile->interface));
  }
}

static void note_unmanaged(LiveNetwork *live) {
  const GPtrArray *devices = nm_client_get_devices(live->session->client);

  for (guint i = 0; isolation_is_set(live->root) && i < devices->len; i++)
    if (nm_device_get_state(devices->pdata[i]) == NM_DEVICE_STATE_UNMANAGED)
      g_ptr_array_add(live->unmanaged, g_strdup(nm_device_get_iface(devices->pdata[i])));
}

gboolean live_is_active(const LiveNote *note, const ProfileChange *change) {
  for (guint i = 0; i < note->active->len; i++)
    if (g_strcmp0(((const ActiveProfile *)note->active->pdata[i])->path, change->path) == 0)
      return TRUE;
  return FALSE;
}

static gboolean all_are_active(const LiveNote *note) {
  for (guint i = 0; i < note->changes->len; i++)
    if (!live_is_active(note, note->changes->pdata[i]))
      return FALSE;
  return TRUE;
}

/* The devices of what changes, and, where a profile changes that is not active, those whose "Wired connection" it may
 * displace. */
static GPtrArray *checkpoint_devices(LiveNetwork *live, GString *names) {
  GPtrArray *devices = g_ptr_array_new();
  gboolean may_displace = !all_are_active(live->note);

  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMDevice *device = nm_session_find_device(live->session, profile->interface);
    if (device == NULL || !(profile->concerned || (profile->generated && may_displace)))
      continue;
    g_ptr_array_add(devices, device);
    g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", profile->interface);
  }
  return devices;
}

static gboolean take_checkpoint(LiveNetwork *live, GError **error) {
  g_autoptr(GString) names = g_string_new(NULL);
  g_autoptr(GPtrArray) devices = checkpoint_devices(live, names);

  if (devices->len == 0)
    return TRUE;
  live_tell(live, "checkpoint over %s", names->str);
  live->note->checkpoint = nm_checkpoint_create(live->session, devices, LIVE_ROLLBACK_S, error);
  return live->note->checkpoint != NULL;
}

static LiveNote *make_note(LiveNetwork *live, const GPtrArray *changes, GError **error) {
  g_autoptr(LiveNote) note = live_note_new();

  for (guint i = 0; i < changes->len; i++) {
    const ProfileChange *change = changes->pdata[i];
    g_ptr_array_add(note->changes, profile_change_new(change->path, change->old_uuid, change->new_uuid));
  }
  note->boot_id = live_note_boot_id();
  note->names = live_files_list(live->root, error);
  if (note->names == NULL || !live_files_find_shadows(live->session, live->root, note, error))
    return NULL;
  g_ptr_array_unref(note->active);
  note->active = active_profiles_read(live->session, note->changes);
  return g_steal_pointer(&note);
}

static void forget_checkpoint(LiveNetwork *live) {
  if (live->note->checkpoint != NULL)
    (void)nm_checkpoint_destroy(live->session, live->note->checkpoint, NULL);
  g_clear_pointer(&live->note->checkpoint, g_free);
}

gboolean live_network_prepare(LiveNetwork *live, const GPtrArray *changes, GError **error) {
  live_note_free(live->note);
  live->note = make_note(live, changes, error);
  if (live->note == NULL)
    return FALSE;
  note_what_fails(live);
  note_unmanaged(live);
  if (!take_checkpoint(live, error))
    return FALSE;
  if (live_note_write(live->root, live->note, error))
    return TRUE;
  forget_checkpoint(live);
  return FALSE;
}

gboolean live_network_release(LiveNetwork *live, GError **error) {
  if (live->note == NULL)
    return TRUE;
  if (live->note->checkpoint != NULL && nm_session_answers(live->session) &&
      !nm_checkpoint_destroy(live->session, live->note->checkpoint, error))
    return FALSE;
  if (!live_note_remove(live->root, error))
    return FALSE;
  g_clear_pointer(&live->note, live_note_free);
  return TRUE;
}
