/* The verdict before the NICs are there: asked for only where they matter, and the same with them. */

#include "verdict-fixture.h"

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

static DetectPolicy detect_of(int bits) {
  return (DetectPolicy){.uuid = (bits & 1) != 0,
                        .mac = (bits & 2) != 0,
                        .settled_uuid = (bits & 4) != 0 ? ON_IGNORE : ON_CLONE,
                        .settled_mac = (bits & 8) != 0 ? ON_REBIND : ON_IGNORE};
}

/* What is final without the cards is the same with them, whatever they are. */
static void test_a_final_verdict_stays(void) {
  Facts late[UUID_PLACEHOLDER + 1][CARDS_3_4 + 1];

  for (int uuid = UUID_NONE; uuid <= UUID_PLACEHOLDER; uuid++)
    for (int cards = CARDS_NONE; cards <= CARDS_3_4; cards++)
      late[uuid][cards] = make_facts(uuid, cards);
  for (int state = RECORD_TEMPLATE; state <= RECORD_SETTLED; state++)
    for (int recorded = UUID_NONE; recorded <= UUID_PLACEHOLDER; recorded++)
      for (int recorded_cards = CARDS_NONE; recorded_cards <= CARDS_3_4; recorded_cards++)
        for (int uuid = UUID_NONE; uuid <= UUID_PLACEHOLDER; uuid++)
          for (int bits = 0; bits < 64; bits++) {
            const DetectPolicy detect = detect_of(bits);
            const Facts early = make_facts(uuid, CARDS_UNREAD);
            Record record = make_record(state, recorded, recorded_cards);
            Verdict before, after;

            record.uuid_changes = (bits & 16) != 0 ? 2 : 0;
            record.uuid_unstable = (bits & 32) != 0;
            verdict_decide(RECORD_PRESENT, &record, &early, &detect, &before);
            for (int cards = CARDS_NONE; cards <= CARDS_3_4; cards++) {
              verdict_decide(RECORD_PRESENT, &record, &late[uuid][cards], &detect, &after);
              g_assert_false(after.needs_nics);
              if (!before.needs_nics)
                g_assert_cmpint(before.kind, ==, after.kind);
            }
          }
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verdict-early/cards-are-asked-for-only-when-they-matter",
                  test_cards_are_asked_for_only_when_they_matter);
  g_test_add_func("/verdict-early/a-final-verdict-stays", test_a_final_verdict_stays);
  return g_test_run();
}
