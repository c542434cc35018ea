/* The words that a person gets to read: both sides named, nothing cut. */
#include <glib.h>
#include <string.h>

#include "decide/verdict-reasons.h"

#define A "4dc56075-50f3-466d-98f2-79838106e82f"
#define A_SWAPPED "7560c54d-f350-6d46-98f2-79838106e82f"
#define B "9a0b1c2d-0000-4000-8000-123456789abc"
#define PLACEHOLDER "03000200-0400-0500-0006-000700080009"
#define MAC_1 "00:50:56:aa:bb:01"
#define MAC_2 "00:50:56:aa:bb:02"
#define MAC_3 "00:50:56:aa:bb:03"

static Nic card_1[] = {{.name = "ens1", .mac = MAC_1}};
static Nic cards_1_2[] = {{.name = "ens1", .mac = MAC_1}, {.name = "ens2", .mac = MAC_2}};
static Nic card_2[] = {{.name = "ens9", .mac = MAC_2}};
static Nic card_3[] = {{.name = "ens1", .mac = MAC_3}};

static const DetectPolicy both = {.uuid = true, .mac = true}, none = {.uuid = false, .mac = false};

static ProductUuid uuid_of(const char *text) {
  ProductUuid uuid = {.present = false};

  if (text != NULL) {
    g_assert_cmpint(product_uuid_parse(text, &uuid), ==, 0);
    uuid.source = "dmi";
  }
  return uuid;
}

static void assert_uuid_words(const char *recorded, const char *now, Evidence raw, const char *words) {
  Record record = {.uuid = uuid_of(recorded)};
  Facts facts = {.uuid = uuid_of(now)};
  Verdict verdict = {.n_reasons = 0};

  verdict.uuid.raw = raw;
  verdict_explain_uuid(&verdict, &record, &facts);
  g_assert_cmpuint(verdict.n_reasons, ==, 1);
  g_assert_cmpstr(verdict.reasons[0], ==, words);
}

static void test_both_uuids_are_named(void) {
  assert_uuid_words(A, A, EVIDENCE_SAME, "product UUID: " A " (dmi), as recorded: the same machine");
  assert_uuid_words(A, A_SWAPPED, EVIDENCE_SAME,
                    "product UUID: recorded " A " (dmi), now " A_SWAPPED
                    " (dmi): the same UUID in the other byte order, the same machine");
  assert_uuid_words(A, B, EVIDENCE_DIFFERS, "product UUID: recorded " A " (dmi), now " B " (dmi): another machine");
}

static void test_why_a_uuid_is_no_evidence(void) {
  assert_uuid_words(A, NULL, EVIDENCE_ABSENT,
                    "product UUID: recorded " A " (dmi), this machine shows none: no evidence");
  assert_uuid_words(NULL, A, EVIDENCE_ABSENT,
                    "product UUID: none is recorded, this machine shows " A " (dmi): no evidence");
  assert_uuid_words(NULL, NULL, EVIDENCE_ABSENT,
                    "product UUID: none is recorded, and this machine shows none: no evidence");
  assert_uuid_words(NULL, PLACEHOLDER, EVIDENCE_ABSENT,
                    "product UUID: this machine shows " PLACEHOLDER
                    " (dmi), a placeholder that many machines share: no evidence");
  assert_uuid_words(A, PLACEHOLDER, EVIDENCE_ABSENT,
                    "product UUID: recorded " A " (dmi), this machine shows " PLACEHOLDER
                    " (dmi), a placeholder that many machines share: no evidence");
}

static void assert_mac_words(NicList recorded, NicList now, Evidence raw, const DetectPolicy *detect,
                             const char *words) {
  Record record = {.nics = recorded};
  Facts facts = {.nics = now, .nics_read = true};
  Verdict verdict = {.n_reasons = 0};

  verdict.mac = (Signal){raw, detect->mac ? COUNTS : LEFT_OUT};
  verdict_explain_macs(&verdict, &record, &facts, detect);
  g_assert_cmpuint(verdict.n_reasons, >, 0);
  g_assert_cmpstr(verdict.reasons[0], ==, words);
}

static void test_the_cards_are_named(void) {
  assert_mac_words((NicList){cards_1_2, 2}, (NicList){card_2, 1}, EVIDENCE_SAME, &both,
                   "NICs: 1 of 2 recorded are still there: " MAC_2 " (ens9)");
  assert_mac_words((NicList){cards_1_2, 2}, (NicList){card_3, 1}, EVIDENCE_DIFFERS, &both,
                   "NICs: recorded " MAC_1 " (ens1), " MAC_2 " (ens2); none of them is left");
  assert_mac_words((NicList){card_1, 1}, (NicList){NULL, 0}, EVIDENCE_ABSENT, &both,
                   "NICs: recorded " MAC_1 " (ens1); none is there now: no evidence");
  assert_mac_words((NicList){NULL, 0}, (NicList){card_1, 1}, EVIDENCE_ABSENT, &both,
                   "NICs: none is recorded: no evidence");
}

static void test_what_the_policy_leaves_out_is_said(void) {
  Record record = {.uuid = uuid_of(A)};
  Facts facts = {.uuid = uuid_of(B)};
  Verdict verdict = {.n_reasons = 0};

  verdict.uuid = (Signal){EVIDENCE_DIFFERS, LEFT_OUT};
  verdict_explain_uuid(&verdict, &record, &facts);
  g_assert_cmpstr(verdict.reasons[0], ==, "product UUID: not looked at: the policy's [detect] signals leaves it out");
  assert_mac_words((NicList){card_1, 1}, (NicList){card_3, 1}, EVIDENCE_DIFFERS, &none,
                   "NICs: not looked at: the policy's [detect] signals leaves them out");
}

static void test_distrust_is_said(void) {
  Record record = {.uuid = uuid_of(A), .uuid_unstable = true};
  Facts facts = {.uuid = uuid_of(B)};
  Verdict verdict = {.n_reasons = 0};

  verdict.uuid = (Signal){EVIDENCE_DIFFERS, DISTRUSTED};
  verdict_explain_uuid(&verdict, &record, &facts);
  g_assert_nonnull(strstr(verdict.reasons[0], "not trusted on this machine"));
}

static void test_many_cards_are_counted(void) {
  Nic many[40];

  for (guint i = 0; i < G_N_ELEMENTS(many); i++) {
    many[i] = (Nic){.name = "fifteen-letters", .position = i};
    (void)g_snprintf(many[i].mac, sizeof many[i].mac, "00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:%02x",
                     i);
  }
  assert_mac_words((NicList){many, G_N_ELEMENTS(many)}, (NicList){card_1, 1}, EVIDENCE_DIFFERS, &both,
                   "NICs: recorded 00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:00 "
                   "(fifteen-letters), 00:00:10:49:fe:80:00:00:00:00:00:00:50:6b:4b:03:00:af:e4:01 (fifteen-letters) "
                   "and 38 more; none of them is left");
}

static void test_there_is_an_end_to_reasons(void) {
  Verdict verdict = {.n_reasons = 0};

  for (guint i = 0; i < VERDICT_REASONS + 5; i++)
    verdict_reason(&verdict, "reason %u", i);
  g_assert_cmpuint(verdict.n_reasons, ==, VERDICT_REASONS);
  g_assert_cmpstr(verdict.reasons[VERDICT_REASONS - 1], ==, "reason 11");
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verdict-reasons/both-uuids-are-named", test_both_uuids_are_named);
  g_test_add_func("/verdict-reasons/why-a-uuid-is-no-evidence", test_why_a_uuid_is_no_evidence);
  g_test_add_func("/verdict-reasons/the-cards-are-named", test_the_cards_are_named);
  g_test_add_func("/verdict-reasons/what-the-policy-leaves-out-is-said", test_what_the_policy_leaves_out_is_said);
  g_test_add_func("/verdict-reasons/distrust-is-said", test_distrust_is_said);
  g_test_add_func("/verdict-reasons/many-cards-are-counted", test_many_cards_are_counted);
  g_test_add_func("/verdict-reasons/there-is-an-end-to-reasons", test_there_is_an_end_to_reasons);
  return g_test_run();
}
