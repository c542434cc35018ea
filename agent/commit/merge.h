/* merge.h - a directory renamed onto one that is there already: its entries move over one by one.
 *
 * Journal directories are the case: journald may have made the new one before we come to rename the old one. An entry
 * whose name is taken gets a "~" (journalctl still reads "system.journal~"). */
#pragma once

#include <glib.h>

/* merge_list: which entries of SOURCE move to which free names of DESTINATION: "name", "name there", ..., sorted;
 * NULL-terminated. Returns 0 or a negative errno. */
int merge_list(int source, int destination, char ***moved);

/* merge_move: move the entries of MOVED, from SOURCE to DESTINATION, or with BACK the other way. What is not there any
 * more, or whose place was taken meanwhile, stays where it is. */
int merge_move(int source, int destination, char *const *moved, gboolean back);
