/* capabilities.c - what a run may touch beside the files below its root */
#include "capabilities.h"

#include <sys/stat.h>
#include <unistd.h>

#define PID_1_ROOT "/proc/1/root"
#define BUS_SOCKET "/run/dbus/system_bus_socket"

static gboolean is_root_of_pid_1(const Root *root) {
  struct stat ours, theirs;

  return fstat(root->fd, &ours) == 0 && stat(PID_1_ROOT, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

Capabilities capabilities_find(const Root *root, const Arguments *arguments) {
  Capabilities found = {.started_by = arguments->boot ? STARTED_BY_BOOT : STARTED_BY_PERSON};

  if (!root->is_host || !(arguments->boot || is_root_of_pid_1(root)))
    return found;
  found.has = NEEDS_LIVE;
  if (g_getenv("DBUS_SYSTEM_BUS_ADDRESS") != NULL || access(BUS_SOCKET, F_OK) == 0)
    found.has |= NEEDS_BUS;
  found.wire = !arguments->no_network;
  return found;
}

gboolean capabilities_live(const Capabilities *capabilities) {
  return (capabilities->has & NEEDS_LIVE) != 0;
}
