/* checks.c: what can be known to go wrong is said, all of it, before anything is touched. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/checks.h"
#include "mount-fixture.h"

static gboolean may_mount;

static gboolean check(Fixture *fixture, const Plan *plan, GError **error) {
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  gboolean passed = checks_run(&fixture->root, plan, error);

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
  (void)plan_make_directory(plan, "step", "/etc/new", 0755, "why");
  (void)commit_plan_write(fixture, plan, "/etc/new/made", "x");
  (void)commit_plan_remove(fixture, plan, "/etc/empty");
  g_assert_true(check(fixture, plan, &error));
  g_assert_no_error(error);
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
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/fifo: a regular file is expected there, and it is not one");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/directory: a regular file is expected there, and it is not one");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/link: it is a symbolic link into a directory that is not there");
  assert_refused(fixture, plan, RI_ERROR_FAILED,
                 "/etc/file/below: its directory /etc/file cannot be opened: Not a directory");
}

static void refuses_a_directory_in_the_temporary_files_place(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(Plan) other = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/hosts", "old\n");
  fixture_write(fixture, "/etc/hostname", "old\n");
  fixture_mkdir(fixture, "/etc/.hosts.reset-identity");
  fixture_write(fixture, "/etc/.hostname.reset-identity", "of an earlier run\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  (void)commit_plan_write(fixture, other, "/etc/hostname", "new\n");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/hosts: the directory /etc/.hosts.reset-identity has the name");
  g_assert_true(check(fixture, other, &error));
  g_assert_no_error(error);
}

static void refuses_plans_that_contradict_themselves(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/etc/twice", "1");
  (void)commit_plan_write(fixture, plan, "/etc/twice", "2");
  (void)commit_plan_write(fixture, plan, RI_HISTORY_DIR "/1/manifest", "x");
  (void)commit_plan_write(fixture, plan, "etc/relative", "x");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/twice: two changes of one file");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "the history of changes cannot be changed itself");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "'etc/relative' is not an absolute path");
}

static void a_dry_plan_is_checked_too(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_mkdir(fixture, "/etc");
  (void)plan_write(plan, "step", "/etc/deferred", NULL, NULL, "why");
  g_assert_true(check(fixture, plan, &error));
  g_assert_no_error(error);
}

static void refuses_a_directory_that_is_not_there(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/data/etc/machine-id", "x");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/data/etc/machine-id: its directory /data/etc is not there");
}

static void refuses_to_make_what_is_there(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_mkdir(fixture, "/etc/there");
  fixture_write(fixture, "/etc/file", "");
  (void)plan_make_directory(plan, "step", "/etc/there", 0755, "why");
  (void)plan_link(plan, "step", "/etc/file", "x", "why");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/there: it is there already");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/file: it is there already");
}

static void warns_of_a_hard_link(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *hosts = fixture_path(fixture, "/etc/hosts");
  g_autofree char *other = fixture_path(fixture, "/etc/hosts.link");

  fixture_write(fixture, "/etc/hosts", "old\n");
  fixture_write(fixture, "/etc/hostname", "old\n");
  g_assert_cmpint(link(hosts, other), ==, 0);
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "new\n");
  checks_warn(&fixture->root, plan);
  g_assert_cmpuint(plan->warnings->len, ==, 1);
  g_assert_true(g_str_has_prefix(plan->warnings->pdata[0], "/etc/hosts is one of 2 names of a file"));
}

/* What an interrupted run staged is kept by a second name of the target. */
static void is_silent_about_an_interrupted_runs_links(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *hosts = fixture_path(fixture, "/etc/hosts");
  g_autofree char *old = fixture_path(fixture, RI_TRANSACTION_DIR "/old/0");

  fixture_write(fixture, "/etc/hosts", "old\n");
  fixture_mkdir(fixture, RI_TRANSACTION_DIR "/old");
  g_assert_cmpint(link(hosts, old), ==, 0);
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  checks_warn(&fixture->root, plan);
  g_assert_cmpuint(plan->warnings->len, ==, 0);
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
  g_autofree char *says = g_strdup_printf("/etc/hostname: its file system is mounted read-only; remount it writable "
                                          "(mount -o remount,rw %s) and try again",
                                          etc);
  assert_refused(fixture, plan, RI_ERROR_FAILED, says);
  g_assert_cmpint(umount(etc), ==, 0);
}

static gboolean set_attribute(Fixture *fixture, const char *path, int attribute) {
  autofd fd = root_open_at(&fixture->root, path, O_RDONLY);
  int flags = 0;

  if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
    return FALSE;
  flags = (flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL)) | attribute;
  return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static void refuses_an_append_only_directory(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  if (!set_attribute(fixture, "/etc", FS_APPEND_FL))
    return g_test_skip("no append-only directories here");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc: it is immutable or append-only");
  g_assert_true(set_attribute(fixture, "/etc", 0));
}

/* The rename that closes a run is behind the commit point: nothing may stand in its way. */
static void refuses_a_history_that_no_run_can_be_moved_into(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *history = fixture_path(fixture, RI_HISTORY_DIR);

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  fixture_symlink(fixture, RI_HISTORY_DIR, "/data/history");
  assert_refused(fixture, plan, RI_ERROR_FAILED, RI_HISTORY_DIR ": a directory is needed there");
  g_assert_cmpint(unlink(history), ==, 0);
  fixture_write(fixture, RI_HISTORY_DIR, "");
  assert_refused(fixture, plan, RI_ERROR_FAILED, RI_HISTORY_DIR ": a directory is needed there");
  g_assert_cmpint(unlink(history), ==, 0);
  fixture_mkdir(fixture, RI_HISTORY_DIR);
  g_assert_true(check(fixture, plan, &error));
  g_assert_no_error(error);
}

static void refuses_a_history_on_another_file_system(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *history = fixture_path(fixture, RI_HISTORY_DIR);

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  fixture_mkdir(fixture, RI_HISTORY_DIR);
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  mount_fixture_tmpfs(history, 0, NULL);
  assert_refused(fixture, plan, RI_ERROR_FAILED, RI_HISTORY_DIR ": something is mounted over it");
  g_assert_cmpint(umount(history), ==, 0);
}

/* An append-only one takes what is moved into it. */
static void refuses_an_immutable_history(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  fixture_mkdir(fixture, RI_HISTORY_DIR);
  if (!set_attribute(fixture, RI_HISTORY_DIR, FS_IMMUTABLE_FL))
    return g_test_skip("no immutable directories here");
  assert_refused(fixture, plan, RI_ERROR_FAILED, RI_HISTORY_DIR ": it is immutable; remove the attribute");
  g_assert_true(set_attribute(fixture, RI_HISTORY_DIR, FS_APPEND_FL));
  g_assert_true(check(fixture, plan, &error));
  g_assert_no_error(error);
  g_assert_true(set_attribute(fixture, RI_HISTORY_DIR, 0));
}

/* Our own directory is also that of the record. */
static void says_a_reason_once(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, RI_RECORD_FILE, "old\n");
  (void)commit_plan_write(fixture, plan, RI_RECORD_FILE, "new\n");
  if (!set_attribute(fixture, RI_STATE_DIR, FS_IMMUTABLE_FL))
    return g_test_skip("no immutable directories here");
  g_assert_false(check(fixture, plan, &error));
  g_assert_true(set_attribute(fixture, RI_STATE_DIR, 0));
  g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
  g_assert_cmpuint(g_strv_length(lines), ==, 2);
}

static void refuses_an_immutable_file(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/etc/hosts", "old\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  if (!set_attribute(fixture, "/etc/hosts", FS_IMMUTABLE_FL))
    return g_test_skip("no immutable files here");
  assert_refused(fixture, plan, RI_ERROR_FAILED, "/etc/hosts: it is immutable or append-only");
  g_assert_true(set_attribute(fixture, "/etc/hosts", 0));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/checks/a-good-plan-passes", a_good_plan_passes);
  g_test_add_func("/checks/refuses-what-is-no-file", refuses_what_is_no_file);
  g_test_add_func("/checks/refuses-a-directory-in-the-temporary-files-place",
                  refuses_a_directory_in_the_temporary_files_place);
  g_test_add_func("/checks/refuses-plans-that-contradict-themselves", refuses_plans_that_contradict_themselves);
  g_test_add_func("/checks/refuses-a-mount-point", refuses_a_mount_point);
  g_test_add_func("/checks/refuses-a-read-only-file-system", refuses_a_read_only_file_system);
  g_test_add_func("/checks/refuses-an-immutable-file", refuses_an_immutable_file);
  g_test_add_func("/checks/a-dry-plan-is-checked-too", a_dry_plan_is_checked_too);
  g_test_add_func("/checks/refuses-a-directory-that-is-not-there", refuses_a_directory_that_is_not_there);
  g_test_add_func("/checks/refuses-to-make-what-is-there", refuses_to_make_what_is_there);
  g_test_add_func("/checks/warns-of-a-hard-link", warns_of_a_hard_link);
  g_test_add_func("/checks/is-silent-about-an-interrupted-runs-links", is_silent_about_an_interrupted_runs_links);
  g_test_add_func("/checks/refuses-a-history-that-no-run-can-be-moved-into",
                  refuses_a_history_that_no_run_can_be_moved_into);
  g_test_add_func("/checks/refuses-a-history-on-another-file-system", refuses_a_history_on_another_file_system);
  g_test_add_func("/checks/refuses-an-immutable-history", refuses_an_immutable_history);
  g_test_add_func("/checks/says-a-reason-once", says_a_reason_once);
  g_test_add_func("/checks/refuses-an-append-only-directory", refuses_an_append_only_directory);
  return g_test_run();
}
