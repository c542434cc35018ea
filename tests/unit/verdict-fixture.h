/* verdict-fixture.h - records and facts by UUID and NICs, and the verdict on them. */
#pragma once

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

static inline ProductUuid make_uuid(Uuid which) {
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

static inline NicList make_cards(Cards which) {
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

static inline Facts make_facts(Uuid uuid, Cards cards) {
  return (Facts){.uuid = make_uuid(uuid), .nics = make_cards(cards), .nics_read = cards != CARDS_UNREAD};
}

static inline Record make_record(RecordState state, Uuid uuid, Cards cards) {
  return (Record){.state = state, .uuid = make_uuid(uuid), .nics = make_cards(cards)};
}

static const DetectPolicy defaults = {.uuid = true, .mac = true, .settled_uuid = ON_CLONE, .settled_mac = ON_REBIND};

static inline Verdict decide(const Record *record, const Facts *facts, const DetectPolicy *detect) {
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

static inline gboolean says(const Verdict *verdict, const char *words) {
  for (gsize i = 0; i < verdict->n_reasons; i++)
    if (strstr(verdict->reasons[i], words) != NULL)
      return TRUE;
  return FALSE;
}
