/* nm-session.c - a conversation with the running NetworkManager in which every question has an end */
#include "nm-session.h"

#include <string.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/system-bus.h"
#include "profiles/keyfile/connection-uuid.h"
#include "system/system-manager.h"

void nm_call_begin(NmCall *call, NmSession *session) {
  *call = (NmCall){.session = session, .cancellable = g_cancellable_new()};
  g_main_context_push_thread_default(session->context);
}

void nm_call_answered(GObject *source, GAsyncResult *result, gpointer data) {
  NmCall *call = data;

  call->result = g_object_ref(result);
}

static gboolean call_is_late(gpointer data) {
  NmCall *call = data;

  call->late = TRUE;
  g_cancellable_cancel(call->cancellable);
  return G_SOURCE_REMOVE;
}

/* A cancelled call is answered at once, so this ends. */
void nm_call_wait(NmCall *call, int timeout_s) {
  g_autoptr(GSource) timer = deadline_source_new(timeout_s * G_GINT64_CONSTANT(1000), call_is_late, call);

  (void)g_source_attach(timer, call->session->context);
  while (call->result == NULL)
    (void)g_main_context_iteration(call->session->context, TRUE);
  g_source_destroy(timer);
}

gboolean nm_call_end(NmCall *call, GError *detail, GError **error, const char *what) {
  gboolean ok = detail == NULL;

  if (call->late)
    g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "%s: NetworkManager does not answer", what);
  else if (detail != NULL)
    g_set_error(error, RI_ERROR, RI_ERROR_NETWORK, "%s: %s", what, detail->message);
  g_clear_error(&detail);
  g_clear_object(&call->result);
  g_clear_object(&call->cancellable);
  g_main_context_pop_thread_default(call->session->context);
  return ok;
}

static gboolean timer_ended(gpointer data) {
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

void nm_session_pass(NmSession *session, int time_ms) {
  g_autoptr(GSource) timer = g_timeout_source_new((guint)time_ms);
  gboolean over = FALSE;

  g_main_context_push_thread_default(session->context);
  g_source_set_callback(timer, timer_ended, &over, NULL);
  (void)g_source_attach(timer, session->context);
  while (!over)
    (void)g_main_context_iteration(session->context, TRUE);
  g_source_destroy(timer);
  g_main_context_pop_thread_default(session->context);
}

/* Early in the boot the bus has its socket already, and to connect would start it: nobody is on it yet. Whatever unit
 * it is (dbus, dbus-daemon, dbus-broker), PID 1 keeps a link of it while it runs. */
static gboolean bus_runs(void) {
  g_autoptr(GDir) units = system_manager_runs() ? g_dir_open("/run/systemd/units", 0, NULL) : NULL;
  gboolean any = FALSE;
  const char *name;

  while (units != NULL && (name = g_dir_read_name(units)) != NULL) {
    if (!g_str_has_prefix(name, "invocation:"))
      continue;
    if (strstr(name, "dbus") != NULL && g_str_has_suffix(name, ".service"))
      return TRUE;
    any = TRUE;
  }
  return !any; /* no systemd, or none that keeps such links */
}

/* By sd-bus: for a first question GDBus makes its types and two threads, and a client of libnm some hundred types more.
 * At most boots there is no NetworkManager yet. */
static NetworkPresence look_on_bus(void) {
  sd_bus *bus = bus_runs() ? system_bus() : NULL;

  if (bus == NULL)
    return NETWORK_NO_BUS;
  /* Who is not answered asks NetworkManager itself. */
  return system_bus_has(bus, NM_DBUS_SERVICE) == 0 ? NETWORK_MANAGER_STOPPED : NETWORK_MANAGER_RUNS;
}

/* A private connection to the system bus; NULL where there is none. */
static GDBusConnection *connect_to_bus(NmSession *session) {
  g_autofree char *address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SYSTEM, NULL, NULL);
  NmCall call;

  if (address == NULL)
    return NULL;
  nm_call_begin(&call, session);
  g_dbus_connection_new_for_address(
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  GDBusConnection *connection = g_dbus_connection_new_for_address_finish(call.result, NULL);
  (void)nm_call_end(&call, NULL, NULL, "connecting");
  return connection;
}

/* libnm gives up its first question after 25 s, and has a client all the same: of a NetworkManager with no device, no
 * profile and no version. */
static gboolean is_mute(NMClient *client) {
  return nm_client_get_nm_running(client) && nm_client_get_version(client) == NULL;
}

static NMClient *make_client(NmSession *session, GError **error) {
  GError *detail = NULL;
  GObject *client = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  g_async_initable_new_async(NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, call.cancellable, nm_call_answered, &call,
                             NM_CLIENT_DBUS_CONNECTION, session->connection, NM_CLIENT_INSTANCE_FLAGS,
                             (guint)NM_CLIENT_INSTANCE_FLAGS_NO_AUTO_FETCH_PERMISSIONS, NULL);
  nm_call_wait(&call, LIVE_GREETING_S);
  g_autoptr(GObject) source = g_async_result_get_source_object(call.result);
  client = g_async_initable_new_finish(G_ASYNC_INITABLE(source), call.result, &detail);
  if (client != NULL && is_mute((NMClient *)client)) {
    g_clear_object(&client);
    detail = g_error_new_literal(RI_ERROR, RI_ERROR_NETWORK, "it does not answer");
  }
  (void)nm_call_end(&call, detail, error, "NetworkManager cannot be asked");
  return (NMClient *)client;
}

NmSession *nm_session_open(NetworkPresence *presence, GError **error) {
  *presence = look_on_bus();
  if (*presence != NETWORK_MANAGER_RUNS)
    return NULL;
  NmSession *session = g_new0(NmSession, 1);
  session->context = g_main_context_new();
  session->connection = connect_to_bus(session);
  *presence = session->connection == NULL ? NETWORK_NO_BUS : NETWORK_MANAGER_STOPPED;
  session->client = session->connection != NULL ? make_client(session, error) : NULL;
  if (session->client != NULL && nm_session_answers(session)) {
    *presence = NETWORK_MANAGER_RUNS;
    return session;
  }
  nm_session_free(session);
  return NULL;
}

/* libnm takes its signals back in idle callbacks of the context: let them run before the context goes. */
void nm_session_free(NmSession *session) {
  if (session == NULL)
    return;
  g_main_context_push_thread_default(session->context);
  g_clear_object(&session->client);
  if (session->connection != NULL)
    (void)g_dbus_connection_close_sync(session->connection, NULL, NULL);
  g_clear_object(&session->connection);
  while (g_main_context_iteration(session->context, FALSE))
    ;
  g_main_context_pop_thread_default(session->context);
  g_main_context_unref(session->context);
  g_free(session);
}

gboolean nm_session_answers(const NmSession *session) {
  return nm_client_get_nm_running(session->client) && !g_dbus_connection_is_closed(session->connection);
}

/* A profile may be a link to a file elsewhere: NetworkManager has it by the link's name, a plan by the file's. */
static gboolean same_file(const char *a, const char *b) {
  if (strcmp(a, b) == 0)
    return TRUE;
  char *real_a = realpath(a, NULL), *real_b = realpath(b, NULL);
  gboolean same = real_a != NULL && real_b != NULL && strcmp(real_a, real_b) == 0;
  free(real_a);
  free(real_b);
  return same;
}

NMRemoteConnection *nm_session_find_path(NmSession *session, const char *path) {
  const GPtrArray *all = nm_client_get_connections(session->client);

  for (guint i = 0; i < all->len; i++) {
    const char *name = nm_remote_connection_get_filename(all->pdata[i]);
    if (name != NULL && same_file(name, path))
      return all->pdata[i];
  }
  return NULL;
}

NMRemoteConnection *nm_session_find_uuid(NmSession *session, const char *uuid) {
  const GPtrArray *all = nm_client_get_connections(session->client);

  for (guint i = 0; i < all->len; i++)
    if (connection_uuid_equal(nm_connection_get_uuid(all->pdata[i]), uuid))
      return all->pdata[i];
  return NULL;
}

NMActiveConnection *nm_session_find_active(NmSession *session, NMRemoteConnection *connection, gboolean lasting) {
  const GPtrArray *all = nm_client_get_active_connections(session->client);

  for (guint i = 0; i < all->len; i++)
    if (nm_active_connection_get_connection(all->pdata[i]) == connection &&
        (!lasting || nm_active_connection_get_state(all->pdata[i]) <= NM_ACTIVE_CONNECTION_STATE_ACTIVATED))
      return all->pdata[i];
  return NULL;
}

NMDevice *nm_session_find_device(NmSession *session, const char *interface) {
  return nm_client_get_device_by_iface(session->client, interface);
}
