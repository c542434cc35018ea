/* stage.c: everything that a transaction needs, on the disk before the commit point. */
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/stage.h"
#include "commit/state.h"

static int stage(Fixture *fixture, const Plan *plan, GError **error) {
  char empty[] = "";
  TransactionInfo info = {empty, empty, empty, empty, 0};
  autofd state = state_open(&fixture->root, NULL);

  return stage_run(&fixture->root, state, plan, &info, error);
}

static struct stat stat_of(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);
  struct stat info;

  g_assert_cmpint(lstat(full, &info), ==, 0);
  return info;
}

static void touches_no_target(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  autofd fd = -1;

  fixture_write(fixture, "/etc/hostname", "golden\n");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)commit_plan_write(fixture, plan, "/etc/new/made", "x");
  before = fixture_snapshot(fixture, RI_TRANSACTION_DIR);
  fd = stage(fixture, plan, &error);
  g_assert_no_error(error);
  after = fixture_snapshot(fixture, RI_TRANSACTION_DIR);
  g_assert_cmpstr(before, ==, after);
  commit_assert_content(fixture, RI_TRANSACTION_DIR "/old/0", "golden\n");
  commit_assert_content(fixture, RI_TRANSACTION_DIR "/new/0", "clone\n");
  commit_assert_content(fixture, RI_TRANSACTION_DIR "/new/1", "x");
}

static void copies_carry_what_the_target_shall_have(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *hosts = fixture_path(fixture, "/etc/hosts");
  g_autofree char *copy = fixture_path(fixture, RI_TRANSACTION_DIR "/new/0");
  autofd fd = -1;
  Edit *made;

  fixture_write(fixture, "/etc/hosts", "old\n");
  g_assert_cmpint(chmod(hosts, 0604), ==, 0);
  if (setxattr(hosts, "user.test", "kept", 4, 0) < 0) {
    g_test_skip("no extended attributes here");
    return;
  }
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  made = commit_plan_write(fixture, plan, "/etc/made", "x");
  made->mode = 0640;
  fd = stage(fixture, plan, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR "/new/0").st_mode & 07777, ==, 0604);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR "/old/0").st_mode & 07777, ==, 0604);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR "/new/1").st_mode & 07777, ==, 0640);
  g_assert_cmpint(getxattr(copy, "user.test", NULL, 0), ==, 4);
}

static void is_private(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  mode_t mask = umask(0);
  autofd fd = stage(fixture, plan, NULL);

  (void)umask(mask);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR).st_mode & 07777, ==, 0700);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR "/" MANIFEST_STAGED).st_mode & 07777, ==, 0600);
}

static void sees_a_file_change_under_its_hands(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/hosts", "planned\n");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", "new\n");
  fixture_write(fixture, "/etc/hosts", "another\n");
  g_assert_cmpint(stage(fixture, plan, &error), ==, -1);
  g_assert_error(error, RI_ERROR, RI_ERROR_CHANGED);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/stage/touches-no-target", touches_no_target);
  g_test_add_func("/stage/copies-carry-what-the-target-shall-have", copies_carry_what_the_target_shall_have);
  g_test_add_func("/stage/is-private", is_private);
  g_test_add_func("/stage/sees-a-file-change-under-its-hands", sees_a_file_change_under_its_hands);
  return g_test_run();
}
