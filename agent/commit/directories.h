/* directories.h - directories made and removed. Functions return 0 or a negative errno. */
#pragma once

#include "base/root.h"

/* directories_make: every directory above PATH that does not exist, mode 0755 whatever the umask. */
int directories_make(const Root *root, const char *path);

/* directories_remove_tree: NAME in DIRECTORY with everything below it, links not followed. Not there is no error. */
int directories_remove_tree(int directory, const char *name);
