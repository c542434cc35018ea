/* checks.c: what can be known to go wrong is said, all of it, before anything is touched. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/checks.h"
#include "commit/state.h"
#include "mount-fixture.h"

static gboolean may_mount;

static gboolean check(Fixture *fixture, const Plan *plan, GError **error) {
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  autofd state = state_open(&fixture->root, NULL);
  gboolean passed = checks_run(&fixture->root, state, plan, error);

  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
  return passed;
}

static void assert_refused(Fixture *fixture, const Plan *plan, int code, const char *says) {
  g_autoptr(GError) error = NULL;

  g_assert_false(check(fixture, plan, &error));
  g_assert_error(error, RI_ERROR, code);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void a_good_plan_passes(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/etc/empty", "");
  fixture_mkdir(fixture, "/var/log/old");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)commit_plan_write(fixture, plan, "/etc/new/made", "x");
  (void)commit_plan_remove(fixture, plan, "/etc/empty");
  (void)plan_rename(plan, "step", "/var/log/old", "/var/log/new", "why");
  g_assert_true(check(fixture, plan, &error));
  g_assert_no_error(error);
}

static void names_every_file_that_changed(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *gone = fixture_path(fixture, "/etc/gone");
  g_autofree char *directory = fixture_path(fixture, "/etc/d");

  fixture_write(fixture, "/etc/another", "planned");
  fixture_write(fixture, "/etc/longer", "planned");
  fixture_write(fixture, "/etc/gone", "planned");
  (void)commit_plan_write(fixture, plan, "/etc/another", "new");
  (void)commit_plan_write(fixture, plan, "/etc/longer", "new");
  (void)commit_plan_remove(fixture, plan, "/etc/gone");
  (void)commit_plan_write(fixture, plan, "/etc/appeared", "new");
  fixture_mkdir(fixture, "/etc/d");
  (void)plan_rename(plan, "step", "/etc/d", "/etc/e", "why");
  fixture_write(fixture, "/etc/another", "PLANNED");
  fixture_write(fixture, "/etc/longer", "planned and more");
  fixture_write(fixture, "/etc/appeared", "x");
  g_assert_cmpint(unlink(gone), ==, 0);
  g_assert_cmpint(rmdir(directory), ==, 0);
  assert_refused(fixture, plan, RI_ERROR_CHANGED, "/etc/another: its content is another since");
  assert_refused(fixture, plan, RI_ERROR_CHANGED, "/etc/longer: its content is another since");
  assert_refused(fixture, plan, RI_ERROR_CHANGED, "/etc/gone: it is gone since");
  assert_refused(fixture, plan, RI_ERROR_CHANGED, "/etc/appeared: it was not there before since");
  assert_refused(fixture, plan, RI_ERROR_CHANGED, "/etc/d: it is gone since");
}

static void refuses_what_is_no_file(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *fifo = fixture_path(fixture, "/etc/fifo");
  g_autoptr(GBytes) content = g_bytes_new("x", 1);

  fixture_mkdir(fixture, "/etc/directory");
  fixture_symlink(fixture, "/etc/link", "fifo");
  fixture_write(fixture, "/etc/file", "");
  g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
  (void)plan_write(plan, "hostname", "/etc/fifo", NULL, content, "why");
  (void)plan_write(plan, "hostname", "/etc/directory", NULL, content, "why");
  (void)plan_write(plan, "hostname", "/etc/link", NULL, content, "why");
  (void)plan_write(plan, "hostname", "/etc/file/below", NULL, content, "why");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/fifo: a regular file is expected");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/directory: a regular file is expected");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/link: a regular file is expected");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/file/below: its directory: Not a directory");
}

static void refuses_plans_that_contradict_themselves(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/var/log/old/file", "");
  (void)commit_plan_write(fixture, plan, "/etc/twice", "1");
  (void)commit_plan_write(fixture, plan, "/etc/twice", "2");
  (void)commit_plan_write(fixture, plan, "/var/log/old/file", "x");
  (void)plan_rename(plan, "step", "/var/log/old", "/var/log/new", "why");
  (void)plan_write(plan, "step", "/etc/deferred", NULL, NULL, "why");
  (void)commit_plan_write(fixture, plan, RI_HISTORY_DIR "/1/manifest", "x");
  (void)commit_plan_write(fixture, plan, "etc/relative", "x");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/twice: two changes of one file");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "while its directory /var/log/old is renamed");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/deferred: its content is not made yet");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "the history of changes cannot be changed itself");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "'etc/relative' is no absolute path");
}

static void refuses_a_rename_onto_a_file(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/var/from", "");
  fixture_write(fixture, "/var/to", "");
  (void)plan_rename(plan, "step", "/var/from", "/var/to", "why");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/var/to: it is there already");
}

static void refuses_a_mount_point(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *target = fixture_path(fixture, "/etc/machine-id");
  g_autofree char *source = fixture_path(fixture, "/run/machine-id");

  fixture_write(fixture, "/etc/machine-id", "");
  fixture_write(fixture, "/run/machine-id", "transient\n");
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  g_assert_cmpint(mount(source, target, "none", MS_BIND, NULL), ==, 0);
  (void)commit_plan_write(fixture, plan, "/etc/machine-id", "new\n");
  assert_refused(fixture, plan, RI_ERROR_FAILED,
                 "/etc/machine-id: something is mounted over it, so it cannot be replaced; unmount it");
  g_assert_cmpint(umount(target), ==, 0);
}

static void refuses_a_read_only_file_system(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *etc = fixture_path(fixture, "/etc");

  fixture_mkdir(fixture, "/etc");
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  mount_fixture_tmpfs(etc, MS_RDONLY, NULL);
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "new\n");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/hostname: its file system is mounted read-only; remount");
  g_assert_cmpint(umount(etc), ==, 0);
}

static void refuses_what_does_not_fit(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *etc = fixture_path(fixture, "/etc");
  g_autofree char *large = g_strnfill(200000, 'x');

  fixture_mkdir(fixture, "/etc");
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  mount_fixture_tmpfs(etc, 0, "size=128k");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", large);
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/hosts: the file system is too full");
  g_assert_cmpint(umount(etc), ==, 0);
}

static void refuses_a_rename_across_file_systems(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *run = fixture_path(fixture, "/run");

  fixture_mkdir(fixture, "/run");
  fixture_mkdir(fixture, "/var/log/old");
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  mount_fixture_tmpfs(run, 0, NULL);
  (void)plan_rename(plan, "step", "/var/log/old", "/run/new", "why");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "which is on another file system");
  g_assert_cmpint(umount(run), ==, 0);
}

static void refuses_an_immutable_file(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  autofd fd = -1;
  int flags = 0;

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  fd = root_open_at(&fixture->root, "/etc/hosts", O_RDONLY, 0);
  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 || (flags |= FS_IMMUTABLE_FL, ioctl(fd, FS_IOC_SETFLAGS, &flags)) < 0) {
    g_test_skip("no immutable files here");
    return;
  }
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/hosts: it is immutable or append-only");
  flags &= ~FS_IMMUTABLE_FL;
  g_assert_cmpint(ioctl(fd, FS_IOC_SETFLAGS, &flags), ==, 0);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/checks/a-good-plan-passes", a_good_plan_passes);
  g_test_add_func("/checks/names-every-file-that-changed", names_every_file_that_changed);
  g_test_add_func("/checks/refuses-what-is-no-file", refuses_what_is_no_file);
  g_test_add_func("/checks/refuses-plans-that-contradict-themselves", refuses_plans_that_contradict_themselves);
  g_test_add_func("/checks/refuses-a-rename-onto-a-file", refuses_a_rename_onto_a_file);
  g_test_add_func("/checks/refuses-a-mount-point", refuses_a_mount_point);
  g_test_add_func("/checks/refuses-a-read-only-file-system", refuses_a_read_only_file_system);
  g_test_add_func("/checks/refuses-what-does-not-fit", refuses_what_does_not_fit);
  g_test_add_func("/checks/refuses-a-rename-across-file-systems", refuses_a_rename_across_file_systems);
  g_test_add_func("/checks/refuses-an-immutable-file", refuses_an_immutable_file);
  return g_test_run();
}
