/* verify-identity.c - which host name and machine-id do the programs that run have? */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/system-bus.h"
#include "system/system-manager.h"
#include "verify-checks.h"

static const BusObject hostnamed = {"org.freedesktop.hostname1", "/org/freedesktop/hostname1",
                                    "org.freedesktop.hostname1"};

enum { MACHINE_ID_SIZE = 32 };

static char *kernel_hostname(const Root *root, sd_bus *bus) {
  char name[HOST_NAME_MAX + 1] = "";

  (void)gethostname(name, sizeof name - 1);
  return g_strdup(name);
}

static char *hostnamed_hostname(const Root *root, sd_bus *bus) {
  return system_bus_property(bus, &hostnamed, "StaticHostname");
}

/* journald's processes by its control group, in the layouts of cgroup v2, hybrid and v1: it needs no bus. */
static pid_t find_journald(void) {
  static const char *const groups[] = {"/sys/fs/cgroup/system.slice", "/sys/fs/cgroup/unified/system.slice",
                                       "/sys/fs/cgroup/systemd/system.slice"};
  int pid = 0;

  for (gsize i = 0; i < G_N_ELEMENTS(groups) && pid <= 0; i++) {
    g_autofree char *path = g_strdup_printf("%s/systemd-journald.service/cgroup.procs", groups[i]);
    g_autofree char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL))
      pid = (int)g_ascii_strtoll(text, NULL, 10);
  }
  return pid;
}

/* The id in ".../log/journal/ID/system.journal", or NULL. */
static char *id_of_journal_file(const char *path) {
  static const char directory[] = "/log/journal/";
  const char *start = strstr(path, directory);

  if (start == NULL)
    return NULL;
  start += strlen(directory);
  return strspn(start, "0123456789abcdef") == MACHINE_ID_SIZE && start[MACHINE_ID_SIZE] == '/'
             ? g_strndup(start, MACHINE_ID_SIZE)
             : NULL;
}

/* journald has the system's journal open all the time: the directory's name is the id that it uses. */
static char *find_open_journal(pid_t pid) {
  g_autofree char *directory = g_strdup_printf("/proc/%d/fd", (int)pid);
  g_autoptr(GDir) open_files = pid > 0 ? g_dir_open(directory, 0, NULL) : NULL;
  const char *name;
  char *id = NULL;

  while (id == NULL && open_files != NULL && (name = g_dir_read_name(open_files)) != NULL) {
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *target = g_file_read_link(path, NULL);
    if (target != NULL)
      id = id_of_journal_file(target);
  }
  return id;
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

static char *journald_machine_id(const Root *root, sd_bus *bus) {
  return find_open_journal(find_journald());
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
     "reboot: the bus reads it once and cannot be restarted under its users", "not running"},
};

const CheckKind *check_kind_find(const char *name) {
  for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (strcmp(kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}
