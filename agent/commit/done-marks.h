/* done-marks.h - which actions of an open or closed transaction are carried out: a line with its number each.
 * They are flushed with the record; one that a power cut took makes an action, which converges, run again. */
#pragma once

#include <glib.h>

/* done_marks_read: of the directory ENTRY (transaction or history/N), forward or BACKWARD; the numbers below N_ACTIONS,
 * TRUE each. The caller frees. */
gboolean *done_marks_read(int entry, gboolean backward, guint n_actions);

/* done_marks_reserve: room for the marks of N_ACTIONS, both ways, so that none has to be found behind the commit point.
 * 0 or a negative errno. */
int done_marks_reserve(int entry, guint n_actions);

/* done_marks_add: 0 or a negative errno. */
int done_marks_add(int entry, gboolean backward, guint index);
