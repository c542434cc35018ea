/* stage.c: everything that a transaction needs, on the disk before the commit point. */
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/stage.h"
#include "commit/state.h"
#include "mount-fixture.h"

static gboolean may_mount;

static int stage(Fixture *fixture, const Plan *plan, GError **error) {
  char empty[] = "";
  TransactionInfo info = {empty, empty, empty, empty, 0};
  autofd state = state_open(&fixture->root, NULL);
  g_autoptr(Manifest) manifest = manifest_new(plan, &info);
  g_autoptr(GBytes) text = manifest_format(manifest);

  return stage_run(&fixture->root, state, plan, manifest, text, error);
}

static struct stat stat_of(Fixture *fixture, const char *path) {
  g_autofree char *full = fixture_path(fixture, path);
  struct stat info;

  g_assert_cmpint(lstat(full, &info), ==, 0);
  return info;
}

static void assert_discarded(Fixture *fixture) {
  autofd state = state_open(&fixture->root, NULL);
  g_autoptr(GError) error = NULL;

  (void)stage_discard(&fixture->root, state, &error);
  g_assert_no_error(error);
}

static void touches_no_target_and_is_taken_away_again(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  autofd fd = -1;

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_symlink(fixture, "/etc/link", "old");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)plan_make_directory(plan, "step", "/etc/new", 0755, "why");
  (void)commit_plan_write(fixture, plan, "/etc/new/made", "x");
  (void)plan_unlink(plan, "step", "/etc/link", "old", "why");
  (void)plan_link(plan, "step", "/etc/link2", "new", "why");
  before = fixture_snapshot(fixture, NULL);
  fd = stage(fixture, plan, &error);
  g_assert_no_error(error);
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
  commit_assert_content(fixture, "/etc/.hostname.reset-identity", "clone\n");
  commit_assert_content(fixture, "/etc/new/.made.reset-identity", "x");
  commit_assert_content(fixture, RI_TRANSACTION_DIR "/old/0", "golden\n");
  assert_discarded(fixture);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void what_is_staged_carries_what_the_target_shall_have(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *hosts = fixture_path(fixture, "/etc/hosts");
  g_autofree char *copy = fixture_path(fixture, "/etc/.hosts.reset-identity");
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
  g_assert_cmpint(stat_of(fixture, "/etc/.hosts.reset-identity").st_mode & 07777, ==, 0604);
  g_assert_cmpint(stat_of(fixture, RI_TRANSACTION_DIR "/old/0").st_mode & 07777, ==, 0604);
  g_assert_cmpint(stat_of(fixture, "/etc/.made.reset-identity").st_mode & 07777, ==, 0640);
  g_assert_cmpint(getxattr(copy, "user.test", NULL, 0), ==, 4);
}

static gboolean is_one_file(Fixture *fixture, const char *path, const char *other) {
  return stat_of(fixture, path).st_ino == stat_of(fixture, other).st_ino;
}

/* What may be written on in place by others is copied, so that the backup stays as it is. */
static void only_what_nobody_writes_on_is_kept_by_a_link(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GBytes) lease = g_bytes_new_static("lease\n", strlen("lease\n"));
  g_autofree char *shared = fixture_path(fixture, "/etc/shared");
  g_autofree char *other = fixture_path(fixture, "/etc/other");
  static const char *const paths[] = {"/etc/hostname", "/etc/shared", "/var/volatile", "/var/lease"};

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/etc/shared", "two names\n");
  fixture_write(fixture, "/var/volatile", "a daemon's\n");
  fixture_write(fixture, "/var/lease", "lease\n");
  g_assert_cmpint(link(shared, other), ==, 0);
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)commit_plan_write(fixture, plan, "/etc/shared", "new\n");
  commit_plan_write(fixture, plan, "/var/volatile", "new\n")->flags = EDIT_VOLATILE;
  (void)plan_remove(plan, "step", "/var/lease", lease, "why");
  autofd fd = stage(fixture, plan, NULL);
  g_assert_cmpint(fd, >=, 0);
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autofree char *old = g_strdup_printf(RI_TRANSACTION_DIR "/old/%u", i);
    g_autofree char *content = fixture_read(fixture, paths[i]);

    commit_assert_content(fixture, old, content);
    g_assert_cmpint(is_one_file(fixture, paths[i], old), ==, i == 0);
  }
  g_assert_cmpuint(stat_of(fixture, "/etc/shared").st_nlink, ==, 2);
}

/* OLD_MODE and GROUP of a file that is replaced by an edit with FLAGS and mode 0444; what the new file has. */
static mode_t staged_mode(mode_t old_mode, gid_t group, EditFlags flags) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *path = fixture_path(fixture, "/etc/f");
  Edit *edit;

  fixture_write(fixture, "/etc/f", "old\n");
  g_assert_cmpint(chmod(path, old_mode), ==, 0);
  g_assert_cmpint(chown(path, 0, group), ==, 0);
  edit = commit_plan_write(fixture, plan, "/etc/f", "new\n");
  edit->flags = flags;
  edit->mode = 0444;
  autofd fd = stage(fixture, plan, NULL);
  g_assert_cmpint(fd, >=, 0);
  return stat_of(fixture, "/etc/.f.reset-identity").st_mode & 07777;
}

static void nobody_else_reads_a_new_secret(void) {
  if (geteuid() != 0)
    return g_test_skip("not root");
  g_assert_cmpint(staged_mode(0644, 0, EDIT_SECRET), ==, 0600);
  g_assert_cmpint(staged_mode(0640, 0, EDIT_SECRET), ==, 0600);
  g_assert_cmpint(staged_mode(0400, 0, EDIT_SECRET), ==, 0400);
  g_assert_cmpint(staged_mode(0644, 998, EDIT_SECRET), ==, 0640);
  g_assert_cmpint(staged_mode(0640, 998, EDIT_SECRET), ==, 0640);
  g_assert_cmpint(staged_mode(0644, 0, EDIT_PLAIN), ==, 0644);
  g_assert_cmpint(staged_mode(0644, 0, EDIT_SET_MODE), ==, 0444);
}

static void a_directory_with_the_temporarys_name_is_met_here(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_mkdir(fixture, "/etc/.hostname.reset-identity");
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  before = fixture_snapshot(fixture, NULL);
  g_assert_cmpint(stage(fixture, plan, &error), ==, -1);
  g_assert_nonnull(strstr(error->message, "/etc/hostname: the temporary file beside it (.hostname.reset-identity)"));
  assert_discarded(fixture);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void what_does_not_fit_is_met_here(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *etc = fixture_path(fixture, "/etc");
  g_autofree char *large = g_strnfill(200000, 'x');
  g_autoptr(GError) error = NULL;

  fixture_mkdir(fixture, "/etc");
  if (!may_mount)
    return g_test_skip("mounting is not allowed here");
  mount_fixture_tmpfs(etc, 0, "size=128k");
  (void)commit_plan_write(fixture, plan, "/etc/hosts", large);
  g_assert_cmpint(stage(fixture, plan, &error), ==, -1);
  g_assert_nonnull(strstr(error->message, "/etc/hosts: "));
  g_assert_nonnull(strstr(error->message, "No space left"));
  assert_discarded(fixture);
  g_assert_cmpint(umount(etc), ==, 0);
}

static void names_every_file_that_changed(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *gone = fixture_path(fixture, "/etc/gone");
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/another", "planned");
  fixture_write(fixture, "/etc/longer", "planned");
  fixture_write(fixture, "/etc/gone", "planned");
  fixture_symlink(fixture, "/etc/link", "elsewhere");
  (void)commit_plan_write(fixture, plan, "/etc/another", "new");
  (void)commit_plan_write(fixture, plan, "/etc/longer", "new");
  (void)commit_plan_remove(fixture, plan, "/etc/gone");
  (void)commit_plan_write(fixture, plan, "/etc/appeared", "new");
  (void)plan_unlink(plan, "step", "/etc/link", "planned", "why");
  fixture_write(fixture, "/etc/another", "PLANNED");
  fixture_write(fixture, "/etc/longer", "planned and more");
  fixture_write(fixture, "/etc/appeared", "x");
  g_assert_cmpint(unlink(gone), ==, 0);
  g_assert_cmpint(stage(fixture, plan, &error), ==, -1);
  g_assert_error(error, RI_ERROR, RI_ERROR_CHANGED);
  g_assert_nonnull(strstr(error->message, "/etc/another: its content changed since the changes were planned\n"));
  g_assert_nonnull(strstr(error->message, "/etc/longer: its content changed since the changes were planned\n"));
  g_assert_nonnull(strstr(error->message, "/etc/gone: it is gone since"));
  g_assert_nonnull(strstr(error->message, "/etc/appeared: it is there since"));
  g_assert_nonnull(strstr(error->message, "/etc/link: its content changed since"));
}

static void a_dry_plan_is_not_staged(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;

  fixture_mkdir(fixture, "/etc");
  (void)plan_write(plan, "step", "/etc/deferred", NULL, NULL, "why");
  g_assert_cmpint(stage(fixture, plan, &error), ==, -1);
  g_assert_nonnull(strstr(error->message, "/etc/deferred: its content is not made yet"));
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

static void a_new_file_has_the_label_of_its_neighbours(void) {
  static const char label[] = "system_u:object_r:NetworkManager_etc_rw_t:s0";
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *neighbour = fixture_path(fixture, "/etc/profiles/old");
  g_autofree char *made = fixture_path(fixture, "/etc/profiles/.new.reset-identity");
  char found[128] = "";

  fixture_write(fixture, "/etc/profiles/old", "x");
  g_assert_cmpint(setxattr(neighbour, "security.selinux", label, sizeof label, 0), ==, 0);
  (void)commit_plan_write(fixture, plan, "/etc/profiles/new", "y");
  autofd fd = stage(fixture, plan, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(getxattr(made, "security.selinux", found, sizeof found), ==, sizeof label);
  g_assert_cmpstr(found, ==, label);
  assert_discarded(fixture);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  may_mount = mount_fixture_enter();
  g_test_add_func("/stage/touches-no-target-and-is-taken-away-again", touches_no_target_and_is_taken_away_again);
  g_test_add_func("/stage/what-is-staged-carries-what-the-target-shall-have",
                  what_is_staged_carries_what_the_target_shall_have);
  g_test_add_func("/stage/only-what-nobody-writes-on-is-kept-by-a-link", only_what_nobody_writes_on_is_kept_by_a_link);
  g_test_add_func("/stage/nobody-else-reads-a-new-secret", nobody_else_reads_a_new_secret);
  g_test_add_func("/stage/a-directory-with-the-temporarys-name-is-met-here",
                  a_directory_with_the_temporarys_name_is_met_here);
  g_test_add_func("/stage/what-does-not-fit-is-met-here", what_does_not_fit_is_met_here);
  g_test_add_func("/stage/names-every-file-that-changed", names_every_file_that_changed);
  g_test_add_func("/stage/a-dry-plan-is-not-staged", a_dry_plan_is_not_staged);
  g_test_add_func("/stage/is-private", is_private);
  g_test_add_func("/stage/sees-a-file-change-under-its-hands", sees_a_file_change_under_its_hands);
  g_test_add_func("/stage/a-new-file-has-the-label-of-its-neighbours", a_new_file_has_the_label_of_its_neighbours);
  return g_test_run();
}
