/* nm-session.h - a conversation with the running NetworkManager in which every question has an end.
 *
 * libnm is asynchronous; this makes its calls synchronous on a main context of their own, on a bus connection of their
 * own (the shared one of GLib would end the program when the bus goes away).
 */
#pragma once

#include "libnm.h"
#include "network-presence.h"

typedef struct {
  GMainContext *context;
  GDBusConnection *connection;
  NMClient *client;
} NmSession;

/* nm_session_open: NULL without an error when NetworkManager does not run; *PRESENCE says which. */
NmSession *nm_session_open(NetworkPresence *presence, GError **error);
void nm_session_free(NmSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NmSession, nm_session_free)

/* nm_session_answers: NetworkManager is there still. */
gboolean nm_session_answers(const NmSession *session);

/* One call: nm_call_begin; an *_async function of libnm with call.cancellable, nm_call_answered and &call;
 * nm_call_wait; its *_finish with call.result (not where nm_call_wait was FALSE); nm_call_end. */
typedef struct {
  NmSession *session;
  GCancellable *cancellable;
  GAsyncResult *result;
  gboolean late;
} NmCall;

void nm_call_begin(NmCall *call, NmSession *session);
void nm_call_answered(GObject *source, GAsyncResult *result, gpointer call);
void nm_call_wait(NmCall *call, int timeout_s);
/* nm_call_end: where DETAIL is set, gives it as RI_ERROR_NETWORK with WHAT before it; returns whether all was well. */
gboolean nm_call_end(NmCall *call, GError *detail, GError **error, const char *what);

/* nm_session_pass: process what NetworkManager says for TIME_MS, while something else is waited for. */
void nm_session_pass(NmSession *session, int time_ms);

/* The profile that NetworkManager has read from PATH (links are followed), or by its UUID, in
 * either case. */
NMRemoteConnection *nm_session_find_path(NmSession *session, const char *path);
NMRemoteConnection *nm_session_find_uuid(NmSession *session, const char *uuid);
/* nm_session_find_active: LASTING: not one that is about to end. */
NMActiveConnection *nm_session_find_active(NmSession *session, NMRemoteConnection *connection, gboolean lasting);
NMDevice *nm_session_find_device(NmSession *session, const char *interface);
