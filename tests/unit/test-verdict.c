/* The whole table of verdicts: each row, each policy setting. */
#include <glib.h>
#include <string.h>

#include "decide/verdict.h"

typedef enum { UUID_NONE, UUID_A, UUID_A_SWAPPED, UUID_B, UUID_PLACEHOLDER } Uuid;
typedef enum { CARDS_UNREAD, CARDS_NONE, CARDS_1, CARDS_1_2, CARDS_2_3, CARDS_3, CARDS_3_4 } Cards;

#define MAC_1 "00:50:56:aa:bb:01"
#define MAC_2 "00:50:56:aa:bb:02"
#define MAC_3 "00:50:56:aa:bb:03"
#define MAC_4 "00:50:56:aa:bb:04"

static Nic cards_1[] = {{.name = "ens1", .mac = MAC_1}};
static Nic cards_1_2[] = {{.name = "ens1", .mac = MAC_1}, {.name = "ens2", .mac = MAC_2}};
static Nic cards_2_3[] = {{.name = "ens1", .mac = MAC_3}, {.name = "ens2", .mac = MAC_2}};
static Nic cards_3[] = {{.name = "ens1", .mac = MAC_3}};
static Nic cards_3_4[] = {{.name = "ens1", .mac = MAC_3}, {.name = "ens2", .mac = MAC_4}};

static ProductUuid make_uuid(Uuid which) {
  static const char *const texts[] = {
      [UUID_A] = "4dc56075-50f3-466d-98f2-79838106e82f",
      [UUID_A_SWAPPED] = "7560c54d-f350-6d46-98f2-79838106e82f",
      [UUID_B] = "9a0b1c2d-0000-4000-8000-123456789abc",
      [UUID_PLACEHOLDER] = "03000200-0400-0500-0006-000700080009",
  };
  ProductUuid uuid = {.present = false};

  if (which != UUID_NONE)
    g_assert_cmpint(product_uuid_parse(texts[which], &uuid), ==, 0);
  uuid.source = which != UUID_NONE ? "dmi" : NULL;
  return uuid;
}

static NicList make_cards(Cards which) {
  switch (which) {
  case CARDS_1:
    return (NicList){cards_1, 1};
  case CARDS_1_2:
    return (NicList){cards_1_2, 2};
  case CARDS_2_3:
    return (NicList){cards_2_3, 2};
  case CARDS_3:
    return (NicList){cards_3, 1};
  case CARDS_3_4:
    return (NicList){cards_3_4, 2};
  default:
    return (NicList){NULL, 0};
  }
}

static Facts make_facts(Uuid uuid, Cards cards) {
  return (Facts){.uuid = make_uuid(uuid), .nics = make_cards(cards), .nics_read = cards != CARDS_UNREAD};
}

static Record make_record(RecordState state, Uuid uuid, Cards cards) {
  return (Record){.state = state, .uuid = make_uuid(uuid), .nics = make_cards(cards)};
}

static const DetectPolicy defaults = {.uuid = true, .mac = true, .settled_uuid = ON_CLONE, .settled_mac = ON_REBIND};

static Verdict decide(const Record *record, const Facts *facts, const DetectPolicy *detect) {
  Verdict verdict;

  verdict_decide(RECORD_PRESENT, record, facts, detect, &verdict);
  g_test_message("%s, uuid %d, mac %d", verdict_name(verdict.kind), verdict.uuid.raw, verdict.mac.raw);
  for (gsize i = 0; i < verdict.n_reasons; i++)
    g_test_message("  %s", verdict.reasons[i]);
  g_assert_cmpuint(verdict.n_reasons, >, 0);
  for (gsize i = 0; i < verdict.n_reasons; i++) {
    g_assert_cmpuint(strlen(verdict.reasons[i]), >, 20);
    g_assert_cmpuint(strlen(verdict.reasons[i]), <, sizeof verdict.reasons[0] - 1); /* no sentence is cut */
  }
  return verdict;
}

static gboolean says(const Verdict *verdict, const char *words) {
  for (gsize i = 0; i < verdict->n_reasons; i++)
    if (strstr(verdict->reasons[i], words) != NULL)
      return TRUE;
  return FALSE;
}

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

static void test_cards_are_asked_for_only_when_they_matter(void) {
  static const struct {
    RecordState state;
    Uuid recorded_uuid, uuid;
    Cards recorded_cards;
    unsigned changes;
    SettledChange settled_uuid;
    gboolean mac_signal, needs;
    VerdictKind meanwhile;
  } cases[] = {
      {RECORD_TEMPLATE, UUID_A, UUID_A, CARDS_1, 0, ON_CLONE, TRUE, TRUE, VERDICT_SAME},
      {RECORD_SETTLED, UUID_A, UUID_A, CARDS_1, 0, ON_CLONE, TRUE, TRUE, VERDICT_SAME},
      {RECORD_SETTLED, UUID_A, UUID_A, CARDS_1, 0, ON_CLONE, FALSE, FALSE, VERDICT_SAME},
      {RECORD_SETTLED, UUID_A, UUID_A, CARDS_NONE, 0, ON_CLONE, TRUE, FALSE, VERDICT_SAME},
      {RECORD_SETTLED, UUID_NONE, UUID_A, CARDS_1, 0, ON_CLONE, TRUE, TRUE, VERDICT_UNKNOWN},
      {RECORD_SETTLED, UUID_NONE, UUID_A, CARDS_NONE, 0, ON_CLONE, TRUE, FALSE, VERDICT_UNKNOWN},
      {RECORD_SETTLED, UUID_NONE, UUID_A, CARDS_1, 0, ON_CLONE, FALSE, FALSE, VERDICT_UNKNOWN},
      {RECORD_TEMPLATE, UUID_A, UUID_B, CARDS_1, 0, ON_CLONE, TRUE, FALSE, VERDICT_CLONE},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_1, 1, ON_CLONE, TRUE, FALSE, VERDICT_CLONE},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_1, 2, ON_CLONE, TRUE, TRUE, VERDICT_CLONE},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_1, 2, ON_CLONE, FALSE, TRUE, VERDICT_CLONE},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_NONE, 2, ON_CLONE, TRUE, FALSE, VERDICT_CLONE},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_1, 0, ON_IGNORE, TRUE, TRUE, VERDICT_UNKNOWN},
      {RECORD_SETTLED, UUID_A, UUID_B, CARDS_1, 0, ON_IGNORE, FALSE, TRUE, VERDICT_UNKNOWN},
      {RECORD_TEMPLATE, UUID_A, UUID_B, CARDS_1, 0, ON_IGNORE, TRUE, FALSE, VERDICT_CLONE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
    DetectPolicy detect = defaults;
    Record record = make_record(cases[i].state, cases[i].recorded_uuid, cases[i].recorded_cards);
    Facts facts = make_facts(cases[i].uuid, CARDS_UNREAD);
    Verdict verdict;

    detect.mac = cases[i].mac_signal;
    detect.settled_uuid = cases[i].settled_uuid;
    record.uuid_changes = cases[i].changes;
    verdict = decide(&record, &facts, &detect);
    g_test_message("case %zu", i);
    g_assert_cmpint(verdict.needs_nics, ==, cases[i].needs);
    g_assert_cmpint(verdict.kind, ==, cases[i].meanwhile);
  }
}

/* What is final without the cards is the same with them, whatever they are. */
static void test_a_final_verdict_stays(void) {
  for (int state = RECORD_TEMPLATE; state <= RECORD_SETTLED; state++)
    for (int recorded = UUID_NONE; recorded <= UUID_PLACEHOLDER; recorded++)
      for (int uuid = UUID_NONE; uuid <= UUID_PLACEHOLDER; uuid++)
        for (int recorded_cards = CARDS_NONE; recorded_cards <= CARDS_3_4; recorded_cards++)
          for (int cards = CARDS_NONE; cards <= CARDS_3_4; cards++)
            for (int bits = 0; bits < 64; bits++) {
              DetectPolicy detect = {.uuid = (bits & 1) != 0,
                                     .mac = (bits & 2) != 0,
                                     .settled_uuid = (bits & 4) != 0 ? ON_IGNORE : ON_CLONE,
                                     .settled_mac = (bits & 8) != 0 ? ON_REBIND : ON_IGNORE};
              Record record = make_record(state, recorded, recorded_cards);
              Facts early = make_facts(uuid, CARDS_UNREAD), late = make_facts(uuid, cards);
              Verdict before, after;

              record.uuid_changes = (bits & 16) != 0 ? 2 : 0;
              record.uuid_unstable = (bits & 32) != 0;
              verdict_decide(RECORD_PRESENT, &record, &early, &detect, &before);
              verdict_decide(RECORD_PRESENT, &record, &late, &detect, &after);
              g_assert_false(after.needs_nics);
              if (!before.needs_nics)
                g_assert_cmpint(before.kind, ==, after.kind);
            }
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
  g_test_add_func("/verdict/a-uuid-that-never-rests-is-distrusted-at-the-third-change",
                  test_a_uuid_that_never_rests_is_distrusted_at_the_third_change);
  g_test_add_func("/verdict/a-distrusted-uuid-is-no-evidence", test_a_distrusted_uuid_is_no_evidence);
  g_test_add_func("/verdict/a-uuid-that-rests-ends-the-count", test_a_uuid_that_rests_ends_the_count);
  g_test_add_func("/verdict/new-cards-end-the-count-too", test_new_cards_end_the_count_too);
  g_test_add_func("/verdict/the-guard-looks-at-the-cards-whatever-the-signals",
                  test_the_guard_looks_at_the_cards_whatever_the_signals);
  g_test_add_func("/verdict/cards-are-asked-for-only-when-they-matter", test_cards_are_asked_for_only_when_they_matter);
  g_test_add_func("/verdict/a-final-verdict-stays", test_a_final_verdict_stays);
  g_test_add_func("/verdict/an-image-sealed-from-outside-differs-from-any-machine",
                  test_an_image_sealed_from_outside_differs_from_any_machine);
  g_test_add_func("/verdict/without-a-record", test_without_a_record);
  g_test_add_func("/verdict/a-damaged-record-changes-nothing", test_a_damaged_record_changes_nothing);
  g_test_add_func("/verdict/a-newer-record-changes-nothing", test_a_newer_record_changes_nothing);
  g_test_add_func("/verdict/the-kernel-command-line-has-the-last-word", test_the_kernel_command_line_has_the_last_word);
  g_test_add_func("/verdict/every-kind-has-its-name", test_every_kind_has_its_name);
  return g_test_run();
}
