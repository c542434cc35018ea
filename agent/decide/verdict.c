/* verdict.c - record + facts + policy -> is this another machine? Pure */
#include "verdict.h"

#include "verdict-reasons.h"

enum { UNSTABLE_AFTER = 3 }; /* boots in a row with another UUID while a card stayed */

/* All that the weighing looks at. RAW is what the values say; what counts of it, after policy and distrust, is in the
 * verdict. */
typedef struct {
  const Record *record;
  const Facts *facts;
  const DetectPolicy *detect;
  Evidence raw_uuid, raw_mac;
} Case;

static Evidence compare_uuids(const ProductUuid *recorded, const ProductUuid *now) {
  if (!recorded->present || !now->present)
    return EVIDENCE_ABSENT;
  return product_uuid_equal(recorded, now) ? EVIDENCE_SAME : EVIDENCE_DIFFERS;
}

/* Cards that are all gone with none in their place say nothing: a driver may be missing. */
static Evidence compare_macs(const NicList *recorded, const NicList *now) {
  if (recorded->count == 0 || now->count == 0)
    return EVIDENCE_ABSENT;
  for (size_t i = 0; i < recorded->count; i++)
    if (nics_find_mac(now, recorded->items[i].mac) != NULL)
      return EVIDENCE_SAME;
  return EVIDENCE_DIFFERS;
}

/* Would the cards, once they are read, change what is decided without them? */
static bool needs_nics(const Case *c, const Verdict *verdict) {
  if (c->facts->nics_read || c->record->nics.count == 0)
    return false;
  if (verdict->uuid != EVIDENCE_DIFFERS)
    return c->detect->mac;
  if (c->record->uuid_changes + 1 >= UNSTABLE_AFTER)
    return true;
  return c->record->state == RECORD_SETTLED && c->detect->settled_uuid == ON_IGNORE && c->detect->mac;
}

/* The same UUID, but none of the recorded cards is left. */
static void decide_new_cards(const Case *c, Verdict *verdict) {
  if (c->record->state == RECORD_TEMPLATE) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "the record is a template's: new network cards alone mean a clone");
    return;
  }
  switch (c->detect->settled_mac) {
  case ON_CLONE:
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "the policy says settled-mac = clone: new network cards alone mean a clone");
    return;
  case ON_IGNORE:
    verdict->kind = VERDICT_SAME;
    verdict->record_outdated = true;
    verdict_reason(verdict, "the policy says settled-mac = ignore: the new network cards are recorded, nothing else");
    return;
  case ON_REBIND:
    verdict->kind = VERDICT_REWIRED;
    verdict_reason(verdict,
                   "the machine is settled: the same machine with new network cards, its profiles are rebound");
    return;
  }
}

/* Another UUID. The guard looks at the cards themselves, whatever the policy's signals: a machine whose UUID never
 * rests must not lose its identity at each boot. */
static void decide_new_uuid(const Case *c, Verdict *verdict) {
  if (c->raw_mac == EVIDENCE_SAME)
    verdict->uuid_changes = c->record->uuid_changes + 1;
  else if (c->facts->nics_read)
    verdict->uuid_changes = 0;
  if (verdict->uuid_changes >= UNSTABLE_AFTER && c->raw_mac == EVIDENCE_SAME) {
    verdict->kind = VERDICT_SAME;
    verdict->uuid_unstable = true;
    verdict->record_outdated = true;
    verdict_reason(verdict,
                   "the product UUID has changed on %u boots in a row while the network cards stayed: this machine's "
                   "UUID is unstable and no longer trusted, the identity stays",
                   verdict->uuid_changes);
    return;
  }
  if (c->record->state == RECORD_SETTLED && c->detect->settled_uuid == ON_IGNORE && verdict->mac == EVIDENCE_SAME) {
    verdict->kind = VERDICT_SAME;
    verdict->record_outdated = true;
    verdict_reason(verdict, "the policy says settled-uuid = ignore: the network cards are the same, the new UUID is "
                            "recorded, nothing else");
    return;
  }
  verdict->kind = VERDICT_CLONE;
}

static void decide_without_uuid(Verdict *verdict) {
  switch (verdict->mac) {
  case EVIDENCE_SAME:
    verdict->kind = VERDICT_SAME;
    return;
  case EVIDENCE_DIFFERS:
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "without a product UUID to say otherwise, new network cards mean a clone");
    return;
  case EVIDENCE_ABSENT:
    verdict->kind = VERDICT_UNKNOWN;
    if (!verdict->needs_nics)
      verdict_reason(verdict,
                     "no evidence either way, nothing is changed: `reset-identity adopt` records this machine as "
                     "it is, `reset-identity apply --force` treats it as a clone");
    return;
  }
}

static void decide_same_uuid(const Case *c, Verdict *verdict) {
  if (verdict->mac == EVIDENCE_DIFFERS) {
    decide_new_cards(c, verdict);
  } else {
    verdict->kind = VERDICT_SAME;
    verdict->record_outdated = c->record->uuid_changes > 0;
  }
  verdict->uuid_changes = 0;
}

static void decide_by_record(const Record *record, const Facts *facts, const DetectPolicy *detect, Verdict *verdict) {
  Case c = {.record = record, .facts = facts, .detect = detect};

  c.raw_uuid = compare_uuids(&record->uuid, &facts->uuid);
  c.raw_mac = facts->nics_read ? compare_macs(&record->nics, &facts->nics) : EVIDENCE_ABSENT;
  verdict->uuid = detect->uuid && !record->uuid_unstable ? c.raw_uuid : EVIDENCE_ABSENT;
  verdict->mac = detect->mac ? c.raw_mac : EVIDENCE_ABSENT;
  verdict->uuid_changes = record->uuid_changes;
  verdict->uuid_unstable = record->uuid_unstable;
  verdict->needs_nics = needs_nics(&c, verdict);
  verdict_explain_uuid(verdict, c.raw_uuid, record, facts, detect);
  if (facts->nics_read)
    verdict_explain_macs(verdict, c.raw_mac, record, facts, detect);
  switch (verdict->uuid) {
  case EVIDENCE_SAME:
    decide_same_uuid(&c, verdict);
    return;
  case EVIDENCE_DIFFERS:
    decide_new_uuid(&c, verdict);
    return;
  case EVIDENCE_ABSENT:
    decide_without_uuid(verdict);
    return;
  }
}

static void decide_without_record(const Facts *facts, Verdict *verdict) {
  if (facts->first_boot) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "there is no record, and systemd calls this the first boot: an image that never ran");
  } else {
    verdict->kind = VERDICT_UNRECORDED;
    verdict_reason(verdict, "there is no record: this machine is recorded as it is, nothing is changed");
  }
}

void verdict_decide(RecordPresence presence, const Record *record, const Facts *facts, const DetectPolicy *detect,
                    Verdict *verdict) {
  *verdict = (Verdict){.uuid = EVIDENCE_ABSENT, .mac = EVIDENCE_ABSENT};
  if (facts->override == OVERRIDE_OFF) {
    verdict->kind = VERDICT_OFF;
    verdict_reason(verdict, "reset-identity=off on the kernel command line: nothing is looked at or changed");
  } else if (facts->override == OVERRIDE_FORCE) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(
        verdict,
        "forced (--force, or reset-identity=force on the kernel command line): a clone whatever the record says");
  } else if (presence == RECORD_IS_DAMAGED) {
    verdict->kind = VERDICT_DAMAGED;
    verdict_reason(verdict,
                   "the record cannot be read, nothing is changed: `reset-identity adopt` mends it if this machine "
                   "is right as it is, `reset-identity seal` if it is a template");
  } else if (presence == RECORD_ABSENT) {
    decide_without_record(facts, verdict);
  } else if (record->no_machine) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "the record is of an image that was sealed without ever running: any machine is a clone");
  } else {
    decide_by_record(record, facts, detect, verdict);
  }
}

const char *verdict_name(VerdictKind kind) {
  static const char *const names[] = {
      [VERDICT_SAME] = "same",       [VERDICT_CLONE] = "clone",           [VERDICT_REWIRED] = "rewired",
      [VERDICT_UNKNOWN] = "unknown", [VERDICT_UNRECORDED] = "unrecorded", [VERDICT_DAMAGED] = "damaged",
      [VERDICT_OFF] = "off",
  };

  return names[kind];
}

bool verdict_has_work(VerdictKind kind) {
  return kind == VERDICT_CLONE || kind == VERDICT_REWIRED;
}
