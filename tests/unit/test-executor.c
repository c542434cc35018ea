/* The actions of an open transaction (agent/cli/executor.c), with programs that say in a file that they ran. */
#include <unistd.h>

#include "cli/executor.h"
#include "commit-fixture.h"

typedef struct {
  Fixture *fixture;
  Machine machine;
  Plan *plan;
  GPtrArray *warnings;
  char *log;
} World;

static World *world_new(void) {
  World *world = g_new0(World, 1);

  world->fixture = commit_fixture_new();
  world->machine.root = world->fixture->root;
  world->plan = plan_new();
  world->warnings = g_ptr_array_new_with_free_func(g_free);
  world->log = fixture_path(world->fixture, "/log");
  fixture_write(world->fixture, "/etc/name", "old\n");
  (void)commit_plan_write(world->fixture, world->plan, "/etc/name", "new\n");
  return world;
}

static void world_free(World *world) {
  g_autoptr(GError) error = NULL;

  if (transaction_is_open(&world->fixture->root))
    g_assert_true(transaction_close(&world->fixture->root, NULL, &error));
  plan_free(world->plan);
  g_ptr_array_unref(world->warnings);
  g_free(world->log);
  fixture_free(world->fixture);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

/* Writes NAME and what the file says at that time, and ends with STATUS. */
static Action *add(World *world, const char *name, int status) {
  g_autofree char *file = fixture_path(world->fixture, "/etc/name");
  Action *action = plan_act(world->plan, "step", ACTION_PROGRAM, NULL, "/bin/sh", name);

  action->needs = NEEDS_NOTHING;
  action->data = g_strdup_printf("-c\nread -r now <%s; echo %s $now >>%s; exit %d", file, name, world->log, status);
  return action;
}

static void tell_nobody(const char *stage, gpointer data) {
}

static Executor executor_of(World *world) {
  return (Executor){
      .machine = &world->machine, .warnings = world->warnings, .progress = tell_nobody, .plan = world->plan};
}

static void assert_log(World *world, const char *expected) {
  g_autofree char *text = fixture_read(world->fixture, "/log");

  g_assert_cmpstr(text, ==, expected);
}

static void carry_out(World *world) {
  const Executor executor = executor_of(world);
  g_autoptr(GError) error = NULL;

  g_assert_true(executor_run(&executor, &error));
  g_assert_no_error(error);
}

static void in_order_and_once(void) {
  g_autoptr(World) world = world_new();

  (void)add(world, "first", 0);
  (void)add(world, "second", 0);
  commit_open(world->fixture, world->plan);
  carry_out(world);
  carry_out(world);
  assert_log(world, "first new\nsecond new\n");
  g_assert_cmpuint(world->warnings->len, ==, 0);
}

static void a_run_that_was_killed_goes_on(void) {
  g_autoptr(World) world = world_new();
  g_autoptr(GError) error = NULL;
  Executor executor;

  (void)add(world, "first", 0);
  (void)add(world, "second", 0);
  commit_open(world->fixture, world->plan);
  g_assert_true(transaction_action_done(&world->fixture->root, 0, &error));
  executor = executor_of(world);
  executor.plan = NULL; /* an earlier run's */
  g_assert_true(executor_run(&executor, &error));
  assert_log(world, "second new\n");
}

static void what_fails_is_a_warning(void) {
  g_autoptr(World) world = world_new();

  (void)add(world, "first", 1);
  (void)add(world, "second", 0);
  commit_open(world->fixture, world->plan);
  carry_out(world);
  assert_log(world, "first new\nsecond new\n");
  g_assert_cmpuint(world->warnings->len, ==, 1);
  g_assert_nonnull(strstr(world->warnings->pdata[0], "a reboot puts them in effect"));
}

static void what_must_succeed_stops_and_the_same_list_goes_back(void) {
  g_autoptr(World) world = world_new();
  const Executor executor = executor_of(world);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) back = NULL;

  (void)add(world, "first", 0);
  add(world, "second", 1)->must_succeed = TRUE;
  (void)add(world, "third", 0);
  commit_open(world->fixture, world->plan);
  g_assert_false(executor_run(&executor, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_FAILED);
  assert_log(world, "first new\nsecond new\n");
  g_assert_true(transaction_revert(&world->fixture->root, NULL, &back));
  g_assert_no_error(back);
  g_assert_false(executor_run(&executor, &back)); /* each is tried all the same */
  assert_log(world, "first new\nsecond new\nfirst old\nsecond old\nthird old\n");
}

static void what_needs_more_than_there_is_waits(void) {
  g_autoptr(World) world = world_new();

  add(world, "live", 0)->needs = NEEDS_LIVE;
  add(world, "bus", 0)->needs = NEEDS_LIVE | NEEDS_BUS;
  (void)add(world, "files", 0);
  commit_open(world->fixture, world->plan);
  carry_out(world);
  assert_log(world, "files new\n");
  world->machine.can.has = NEEDS_LIVE;
  carry_out(world);
  assert_log(world, "files new\nlive new\n");
}

static void before_the_files(void) {
  g_autoptr(World) world = world_new();
  const Executor executor = executor_of(world);
  g_autoptr(GError) error = NULL;

  add(world, "down", 0)->phase = PHASE_BEFORE;
  (void)add(world, "up", 0);
  g_assert_true(executor_before(&executor, FALSE, &error));
  assert_log(world, "down old\n");
  commit_open(world->fixture, world->plan);
  carry_out(world);
  assert_log(world, "down old\nup new\n");
  g_assert_true(executor_before(&executor, TRUE, &error));
  g_assert_true(transaction_revert(&world->fixture->root, NULL, &error));
  carry_out(world);
  assert_log(world, "down old\nup new\ndown new\nup old\n");
}

static void a_time_limit(void) {
  g_autoptr(World) world = world_new();
  Action *action = plan_act(world->plan, "step", ACTION_PROGRAM, NULL, "/bin/sleep", "a test");
  const gint64 start = g_get_monotonic_time();

  action->needs = NEEDS_NOTHING;
  action->data = g_strdup("30");
  action->time_limit_s = 1;
  commit_open(world->fixture, world->plan);
  carry_out(world);
  g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
  g_assert_cmpuint(world->warnings->len, ==, 1);
}

#define TEST(name, function) g_test_add_func("/executor/" name, function)

/* A directory where the note of the network should be. */
static void what_cannot_be_released_leaves_no_run_unfinished(void) {
  g_autoptr(World) world = world_new();
  g_autofree char *note = fixture_path(world->fixture, RI_NETWORK_FILE);
  const Executor executor = executor_of(world);
  g_autoptr(GError) error = NULL;

  world->machine.can.wire = TRUE;
  g_assert_cmpint(g_mkdir_with_parents(note, 0755), ==, 0);
  commit_open(world->fixture, world->plan);
  carry_out(world);
  g_assert_true(executor_close(&executor, NULL, &error));
  g_assert_no_error(error);
  g_assert_false(transaction_is_open(&world->fixture->root));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  TEST("in-order-and-once", in_order_and_once);
  TEST("a-run-that-was-killed-goes-on", a_run_that_was_killed_goes_on);
  TEST("what-fails-is-a-warning", what_fails_is_a_warning);
  TEST("what-must-succeed-stops-and-the-same-list-goes-back", what_must_succeed_stops_and_the_same_list_goes_back);
  TEST("what-needs-more-than-there-is-waits", what_needs_more_than_there_is_waits);
  TEST("before-the-files", before_the_files);
  TEST("a-time-limit", a_time_limit);
  g_test_add_func("/executor/what-cannot-be-released-leaves-no-run-unfinished",
                  what_cannot_be_released_leaves_no_run_unfinished);
  return g_test_run();
}
