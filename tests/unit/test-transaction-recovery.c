/* transaction.c: what a run that ended half-way has left is finished, or taken away, and what others changed since is
 * kept. */
#include <stdio.h>
#include <unistd.h>

#include "transaction-fixture.h"

static void recovery_finishes_what_is_committed(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *summary = NULL;

  commit_and_go_back_to_the_commit_point(fixture, plan);
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "is finished"));
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  assert_closed(fixture);
  g_assert_true(exists(fixture, RI_HISTORY_DIR "/1/manifest"));
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_NOTHING);
}

static void what_was_changed_behind_its_turn_is_kept_and_named(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *summary = NULL;

  commit_open(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "clone\nand more\n");
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "kept, because it was changed since: /etc/hostname"));
  commit_assert_content(fixture, "/etc/hostname", "clone\nand more\n");
  assert_closed(fixture);
}

static void recovery_is_refused(Fixture *fixture, const char *says) {
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  g_assert_false(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_OPEN);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
  g_assert_true(transaction_is_open(&fixture->root));
}

/* Brought, and then deleted: that is a change like any other, and has no old value. */
static void what_was_removed_behind_its_turn_stays_removed_and_is_named(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *hostname = fixture_path(fixture, "/etc/hostname");
  g_autofree char *summary = NULL;

  commit_open(fixture, plan);
  g_assert_cmpint(unlink(hostname), ==, 0);
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_FINISHED);
  g_assert_nonnull(strstr(summary, "kept, because it was changed since: /etc/hostname"));
  g_assert_false(exists(fixture, "/etc/hostname"));
  assert_closed(fixture);
}

static void what_was_changed_before_its_turn_is_kept_and_unfinished(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *theirs = fixture_path(fixture, "/etc/hostname");
  g_autofree char *aside = fixture_path(fixture, "/etc/hostname.mine");

  commit_and_go_back_to_the_commit_point(fixture, plan);
  fixture_write(fixture, "/etc/hostname", "golden\nand more\n");
  recovery_is_refused(fixture, "/etc/hostname: it was changed after the change was prepared, so it is kept");
  commit_assert_content(fixture, "/etc/hostname", "golden\nand more\n");
  commit_assert_content(fixture, "/etc/ssh/key", "new secret\n");
  commit_assert_content(fixture, RI_RECORD_FILE, "old record\n");
  g_assert_cmpint(rename(theirs, aside), ==, 0);
  g_assert_cmpint(recover(fixture, NULL), ==, RECOVERED_FINISHED);
  commit_assert_content(fixture, "/etc/hostname", "clone\n");
  assert_closed(fixture);
}

static void recovery_discards_what_never_was(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autofree char *summary = NULL;

  fixture_write(fixture, RI_TRANSACTION_DIR "/old/0", "clone\n");
  fixture_write(fixture, RI_TRANSACTION_DIR "/manifest.staged", "half a man");
  g_assert_cmpint(recover(fixture, &summary), ==, RECOVERED_DISCARDED);
  g_assert_nonnull(strstr(summary, "before it changed anything"));
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void recovery_keeps_its_hands_off(Fixture *fixture, const char *says) {
  g_autofree char *before = fixture_snapshot(fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;
  Recovery recovery;

  g_assert_false(transaction_recover(&fixture->root, &recovery, NULL, &error));
  g_assert_error(error, RI_ERROR, RI_ERROR_BAD_STATE);
  if (strstr(error->message, says) == NULL)
    g_error("\"%s\" does not say \"%s\"", error->message, says);
  after = fixture_snapshot(fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

static void a_bad_manifest_is_not_carried_out(void) {
  g_autoptr(Fixture) fixture = machine();

  fixture_write(fixture, RI_TRANSACTION_DIR "/manifest", "garbage\n");
  recovery_keeps_its_hands_off(fixture, RI_TRANSACTION_DIR "/manifest: damaged");
}

static void two_directions_are_none(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);
  g_autofree char *forward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest");
  g_autofree char *backward = fixture_path(fixture, RI_TRANSACTION_DIR "/manifest.revert");

  commit_open(fixture, plan);
  g_assert_cmpint(link(forward, backward), ==, 0);
  recovery_keeps_its_hands_off(fixture, "its direction is unknown");
}

static void staged_content_that_rotted_is_not_put_in_place(void) {
  g_autoptr(Fixture) fixture = machine();
  g_autoptr(Plan) plan = plan_of(fixture);

  commit_and_go_back_to_the_commit_point(fixture, plan);
  fixture_write(fixture, "/etc/.hostname.reset-identity", "rotten\n");
  recovery_keeps_its_hands_off(fixture, "/etc/hostname: its staged content");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/transaction-recovery/recovery-finishes-what-is-committed", recovery_finishes_what_is_committed);
  g_test_add_func("/transaction-recovery/recovery-discards-what-never-was", recovery_discards_what_never_was);
  g_test_add_func("/transaction-recovery/a-bad-manifest-is-not-carried-out", a_bad_manifest_is_not_carried_out);
  g_test_add_func("/transaction-recovery/two-directions-are-none", two_directions_are_none);
  g_test_add_func("/transaction-recovery/staged-content-that-rotted-is-not-put-in-place",
                  staged_content_that_rotted_is_not_put_in_place);
  g_test_add_func("/transaction-recovery/what-was-changed-behind-its-turn-is-kept-and-named",
                  what_was_changed_behind_its_turn_is_kept_and_named);
  g_test_add_func("/transaction-recovery/what-was-removed-behind-its-turn-stays-removed-and-is-named",
                  what_was_removed_behind_its_turn_stays_removed_and_is_named);
  g_test_add_func("/transaction-recovery/what-was-changed-before-its-turn-is-kept-and-unfinished",
                  what_was_changed_before_its_turn_is_kept_and_unfinished);
  return g_test_run();
}
