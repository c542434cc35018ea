/* tree-entry.h - what kind of thing a path of the tree is, for steps that touch only what they mean. */
#pragma once

#include <glib.h>

#include "root.h"

/* tree_exists: something is there, links followed. tree_has_entry: something of that name, a link to nowhere too. */
gboolean tree_exists(const Root *root, const char *path);
gboolean tree_has_entry(const Root *root, const char *path);

/* tree_is_regular_file: a regular file itself, no link to one. */
gboolean tree_is_regular_file(const Root *root, const char *path);

/* tree_is_directory: a directory itself, no link to one. */
gboolean tree_is_directory(const Root *root, const char *path);

/* tree_read_link: the text of the symbolic link PATH; NULL: it is not one. The caller frees. */
char *tree_read_link(const Root *root, const char *path);

/* tree_means_regular_file: a regular file or a link that leads to one inside the root. */
gboolean tree_means_regular_file(const Root *root, const char *path);

/* tree_read_file: as tree_read, of a regular file or a link that leads to one; of anything else, TRUE with *CONTENT and
 * *RESOLVED NULL. */
gboolean tree_read_file(const Root *root, const char *path, GBytes **content, char **resolved, GError **error);

/* tree_text: what such a file says; NULL: there is none, or it cannot be read. The caller frees. */
char *tree_text(const Root *root, const char *path);

/* tree_is_read_only: what PATH leads to lies on a file system that is mounted read-only. */
gboolean tree_is_read_only(const Root *root, const char *path);
