/* activate-again.c - after a restart of NetworkManager */
#include "activate-again.h"

#include <string.h>

#include "base/deadline.h"
#include "base/each.h"
#include "base/error.h"

/* A VPN's plugin outlives NetworkManager and refuses the first call; a real failure takes its time, and is none twice.
 */
enum { TRIES = 10, TRY_MS = 300, SHORT_MS = 1500, ROUND_MS = 100, FAILURES = 2, STARTUP_MS = 2000, STUCK_MS = 3000 };

typedef struct {
  const ActiveProfile *profile;
  int tries, failures;
  gint64 since, asked_at;
  NMDevice *device; /* that is listened to */
  gulong listening;
  NMDeviceStateReason reason; /* why it last failed */
  NMRemoteConnection *connection;
  NMActiveConnection *asked; /* what an activation of ours has made, or what NetworkManager began */
  char *why;
} Wish;

static void note_reason(NMDevice *device, guint state, guint old_state, guint reason, gpointer data) {
  if (state == NM_DEVICE_STATE_FAILED)
    ((Wish *)data)->reason = reason;
}

/* The device itself remembers only why it came where it is now. */
static void listen_to_device(NmSession *session, Wish *wish) {
  NMDevice *device =
      *wish->profile->interface != '\0' ? nm_session_find_device(session, wish->profile->interface) : NULL;

  if (device == wish->device)
    return;
  if (wish->device != NULL)
    g_signal_handler_disconnect(wish->device, wish->listening);
  (void)g_set_object(&wish->device, device);
  if (device != NULL)
    wish->listening = g_signal_connect(device, "state-changed", G_CALLBACK(note_reason), wish);
}

static void wish_free(Wish *wish) {
  if (wish->device != NULL)
    g_signal_handler_disconnect(wish->device, wish->listening);
  g_clear_object(&wish->device);
  g_clear_object(&wish->asked);
  g_clear_object(&wish->connection);
  g_free(wish->why);
  g_free(wish);
}

static NMRemoteConnection *connection_of(NmSession *session, const ActiveProfile *profile) {
  NMRemoteConnection *connection = *profile->path != '\0' ? nm_session_find_path(session, profile->path) : NULL;

  return connection != NULL ? connection : nm_session_find_uuid(session, profile->uuid);
}

static gboolean is_granted(const Wish *wish, NMActiveConnection *active) {
  NMActiveConnectionState state = nm_active_connection_get_state(active);

  return state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED ||
         (!wish->profile->was_up && state == NM_ACTIVE_CONNECTION_STATE_ACTIVATING);
}

/* NetworkManager's reasons by the names of its own enumerations: "ip-config-unavailable (device-disconnected)". */
static char *describe(const Wish *wish) {
  g_autofree char *reason = nm_utils_enum_to_str(nm_active_connection_state_reason_get_type(),
                                                 (int)nm_active_connection_get_state_reason(wish->asked));
  g_autofree char *device_reason = nm_utils_enum_to_str(nm_device_state_reason_get_type(), (int)wish->reason);

  return wish->reason != NM_DEVICE_STATE_REASON_NONE ? g_strdup_printf("%s (%s)", device_reason, reason)
                                                     : g_steal_pointer(&reason);
}

static void ask(NmSession *session, Wish *wish, NMRemoteConnection *connection) {
  NMDevice *device =
      *wish->profile->interface != '\0' ? nm_session_find_device(session, wish->profile->interface) : NULL;
  g_autoptr(GError) refusal = NULL;
  NmCall call;

  wish->tries++;
  wish->asked_at = g_get_monotonic_time();
  g_clear_object(&wish->asked);
  nm_call_begin(&call, session);
  nm_client_activate_connection_async(session->client, NM_CONNECTION(connection), device, NULL, call.cancellable,
                                      nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  wish->asked = nm_client_activate_connection_finish(session->client, call.result, &refusal);
  (void)nm_call_end(&call, NULL, NULL, "activating");
  if (wish->asked == NULL) {
    g_free(wish->why);
    wish->why = g_strdup(refusal->message);
  }
}

/* What was begun has ended: at once is a refusal, which may be tried again; later it has failed. */
static void note_end(Wish *wish) {
  if (wish->asked == NULL)
    return;
  g_free(wish->why);
  wish->why = describe(wish);
  if (g_get_monotonic_time() - wish->asked_at > SHORT_MS * G_GINT64_CONSTANT(1000))
    wish->failures++;
  g_clear_object(&wish->asked);
}

/* Nothing is begun while NetworkManager is about to do so itself. But its startup lasts as long as a port waits for its
 * bridge or bond, and one that begins anew may be what nobody begins. */
static gboolean may_ask(NmSession *session, const Wish *wish) {
  const gint64 now = g_get_monotonic_time();

  return (!nm_client_get_startup(session->client) || now - wish->since >= STARTUP_MS * G_GINT64_CONSTANT(1000)) &&
         now - wish->asked_at >= TRY_MS * G_GINT64_CONSTANT(1000);
}

static NMSettingConnection *setting_of(NMRemoteConnection *connection) {
  return nm_connection_get_setting_connection(NM_CONNECTION(connection));
}

/* The controller of this port, where it has been activated by us: what NetworkManager made of the port before that, as
 * it took it over, is of another one, even where it calls it active (1.30). */
static const Wish *asked_controller(const GPtrArray *wishes, NMRemoteConnection *port) {
  NMSettingConnection *setting = setting_of(port);
  const char *name = setting != NULL ? nm_setting_connection_get_master(setting) : NULL;

  for (guint i = 0; name != NULL && i < wishes->len; i++) {
    const Wish *wish = wishes->pdata[i];
    const ActiveProfile *profile = wish->profile;
    NMSettingConnection *own = wish->connection != NULL ? setting_of(wish->connection) : NULL;

    if (wish->tries > 0 && (strcmp(profile->interface, name) == 0 ||
                            (own != NULL && g_strcmp0(nm_setting_connection_get_uuid(own), name) == 0)))
      return wish;
  }
  return NULL;
}

/* A port that NetworkManager took over as it started waits for the controller that was there then, also when that has
 * been activated anew since. */
static gboolean is_stuck(const Wish *wish, NMRemoteConnection *connection) {
  NMSettingConnection *setting = setting_of(connection);

  return setting != NULL && nm_setting_connection_get_slave_type(setting) != NULL && wish->tries < TRIES &&
         g_get_monotonic_time() - MAX(wish->asked_at, wish->since) >= STUCK_MS * G_GINT64_CONSTANT(1000);
}

typedef enum { GRANTED, WAITING, GIVEN_UP } Turn;

static Turn pursue(NmSession *session, const GPtrArray *wishes, Wish *wish, LiveProgress progress, gpointer data) {
  NMRemoteConnection *connection = connection_of(session, wish->profile);
  NMActiveConnection *active = connection != NULL ? nm_session_find_active(session, connection, TRUE) : NULL;

  listen_to_device(session, wish);
  (void)g_set_object(&wish->connection, connection);
  if (active != NULL && wish->tries == 0) {
    const Wish *controller = asked_controller(wishes, connection);
    if (controller != NULL && controller->asked == NULL)
      return WAITING;
    if (controller != NULL) {
      ask(session, wish, connection);
      return WAITING;
    }
  }
  if (active != NULL) {
    if (wish->asked != active && g_set_object(&wish->asked, active))
      wish->asked_at = wish->tries == 0 ? g_get_monotonic_time() : wish->asked_at;
    if (is_granted(wish, active))
      return GRANTED;
    if (is_stuck(wish, connection))
      ask(session, wish, connection);
    return WAITING;
  }
  note_end(wish);
  if (wish->failures >= FAILURES || wish->tries >= TRIES)
    return GIVEN_UP;
  if (connection == NULL || !may_ask(session, wish))
    return WAITING;
  g_autofree char *stage = g_strdup_printf("activating %s again", wish->profile->id);
  if (wish->tries == 0 && progress != NULL)
    progress(stage, data);
  ask(session, wish, connection);
  return WAITING;
}

static GPtrArray *wishes_of(const ActiveList *list) {
  GPtrArray *wishes = g_ptr_array_new_with_free_func((GDestroyNotify)wish_free);

  for (guint i = 0; i < list->profiles->len; i++) {
    Wish *wish = g_new0(Wish, 1);
    wish->profile = list->profiles->pdata[i];
    wish->since = g_get_monotonic_time();
    g_ptr_array_add(wishes, wish);
  }
  return wishes;
}

/* It asks for an address by DHCP, and NetworkManager goes on waiting for one: a time limit of its own may be longer. */
static gboolean waits_for_lease(const Wish *wish) {
  NMSettingIPConfig *setting =
      wish->connection != NULL ? nm_connection_get_setting_ip4_config(NM_CONNECTION(wish->connection)) : NULL;

  return wish->device != NULL && nm_device_get_state(wish->device) == NM_DEVICE_STATE_IP_CONFIG && setting != NULL &&
         g_strcmp0(nm_setting_ip_config_get_method(setting), NM_SETTING_IP4_CONFIG_METHOD_AUTO) == 0;
}

static gboolean set_failure(const Wish *wish, GError **error) {
  const ActiveProfile *profile = wish->profile;
  const gboolean waits = waits_for_lease(wish);
  const char *late = waits ? "it has no address by DHCP in time" : "it is not active in time";
  const char *why = wish->why != NULL ? wish->why : late;
  const gboolean is_address = waits || strstr(why, "ip-config") != NULL || strstr(why, "dhcp") != NULL;

  g_autofree char *file = *profile->path != '\0' ? g_strdup_printf(" (%s)", profile->path) : g_strdup("");

  return ri_error(error, RI_ERROR_NETWORK, "%s does not come up on %s: %s%s%s", profile->id,
                  profile->is_vpn ? "its base" : profile->interface, why, file,
                  is_address ? "; if no DHCP server answers there, see \"method\" and \"address\" in the policy" : "");
}

gboolean active_again(NmSession *session, const ActiveList *list, LiveProgress progress, gpointer data,
                      GError **error) {
  g_autoptr(GPtrArray) wishes = wishes_of(list);
  Deadline time = deadline_in(LIVE_ACTIVATION_S * G_GINT64_CONSTANT(1000));

  for (;;) {
    const Wish *open = NULL;
    list_each (Wish *, wish, wishes) {
      /* A VPN needs its base: the others first. */
      Turn turn = open != NULL && wish->profile->is_vpn ? WAITING : pursue(session, wishes, wish, progress, data);
      if (turn == GIVEN_UP)
        return set_failure(wish, error);
      if (turn == WAITING)
        open = wish;
    }
    if (open == NULL)
      return TRUE;
    if (deadline_is_over(&time))
      return set_failure(open, error);
    nm_session_pass(session, ROUND_MS);
    if (!nm_session_answers(session))
      return ri_error(error, RI_ERROR_NETWORK, "NetworkManager went away while the profiles came up");
  }
}

static gboolean set_property(NmSession *session, NMDevice *device, const char *name, gboolean value, GError **error) {
  GError *detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_client_dbus_set_property(session->client, nm_object_get_path(NM_OBJECT(device)), NM_DBUS_INTERFACE_DEVICE, name,
                              g_variant_new_boolean(value), LIVE_CALL_S * 1000, call.cancellable, nm_call_answered,
                              &call);
  nm_call_wait(&call, LIVE_CALL_S);
  (void)nm_client_dbus_set_property_finish(session->client, call.result, &detail);
  return nm_call_end(&call, detail, error, nm_device_get_iface(device));
}

gboolean hold_again(NmSession *session, const ActiveList *list, GError **error) {
  for (guint i = 0; i < list->held->len; i++) {
    NMDevice *device = nm_session_find_device(session, list->held->pdata[i]);
    if (device != NULL && (!set_property(session, device, "Autoconnect", FALSE, error) ||
                           !set_property(session, device, "Managed", TRUE, error)))
      return FALSE;
  }
  return TRUE;
}
