/* transaction-info.c - what people are told of a transaction, and what of it is still to be done */
#include "transaction-info.h"

void transaction_info_clear(TransactionInfo *info) {
  g_free(info->summary);
  g_free(info->reasons);
  *info = (TransactionInfo){0};
}

static void open_action_free(OpenAction *action) {
  action_free(action->action);
  g_free(action);
}

GPtrArray *open_actions_take(GPtrArray *actions, const gboolean *marks) {
  GPtrArray *open = g_ptr_array_new_with_free_func((GDestroyNotify)open_action_free);

  for (guint i = 0; i < actions->len; i++) {
    OpenAction *action = g_new0(OpenAction, 1);
    *action = (OpenAction){actions->pdata[i], marks[i]};
    g_ptr_array_add(open, action);
  }
  g_ptr_array_set_free_func(actions, NULL);
  g_ptr_array_set_size(actions, 0);
  return open;
}
