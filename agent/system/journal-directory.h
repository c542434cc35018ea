/* journal-directory.h - the journal's files follow the machine-id that names their directory. */
#pragma once

#include <glib.h>

#include "base/root.h"

/* journal_directories_follow: each directory in JOURNAL ("/var/log/journal") that is named by OLD, one a name space
 * ("ID.NAMESPACE", systemd-journald@.service), is named by NEW, with what journald has open in it. Where the new name
 * is taken, the files go into it and none is lost. One that cannot be moved (the lower layer of an overlayfs, an
 * immutable or append-only directory) stays, and WARNINGS (char*, may be NULL) says so. */
void journal_directories_follow(const Root *root, const char *journal, const char *old_id, const char *new_id,
                                GPtrArray *warnings);
