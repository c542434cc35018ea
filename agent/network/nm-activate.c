/* nm-activate.c - bring profiles up on given devices, in an order in which they can come up */
#include "nm-activate.h"

#include <string.h>

#include "active-profiles.h"
#include "base/error.h"

enum { DEPARTURE_MS = 1500, ASK_LIMIT = 5 };

Activation *activation_new(NMRemoteConnection *connection, const char *interface, const char *before) {
  Activation *activation = g_new0(Activation, 1);

  activation->connection = g_object_ref(connection);
  activation->interface = g_strdup(interface);
  activation->before = g_strdup(before);
  return activation;
}

void activation_free(Activation *activation) {
  g_clear_object(&activation->connection);
  g_clear_object(&activation->active);
  g_free(activation->interface);
  g_free(activation->before);
  g_free(activation);
}

static const char *name_of(const Activation *activation) {
  return nm_connection_get_id(NM_CONNECTION(activation->connection));
}

static const char *uuid_of(const Activation *activation) {
  return nm_connection_get_uuid(NM_CONNECTION(activation->connection));
}

/* One round gives each the depth of the deepest that it depends on, plus one; as many rounds as there are profiles are
 * enough for any chain, and end a circle. */
static void find_order(GPtrArray *activations) {
  for (guint round = 0; round < activations->len; round++) {
    for (guint i = 0; i < activations->len; i++) {
      Activation *activation = activations->pdata[i];
      for (guint j = 0; j < activations->len; j++) {
        Activation *other = activations->pdata[j];
        gboolean parent = FALSE;
        if (i == j ||
            !profile_depends_on(NM_CONNECTION(activation->connection), uuid_of(other), other->interface, &parent))
          continue;
        activation->depth = MAX(activation->depth, other->depth + 1);
        other->is_parent |= parent;
        activation->lies_over |= parent;
      }
    }
  }
}

/* Ports before what lies over their controller. */
static int compare_order(gconstpointer a, gconstpointer b) {
  const Activation *first = *(const Activation *const *)a, *second = *(const Activation *const *)b;

  return first->depth != second->depth ? (first->depth < second->depth ? -1 : 1) : first->lies_over - second->lies_over;
}

/* NetworkManager may have begun by itself: a second activation would only take the address away once more. */
static NMActiveConnection *begun_already(NmSession *session, const Activation *activation) {
  NMDevice *device = nm_session_find_device(session, activation->interface);
  NMActiveConnection *active = device != NULL ? nm_device_get_active_connection(device) : NULL;
  NMActiveConnectionState state;

  if (active == NULL || g_strcmp0(nm_active_connection_get_uuid(active), uuid_of(activation)) != 0 ||
      g_strcmp0(nm_object_get_path(NM_OBJECT(active)), activation->before) == 0)
    return NULL;
  state = nm_active_connection_get_state(active);
  return state == NM_ACTIVE_CONNECTION_STATE_ACTIVATING || state == NM_ACTIVE_CONNECTION_STATE_ACTIVATED ? active
                                                                                                         : NULL;
}

static NMActiveConnection *ask_to_activate(NmSession *session, const Activation *activation, GError **error) {
  g_autofree char *what = g_strdup_printf("%s does not start on %s", name_of(activation), activation->interface);
  NMDevice *device = nm_session_find_device(session, activation->interface);
  NMActiveConnection *active;
  GError *detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_client_activate_connection_async(session->client, NM_CONNECTION(activation->connection), device, NULL,
                                      call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  active = nm_client_activate_connection_finish(session->client, call.result, &detail);
  (void)nm_call_end(&call, detail, error, what);
  return active;
}

typedef struct {
  NmSession *session;
  const Activation *activation;
} Departure;

/* A bond, bridge or VLAN goes away with the profile that made it, shortly after that profile is gone. Asking for the
 * new profile on it meanwhile is asking for a device that is about to vanish. */
static gboolean is_settled(gpointer data) {
  const Departure *departure = data;
  NMDevice *device = nm_session_find_device(departure->session, departure->activation->interface);
  NMActiveConnection *active = device != NULL ? nm_device_get_active_connection(device) : NULL;

  return device == NULL || !nm_connection_is_virtual(NM_CONNECTION(departure->activation->connection)) ||
         (active != NULL && g_strcmp0(nm_active_connection_get_uuid(active), uuid_of(departure->activation)) == 0);
}

/* On a busy machine the old device goes later than that: NetworkManager then refuses, or begins and loses the device.
 */
static gboolean may_ask_again(NmSession *session, const Activation *activation) {
  return activation->asked < ASK_LIMIT && nm_connection_is_virtual(NM_CONNECTION(activation->connection)) &&
         nm_session_answers(session);
}

static gboolean begin(NmSession *session, Activation *activation, GError **error) {
  Departure departure = {session, activation};
  GError *refusal = NULL;

  g_clear_object(&activation->active);
  do {
    g_clear_error(&refusal);
    (void)nm_session_wait(session, DEPARTURE_MS, is_settled, &departure);
    NMActiveConnection *begun = begun_already(session, activation);
    activation->active = begun != NULL ? g_object_ref(begun) : ask_to_activate(session, activation, &refusal);
    activation->asked += begun == NULL;
  } while (activation->active == NULL && may_ask_again(session, activation));
  if (refusal != NULL)
    g_propagate_error(error, refusal);
  return activation->active != NULL;
}

typedef enum { UP, COMING, DOWN } Progress;

/* One that ended and was forgotten between two looks keeps its last state in libnm (1.30). */
static NMActiveConnectionState state_of(NmSession *session, NMActiveConnection *active) {
  const GPtrArray *all = nm_client_get_active_connections(session->client);

  for (guint i = 0; i < all->len; i++)
    if (all->pdata[i] == active)
      return nm_active_connection_get_state(active);
  return NM_ACTIVE_CONNECTION_STATE_DEACTIVATED;
}

static Progress progress_of(NmSession *session, Activation *activation) {
  NMActiveConnection *successor;

  switch (state_of(session, activation->active)) {
  case NM_ACTIVE_CONNECTION_STATE_ACTIVATED:
    return UP;
  case NM_ACTIVE_CONNECTION_STATE_DEACTIVATED:
    break;
  default:
    return COMING;
  }
  /* Taken down because NetworkManager itself brings the same profile up there: that one counts then. */
  successor = begun_already(session, activation);
  if (successor == NULL || successor == activation->active ||
      nm_active_connection_get_state_reason(activation->active) == NM_ACTIVE_CONNECTION_STATE_REASON_IP_CONFIG_INVALID)
    return DOWN;
  (void)g_set_object(&activation->active, successor);
  return COMING;
}

typedef struct {
  NmSession *session;
  GPtrArray *activations;
  gboolean parents_only;
  Activation *failed;
} Waiting;

static gboolean settled(gpointer data) {
  Waiting *waiting = data;
  gboolean all_up = TRUE;

  if (!nm_session_answers(waiting->session))
    return TRUE;
  for (guint i = 0; i < waiting->activations->len; i++) {
    Activation *activation = waiting->activations->pdata[i];
    if (activation->active == NULL || (waiting->parents_only && !activation->is_parent))
      continue;
    switch (progress_of(waiting->session, activation)) {
    case UP:
      break;
    case COMING:
      all_up = FALSE;
      break;
    case DOWN:
      waiting->failed = activation;
      return TRUE;
    }
  }
  return all_up;
}

/* NetworkManager's reasons by the names of its own enumerations: "ip-config-unavailable", "no-secrets". */
static void set_failure(NmSession *session, const Activation *activation, GError **error) {
  NMDevice *device = nm_session_find_device(session, activation->interface);
  g_autofree char *active_reason = nm_utils_enum_to_str(nm_active_connection_state_reason_get_type(),
                                                        (int)nm_active_connection_get_state_reason(activation->active));
  g_autofree char *device_reason =
      device != NULL ? nm_utils_enum_to_str(nm_device_state_reason_get_type(), (int)nm_device_get_state_reason(device))
                     : g_strdup("the device is gone");

  g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "%s does not come up on %s: %s (%s)", name_of(activation),
              activation->interface, device_reason, active_reason);
}

static void set_late(Waiting *waiting, GError **error) {
  for (guint i = 0; i < waiting->activations->len; i++) {
    Activation *activation = waiting->activations->pdata[i];
    if (activation->active == NULL || progress_of(waiting->session, activation) == UP)
      continue;
    NMDevice *device = nm_session_find_device(waiting->session, activation->interface);
    g_autofree char *state = device != NULL
                                 ? nm_utils_enum_to_str(nm_device_state_get_type(), (int)nm_device_get_state(device))
                                 : g_strdup("gone");
    g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "%s does not come up on %s: after %d s the device is still %s",
                name_of(activation), activation->interface, LIVE_ACTIVATION_S, state);
    return;
  }
}

/* One that NetworkManager began by itself may have come too early, before its controller; one that we asked for may
 * have come too early as well, on the device that was about to go. */
static gboolean came_too_early(NmSession *session, const Activation *activation) {
  return activation->asked == 0 || (nm_active_connection_get_state_reason(activation->active) ==
                                        NM_ACTIVE_CONNECTION_STATE_REASON_DEVICE_REMOVED &&
                                    may_ask_again(session, activation));
}

static gboolean wait_for(NmSession *session, GPtrArray *activations, gboolean parents_only, GError **error) {
  Waiting waiting = {.session = session, .activations = activations, .parents_only = parents_only};
  gboolean ended = FALSE;

  do {
    if (waiting.failed != NULL) {
      waiting.failed->asked++; /* counts where NetworkManager begins by itself again, too: it may do so for ever */
      if (!begin(session, waiting.failed, error))
        return FALSE;
    }
    waiting.failed = NULL;
    ended = nm_session_wait(session, LIVE_ACTIVATION_S * 1000, settled, &waiting);
  } while (waiting.failed != NULL && nm_session_answers(session) && came_too_early(session, waiting.failed));
  if (!nm_session_answers(session)) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_NETWORK, "NetworkManager went away while the profiles came up");
    return FALSE;
  }
  if (!ended)
    set_late(&waiting, error);
  else if (waiting.failed != NULL)
    set_failure(session, waiting.failed, error);
  return ended && waiting.failed == NULL;
}

gboolean activations_run(NmSession *session, GPtrArray *activations, LiveProgress progress, gpointer data,
                         GError **error) {
  find_order(activations);
  g_ptr_array_sort(activations, compare_order);
  for (guint i = 0; i < activations->len; i++) {
    Activation *activation = activations->pdata[i];
    g_autofree char *stage = g_strdup_printf("activating %s on %s", name_of(activation), activation->interface);
    if (activation->lies_over && !wait_for(session, activations, TRUE, error))
      return FALSE;
    if (progress != NULL)
      progress(stage, data);
    if (!begin(session, activation, error))
      return FALSE;
  }
  return wait_for(session, activations, FALSE, error);
}
