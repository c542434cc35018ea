/* undo.c: a closed apply taken back as a transaction of its own. */
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "commit-fixture.h"

static Plan *plan_undo(Fixture *fixture, gboolean force, GPtrArray **kept, TransactionInfo *info, GError **error) {
  unsigned number = 0;

  return history_undo_plan(&fixture->root, force, &number, kept, info, error);
}

static void undo(Fixture *fixture, gboolean force, GPtrArray **kept) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) keeps = NULL;
  TransactionInfo info = {0};
  g_autoptr(Plan) plan = plan_undo(fixture, force, &keeps, &info, &error);

  g_assert_no_error(error);
  g_assert_true(transaction_commit(&fixture->root, plan, &info, NULL, NULL, NULL, &error));
  g_assert_no_error(error);
  g_assert_true(transaction_close(&fixture->root, NULL, &error));
  transaction_info_clear(&info);
  if (kept != NULL)
    *kept = g_steal_pointer(&keeps);
}

static void assert_refused(Fixture *fixture, int code, const char *says) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) kept = NULL;
  TransactionInfo info = {0};

  g_assert_null(plan_undo(fixture, FALSE, &kept, &info, &error));
  g_assert_error(error, RI_ERROR, code);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static Fixture *machine(void) {
  Fixture *fixture = commit_fixture_new();

  fixture_write(fixture, RI_RECORD_FILE, "old record\n");
  fixture_write(fixture, "/etc/hostname", "golden\n");
  fixture_write(fixture, "/var/lease", "lease\n");
  fixture_write(fixture, "/var/tree/file", "in a tree");
  fixture_symlink(fixture, "/var/tree/link", "file");
  return fixture;
}

static void apply(Fixture *fixture) {
  g_autoptr(Plan) plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  commit_plan_made(fixture, plan);
  (void)commit_plan_remove(fixture, plan, "/var/lease");
  (void)commit_plan_remove(fixture, plan, "/var/tree/file");
  (void)plan_unlink(plan, "step", "/var/tree/link", "file", "why");
  (void)plan_remove_directory(plan, "step", "/var/tree", "why");
  (void)plan_link(plan, "step", "/etc/link", "hostname", "why");
  commit_plan_write(fixture, plan, RI_RECORD_FILE, "new record\n")->flags = EDIT_LAST;
  (void)commit_closed(fixture, plan, "apply");
}

static void brings_every_byte_back(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = fixture_snapshot(fixture, RI_HISTORY_DIR);
  g_autofree char *after = NULL;

  apply(fixture);
  undo(fixture, FALSE, NULL);
  after = fixture_snapshot(fixture, RI_HISTORY_DIR);
  g_assert_cmpstr(before, ==, after);
}

static void brings_mode_attributes_and_time_back(void) {
  const struct timeval times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *lease = fixture_path(fixture, "/var/lease");
  struct stat info;

  if (setxattr(lease, "user.test", "kept", 4, 0) < 0)
    return g_test_skip("no extended attributes here");
  g_assert_cmpint(chmod(lease, 0604), ==, 0);
  g_assert_cmpint(utimes(lease, times), ==, 0);
  apply(fixture);
  g_assert_false(g_file_test(lease, G_FILE_TEST_EXISTS));
  undo(fixture, FALSE, NULL);
  g_assert_cmpint(stat(lease, &info), ==, 0);
  g_assert_cmpint(info.st_mode & 07777, ==, 0604);
  g_assert_cmpint(info.st_mtim.tv_sec, ==, 1000000000);
  g_assert_cmpint(getxattr(lease, "user.test", NULL, 0), ==, 4);
}

static void names_everything_that_changed_since(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *made = fixture_path(fixture, "/etc/made/by/us");

  apply(fixture);
  fixture_write(fixture, "/etc/hostname", "edited\n");
  fixture_write(fixture, "/var/lease", "leased again\n");
  g_assert_cmpint(unlink(made), ==, 0);
  before = fixture_snapshot(fixture, NULL);
  assert_refused(fixture, RI_ERROR_CHANGED, "/etc/hostname: its content has changed");
  assert_refused(fixture, RI_ERROR_CHANGED, "/var/lease: it is there again");
  assert_refused(fixture, RI_ERROR_CHANGED, "--force");
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void force_brings_back_all_the_same(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = fixture_snapshot(fixture, RI_HISTORY_DIR);
  g_autofree char *after = NULL;

  apply(fixture);
  fixture_write(fixture, "/etc/hostname", "edited\n");
  fixture_write(fixture, "/var/lease", "leased again\n");
  undo(fixture, TRUE, NULL);
  after = fixture_snapshot(fixture, RI_HISTORY_DIR);
  g_assert_cmpstr(before, ==, after);
}

static void what_a_daemon_rewrites_is_no_obstacle(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();

  fixture_write(fixture, "/var/timestamps", "old\n");
  commit_plan_write(fixture, plan, "/var/timestamps", "new\n")->flags = EDIT_VOLATILE;
  (void)commit_closed(fixture, plan, "apply");
  fixture_write(fixture, "/var/timestamps", "newer\n");
  undo(fixture, FALSE, NULL);
  commit_assert_content(fixture, "/var/timestamps", "old\n");
}

static void change_mode(Fixture *fixture, const char *path, mode_t mode) {
  g_autofree char *full = fixture_path(fixture, path);

  g_assert_cmpint(chmod(full, mode), ==, 0);
}

static void names_other_permissions(void) {
  g_autoptr(Fixture) fixture = machine();

  apply(fixture);
  change_mode(fixture, "/etc/hostname", 0600);
  change_mode(fixture, "/etc/made/by/us", 0600);
  assert_refused(fixture, RI_ERROR_CHANGED, "/etc/hostname: its owner or its permissions have changed");
  assert_refused(fixture, RI_ERROR_CHANGED, "/etc/made/by/us: its owner or its permissions have changed");
  undo(fixture, TRUE, NULL);
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
}

/* A new one's, a secret one's and those that an edit sets. */
static void permissions_of_our_own_are_no_obstacle(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *before = NULL, *after = NULL;

  fixture_write(fixture, "/etc/id", "old\n");
  fixture_write(fixture, "/etc/secret", "old\n");
  before = fixture_snapshot(fixture, RI_HISTORY_DIR);
  commit_plan_write(fixture, plan, "/etc/new", "new\n")->mode = 0640;
  commit_plan_write(fixture, plan, "/etc/secret", "new\n")->flags = EDIT_SECRET;
  Edit *set = commit_plan_write(fixture, plan, "/etc/id", "new\n");
  set->flags = EDIT_SET_MODE;
  set->mode = 0444;
  (void)commit_closed(fixture, plan, "apply");
  undo(fixture, FALSE, NULL);
  after = fixture_snapshot(fixture, RI_HISTORY_DIR);
  g_assert_cmpstr(before, ==, after);
}

static void says_which_new_secrets_it_keeps(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GPtrArray) kept = NULL;

  fixture_write(fixture, "/etc/ssh/key", "old\n");
  commit_plan_write(fixture, plan, "/etc/ssh/key", "new\n")->flags = EDIT_SECRET | EDIT_FORGET_OLD;
  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)commit_closed(fixture, plan, "apply");
  undo(fixture, FALSE, &kept);
  g_assert_cmpuint(kept->len, ==, 1);
  g_assert_cmpstr(kept->pdata[0], ==, "/etc/ssh/key");
  commit_assert_content(fixture, "/etc/ssh/key", "new\n");
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
}

static void goes_back_apply_by_apply(void) {
  g_autoptr(Fixture) fixture = machine();

  for (unsigned i = 0; i < 2; i++) {
    g_autofree char *text = g_strdup_printf("clone %u\n", i);
    g_autoptr(Plan) plan = plan_new();
    (void)commit_plan_write(fixture, plan, "/etc/hostname", text);
    (void)commit_closed(fixture, plan, "apply");
  }
  undo(fixture, FALSE, NULL);
  commit_assert_content(fixture, "/etc/hostname", "clone 0\n");
  undo(fixture, FALSE, NULL);
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
  assert_refused(fixture, RI_ERROR_FAILED, "there is no run to undo");
}

static void our_own_record_is_no_obstacle(void) {
  g_autoptr(Fixture) fixture = machine();

  apply(fixture);
  fixture_write(fixture, RI_RECORD_FILE, "brought up to date\n");
  undo(fixture, FALSE, NULL);
  commit_assert_content(fixture, RI_RECORD_FILE, "old record\n");
}

static void turns_choices_round_and_keeps_the_actions(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(Plan) back = NULL;
  g_autoptr(GPtrArray) kept = NULL;
  TransactionInfo info = {0};

  (void)commit_plan_write(fixture, plan, "/etc/hostname", "clone\n");
  (void)plan_choose(plan, "hostname", "golden", "clone", "policy.ini:2");
  (void)plan_act(plan, "hostname", ACTION_HOSTNAME, NULL, NULL, "why");
  (void)commit_closed(fixture, plan, "apply");
  back = plan_undo(fixture, FALSE, &kept, &info, NULL);
  g_assert_cmpuint(back->choices->len, ==, 1);
  g_assert_cmpstr(((Choice *)back->choices->pdata[0])->old, ==, "clone");
  g_assert_cmpstr(((Choice *)back->choices->pdata[0])->new, ==, "golden");
  g_assert_cmpuint(back->actions->len, ==, 1);
  g_assert_cmpint(((Action *)back->actions->pdata[0])->kind, ==, ACTION_HOSTNAME);
  transaction_info_clear(&info);
}

static void a_seal_is_not_taken_back(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_new();

  commit_plan_write(fixture, plan, RI_RECORD_FILE, "sealed\n")->flags = EDIT_LAST;
  (void)commit_closed(fixture, plan, "seal");
  assert_refused(fixture, RI_ERROR_FAILED, "there is no run to undo");
}

static void a_damaged_backup_is_refused(void) {
  g_autoptr(Fixture) fixture = machine();

  apply(fixture);
  fixture_write(fixture, RI_HISTORY_DIR "/1/old/0", "rotten\n");
  assert_refused(fixture, RI_ERROR_BAD_STATE, "the backup of /etc/hostname is damaged or gone");
}

static void a_damaged_entry_hides_nothing(void) {
  g_autoptr(Fixture) fixture = machine();

  apply(fixture);
  fixture_write(fixture, RI_HISTORY_DIR "/2/manifest", "garbage");
  assert_refused(fixture, RI_ERROR_BAD_STATE, RI_HISTORY_DIR "/2/manifest: damaged");
  undo(fixture, TRUE, NULL);
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
}

/* Neither way is right: through the link, or over it. */
static void a_link_in_the_place_of_a_file_is_named(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *hostname = fixture_path(fixture, "/etc/hostname");

  apply(fixture);
  g_assert_cmpint(unlink(hostname), ==, 0);
  fixture_write(fixture, "/srv/name", "clone\n");
  fixture_symlink(fixture, "/etc/hostname", "/srv/name");
  assert_refused(fixture, RI_ERROR_CHANGED, "/etc/hostname: it is a symbolic link now");
}

static void an_older_damaged_entry_is_in_nobodys_way(void) {
  g_autoptr(Fixture) fixture = machine();

  fixture_write(fixture, RI_HISTORY_DIR "/1/manifest", "garbage");
  apply(fixture); /* run 2 */
  undo(fixture, FALSE, NULL);
  commit_assert_content(fixture, "/etc/hostname", "golden\n");
  assert_refused(fixture, RI_ERROR_BAD_STATE, RI_HISTORY_DIR "/1/manifest: damaged");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/undo/brings-every-byte-back", brings_every_byte_back);
  g_test_add_func("/undo/brings-mode-attributes-and-time-back", brings_mode_attributes_and_time_back);
  g_test_add_func("/undo/names-everything-that-changed-since", names_everything_that_changed_since);
  g_test_add_func("/undo/force-brings-back-all-the-same", force_brings_back_all_the_same);
  g_test_add_func("/undo/what-a-daemon-rewrites-is-no-obstacle", what_a_daemon_rewrites_is_no_obstacle);
  g_test_add_func("/undo/names-other-permissions", names_other_permissions);
  g_test_add_func("/undo/permissions-of-our-own-are-no-obstacle", permissions_of_our_own_are_no_obstacle);
  g_test_add_func("/undo/says-which-new-secrets-it-keeps", says_which_new_secrets_it_keeps);
  g_test_add_func("/undo/goes-back-apply-by-apply", goes_back_apply_by_apply);
  g_test_add_func("/undo/our-own-record-is-no-obstacle", our_own_record_is_no_obstacle);
  g_test_add_func("/undo/turns-choices-round-and-keeps-the-actions", turns_choices_round_and_keeps_the_actions);
  g_test_add_func("/undo/a-seal-is-not-taken-back", a_seal_is_not_taken_back);
  g_test_add_func("/undo/a-damaged-backup-is-refused", a_damaged_backup_is_refused);
  g_test_add_func("/undo/a-damaged-entry-hides-nothing", a_damaged_entry_hides_nothing);
  g_test_add_func("/undo/a-link-in-the-place-of-a-file-is-named", a_link_in_the_place_of_a_file_is_named);
  g_test_add_func("/undo/an-older-damaged-entry-is-in-nobodys-way", an_older_damaged_entry_is_in_nobodys_way);
  return g_test_run();
}
