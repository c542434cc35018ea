/* tree.h - reading the machine's files for a plan: GLib's types over root.h. Below a Root with a memory
 * (tree-memory.h) what was read once is not read again. */
#pragma once

#include <glib.h>
#include <sys/stat.h>

#include "root.h"

/* tree_read: PATH, links followed, as bytes. *RESOLVED (may be NULL) is its name without links, to be used in an edit.
 * Not there: TRUE with *CONTENT NULL (and *RESOLVED the name it would have). Directories, FIFOs, devices and files over
 * 16 MiB are errors. */
gboolean tree_read(const Root *root, const char *path, GBytes **content, char **resolved, GError **error);

/* tree_read_entry: what the regular file NAME in DIRECTORY, an open one, holds, and its *INFO, with no walk from the
 * root: for who reads a whole directory. NULL: it is something else, or cannot be read: tree_read says why. */
GBytes *tree_read_entry(int directory, const char *name, struct stat *info);

/* tree_resolve: PATH without links; the caller frees. NULL: it cannot be followed, or is not there. */
char *tree_resolve(const Root *root, const char *path);

/* tree_list: names in directory PATH, sorted (strcmp), without "." and ".."; an absent directory is an empty list.
 * NULL-terminated. */
char **tree_list(const Root *root, const char *path, GError **error);
/* tree_has_name: does TEST say so of some name in directory PATH? No name is copied where the listing is known. */
typedef gboolean (*TreeNameTest)(const char *name, gconstpointer data);
gboolean tree_has_name(const Root *root, const char *path, TreeNameTest test, gconstpointer data);

/* tree_look_around: lists the directories that hundreds of questions are about, for a ROOT with a memory: what is not
 * there is not looked for then. */
void tree_look_around(const Root *root);

/* tree_type: what kind of thing PATH is (S_IFMT), LINKS followed or not; 0: it is not there or cannot be reached, which
 * is the kind that nobody asks for. */
mode_t tree_type(const Root *root, const char *path, gboolean links);

/* tree_unused: what a new file DIRECTORY/STEM[-N]SUFFIX would be called, links followed, with the first N, or none,
 * that is free. The caller frees; NULL: the error is set. */
char *tree_unused(const Root *root, const char *directory, const char *stem, const char *suffix, GError **error);

/* tree_glob: glob(7) below the root: the paths that PATTERN (absolute) means, sorted, links not followed; a leading dot
 * is matched by a dot only. A component without a wildcard need not be there. Adds to PATHS (char*). tree_glob_all: of
 * N patterns, one after the other. */
gboolean tree_glob(const Root *root, const char *pattern, GPtrArray *paths, GError **error);
gboolean tree_glob_all(const Root *root, const char *const *patterns, gsize n, GPtrArray *paths, GError **error);
