/* history-files.c: how an entry comes, is cleaned up and goes. */
#include "base/autofd.h"
#include "commit-fixture.h"
#include "commit/history-files.h"
#include "commit/state.h"

static unsigned run_once(Fixture *fixture, const char *kind) {
  static unsigned run;
  g_autofree char *text = g_strdup_printf("%u\n", run++);
  g_autoptr(Plan) plan = plan_new();

  (void)commit_plan_write(fixture, plan, "/etc/file", text);
  return commit_closed(fixture, plan, kind);
}

static unsigned rewire_once(Fixture *fixture) {
  static unsigned run;
  char empty[] = "";
  const TransactionInfo info = {.kind = "apply", .verdict = "rewired", .summary = empty, .reasons = empty};
  g_autofree char *text = g_strdup_printf("NIC %u\n", run++);
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  unsigned number = 0;

  (void)commit_plan_write(fixture, plan, "/etc/file", text);
  g_assert_true(transaction_commit(&fixture->root, plan, &info, NULL, NULL, NULL, &error));
  g_assert_true(transaction_close(&fixture->root, &number, &error));
  return number;
}

static unsigned undo_once(Fixture *fixture, unsigned undoes) {
  char empty[] = "";
  const TransactionInfo info = {.kind = "undo", .verdict = "", .summary = empty, .reasons = empty, .undoes = undoes};
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GError) error = NULL;
  unsigned number = 0;

  (void)commit_plan_write(fixture, plan, "/etc/file", "as before\n");
  g_assert_true(transaction_commit(&fixture->root, plan, &info, NULL, NULL, NULL, &error));
  g_assert_true(transaction_close(&fixture->root, &number, &error));
  return number;
}

static char *entries(Fixture *fixture) {
  g_auto(GStrv) names = tree_list(&fixture->root, RI_HISTORY_DIR, NULL);

  return g_strjoinv(" ", names);
}

static void tidy(Fixture *fixture) {
  autofd state = state_open(&fixture->root, NULL);

  history_tidy(state);
}

static void counts_on(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();

  g_assert_cmpuint(run_once(fixture, "apply"), ==, 1);
  g_assert_cmpuint(run_once(fixture, "apply"), ==, 2);
}

static void keeps_the_newest_three_of_applies_and_of_others(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *names = NULL;

  (void)run_once(fixture, "apply");
  for (unsigned i = 0; i < 5; i++)
    (void)run_once(fixture, "adopt");
  g_assert_cmpuint(undo_once(fixture, 1), ==, 7);
  (void)run_once(fixture, "seal");
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 5 6 7 8");
  (void)run_once(fixture, "apply");
  (void)run_once(fixture, "apply");
  g_free(names);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 10 5 6 7 8 9");
}

static void an_undo_pushes_no_run_out_and_goes_with_its_own(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *names = NULL;

  for (unsigned i = 1; i <= 3; i++)
    (void)run_once(fixture, "apply");
  for (unsigned i = 3; i >= 1; i--)
    (void)undo_once(fixture, i);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 2 3 4 5 6");
  (void)run_once(fixture, "apply");
  g_free(names);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 2 3 4 5 6 7");
  (void)undo_once(fixture, 7);
  g_free(names);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "2 3 4 5 7 8");
}

/* What the next undo brings back is the run that stands, however often something else was tried. */
static void what_is_undone_pushes_out_nothing_that_stands(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();

  g_assert_cmpuint(run_once(fixture, "apply"), ==, 1);
  for (unsigned i = 0; i < 5; i++)
    (void)undo_once(fixture, run_once(fixture, "apply"));
  g_autofree char *names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 10 11 6 7 8 9");
}

static void new_nics_push_no_reset_out(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();

  g_assert_cmpuint(run_once(fixture, "apply"), ==, 1);
  for (unsigned i = 0; i < 4; i++)
    (void)rewire_once(fixture);
  g_autofree char *names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 3 4 5");
  for (unsigned i = 5; i >= 3; i--)
    (void)undo_once(fixture, i);
  g_free(names);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1 3 4 5 6 7 8");
}

static void finishes_what_an_earlier_run_began(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *names = NULL;

  (void)run_once(fixture, "apply");
  fixture_write(fixture, RI_HISTORY_DIR "/leaving-7/old/0", "old");
  tidy(fixture);
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "1");
}

static void leaves_a_damaged_entry_alone(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();
  g_autofree char *names = NULL;

  fixture_write(fixture, RI_HISTORY_DIR "/4/manifest", "garbage");
  fixture_write(fixture, RI_HISTORY_DIR "/4/old/0", "evidence");
  for (unsigned i = 0; i < 4; i++)
    (void)run_once(fixture, "apply");
  names = entries(fixture);
  g_assert_cmpstr(names, ==, "4 6 7 8");
  commit_assert_content(fixture, RI_HISTORY_DIR "/4/old/0", "evidence");
}

static void only_numbers_are_entries(void) {
  g_autoptr(Fixture) fixture = commit_fixture_new();

  fixture_mkdir(fixture, RI_HISTORY_DIR "/007");
  fixture_mkdir(fixture, RI_HISTORY_DIR "/-3");
  fixture_mkdir(fixture, RI_HISTORY_DIR "/99999999999");
  fixture_mkdir(fixture, RI_HISTORY_DIR "/notes");
  g_assert_cmpuint(run_once(fixture, "apply"), ==, 1);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/history-files/counts-on", counts_on);
  g_test_add_func("/history-files/keeps-the-newest-three-of-applies-and-of-others",
                  keeps_the_newest_three_of_applies_and_of_others);
  g_test_add_func("/history-files/an-undo-pushes-no-run-out-and-goes-with-its-own",
                  an_undo_pushes_no_run_out_and_goes_with_its_own);
  g_test_add_func("/history-files/what-is-undone-pushes-out-nothing-that-stands",
                  what_is_undone_pushes_out_nothing_that_stands);
  g_test_add_func("/history-files/new-nics-push-no-reset-out", new_nics_push_no_reset_out);
  g_test_add_func("/history-files/finishes-what-an-earlier-run-began", finishes_what_an_earlier_run_began);
  g_test_add_func("/history-files/leaves-a-damaged-entry-alone", leaves_a_damaged_entry_alone);
  g_test_add_func("/history-files/only-numbers-are-entries", only_numbers_are_entries);
  return g_test_run();
}
