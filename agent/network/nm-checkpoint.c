/* nm-checkpoint.c - NetworkManager's own memory of how its devices were */
#include "nm-checkpoint.h"

#include <string.h>

#include "base/error.h"

/* Whoever made it, one can find it: the message says how to end it. */
static gboolean explain(GError *detail, GError **error) {
  g_set_error(error, RI_ERROR, RI_ERROR_NETWORK,
              "NetworkManager makes no checkpoint: %s; if another program holds one, let it finish, or see "
              "`busctl get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager "
              "org.freedesktop.NetworkManager Checkpoints`",
              detail->message);
  return FALSE;
}

char *nm_checkpoint_create(NmSession *session, const GPtrArray *devices, int timeout_s, GError **error) {
  g_autoptr(NMCheckpoint) checkpoint = NULL;
  g_autoptr(GError) detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_client_checkpoint_create(session->client, devices, (guint32)timeout_s, NM_CHECKPOINT_CREATE_FLAG_NONE,
                              call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  checkpoint = nm_client_checkpoint_create_finish(session->client, call.result, &detail);
  if (!nm_call_end(&call, NULL, error, "making a checkpoint") || (detail != NULL && !explain(detail, error)))
    return NULL;
  return g_strdup(nm_object_get_path(NM_OBJECT(checkpoint)));
}

gboolean nm_checkpoint_extend(NmSession *session, const char *path, int timeout_s, GError **error) {
  GError *detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_client_checkpoint_adjust_rollback_timeout(session->client, path, (guint32)timeout_s, call.cancellable,
                                               nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  (void)nm_client_checkpoint_adjust_rollback_timeout_finish(session->client, call.result, &detail);
  return nm_call_end(&call, detail, error, "extending the checkpoint");
}

static gboolean exists(NmSession *session, const char *path) {
  const GPtrArray *all = nm_client_get_checkpoints(session->client);

  for (guint i = 0; i < all->len; i++)
    if (strcmp(nm_object_get_path(all->pdata[i]), path) == 0)
      return TRUE;
  return FALSE;
}

gboolean nm_checkpoint_destroy(NmSession *session, const char *path, GError **error) {
  GError *detail = NULL;
  NmCall call;

  if (!exists(session, path))
    return TRUE;
  nm_call_begin(&call, session);
  nm_client_checkpoint_destroy(session->client, path, call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  (void)nm_client_checkpoint_destroy_finish(session->client, call.result, &detail);
  return nm_call_end(&call, detail, error, "dropping the checkpoint");
}

gboolean nm_checkpoint_roll_back(NmSession *session, const char *path, GError **error) {
  GError *detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_client_checkpoint_rollback(session->client, path, call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  GHashTable *results = nm_client_checkpoint_rollback_finish(session->client, call.result, &detail);
  g_clear_pointer(&results, g_hash_table_unref);
  return nm_call_end(&call, detail, error, "rolling the checkpoint back");
}
