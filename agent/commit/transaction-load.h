/* transaction-load.h - the open transaction as it lies on the disk, for transaction.c: what is open, and in which
 * direction it goes. Nothing is changed.
 */
#pragma once

#include <glib.h>

#include "manifest.h"
#include "roll.h"

typedef struct {
  const Root *root;
  int state, fd;      /* of the state directory and the transaction's; -1: there is none */
  Manifest *manifest; /* NULL: it was never committed */
  RollDirection direction;
} Transaction;

#define TRANSACTION_NONE                                                                                               \
  { .state = -1, .fd = -1 }

void transaction_clear(Transaction *transaction);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Transaction, transaction_clear)

/* transaction_load: what is open, if anything: TRUE with fd -1 when nothing is. */
gboolean transaction_load(const Root *root, Transaction *transaction, GError **error);

/* transaction_remember: the manifest that this process has just committed, so that it is not read again while its file
 * is the same. transaction_forget: it is to be. */
void transaction_remember(const Transaction *transaction);
void transaction_forget(void);
