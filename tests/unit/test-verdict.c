/* The whole table of verdicts: each row, each policy setting. */

#include "verdict-fixture.h"

static void test_every_row_of_the_table(void) {
  static const struct {
    Uuid recorded_uuid, uuid;
    Cards recorded_cards, cards;
    VerdictKind template, settled;
  } rows[] = {
      /* same UUID; some MAC the same, or absent */
      {UUID_A, UUID_A, CARDS_1, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_1_2, CARDS_2_3, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_1_2, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_1, CARDS_1_2, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_1, CARDS_NONE, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_NONE, CARDS_3, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A, CARDS_NONE, CARDS_NONE, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_A_SWAPPED, CARDS_1, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      {UUID_A_SWAPPED, UUID_A, CARDS_NONE, CARDS_NONE, VERDICT_SAME, VERDICT_SAME},
      /* same UUID; all MACs differ */
      {UUID_A, UUID_A, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_REWIRED},
      {UUID_A, UUID_A, CARDS_1_2, CARDS_3_4, VERDICT_CLONE, VERDICT_REWIRED},
      {UUID_A, UUID_A_SWAPPED, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_REWIRED},
      /* another UUID; any MACs */
      {UUID_A, UUID_B, CARDS_1, CARDS_1, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A, UUID_B, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A, UUID_B, CARDS_1, CARDS_NONE, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A, UUID_B, CARDS_NONE, CARDS_3, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A_SWAPPED, UUID_B, CARDS_NONE, CARDS_NONE, VERDICT_CLONE, VERDICT_CLONE},
      /* no UUID on one side or both; all MACs differ */
      {UUID_NONE, UUID_NONE, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A, UUID_NONE, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_NONE, UUID_A, CARDS_1_2, CARDS_3_4, VERDICT_CLONE, VERDICT_CLONE},
      {UUID_A, UUID_PLACEHOLDER, CARDS_1, CARDS_3, VERDICT_CLONE, VERDICT_CLONE},
      /* no UUID; some MAC the same */
      {UUID_NONE, UUID_NONE, CARDS_1, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_NONE, CARDS_1_2, CARDS_2_3, VERDICT_SAME, VERDICT_SAME},
      {UUID_NONE, UUID_B, CARDS_1, CARDS_1_2, VERDICT_SAME, VERDICT_SAME},
      {UUID_A, UUID_PLACEHOLDER, CARDS_1, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      {UUID_PLACEHOLDER, UUID_PLACEHOLDER, CARDS_1, CARDS_1, VERDICT_SAME, VERDICT_SAME},
      /* no UUID; MACs absent */
      {UUID_NONE, UUID_NONE, CARDS_NONE, CARDS_NONE, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
      {UUID_NONE, UUID_A, CARDS_NONE, CARDS_3, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
      {UUID_A, UUID_NONE, CARDS_1, CARDS_NONE, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
      {UUID_PLACEHOLDER, UUID_PLACEHOLDER, CARDS_NONE, CARDS_NONE, VERDICT_UNKNOWN, VERDICT_UNKNOWN},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
    Facts facts = make_facts(rows[i].uuid, rows[i].cards);
    Record template = make_record(RECORD_TEMPLATE, rows[i].recorded_uuid, rows[i].recorded_cards);
    Record settled = make_record(RECORD_SETTLED, rows[i].recorded_uuid, rows[i].recorded_cards);
    Verdict of_template = decide(&template, &facts, &defaults);
    Verdict of_settled = decide(&settled, &facts, &defaults);

    g_test_message("row %zu", i);
    g_assert_cmpint(of_template.kind, ==, rows[i].template);
    g_assert_cmpint(of_settled.kind, ==, rows[i].settled);
    g_assert_false(of_template.needs_nics || of_settled.needs_nics);
    /* Only where a NIC took another's place beside one that stayed. */
    g_assert_cmpint(of_settled.record_outdated, ==,
                    of_settled.kind == VERDICT_SAME && rows[i].recorded_cards == CARDS_1_2 &&
                        rows[i].cards == CARDS_2_3);
    g_assert_cmpint(of_template.record_outdated, ==, of_settled.record_outdated);
    g_assert_cmpint(of_template.keeps_off, ==, of_template.kind == VERDICT_UNKNOWN);
    g_assert_false(of_settled.keeps_off);
  }
}

static void test_settled_mac_decides_on_new_cards(void) {
  static const struct {
    SettledChange setting;
    VerdictKind kind;
    gboolean outdated;
    const char *words;
  } cases[] = {
      {ON_REBIND, VERDICT_REWIRED, FALSE, "the machine is settled"},
      {ON_CLONE, VERDICT_CLONE, FALSE, "settled-mac = clone"},
      {ON_IGNORE, VERDICT_SAME, TRUE, "settled-mac = ignore"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    DetectPolicy detect = defaults;
    Record settled = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
    Record template = make_record(RECORD_TEMPLATE, UUID_A, CARDS_1);
    Record without_uuid = make_record(RECORD_SETTLED, UUID_NONE, CARDS_1);
    Facts facts = make_facts(UUID_A, CARDS_3);
    Verdict verdict;

    detect.settled_mac = cases[i].setting;
    verdict = decide(&settled, &facts, &detect);
    g_assert_cmpint(verdict.kind, ==, cases[i].kind);
    g_assert_cmpint(verdict.record_outdated, ==, cases[i].outdated);
    g_assert_true(says(&verdict, cases[i].words));
    g_assert_cmpint(decide(&template, &facts, &detect).kind, ==, VERDICT_CLONE);
    g_assert_cmpint(decide(&without_uuid, &facts, &detect).kind, ==,
                    cases[i].setting == ON_IGNORE ? VERDICT_SAME : VERDICT_CLONE);
  }
}

static void test_settled_uuid_may_ignore_a_new_uuid_behind_the_same_cards(void) {
  DetectPolicy detect = defaults;
  Record settled = make_record(RECORD_SETTLED, UUID_A, CARDS_1_2);
  Record template = make_record(RECORD_TEMPLATE, UUID_A, CARDS_1_2);
  Facts same_cards = make_facts(UUID_B, CARDS_2_3), new_cards = make_facts(UUID_B, CARDS_3);
  Facts no_cards = make_facts(UUID_B, CARDS_NONE);
  Verdict verdict;

  g_assert_cmpint(decide(&settled, &same_cards, &detect).kind, ==, VERDICT_CLONE);
  detect.settled_uuid = ON_IGNORE;
  verdict = decide(&settled, &same_cards, &detect);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_true(verdict.record_outdated); /* the new UUID is the machine's from now on */
  g_assert_true(says(&verdict, "settled-uuid = ignore"));
  g_assert_cmpint(decide(&settled, &new_cards, &detect).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide(&settled, &no_cards, &detect).kind, ==, VERDICT_UNKNOWN);
  g_assert_cmpint(decide(&template, &same_cards, &detect).kind, ==, VERDICT_CLONE);
}

static void test_signals_leave_out_what_shall_not_count(void) {
  DetectPolicy only_uuid = defaults, only_mac = defaults, neither = defaults;
  Record template = make_record(RECORD_TEMPLATE, UUID_A, CARDS_1);
  Facts new_cards = make_facts(UUID_A, CARDS_3), new_uuid = make_facts(UUID_B, CARDS_1);
  Facts no_uuid = make_facts(UUID_NONE, CARDS_1), all_new = make_facts(UUID_B, CARDS_3);
  Verdict verdict;

  only_uuid.mac = false;
  only_mac.uuid = false;
  neither.uuid = neither.mac = false;
  verdict = decide(&template, &new_cards, &only_uuid);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_cmpint(verdict.mac.weight, ==, LEFT_OUT);
  g_assert_true(says(&verdict, "signals leaves them out"));
  g_assert_cmpint(decide(&template, &new_uuid, &only_uuid).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide(&template, &no_uuid, &only_uuid).kind, ==, VERDICT_UNKNOWN);
  verdict = decide(&template, &new_uuid, &only_mac);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_cmpint(verdict.uuid.weight, !=, COUNTS);
  g_assert_true(says(&verdict, "signals leaves it out"));
  g_assert_cmpint(decide(&template, &new_cards, &only_mac).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide(&template, &all_new, &neither).kind, ==, VERDICT_UNKNOWN);
}

static void test_an_image_sealed_from_outside_differs_from_any_machine(void) {
  Record record = {.state = RECORD_TEMPLATE, .no_machine = true};
  Facts facts = make_facts(UUID_NONE, CARDS_UNREAD);
  Verdict verdict = decide(&record, &facts, &defaults);

  g_assert_cmpint(verdict.kind, ==, VERDICT_CLONE);
  g_assert_false(verdict.needs_nics);
}

static Verdict decide_on(RecordPresence presence, const Facts *facts) {
  Verdict verdict;

  verdict_decide(presence, NULL, facts, &defaults, &verdict);
  g_assert_cmpuint(verdict.n_reasons, ==, 1);
  g_assert_false(verdict.needs_nics);
  return verdict;
}

static void test_without_a_record(void) {
  Facts facts = make_facts(UUID_A, CARDS_UNREAD);

  g_assert_cmpint(decide_on(RECORD_ABSENT, &facts).kind, ==, VERDICT_UNRECORDED);
  facts.first_boot = true;
  g_assert_cmpint(decide_on(RECORD_ABSENT, &facts).kind, ==, VERDICT_CLONE);
}

static void test_a_damaged_record_changes_nothing(void) {
  Facts facts = make_facts(UUID_A, CARDS_UNREAD);
  Verdict verdict;

  facts.first_boot = true;
  verdict = decide_on(RECORD_IS_DAMAGED, &facts);
  g_assert_cmpint(verdict.kind, ==, VERDICT_DAMAGED);
  g_assert_true(says(&verdict, "reset-identity adopt"));
}

static void test_a_newer_record_changes_nothing(void) {
  Record record = make_record(RECORD_SETTLED, UUID_A, CARDS_1);
  Facts facts = make_facts(UUID_A, CARDS_UNREAD);
  Verdict verdict = decide_on(RECORD_IS_NEWER, &facts);

  g_assert_cmpint(verdict.kind, ==, VERDICT_NEWER);
  g_assert_true(says(&verdict, "newer reset-identity"));
  g_assert_false(says(&verdict, "damaged"));
  /* In one copy: the other one counts, but nothing is written for the same machine. */
  record.other_is_newer = true;
  record.uuid_changes = 1;
  facts = make_facts(UUID_A, CARDS_1);
  verdict = decide(&record, &facts, &defaults);
  g_assert_cmpint(verdict.kind, ==, VERDICT_SAME);
  g_assert_false(verdict.record_outdated);
  facts = make_facts(UUID_B, CARDS_3);
  g_assert_cmpint(decide(&record, &facts, &defaults).kind, ==, VERDICT_CLONE);
}

static void test_the_kernel_command_line_has_the_last_word(void) {
  Record record = make_record(RECORD_TEMPLATE, UUID_A, CARDS_1);
  Facts facts = make_facts(UUID_A, CARDS_1);

  facts.override = OVERRIDE_FORCE;
  g_assert_cmpint(decide(&record, &facts, &defaults).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide_on(RECORD_ABSENT, &facts).kind, ==, VERDICT_CLONE);
  g_assert_cmpint(decide_on(RECORD_IS_DAMAGED, &facts).kind, ==, VERDICT_CLONE);
  facts = make_facts(UUID_B, CARDS_3);
  facts.override = OVERRIDE_OFF;
  facts.first_boot = true;
  g_assert_cmpint(decide(&record, &facts, &defaults).kind, ==, VERDICT_OFF);
  g_assert_cmpint(decide_on(RECORD_ABSENT, &facts).kind, ==, VERDICT_OFF);
  g_assert_cmpint(decide_on(RECORD_IS_DAMAGED, &facts).kind, ==, VERDICT_OFF);
}

static void test_every_kind_has_its_name(void) {
  g_assert_cmpstr(verdict_name(VERDICT_SAME), ==, "same");
  g_assert_cmpstr(verdict_name(VERDICT_CLONE), ==, "clone");
  g_assert_cmpstr(verdict_name(VERDICT_REWIRED), ==, "rewired");
  g_assert_cmpstr(verdict_name(VERDICT_UNKNOWN), ==, "unknown");
  g_assert_cmpstr(verdict_name(VERDICT_UNRECORDED), ==, "unrecorded");
  g_assert_cmpstr(verdict_name(VERDICT_DAMAGED), ==, "damaged");
  g_assert_cmpstr(verdict_name(VERDICT_NEWER), ==, "newer");
  g_assert_cmpstr(verdict_name(VERDICT_OFF), ==, "off");
  g_assert_true(verdict_has_work(VERDICT_CLONE) && verdict_has_work(VERDICT_REWIRED));
  g_assert_false(verdict_has_work(VERDICT_SAME) || verdict_has_work(VERDICT_UNKNOWN) ||
                 verdict_has_work(VERDICT_UNRECORDED) || verdict_has_work(VERDICT_DAMAGED) ||
                 verdict_has_work(VERDICT_NEWER) || verdict_has_work(VERDICT_OFF));
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verdict/every-row-of-the-table", test_every_row_of_the_table);
  g_test_add_func("/verdict/settled-mac-decides-on-new-cards", test_settled_mac_decides_on_new_cards);
  g_test_add_func("/verdict/settled-uuid-may-ignore-a-new-uuid-behind-the-same-cards",
                  test_settled_uuid_may_ignore_a_new_uuid_behind_the_same_cards);
  g_test_add_func("/verdict/signals-leave-out-what-shall-not-count", test_signals_leave_out_what_shall_not_count);
  g_test_add_func("/verdict/an-image-sealed-from-outside-differs-from-any-machine",
                  test_an_image_sealed_from_outside_differs_from_any_machine);
  g_test_add_func("/verdict/without-a-record", test_without_a_record);
  g_test_add_func("/verdict/a-damaged-record-changes-nothing", test_a_damaged_record_changes_nothing);
  g_test_add_func("/verdict/a-newer-record-changes-nothing", test_a_newer_record_changes_nothing);
  g_test_add_func("/verdict/the-kernel-command-line-has-the-last-word", test_the_kernel_command_line_has_the_last_word);
  g_test_add_func("/verdict/every-kind-has-its-name", test_every_kind_has_its_name);
  return g_test_run();
}
