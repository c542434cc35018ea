/* door.h - the mark of this boot: whether this machine may be on the wire as it is has been decided.
 *
 * reset-identity-door.service (units/) shuts the door where the mark is not there, so that whatever ends us before we
 * have decided keeps the template's identity off the wire. libc only: the check of every boot leaves it.
 */
#pragma once

#include <stdbool.h>

#include "root.h"

/* door_mark: it is decided, and what had to be isolated is. Only on the running machine: another ROOT is left alone.
 * Returns 0 or a negative errno. */
int door_mark(const Root *root);

/* door_unmark: what was decided does not hold any more, until the next mark. */
void door_unmark(const Root *root);

bool door_is_marked(const Root *root);
