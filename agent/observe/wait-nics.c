/* wait-nics.c - hardware appears late */
#include "wait-nics.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define UDEV_DIR "/run/udev"
#define UDEV_QUEUE UDEV_DIR "/queue"
#define UDEV_CONTROL UDEV_DIR "/control" /* there while a udevd is */

/* While udev is at work a driver may still come: the time begins anew, up to so many times as long in all. */
enum { BUSY_FACTOR = 6 };

typedef struct {
  const Root *hardware;
  const NicList *recorded; /* NULL: not evidence, but names to plan with */
  size_t expected;
  int links;    /* rtnetlink: interfaces that come, go or change their name */
  int udev;     /* inotify: udev's queue file comes and goes */
  bool watched; /* UDEV_DIR is there and watched */
  bool busy;    /* udev was at work at the last look */
} Wait;

static long long now_us(void) {
  struct timespec now;

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int open_link_events(void) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd < 0)
    return -errno;
  if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
    int error = -errno;

    (void)close(fd);
    return error;
  }
  return fd;
}

/* udev may be started only while we wait: tried again at each turn until its directory is there. */
static int watch_udev(Wait *wait) {
  char path[64] = UDEV_DIR;
  auto_close int directory = -1;

  if (wait->watched)
    return 0;
  directory = root_open_at(wait->hardware, UDEV_DIR, O_PATH | O_DIRECTORY);
  if (directory < 0)
    return directory == -ENOENT ? 0 : directory;
  if (!wait->hardware->is_host)
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
  if (inotify_add_watch(wait->udev, path, IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR) < 0)
    return -errno;
  wait->watched = true;
  return 0;
}

/* udev hears of a NIC a moment after we do: until then its queue is empty, and the NIC has the kernel's name. What it
 * is done with is in its database, by interface index. */
static bool udev_knows(const Root *hardware, const Nic *nic) {
  char path[96], index[16];

  (void)snprintf(path, sizeof path, "/sys/class/net/%s/ifindex", nic->name);
  if (root_read_line(hardware, path, index, sizeof index) <= 0)
    return false; /* renamed or gone again */
  (void)snprintf(path, sizeof path, UDEV_DIR "/data/n%s", index);
  return root_exists(hardware, path);
}

static bool udev_knows_all(const Root *hardware, const NicList *list) {
  if (!root_exists(hardware, UDEV_CONTROL))
    return true;
  for (size_t i = 0; i < list->count; i++)
    if (!udev_knows(hardware, &list->items[i]))
      return false;
  return true;
}

static bool a_recorded_one_is_there(const Wait *wait, const NicList *list) {
  for (size_t i = 0; i < wait->recorded->count; i++)
    if (nics_find_mac(list, wait->recorded->items[i].mac) != NULL)
      return true;
  return false;
}

/* Returns 1 when nothing is left to wait for. The queue is looked at before the NICs: a NIC that udev has brought in
 * meanwhile is then seen. */
static int look(Wait *wait, NicList *list) {
  wait->busy = root_exists(wait->hardware, UDEV_QUEUE);
  nics_clear(list);
  int result = nics_read(wait->hardware, list);
  if (result < 0)
    return result;
  if (wait->recorded != NULL)
    return a_recorded_one_is_there(wait, list);
  return !wait->busy && list->count >= wait->expected && udev_knows_all(wait->hardware, list);
}

/* What happened is found out by looking again; the events only wake. One that was lost (ENOBUFS) wakes as well. */
static void drain(int fd) {
  char buffer[8192];
  ssize_t length;

  do
    length = read(fd, buffer, sizeof buffer);
  while (length > 0 || (length < 0 && (errno == EINTR || errno == ENOBUFS)));
}

/* Until an event or the deadline, whichever is first. */
static int sleep_until_event(const Wait *wait, long long deadline) {
  struct pollfd events[] = {{.fd = wait->links, .events = POLLIN}, {.fd = wait->udev, .events = POLLIN}};
  const long long left = deadline - now_us();

  if (poll(events, sizeof events / sizeof events[0], left > 0 ? (int)((left + 999) / 1000) : 0) < 0)
    return errno == EINTR ? 0 : -errno;
  drain(wait->links);
  drain(wait->udev);
  return 0;
}

static int wait_for_all(Wait *wait, long long timeout, NicList *list) {
  long long deadline = now_us() + timeout;
  const long long last = deadline + (BUSY_FACTOR - 1) * timeout;

  for (;;) {
    const long long now = now_us(); /* before the look: the last one begins when the time is over */
    const bool was_busy = wait->busy;
    int result = watch_udev(wait);

    if (result == 0)
      result = look(wait, list);
    if (result != 0)
      return result;
    if (was_busy || wait->busy)
      deadline = now + timeout < last ? now + timeout : last;
    if (now >= deadline)
      return 0;
    result = sleep_until_event(wait, deadline);
    if (result < 0)
      return result;
  }
}

int nics_wait(const Root *hardware, const NicList *recorded, size_t expected, int timeout_ms, NicList *list) {
  /* Subscribed before the first look: what comes in between wakes us. */
  auto_close int links = open_link_events();
  auto_close int udev = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  Wait wait = {.hardware = hardware,
               .recorded = recorded,
               .expected = expected > 0 ? expected : 1,
               .links = links,
               .udev = udev};

  if (links < 0)
    return links;
  if (udev < 0)
    return -errno;
  int result = wait_for_all(&wait, timeout_ms * 1000LL, list);
  if (result < 0)
    nics_clear(list);
  return result;
}

static bool names_are_final(const Root *hardware, const NicList *list) {
  return !root_exists(hardware, UDEV_CONTROL) || (!root_exists(hardware, UDEV_QUEUE) && udev_knows_all(hardware, list));
}

int nics_wait_to_plan(const Root *hardware, size_t expected, bool ran_out, int timeout_ms, NicList *list) {
  if (ran_out && list->count == 0)
    return 1;
  if (ran_out && list->count < expected)
    expected = list->count;
  int result = nics_wait(hardware, NULL, expected, timeout_ms, list);
  return result == 0 ? names_are_final(hardware, list) : result;
}
