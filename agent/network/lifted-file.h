/* lifted-file.h - a file of ours that another program heeds, and that goes: out of its sight before the program is
 * told, and gone only when it has been. Whoever comes after a death in between finds that it has to be told.
 */
#pragma once

#include <glib.h>

#include "base/root.h"

/* lifted_begin: PATH has another name, which nobody heeds; *DUE: it was there, or an earlier lift of it did not end. */
gboolean lifted_begin(const Root *root, const char *path, gboolean *due, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* lifted_end: who heeded PATH knows. */
gboolean lifted_end(const Root *root, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Both of NAME in DIRECTORY, an open one; what is said calls it PATH. */
gboolean lifted_begin_in(int directory, const char *name, const char *path, gboolean *due,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean lifted_end_in(int directory, const char *name, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* lifted_is_due: between the two. lifted_name: what it is called then; the caller frees. lifted_is_name: NAME is such a
 * one. */
gboolean lifted_is_due(const Root *root, const char *path);
char *lifted_name(const char *path);
gboolean lifted_is_name(const char *name);
