/* deadline.c - a time that is over only for who has looked behind it */
#include "deadline.h"

enum { LONGEST_TICK_MS = 500, SHORTEST_TICK_MS = 50, TICKS = 4 };

typedef struct {
  Deadline deadline;
  GSourceFunc over;
  gpointer data;
} Watch;

Deadline deadline_in(gint64 time_ms) {
  const gint64 time = MAX(time_ms, 0) * 1000;

  return (Deadline){.left = time, .most = time / 2, .looked = g_get_monotonic_time()};
}

gboolean deadline_is_over(Deadline *deadline) {
  const gint64 now = g_get_monotonic_time();
  const gboolean looked_behind = deadline->left <= 0;

  deadline->left -= MIN(now - deadline->looked, deadline->most);
  deadline->looked = now;
  return looked_behind;
}

static gboolean tick(gpointer data) {
  Watch *watch = data;

  return deadline_is_over(&watch->deadline) ? watch->over(watch->data) : G_SOURCE_CONTINUE;
}

GSource *deadline_source_new(gint64 time_ms, GSourceFunc over, gpointer data) {
  const gint64 tick_ms = CLAMP(time_ms / TICKS, SHORTEST_TICK_MS, LONGEST_TICK_MS);
  GSource *source = g_timeout_source_new((guint)tick_ms);
  Watch *watch = g_new(Watch, 1);

  *watch = (Watch){.deadline = deadline_in(time_ms), .over = over, .data = data};
  watch->deadline.most = 2 * tick_ms * 1000;
  g_source_set_callback(source, tick, watch, g_free);
  // cppcheck-suppress memleak // the source frees it
  return source;
}
