/* run-directory.h - what is in the directory below /run while somebody writes it, and what killed runs left of that.
 *
 * Whoever writes there has the directory's lock meanwhile, for a moment; what has another's lock, or none, when
 * somebody else gets it is nobody's any more.
 */
#pragma once

#include <glib.h>

#include "root.h"

/* A private directory in it; the lock on that says that its run is alive. */
#define RUN_PRIVATE_PREFIX "ssh-host-keys-"

/* run_directory_lock: DIRECTORY, made where it is not there, to be closed soon; else a negative errno. */
int run_directory_lock(const char *directory) G_GNUC_WARN_UNUSED_RESULT;

/* run_directory_clean: what killed runs left in DIRECTORY goes: new keys, and reports that were not in their place yet.
 */
void run_directory_clean(const char *directory);

/* run_directory_remove_private: PATH, open as FD, and the files in it. */
void run_directory_remove_private(const char *path, int fd);

/* run_directory_write: a report: NAME, of RI_RUN_DIR, has the content TEXT, whole. 0 or a negative errno. */
int run_directory_write(const Root *root, const char *name, const char *text) G_GNUC_WARN_UNUSED_RESULT;
