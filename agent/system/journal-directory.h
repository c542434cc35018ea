/* journal-directory.h - the journal's files follow the machine-id that names their directory. */
#pragma once

#include <glib.h>

/* journal_directory_move: JOURNAL/OLD becomes JOURNAL/NEW ("/run/log/journal"), with what journald has open in it.
 * Where NEW is there already, the files of OLD go into it and none is lost. No JOURNAL or no OLD is no error. */
gboolean journal_directory_move(const char *journal, const char *old_id, const char *new_id, GError **error);
