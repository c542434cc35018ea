/* live-back.c - the running NetworkManager back to what was, and after a run that was killed */
#include "live-internal.h"

#include "address-detection.h"
#include "base/error.h"
#include "profiles/connection-uuid.h"

enum { RETURN_S = 20, RECONNECT_MS = 500 };

static gboolean answers(gpointer data) {
  return nm_session_answers(((LiveNetwork *)data)->session);
}

gboolean live_reconnect(LiveNetwork *live, GError **error) {
  gint64 end = g_get_monotonic_time() + (gint64)RETURN_S * G_USEC_PER_SEC;

  if (answers(live))
    return TRUE;
  live_tell(live, "waiting for NetworkManager to come back");
  if (!g_dbus_connection_is_closed(live->session->connection) &&
      nm_session_wait(live->session, RETURN_S * 1000, answers, live))
    return TRUE;
  while (g_get_monotonic_time() < end) {
    NetworkPresence presence;
    NmSession *session = nm_session_open(&presence, NULL);
    if (session != NULL) {
      nm_session_free(live->session);
      live->session = session;
      return TRUE;
    }
    g_usleep(RECONNECT_MS * 1000UL);
  }
  g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK,
                      "NetworkManager does not run any more; its files are as they were before: start it with "
                      "`systemctl start NetworkManager`");
  return FALSE;
}

static gboolean is_active_again(LiveNetwork *live, const ActiveProfile *profile) {
  NMDevice *device = nm_session_find_device(live->session, profile->interface);
  NMActiveConnection *active = device != NULL ? nm_device_get_active_connection(device) : NULL;

  return active != NULL && connection_uuid_equal(nm_active_connection_get_uuid(active), profile->uuid);
}

/* A "Wired connection" that had to give way. */
static gboolean bring_displaced_back(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) activations = g_ptr_array_new_with_free_func((GDestroyNotify)activation_free);

  for (guint i = 0; i < live->note->active->len; i++) {
    const ActiveProfile *profile = live->note->active->pdata[i];
    NMRemoteConnection *connection = profile->generated && !profile->concerned ? live_successor(live, profile) : NULL;
    if (connection != NULL && !is_active_again(live, profile))
      g_ptr_array_add(activations, activation_new(connection, profile->interface, profile->active_path));
  }
  return activations_run(live->session, activations, live->progress, live->data, error);
}

static gboolean bring_back(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) further = g_ptr_array_new_with_free_func(g_free);

  return live_files_restore_shadows(live->root, live->note, further, error) &&
         live_files_remove_strays(live->root, live->note, further, error) && live_apply(live, further, error) &&
         bring_displaced_back(live, error);
}

/* The last resort: NetworkManager's memory. What it writes meanwhile is put right. */
static gboolean let_manager_roll_back(LiveNetwork *live, GError **error) {
  g_autoptr(GPtrArray) strays = g_ptr_array_new_with_free_func(g_free);

  if (live->note->checkpoint == NULL)
    return FALSE;
  live_tell(live, "rolling NetworkManager's checkpoint back");
  return nm_checkpoint_roll_back(live->session, live->note->checkpoint, error) &&
         live_files_remove_strays(live->root, live->note, strays, error) && live_load_all(live, strays, error);
}

gboolean live_network_roll_back(LiveNetwork *live, GError **error) {
  g_autoptr(GError) detail = NULL;

  if (live->note == NULL || !live->loaded)
    return live_network_release(live, error);
  if (!live_reconnect(live, error)) {
    g_autoptr(GPtrArray) unused = g_ptr_array_new_with_free_func(g_free);
    (void)live_files_restore_shadows(live->root, live->note, unused, NULL);
    (void)live_note_remove(live->root, NULL);
    return FALSE;
  }
  if (!bring_back(live, &detail)) {
    (void)let_manager_roll_back(live, NULL);
    g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "the network is not as it was before: %s", detail->message);
    (void)live_network_release(live, NULL);
    return FALSE;
  }
  return live_network_release(live, error);
}

/* After a run that was killed. */

/* The direction in which the files were recovered, as far as shadows need it: new UUIDs in the files mean forward. */
static gboolean went_forward(LiveNetwork *live) {
  for (guint i = 0; i < live->note->changes->len; i++) {
    const ProfileChange *change = live->note->changes->pdata[i];
    NMRemoteConnection *connection = nm_session_find_path(live->session, change->path);
    if (connection != NULL &&
        connection_uuid_equal(nm_connection_get_uuid(NM_CONNECTION(connection)), change->new_uuid))
      return TRUE;
  }
  return FALSE;
}

static gboolean recover_running(LiveNetwork *live, GPtrArray *strays, GError **error) {
  if (live->note->checkpoint != NULL && !nm_checkpoint_destroy(live->session, live->note->checkpoint, error))
    return FALSE;
  if (!live_load_all(live, strays, error))
    return FALSE;
  if (went_forward(live) && !live_files_hide_shadows(live->root, live->note, strays, error))
    return FALSE;
  return live_apply(live, strays, error) && bring_displaced_back(live, error);
}

gboolean live_network_recover(LiveNetwork *live, const Root *root, gboolean *recovered, GError **error) {
  g_autoptr(LiveNote) note = NULL;
  g_autoptr(GPtrArray) strays = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *boot_id = live_note_boot_id();

  if (recovered != NULL)
    *recovered = FALSE;
  if (!live_note_read(root, &note, error))
    return FALSE;
  if (note == NULL)
    return TRUE;
  if (!address_detection_resume(root, error) || !live_files_remove_strays(root, note, strays, error))
    return FALSE;
  if (live != NULL) {
    gboolean same_boot = g_strcmp0(note->boot_id, boot_id) == 0;
    live_note_free(live->note);
    live->note = g_steal_pointer(&note);
    if (!(same_boot ? recover_running(live, strays, error) : live_load_all(live, strays, error)))
      return FALSE;
    g_clear_pointer(&live->note, live_note_free);
  }
  if (recovered != NULL)
    *recovered = TRUE;
  return live_note_remove(root, error);
}
