/* new-metadata.h - the owner and the permissions that an edit leaves on its file: what staging gives the new one, and
 * what undo expects to find. Only st_mode's permission bits, st_uid and st_gid count. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "manifest.h"

/* new_metadata: of EDIT's new file. REPLACED is the file that it takes the place of; NULL: there is none. */
void new_metadata(const ManifestEdit *edit, const struct stat *replaced, struct stat *metadata);

gboolean new_metadata_is_same(const struct stat *a, const struct stat *b);

/* new_metadata_is_kept: the file system of FD keeps an owner and permissions for each file. FAT's come from its mount
 * options. */
gboolean new_metadata_is_kept(int fd);
