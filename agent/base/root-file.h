/* root-file.h - the few files of this room's own: the isolation drop-in, the note of a live run, shadows in /run.
 *
 * They are not part of the identity, so they are no edits of a plan: they tell other programs, or a later run, what is
 * going on.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "root.h"

/* file_write_all: all SIZE bytes, or a negative errno. */
int file_write_all(int fd, const void *data, gsize size);

/* root_file_write: through a hidden temporary and rename(2), so that nobody reads half of it; flushed. Directories that
 * are not there are made. Returns 0 or a negative errno. */
int root_file_write(const Root *root, const char *path, const void *data, gsize size, mode_t mode);

/* root_file_make_empty: each of NAMES in DIRECTORY, which is made: one step makes what has no content, and one flush is
 * all of theirs. One that is there stays as it is. Returns 0 or a negative errno. */
int root_file_make_empty(const Root *root, const char *directory, const char *const *names);

/* root_file_remove: with what a writer of it that was killed has left. Returns 1 when it was there, 0 when not, or a
 * negative errno. */
int root_file_remove(const Root *root, const char *path);
