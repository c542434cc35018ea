/* base/deadline.c: a time is over only for who has looked behind it. */
#include "base/deadline.h"

/* In GLib's place, for our own code. */
static gint64 clock_us;

gint64 g_get_monotonic_time(void) {
  return clock_us;
}

static void pass(gint64 time_ms) {
  clock_us += time_ms * 1000;
}

static void it_is_over_when_the_time_is(void) {
  Deadline time = deadline_in(1000);

  for (int i = 0; i < 10; i++) {
    g_assert_false(deadline_is_over(&time));
    pass(100);
  }
  g_assert_false(deadline_is_over(&time)); /* this look may have begun before */
  g_assert_true(deadline_is_over(&time));
}

static void a_standstill_is_not_the_end(void) {
  Deadline time = deadline_in(60 * 1000);

  pass(24 * 3600 * 1000);
  g_assert_false(deadline_is_over(&time));
  for (int i = 0; i < 300; i++) { /* half of it is left */
    pass(100);
    g_assert_false(deadline_is_over(&time));
  }
  g_assert_true(deadline_is_over(&time));
}

/* A machine that stands still again and again, or a look that takes long, is not waited for without end. */
static void it_ends(void) {
  Deadline time = deadline_in(60 * 1000);
  int looks = 1;

  for (; !deadline_is_over(&time); looks++)
    pass(3600 * 1000);
  g_assert_cmpint(looks, ==, 4);
}

static void no_time_is_one_look(void) {
  Deadline time = deadline_in(0);

  g_assert_true(deadline_is_over(&time));
}

typedef struct {
  gboolean over, woken;
} Waiting;

static gboolean note_over(gpointer data) {
  ((Waiting *)data)->over = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean note_woken(gpointer data) {
  Waiting *waiting = data;

  if (!waiting->over)
    waiting->woken = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean turn(gpointer data) {
  *(guint *)data += 1;
  return G_SOURCE_CONTINUE;
}

/* What woke us while we stood still, and is heard by somebody else's help a moment later, comes first. */
static void who_is_woken_hears_it_before(void) {
  g_autoptr(GMainContext) context = g_main_context_new();
  Waiting waiting = {FALSE, FALSE};
  g_autoptr(GSource) source = deadline_source_new(200, note_over, &waiting);
  g_autoptr(GSource) late = g_timeout_source_new(60); /* behind the first tick */

  (void)g_source_attach(source, context);
  g_source_set_callback(late, note_woken, &waiting, NULL);
  (void)g_source_attach(late, context);
  pass(3600 * 1000);
  while (!waiting.woken && !waiting.over)
    (void)g_main_context_iteration(context, TRUE);
  g_assert_true(waiting.woken);
  g_source_destroy(source);
}

static void the_source_ends_too(void) {
  g_autoptr(GMainContext) context = g_main_context_new();
  Waiting waiting = {FALSE, FALSE};
  guint turns = 0;
  g_autoptr(GSource) source = deadline_source_new(200, note_over, &waiting);
  g_autoptr(GSource) clock = g_timeout_source_new(1);

  (void)g_source_attach(source, context);
  g_source_set_callback(clock, turn, &turns, NULL);
  (void)g_source_attach(clock, context);
  while (!waiting.over) {
    pass(10);
    (void)g_main_context_iteration(context, TRUE);
    g_assert_cmpuint(turns, <, 60 * 1000);
  }
  g_source_destroy(clock);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/deadline/it-is-over-when-the-time-is", it_is_over_when_the_time_is);
  g_test_add_func("/deadline/a-standstill-is-not-the-end", a_standstill_is_not_the_end);
  g_test_add_func("/deadline/it-ends", it_ends);
  g_test_add_func("/deadline/no-time-is-one-look", no_time_is_one_look);
  g_test_add_func("/deadline/who-is-woken-hears-it-before", who_is_woken_hears_it_before);
  g_test_add_func("/deadline/the-source-ends-too", the_source_ends_too);
  return g_test_run();
}
