/* Hardware that appears late: what ends the wait, and that it is woken rather than timed. The cards are those of a
 * tree, the link events those of a network namespace of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "observe/wait-nics.h"

enum { LONG_MS = 60 * 1000, SHORT_MS = 50 };

static Nic recorded_items[] = {{.name = "eth0", .mac = "52:54:00:00:00:01"}};
static const NicList recorded = {recorded_items, 1};

/* In libc's place: at the second look at the clock we have stood still for an hour, in which a card has come. */
static Fixture *standing_still;
static guint looks_at_clock;
static void add_card(Fixture *fixture, guint number);

int clock_gettime(clockid_t clock, struct timespec *now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  Fixture *fixture = standing_still;

  if (fixture == NULL || ++looks_at_clock < 2)
    return result;
  if (looks_at_clock == 2) {
    standing_still = NULL;
    add_card(fixture, 0);
    standing_still = fixture;
  }
  now->tv_sec += 3600;
  return result;
}

static void add_card(Fixture *fixture, guint number) {
  g_autofree char *directory = g_strdup_printf("/sys/class/net/eth%u", number);
  g_autofree char *address = g_strdup_printf("52:54:00:00:00:%02x\n", number + 1);
  g_autofree char *index = g_strdup_printf("%u\n", number + 2);
  g_autofree char *path = g_build_filename(directory, "device", NULL);

  fixture_mkdir(fixture, path);
  g_free(path);
  path = g_build_filename(directory, "ifindex", NULL);
  fixture_write(fixture, path, index);
  g_free(path);
  path = g_build_filename(directory, "addr_assign_type", NULL);
  fixture_write(fixture, path, "0\n");
  g_free(path);
  path = g_build_filename(directory, "address", NULL); /* last: now it is a card */
  fixture_write(fixture, path, address);
}

/* What the kernel does when a card comes: an RTM_NEWLINK for everyone. */
static void make_link_event(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo"};

  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(ioctl(fd, SIOCGIFFLAGS, &request), ==, 0);
  request.ifr_flags = (short)(request.ifr_flags ^ IFF_UP);
  g_assert_cmpint(ioctl(fd, SIOCSIFFLAGS, &request), ==, 0);
  (void)close(fd);
}

static gboolean in_namespace_of_our_own(void) {
  if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
    return TRUE;
  g_test_skip("no network namespace to be had here");
  return FALSE;
}

typedef struct {
  Fixture *fixture;
  pid_t waiter; /* thread id */
  void (*change)(Fixture *fixture);
} Change;

/* Only once the waiter sleeps in poll: else the test could pass without a wake. */
static void until_it_sleeps(pid_t waiter) {
  g_autofree char *path = g_strdup_printf("/proc/self/task/%d/syscall", waiter);

  for (;;) {
    g_autofree char *state = NULL;

    if (!g_file_get_contents(path, &state, NULL, NULL))
      return; /* a kernel that does not tell */
#ifdef SYS_poll
    if (g_ascii_strtoll(state, NULL, 10) == SYS_poll && g_ascii_isdigit(*state))
      return;
#endif
    if (g_ascii_strtoll(state, NULL, 10) == SYS_ppoll)
      return;
    g_thread_yield();
  }
}

static gpointer change_it(gpointer data) {
  Change *change = data;

  until_it_sleeps(change->waiter);
  change->change(change->fixture);
  return NULL;
}

/* Wait for EXPECTED cards while CHANGE happens; it must be what ends the wait. Returns how many cards were there. */
static gsize wait_for_change(Fixture *fixture, const NicList *known, gsize expected, void (*change)(Fixture *)) {
  Change what = {fixture, (pid_t)syscall(SYS_gettid), change};
  gint64 start = g_get_monotonic_time();
  GThread *thread = g_thread_new("change", change_it, &what);
  NicList list = {NULL, 0};
  gsize count;

  g_assert_cmpint(nics_wait(&fixture->root, known, expected, LONG_MS, &list), ==, 1);
  g_assert_cmpint(g_get_monotonic_time() - start, <, LONG_MS * 1000LL / 2);
  (void)g_thread_join(thread);
  count = list.count;
  nics_clear(&list);
  return count;
}

static void assert_times_out_after(Fixture *fixture, const NicList *known, gsize expected, gsize count, gint64 ms) {
  gint64 start = g_get_monotonic_time();
  NicList list = {NULL, 0};

  g_assert_cmpint(nics_wait(&fixture->root, known, expected, SHORT_MS, &list), ==, 0);
  g_assert_cmpint(g_get_monotonic_time() - start, >=, ms * 1000);
  g_assert_cmpuint(list.count, ==, count);
  nics_clear(&list);
}

static void assert_times_out(Fixture *fixture, const NicList *known, gsize expected, gsize count) {
  assert_times_out_after(fixture, known, expected, count, SHORT_MS);
}

static void assert_does_not_wait(Fixture *fixture, const NicList *known, gsize expected, gsize count) {
  NicList list = {NULL, 0};

  g_assert_cmpint(nics_wait(&fixture->root, known, expected, 0, &list), ==, 1);
  g_assert_cmpuint(list.count, ==, count);
  nics_clear(&list);
}

static void test_cards_that_are_there_are_not_waited_for(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  add_card(fixture, 0);
  assert_does_not_wait(fixture, NULL, 0, 1);
  assert_does_not_wait(fixture, NULL, 1, 1);
  add_card(fixture, 1);
  assert_does_not_wait(fixture, NULL, 1, 2);
  assert_does_not_wait(fixture, NULL, 2, 2);
}

static void test_the_time_is_bounded(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  assert_times_out(fixture, NULL, 0, 0);
  assert_times_out(fixture, &recorded, 1, 0);
  add_card(fixture, 1);
  assert_times_out(fixture, &recorded, 2, 1);
}

static void empty_the_queue(Fixture *fixture) {
  g_autofree char *queue = fixture_path(fixture, "/run/udev/queue");

  g_assert_cmpint(unlink(queue), ==, 0);
}

static void empty_the_queue_later(Fixture *fixture) {
  g_usleep((gulong)2 * SHORT_MS * 1000);
  empty_the_queue(fixture);
}

static void test_the_time_counts_from_when_udev_is_done(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  Change what = {fixture, (pid_t)syscall(SYS_gettid), empty_the_queue_later};
  GThread *thread;

  fixture_write(fixture, "/run/udev/queue", "");
  thread = g_thread_new("udev", change_it, &what);
  assert_times_out_after(fixture, &recorded, 1, 0, 3 * (gint64)SHORT_MS);
  (void)g_thread_join(thread);
}

static void test_a_udev_that_is_never_done_is_not_waited_for_for_ever(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  add_card(fixture, 1);
  fixture_write(fixture, "/run/udev/queue", "");
  assert_times_out_after(fixture, NULL, 1, 1, 6 * (gint64)SHORT_MS);
}

static void test_a_recorded_card_ends_the_wait_at_once(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/udev/queue", ""); /* busy, with something else */
  add_card(fixture, 0);
  assert_does_not_wait(fixture, &recorded, 5, 1);
}

static void test_a_card_that_came_while_we_stood_still_is_there(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list = {NULL, 0};

  standing_still = fixture;
  const int result = nics_wait(&fixture->root, &recorded, 1, LONG_MS, &list);
  standing_still = NULL;
  g_assert_cmpint(result, ==, 1);
  g_assert_cmpuint(list.count, ==, 1);
  nics_clear(&list);
}

static void bring_in_a_card(Fixture *fixture) {
  add_card(fixture, 0);
  make_link_event();
}

static void test_a_card_that_comes_late_wakes(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  if (!in_namespace_of_our_own())
    return;
  g_assert_cmpuint(wait_for_change(fixture, NULL, 1, bring_in_a_card), ==, 1);
}

static void test_a_recorded_card_that_comes_late_wakes(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  if (!in_namespace_of_our_own())
    return;
  fixture_write(fixture, "/run/udev/queue", "");
  add_card(fixture, 7);
  g_assert_cmpuint(wait_for_change(fixture, &recorded, 5, bring_in_a_card), ==, 2);
}

static void test_an_empty_queue_wakes(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/udev/queue", "");
  add_card(fixture, 0);
  g_assert_cmpuint(wait_for_change(fixture, NULL, 1, empty_the_queue), ==, 1);
}

static void finish_with_the_card(Fixture *fixture) {
  fixture_write(fixture, "/run/udev/queue", "");
  fixture_write(fixture, "/run/udev/data/n2", "I:1\n");
  empty_the_queue(fixture);
}

/* The kernel's link event is faster than udev: its queue is still empty, and the card has not got its name. */
static void test_a_card_that_udev_has_not_seen_is_waited_for(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  fixture_write(fixture, "/run/udev/control", "");
  add_card(fixture, 0);
  assert_times_out(fixture, NULL, 1, 1);
  assert_does_not_wait(fixture, &recorded, 1, 1);
  g_assert_cmpuint(wait_for_change(fixture, NULL, 1, finish_with_the_card), ==, 1);
  assert_does_not_wait(fixture, NULL, 1, 1);
}

static void start_udev(Fixture *fixture) {
  fixture_write(fixture, "/run/udev/control", "");
  make_link_event();
  add_card(fixture, 0);
  make_link_event();
  finish_with_the_card(fixture);
}

static void test_udev_may_start_while_we_wait(void) {
  g_autoptr(Fixture) fixture = fixture_new();

  if (!in_namespace_of_our_own())
    return;
  g_assert_cmpuint(wait_for_change(fixture, NULL, 1, start_udev), ==, 1);
}

/* With LONG_MS it must not wait, else to the end. */
static void assert_plans(Fixture *fixture, gsize expected, gboolean ran_out, int timeout, NicList *list, int result) {
  gint64 start = g_get_monotonic_time();

  g_assert_cmpint(nics_wait_to_plan(&fixture->root, expected, ran_out, timeout, list), ==, result);
  const gint64 ms = (g_get_monotonic_time() - start) / 1000;
  if (timeout == LONG_MS)
    g_assert_cmpint(ms, <, LONG_MS / 2);
  else
    g_assert_cmpint(ms, >=, timeout);
}

/* Fewer than expected is not unsettled; a udev that is busy, or has not seen a card, is; no udev at all is not. */
static void test_only_a_udev_that_runs_leaves_names_open(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list = {NULL, 0};

  add_card(fixture, 0);
  assert_plans(fixture, 2, FALSE, SHORT_MS, &list, 1);
  fixture_write(fixture, "/run/udev/control", "");
  assert_plans(fixture, 1, FALSE, SHORT_MS, &list, 0);
  fixture_write(fixture, "/run/udev/data/n2", "I:1\n");
  assert_plans(fixture, 2, FALSE, SHORT_MS, &list, 1);
  fixture_write(fixture, "/run/udev/queue", "");
  assert_plans(fixture, 1, FALSE, SHORT_MS, &list, 0);
  g_autofree char *control = fixture_path(fixture, "/run/udev/control");
  g_assert_cmpint(unlink(control), ==, 0);
  assert_plans(fixture, 1, FALSE, SHORT_MS, &list, 1);
  nics_clear(&list);
}

/* What has not come while evidence was waited for is not waited for again; the names of what has come are. */
static void test_time_that_ran_out_is_not_given_again(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list = {NULL, 0};

  assert_plans(fixture, 2, TRUE, LONG_MS, &list, 1);
  add_card(fixture, 1);
  g_assert_cmpint(nics_wait(&fixture->root, &recorded, 2, SHORT_MS, &list), ==, 0);
  g_assert_cmpuint(list.count, ==, 1);
  assert_plans(fixture, 2, TRUE, LONG_MS, &list, 1);
  g_assert_cmpuint(list.count, ==, 1);
  fixture_write(fixture, "/run/udev/control", "");
  assert_plans(fixture, 2, TRUE, SHORT_MS, &list, 0);
  nics_clear(&list);
}

static void test_what_cannot_be_looked_at_is_an_error(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  NicList list = {NULL, 0};

  fixture_symlink(fixture, "/run/udev", "udev");
  g_assert_cmpint(nics_wait(&fixture->root, NULL, 1, LONG_MS, &list), ==, -ELOOP);
  g_assert_cmpuint(list.count, ==, 0);
  g_assert_null(list.items);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/wait-nics/cards-that-are-there-are-not-waited-for", test_cards_that_are_there_are_not_waited_for);
  g_test_add_func("/wait-nics/the-time-is-bounded", test_the_time_is_bounded);
  g_test_add_func("/wait-nics/the-time-counts-from-when-udev-is-done", test_the_time_counts_from_when_udev_is_done);
  g_test_add_func("/wait-nics/a-udev-that-is-never-done-is-not-waited-for-for-ever",
                  test_a_udev_that_is_never_done_is_not_waited_for_for_ever);
  g_test_add_func("/wait-nics/a-recorded-card-ends-the-wait-at-once", test_a_recorded_card_ends_the_wait_at_once);
  g_test_add_func("/wait-nics/a-card-that-came-while-we-stood-still-is-there",
                  test_a_card_that_came_while_we_stood_still_is_there);
  g_test_add_func("/wait-nics/a-card-that-comes-late-wakes", test_a_card_that_comes_late_wakes);
  g_test_add_func("/wait-nics/a-recorded-card-that-comes-late-wakes", test_a_recorded_card_that_comes_late_wakes);
  g_test_add_func("/wait-nics/an-empty-queue-wakes", test_an_empty_queue_wakes);
  g_test_add_func("/wait-nics/a-card-that-udev-has-not-seen-is-waited-for",
                  test_a_card_that_udev_has_not_seen_is_waited_for);
  g_test_add_func("/wait-nics/udev-may-start-while-we-wait", test_udev_may_start_while_we_wait);
  g_test_add_func("/wait-nics/only-a-udev-that-runs-leaves-names-open", test_only_a_udev_that_runs_leaves_names_open);
  g_test_add_func("/wait-nics/time-that-ran-out-is-not-given-again", test_time_that_ran_out_is_not_given_again);
  g_test_add_func("/wait-nics/what-cannot-be-looked-at-is-an-error", test_what_cannot_be_looked_at_is_an_error);
  return g_test_run();
}
