/* The verdict on a product UUID that is another one at every boot. */

#include "verdict-fixture.h"

/* As the record is written from each verdict: boots of a machine that gets a new UUID at every start. */
static void test_a_uuid_that_never_rests_is_distrusted_at_the_third_change(void) {
  Facts facts = make_facts(UUID_B, CARDS_1);
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Verdict verdict = decide(&record, &facts, &defaults);

  g_assert_cmpint(verdict.kind, ==, VERDICT_CLONE);
  g_assert_cmpuint(verdict.uuid_changes, ==, 1);
  record.uuid_changes = 1;
  verdict = decide(&record, &facts, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_CLONE);
  g_assert_cmpuint(verdict.uuid_changes, ==, 2);
  g_assert_false(verdict.uuid_unstable);
  record.uuid_changes = 2;
  verdict = decide(&record, &facts, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_cmpuint(verdict.uuid_changes, ==, 3);
  g_assert_true(verdict.uuid_unstable && verdict.record_outdated);
  g_assert_true(says(&verdict, "every one of the last boots"));
}

static void test_a_distrusted_uuid_is_no_evidence(void) {
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Facts same_cards = make_facts(UUID_B, CARDS_1), new_cards = make_facts(UUID_A, CARDS_3);
  Facts no_cards = make_facts(UUID_B, CARDS_NONE);
  Verdict verdict;

  record.uuid_unstable = true;
  record.uuid_changes = 3;
  verdict = decide(&record, &same_cards, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_cmpint(verdict.uuid.weight, !=, COUNTS);
  g_assert_true(verdict.uuid_unstable);
  g_assert_false(verdict.record_outdated);
  g_assert_true(says(&verdict, "not trusted"));
  g_assert_cmpint(decide(&record, &new_cards, &defaults).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide(&record, &no_cards, &defaults).kind, ==, VERDICT_UNKNOWN);
}

static void test_a_uuid_that_rests_ends_the_count(void) {
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Facts facts = make_facts(UUID_A, CARDS_1);
  Verdict verdict;

  record.uuid_changes = 2;
  verdict = decide(&record, &facts, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_cmpuint(verdict.uuid_changes, ==, 0);
  g_assert_true(verdict.record_outdated);
}

static void test_new_cards_end_the_count_too(void) {
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Facts facts = make_facts(UUID_B, CARDS_3);
  Verdict verdict;

  record.uuid_changes = 2;
  verdict = decide(&record, &facts, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_CLONE);
  g_assert_cmpuint(verdict.uuid_changes, ==, 0);
}

/* Else such a machine would lose its identity at each boot. */
static void test_the_guard_looks_at_the_cards_whatever_the_signals(void) {
  DetectPolicy only_uuid = defaults;
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Facts facts = make_facts(UUID_B, CARDS_1);
  Verdict verdict;

  only_uuid.mac = false;
  record.uuid_changes = 2;
  verdict = decide(&record, &facts, &only_uuid);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_true(verdict.uuid_unstable);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verdict-unstable/a-uuid-that-never-rests-is-distrusted-at-the-third-change",
                  test_a_uuid_that_never_rests_is_distrusted_at_the_third_change);
  g_test_add_func("/verdict-unstable/a-distrusted-uuid-is-no-evidence", test_a_distrusted_uuid_is_no_evidence);
  g_test_add_func("/verdict-unstable/a-uuid-that-rests-ends-the-count", test_a_uuid_that_rests_ends_the_count);
  g_test_add_func("/verdict-unstable/new-cards-end-the-count-too", test_new_cards_end_the_count_too);
  g_test_add_func("/verdict-unstable/the-guard-looks-at-the-cards-whatever-the-signals",
                  test_the_guard_looks_at_the_cards_whatever_the_signals);
  return g_test_run();
}
