/* record-store.h - the record written without a transaction: what seal, adopt and settling do. Each of its steps is
 * harmless alone: whichever copy is new, both are whole. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* record_store: TEXT into both places, each replaced atomically and flushed. The state lock is held. */
gboolean record_store(const Root *root, const char *text, GError **error);
