/* history.c: what was done, newest first. */
#include "commit-fixture.h"

static void run_once(Fixture *fixture, const char *kind, const char *text, unsigned undoes) {
  g_autoptr(Plan) plan = plan_new();
  char summary[] = "golden -> clone", reasons[] = "the UUID differs";
  TransactionInfo info = {kind, "clone", summary, reasons, undoes};

  (void)commit_plan_write(fixture, plan, "/etc/hostname", text);
  g_assert_true(transaction_commit(&fixture->root, plan, &info, NULL, NULL, NULL, NULL));
  g_assert_true(transaction_close(&fixture->root, NULL, NULL));
}

static GPtrArray *list(Fixture *fixture, GPtrArray **warnings) {
  g_autoptr(GError) error = NULL;
  GPtrArray *entries = history_list(&fixture->root, warnings, &error);

  g_assert_no_error(error);
  return entries;
}

static void a_machine_without_history_has_an_empty_one(void) {
  g_autoptr(Fixture) fixture = fixture_new();
  g_autoptr(GPtrArray) entries = list(fixture, NULL);

  g_assert_cmpuint(entries->len, ==, 0);
}

static void tells_what_was_done_newest_first(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GPtrArray) entries = NULL;
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
  const HistoryEntry *entry;

  run_once(fixture, "seal", "one\n", 0);
  run_once(fixture, "apply", "two\n", 0);
  entries = list(fixture, NULL);
  g_assert_cmpuint(entries->len, ==, 2);
  entry = entries->pdata[0];
  g_assert_cmpuint(entry->number, ==, 2);
  g_assert_cmpstr(entry->info.kind, ==, "apply");
  g_assert_cmpstr(entry->info.verdict, ==, "clone");
  g_assert_cmpstr(entry->info.summary, ==, "golden -> clone");
  g_assert_cmpstr(entry->info.reasons, ==, "the UUID differs");
  g_autofree char *change = manifest_change(entry->edits->pdata[0]);
  g_assert_cmpstr(change, ==, "write /etc/hostname (step): a test");
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(entry->time, utc);
  g_assert_nonnull(time);
}

static void an_undo_marks_what_it_took_back(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GPtrArray) entries = NULL;

  run_once(fixture, "apply", "one\n", 0);
  run_once(fixture, "apply", "two\n", 0);
  run_once(fixture, "undo", "one\n", 2);
  entries = list(fixture, NULL);
  g_assert_false(((HistoryEntry *)entries->pdata[0])->undone);
  g_assert_true(((HistoryEntry *)entries->pdata[1])->undone);
  g_assert_false(((HistoryEntry *)entries->pdata[2])->undone);
}

static void names_what_is_damaged_and_lists_the_rest(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(GPtrArray) warnings = NULL;
  g_autoptr(GPtrArray) entries = NULL;

  run_once(fixture, "apply", "one\n", 0);
  fixture_write(fixture, RI_HISTORY_DIR "/2/manifest", "garbage");
  fixture_mkdir(fixture, RI_HISTORY_DIR "/3");
  fixture_write(fixture, RI_HISTORY_DIR "/4", "a file");
  entries = list(fixture, &warnings);
  g_assert_cmpuint(entries->len, ==, 1);
  g_assert_cmpuint(warnings->len, ==, 3);
  g_assert_true(g_str_has_prefix(warnings->pdata[0], RI_HISTORY_DIR "/4: "));
  g_assert_true(g_str_has_prefix(warnings->pdata[1], RI_HISTORY_DIR "/3: "));
  g_assert_true(g_str_has_prefix(warnings->pdata[2], RI_HISTORY_DIR "/2/manifest: "));
}

static void is_forgotten_as_a_whole(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autoptr(Plan) plan = plan_new();
  g_autofree char *path = fixture_path(fixture, RI_HISTORY_DIR);
  g_autoptr(GError) error = NULL;

  fixture_write(fixture, "/etc/profile", "psk=hush\n");
  (void)commit_plan_write(fixture, plan, "/etc/profile", "psk=hush2\n");
  (void)commit_closed(fixture, plan, "apply");
  g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
  g_assert_true(history_clear(&fixture->root, &error));
  g_assert_no_error(error);
  g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
  g_assert_true(history_clear(&fixture->root, &error));
  g_assert_no_error(error);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/history/a-machine-without-history-has-an-empty-one", a_machine_without_history_has_an_empty_one);
  g_test_add_func("/history/tells-what-was-done-newest-first", tells_what_was_done_newest_first);
  g_test_add_func("/history/an-undo-marks-what-it-took-back", an_undo_marks_what_it_took_back);
  g_test_add_func("/history/names-what-is-damaged-and-lists-the-rest", names_what_is_damaged_and_lists_the_rest);
  g_test_add_func("/history/is-forgotten-as-a-whole", is_forgotten_as_a_whole);
  return g_test_run();
}
