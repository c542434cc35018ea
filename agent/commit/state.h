/* state.h - the directory that commit/ keeps its books in, and its entries. */
#pragma once

#include <glib.h>

#include "base/root.h"

#define HISTORY_NAME "history"

/* state_open: the state directory as an fd; where it is not there, -1 without an error. RI_ERROR_UNTRUSTED where others
 * than root can write it. */
int state_open(const Root *root, GError **error);

/* state_open_directory: the directory NAME in it, links not followed; the same. */
int state_open_directory(int state, const char *name, GError **error);

/* state_make_history: its directory, empty where there is none yet: before the commit point, so that history_add needs
 * no space. 0 or a negative errno. */
int state_make_history(int state);
