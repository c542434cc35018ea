/* verify-identity.c - which host name and machine-id do the programs that run have? */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/system-bus.h"
#include "base/tree.h"
#include "observe/hostname.h"
#include "system/system-manager.h"
#include "verify-checks.h"

static const BusObject hostnamed = {"org.freedesktop.hostname1", "/org/freedesktop/hostname1",
                                    "org.freedesktop.hostname1"};

enum { MACHINE_ID_SIZE = 32 };

/* As /etc/hostname is read: a systemd before 247 may give what later ones drop. */
static char *name_of(const char *given) {
  char name[HOSTNAME_SIZE];

  hostname_parse(given, name, sizeof name);
  return g_strdup(name);
}

static char *kernel_hostname(const Root *root, sd_bus *bus) {
  char name[HOST_NAME_MAX + 1] = "";

  (void)gethostname(name, sizeof name - 1);
  return name_of(name);
}

static char *hostnamed_hostname(const Root *root, sd_bus *bus) {
  g_autofree char *given = system_bus_property(bus, &hostnamed, "StaticHostname");

  return given != NULL ? name_of(given) : NULL;
}

/* systemd's journal-def.h: the time of a file's last entry, little-endian. */
enum { JOURNAL_TAIL_REALTIME = 192 };

static guint64 last_entry_of(const Root *root, const char *directory, const char *id) {
  g_autofree char *path = g_strdup_printf("%s/%s/system.journal", directory, id);
  guint64 time = 0;
  int fd = root_open_at(root, path, O_RDONLY | O_NOCTTY);

  if (fd < 0)
    return 0;
  if (pread(fd, &time, sizeof time, JOURNAL_TAIL_REALTIME) != (gssize)sizeof time)
    time = 0;
  (void)close(fd);
  return GUINT64_FROM_LE(time);
}

/* journald names the directory that it writes into after the id that it uses: that of the newest entry. What a process
 * has open could only be asked with CAP_SYS_PTRACE. */
static char *journald_machine_id(const Root *root, sd_bus *bus) {
  static const char *const directories[] = {"/run/log/journal", "/var/log/journal"};
  guint64 newest = 0;
  char *found = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
    g_auto(GStrv) names = tree_list(root, directories[i], NULL);
    for (char **name = names; name != NULL && *name != NULL; name++) {
      guint64 time = strspn(*name, "0123456789abcdef") == MACHINE_ID_SIZE && (*name)[MACHINE_ID_SIZE] == '\0'
                         ? last_entry_of(root, directories[i], *name)
                         : 0;
      if (time <= newest)
        continue;
      newest = time;
      g_free(found);
      found = g_strdup(*name);
    }
  }
  return found;
}

static char *read_first_line(const Root *root, const char *path) {
  char line[MACHINE_ID_SIZE + 2];

  return g_strdup(root_read_line(root, path, line, sizeof line) > 0 ? line : "none in the file");
}

static char *file_machine_id(const Root *root, sd_bus *bus) {
  return read_first_line(root, "/etc/machine-id");
}

static char *dbus_machine_id(const Root *root, sd_bus *bus) {
  return read_first_line(root, "/var/lib/dbus/machine-id");
}

static char *manager_machine_id(const Root *root, sd_bus *bus) {
  return system_manager_runs() ? system_manager_machine_id() : NULL;
}

static char *bus_machine_id(const Root *root, sd_bus *bus) {
  return system_bus_machine_id(bus, "org.freedesktop.DBus");
}

static const CheckKind kinds[] = {
    {"host name of the kernel", kernel_hostname, CHECK_FAILED, "reset-identity apply, or reboot", ""},
    {"host name of hostnamed", hostnamed_hostname, CHECK_FAILED, "systemctl restart systemd-hostnamed",
     "not running: it reads the file when it starts"},
    {"machine-id", file_machine_id, CHECK_FAILED, "reset-identity apply", ""},
    {"machine-id in /var/lib/dbus", dbus_machine_id, CHECK_FAILED, "reset-identity apply", ""},
    {"machine-id of PID 1", manager_machine_id, CHECK_FAILED, "systemctl daemon-reexec", "not running"},
    {"machine-id of journald", journald_machine_id, CHECK_FAILED, "systemctl restart systemd-journald", "not running"},
    {"machine-id of the system bus", bus_machine_id, CHECK_LATER,
     "reboot: the bus reads it once and cannot be restarted under its users",
     "not running, or its policy lets nobody ask (Debian's)"},
};

const CheckKind *check_kind_find(const char *name) {
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}
