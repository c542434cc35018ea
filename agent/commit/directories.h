/* directories.h - the directories around an edit's file: made on the way there, taken away on the way back.
 * Functions return 0 or a negative errno. */
#pragma once

#include "base/root.h"

/* directories_missing: how many directories above PATH do not exist, or a negative errno (-ENOTDIR: a file is in the
 * way). */
int directories_missing(const Root *root, const char *path);

/* directories_open_above: the nearest directory above PATH that exists, O_PATH. Returns an fd or a negative errno. */
int directories_open_above(const Root *root, const char *path);

/* directories_make: every directory above PATH that does not exist, mode 0755 whatever the umask. */
int directories_make(const Root *root, const char *path);

/* directories_remove_empty: the LEVELS nearest directories above PATH as far as they are empty. One that is not there
 * or not empty is no error. */
int directories_remove_empty(const Root *root, const char *path, unsigned levels);

/* directories_remove_tree: NAME in DIRECTORY with everything below it, links not followed. Not there is no error. */
int directories_remove_tree(int directory, const char *name);
