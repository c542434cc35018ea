/* networkd-live.c - systemd-networkd that runs takes what its files say */
#include "networkd-live.h"

#include <net/if.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/system-bus.h"
#include "base/tree.h"
#include "link.h"
#include "system/system-manager.h"
#include "verify-links.h"

#define STACK "systemd-networkd"
#define UNIT STACK ".service"
#define SOCKET STACK ".socket"
/* PID 1's link for each unit that runs, made when it starts. */
#define STARTED "/run/systemd/units/invocation:" UNIT

enum { ASK_S = 10, RESTART_S = 60, SETTLE_MS = 3000, ROUND_MS = 100, ID_SIZE = 33 };

static const BusObject manager = {"org.freedesktop.network1", "/org/freedesktop/network1",
                                  "org.freedesktop.network1.Manager"};

gboolean networkd_runs(const Root *root) {
  return access("/run/systemd/netif", F_OK) == 0 && system_manager_runs() && system_manager_is_active(UNIT);
}

static gboolean has_other_machine_id(const Root *root, sd_bus *bus) {
  g_autofree char *known = system_bus_machine_id(bus, manager.service);
  char id[ID_SIZE + 1] = "";

  (void)root_read_line(root, "/etc/machine-id", id, sizeof id);
  return known == NULL || strcmp(known, id) != 0;
}

static gboolean is_newer(const char *path, const struct stat *start) {
  struct stat info;

  return stat(path, &info) == 0 &&
         (info.st_ctim.tv_sec > start->st_mtim.tv_sec ||
          (info.st_ctim.tv_sec == start->st_mtim.tv_sec && info.st_ctim.tv_nsec > start->st_mtim.tv_nsec));
}

/* What it reads only when it starts has changed since. */
static gboolean has_old_settings(const Root *root) {
  static const char *const patterns[] = {"/etc/systemd/networkd.conf", "/etc/systemd/networkd.conf.d/*.conf",
                                         "/etc/systemd/network/*.netdev", "/run/systemd/network/*.netdev"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  struct stat start;

  if (lstat(STARTED, &start) < 0)
    return TRUE;
  if (!tree_glob_all(root, patterns, G_N_ELEMENTS(patterns), paths, NULL))
    return TRUE;
  for (guint i = 0; i < paths->len; i++)
    if (is_newer(paths->pdata[i], &start))
      return TRUE;
  return FALSE;
}

/* STACK: networkd itself, or netplan, whose files are made into its. */
static gboolean lacks_address_of(const Root *root, const char *stack) {
  g_autoptr(GPtrArray) failures = verify_links_failures(root, stack);

  for (guint i = 0; i < failures->len; i++)
    if (g_str_has_prefix(failures->pdata[i], "address "))
      return TRUE;
  return FALSE;
}

static gboolean lacks_address(const Root *root) {
  return lacks_address_of(root, STACK) || lacks_address_of(root, "netplan");
}

/* Reload takes up what it sees to be new; older releases do not see a drop-in's change. */
static gboolean reconfigure_stale(const Root *root, sd_bus *bus, char **nics) {
  Deadline time = deadline_in(SETTLE_MS);
  gboolean stale, good = TRUE;

  while ((stale = lacks_address(root)) && !deadline_is_over(&time))
    g_usleep(ROUND_MS * 1000UL);
  for (; stale && good && *nics != NULL; nics++) {
    const unsigned index = if_nametoindex(*nics);
    good = index == 0 || system_bus_call(bus, &manager, "ReconfigureLink", NULL, NULL, "i", (int)index);
  }
  return good;
}

/* FALSE: it has to be started anew. */
static gboolean reload(const Root *root, char **nics) {
  sd_bus *bus = system_bus();
  gboolean answered = FALSE;

  return bus != NULL && !has_other_machine_id(root, bus) && !has_old_settings(root) &&
         system_bus_call(bus, &manager, "Reload", &answered, NULL, "") && answered &&
         reconfigure_stale(root, bus, nics);
}

static void flush(char **nics) {
  for (; *nics != NULL; nics++) {
    const unsigned index = if_nametoindex(*nics);
    if (index != 0)
      (void)link_flush_global((int)index);
  }
}

/* A networkd that starts takes what it finds on a NIC for somebody else's, and may leave it there: what the old files
 * gave has to go in between. Nor must it be started by its socket meanwhile. */
static gboolean start_anew(char **nics, GError **error) {
  const gboolean has_socket = system_manager_is_active(SOCKET);

  /* Five starts within ten seconds are the limit of a unit; ours are not its fault. */
  (void)system_manager_do("reset-failed", UNIT, ASK_S, NULL);
  if ((has_socket && !system_manager_do("stop", SOCKET, RESTART_S, error)) ||
      !system_manager_do("stop", UNIT, RESTART_S, error))
    return FALSE;
  flush(nics);
  return (!has_socket || system_manager_do("start", SOCKET, RESTART_S, error)) &&
         system_manager_do("start", UNIT, RESTART_S, error);
}

gboolean networkd_up(const Root *root, char **nics, GError **error) {
  return reload(root, nics) || start_anew(nics, error);
}
