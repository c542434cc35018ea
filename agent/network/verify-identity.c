/* verify-identity.c - do the programs that run use the host name and machine-id of the files? */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/system-bus.h"
#include "observe/hostname.h"
#include "system/system-manager.h"
#include "verify-checks.h"

static const BusObject hostnamed = {"org.freedesktop.hostname1", "/org/freedesktop/hostname1",
                                    "org.freedesktop.hostname1"};

enum { MACHINE_ID_SIZE = 32 };

static void compare(Verification *verification, const char *what, const char *expected, const char *found,
                    CheckResult otherwise, const char *advice) {
  gboolean same = g_strcmp0(expected, found) == 0;

  check_add(verification, same ? CHECK_OK : otherwise, expected, found, same ? NULL : advice, "%s", what);
}

static void verify_hostname(const VerifyOptions *options, sd_bus *bus, Verification *verification) {
  char expected[HOSTNAME_SIZE];
  g_autofree char *known = system_bus_property(bus, &hostnamed, "StaticHostname");
  char kernel[HOST_NAME_MAX + 1] = "";

  if (hostname_read(options->root, expected, sizeof expected, NULL) < 0 || *expected == '\0') {
    check_add(verification, CHECK_SKIPPED, "a name", "none in /etc/hostname", NULL, "host name");
    return;
  }
  (void)gethostname(kernel, sizeof kernel - 1);
  compare(verification, "host name of the kernel", expected, kernel, CHECK_FAILED, "reset-identity apply, or reboot");
  if (known == NULL)
    check_add(verification, CHECK_SKIPPED, expected, "not running: it reads the file when it starts", NULL,
              "host name of hostnamed");
  else
    compare(verification, "host name of hostnamed", expected, known, CHECK_FAILED,
            "systemctl restart systemd-hostnamed");
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
static char *journald_machine_id(void) {
  pid_t pid = find_journald();
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

static void verify_machine_id_of(Verification *verification, const char *what, const char *expected, char *found,
                                 CheckResult otherwise, const char *advice) {
  if (found == NULL)
    check_add(verification, CHECK_SKIPPED, expected, "not running", NULL, "machine-id of %s", what);
  else {
    g_autofree char *row = g_strdup_printf("machine-id of %s", what);
    compare(verification, row, expected, found, otherwise, advice);
  }
  g_free(found);
}

static void verify_machine_id(const VerifyOptions *options, sd_bus *bus, Verification *verification) {
  char expected[MACHINE_ID_SIZE + 2];
  char dbus[MACHINE_ID_SIZE + 2];

  if (root_read_line(options->root, "/etc/machine-id", expected, sizeof expected) != MACHINE_ID_SIZE) {
    check_add(verification, CHECK_FAILED, "32 hex digits", "none in /etc/machine-id", "reset-identity apply",
              "machine-id");
    return;
  }
  if (root_read_line(options->root, "/var/lib/dbus/machine-id", dbus, sizeof dbus) > 0)
    compare(verification, "machine-id in /var/lib/dbus", expected, dbus, CHECK_FAILED, "reset-identity apply");
  verify_machine_id_of(verification, "PID 1", expected, system_manager_runs() ? system_manager_machine_id() : NULL,
                       CHECK_FAILED, "systemctl daemon-reexec");
  verify_machine_id_of(verification, "journald", expected, journald_machine_id(), CHECK_FAILED,
                       "systemctl restart systemd-journald");
  verify_machine_id_of(verification, "the system bus", expected, system_bus_machine_id(bus, "org.freedesktop.DBus"),
                       CHECK_LATER, "reboot: the bus reads it once and cannot be restarted under its users");
}

void verify_identity(const VerifyOptions *options, Verification *verification) {
  g_autoptr(sd_bus) bus = system_bus_open();

  if (options->progress != NULL)
    options->progress("verifying host name and machine-id", options->data);
  verify_hostname(options, bus, verification);
  verify_machine_id(options, bus, verification);
}
