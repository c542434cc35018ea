/* deadline.h - a time that is over only for who has looked behind it.
 *
 * This program, or the whole machine (a snapshot, a frozen container), may stand still between two looks for longer
 * than all the time that was given. What is waited for has then come meanwhile, or has stood still alike: so the last
 * look begins when the time is over, and a standstill takes no more than half of the time.
 */
#pragma once

#include <glib.h>

typedef struct {
  gint64 left, most, looked; /* microseconds: yet to live through, what counts of one turn; the last look's end */
} Deadline;

Deadline deadline_in(gint64 time_ms);

/* deadline_is_over: asked behind each look that was in vain. */
gboolean deadline_is_over(Deadline *deadline) G_GNUC_WARN_UNUSED_RESULT;

/* deadline_source_new: calls OVER (DATA) once, for who is woken by a main context: what woke it comes before. Attach it
 * and unref it. */
GSource *deadline_source_new(gint64 time_ms, GSourceFunc over, gpointer data) G_GNUC_WARN_UNUSED_RESULT;
