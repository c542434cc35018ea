/* record-store.h - the record written without a transaction: what seal, adopt and settling do. Each of its steps is
 * harmless alone: whichever copy is new, both are whole. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* record_check: what would be in the way of record_store, with every reason: a person who is told that it failed is
 * not to find it half done. At boot one copy is better than none. */
gboolean record_check(const Root *root, GError **error);

/* record_store: TEXT into both places, each replaced atomically and flushed. The state lock is held. */
gboolean record_store(const Root *root, const char *text, GError **error);

/* record_settle: the same at a boot, where one copy is better than none: a directory in one of the places, which never
 * counts as a copy, is a warning (char*) in WARNINGS, and a copy that says TEXT already is left alone. */
gboolean record_settle(const Root *root, const char *text, GPtrArray *warnings, GError **error);
