/* history-files.h - history/N on the disk: how an entry comes, is cleaned up and goes. */
#pragma once

#include <glib.h>

#include "manifest.h"

/* history_forget: remove the backups of edits marked EDIT_FORGET_OLD from ENTRY, a transaction or history directory. */
gboolean history_forget(int entry, const Manifest *manifest, GError **error);

/* history_add: transaction/ becomes history/NUMBER, one above the highest. STATE is the state directory. Not flushed.
 */
gboolean history_add(int state, unsigned *number, GError **error);

/* history_tidy: remove what is beyond the newest three applies that changed an identity and stand, the newest three
 * that are undone and the newest three of all others (a machine with new NICs is one of them); an undo goes with the
 * apply that it undid. What cannot be removed now is tried again by the next run. */
void history_tidy(int state);

/* history_numbers: the entries, newest first (GArray of unsigned). HISTORY is the history directory. */
GArray *history_numbers(int history);
