/* verdict.c - record + facts + policy -> is this another machine? Pure */
#include "verdict.h"

#include <string.h>

#include "verdict-reasons.h"

enum { UNSTABLE_AFTER = 3 }; /* boots in a row with another UUID while a NIC stayed */

/* All that the weighing looks at. */
typedef struct {
  const Record *record;
  const DetectPolicy *detect;
  Signal uuid, mac;
} Case;

/* One row of the table: the first that fits says what this machine is. */
typedef struct {
  bool (*fits)(const Case *c);
  VerdictKind kind;
  bool outdated; /* the record is written: the machine stays, what is remembered of it changes */
  const char *reason;
} Rule;

static Evidence compare_uuids(const ProductUuid *recorded, const ProductUuid *now) {
  if (!recorded->present || !now->present)
    return EVIDENCE_ABSENT;
  return product_uuid_equal(recorded, now) ? EVIDENCE_SAME : EVIDENCE_DIFFERS;
}

/* NICs that are all gone with none in their place say nothing: a driver may be missing. */
static Evidence compare_macs(const NicList *recorded, const NicList *now) {
  if (recorded->count == 0 || now->count == 0)
    return EVIDENCE_ABSENT;
  for (size_t i = 0; i < recorded->count; i++)
    if (nics_find_mac(now, recorded->items[i].mac) != NULL)
      return EVIDENCE_SAME;
  return EVIDENCE_DIFFERS;
}

static size_t count_missing(const NicList *list, const NicList *from) {
  size_t missing = 0;

  for (size_t i = 0; i < list->count; i++)
    missing += nics_find_mac(from, list->items[i].mac) == NULL;
  return missing;
}

/* A recorded NIC is gone and another one is there: the list follows, so that NICs replaced one by one never add up to
 * another machine. */
static bool nic_was_replaced(const NicList *recorded, const NicList *now) {
  return count_missing(recorded, now) > 0 && count_missing(now, recorded) > 0;
}

static Evidence counted(Signal signal) {
  return signal.weight == COUNTS ? signal.raw : EVIDENCE_ABSENT;
}

/* What a distrusted UUID says is nothing, in whatever row. */
static Evidence raw_uuid(const Case *c) {
  return c->uuid.weight == DISTRUSTED ? EVIDENCE_ABSENT : c->uuid.raw;
}

static bool is_settled(const Case *c) {
  return c->record->state == RECORD_SETTLED;
}

/* The guard looks at the NICs themselves, whatever the policy's signals: a machine whose UUID never rests must not lose
 * its identity at each boot. */
static bool uuid_never_rests(const Case *c) {
  return counted(c->uuid) == EVIDENCE_DIFFERS && c->mac.raw == EVIDENCE_SAME &&
         c->record->uuid_changes + 1 >= UNSTABLE_AFTER;
}

/* An explicit `ignore` is a word about this very situation: it is looked up on what the values say, not on what the
 * signals leave of it. */
static bool new_uuid_is_ignored(const Case *c) {
  return is_settled(c) && c->detect->settled_uuid == ON_IGNORE && counted(c->uuid) == EVIDENCE_DIFFERS;
}

static bool new_uuid_is_ignored_with_the_nics(const Case *c) {
  return new_uuid_is_ignored(c) && c->mac.raw == EVIDENCE_SAME;
}

static bool new_uuid_is_ignored_without_nics(const Case *c) {
  return new_uuid_is_ignored(c) && c->mac.raw == EVIDENCE_ABSENT;
}

static bool new_nics_are_ignored(const Case *c) {
  return is_settled(c) && c->detect->settled_mac == ON_IGNORE && c->mac.raw == EVIDENCE_DIFFERS &&
         raw_uuid(c) != EVIDENCE_DIFFERS && counted(c->uuid) != EVIDENCE_DIFFERS;
}

static bool uuid_differs(const Case *c) {
  return counted(c->uuid) == EVIDENCE_DIFFERS;
}

static bool new_nics_of_a_template(const Case *c) {
  return !is_settled(c) && counted(c->mac) == EVIDENCE_DIFFERS;
}

static bool new_nics_without_uuid(const Case *c) {
  return counted(c->mac) == EVIDENCE_DIFFERS && counted(c->uuid) == EVIDENCE_ABSENT;
}

static bool new_nics_mean_a_clone(const Case *c) {
  return counted(c->mac) == EVIDENCE_DIFFERS && c->detect->settled_mac == ON_CLONE;
}

static bool new_nics(const Case *c) {
  return counted(c->mac) == EVIDENCE_DIFFERS;
}

static bool something_is_the_same(const Case *c) {
  return counted(c->uuid) == EVIDENCE_SAME || counted(c->mac) == EVIDENCE_SAME;
}

static bool always(const Case *c) {
  return c != NULL;
}

/* In this order: each row supposes that none above it fits. */
static const Rule rules[] = {
    {uuid_never_rests, VERDICT_SAME, true,
     "the product UUID has changed on every one of the last boots while the NICs stayed: this machine's UUID is "
     "unstable "
     "and no longer trusted, the identity stays"},
    {new_uuid_is_ignored_with_the_nics, VERDICT_SAME, true,
     "the policy says settled-uuid = ignore: the NICs are the same, the new UUID is recorded, nothing else"},
    {new_uuid_is_ignored_without_nics, VERDICT_UNKNOWN, false,
     "the policy says settled-uuid = ignore, and no NIC is there to say whether this is the same machine: nothing is "
     "changed; `reset-identity adopt` records it as it is, `apply --force` treats it as a clone"},
    {new_nics_are_ignored, VERDICT_SAME, true,
     "the policy says settled-mac = ignore: the new NICs are recorded, nothing else"},
    {uuid_differs, VERDICT_CLONE, false, NULL},
    {new_nics_of_a_template, VERDICT_CLONE, false, "the record is a template's: new NICs alone mean a clone"},
    {new_nics_without_uuid, VERDICT_CLONE, false, "without a product UUID to say otherwise, new NICs mean a clone"},
    {new_nics_mean_a_clone, VERDICT_CLONE, false, "the policy says settled-mac = clone: new NICs alone mean a clone"},
    {new_nics, VERDICT_REWIRED, false,
     "the machine is settled: the same machine with new NICs, its profiles are rebound"},
    {something_is_the_same, VERDICT_SAME, false, NULL},
    {always, VERDICT_UNKNOWN, false,
     "no evidence either way, nothing is changed: `reset-identity adopt` records this machine as it is, "
     "`reset-identity apply --force` treats it as a clone"},
};

static const Rule *rule_for(const Case *c) {
  const Rule *rule = rules;

  while (!rule->fits(c))
    rule++;
  return rule;
}

/* Would the NICs, once they are read, change what is decided without them? Each thing that they could say is tried. */
static bool needs_nics(const Case *c) {
  Case other = *c;

  if (c->record->nics.count == 0)
    return false;
  other.mac.raw = EVIDENCE_SAME;
  const Rule *first = rule_for(&other);
  for (Evidence raw = EVIDENCE_DIFFERS; raw <= EVIDENCE_ABSENT; raw++) {
    other.mac.raw = raw;
    if (rule_for(&other)->kind != first->kind)
      return true;
  }
  return false;
}

/* What the next record says of the UUID: how often it changed while the NICs stayed, and whether it is distrusted. A
 * clone inherits neither: its UUID is another one's. */
static void count_changes(const Case *c, const Facts *facts, const Rule *rule, Verdict *verdict) {
  verdict->uuid_changes = c->record->uuid_changes;
  verdict->uuid_unstable = c->record->uuid_unstable;
  if (c->uuid.weight == DISTRUSTED && rule->kind == VERDICT_CLONE) {
    verdict->uuid_changes = 0;
    verdict->uuid_unstable = false;
  } else if (counted(c->uuid) == EVIDENCE_DIFFERS && c->mac.raw == EVIDENCE_SAME) {
    verdict->uuid_changes++;
    verdict->uuid_unstable |= verdict->uuid_changes >= UNSTABLE_AFTER;
  } else if (counted(c->uuid) == EVIDENCE_SAME || (counted(c->uuid) == EVIDENCE_DIFFERS && facts->nics_read)) {
    verdict->uuid_changes = 0;
  }
}

static Case weigh(const Record *record, const Facts *facts, const DetectPolicy *detect) {
  Case c = {.record = record, .detect = detect};

  c.uuid = (Signal){compare_uuids(&record->uuid, &facts->uuid), COUNTS};
  if (record->uuid_unstable)
    c.uuid.weight = DISTRUSTED;
  else if (!detect->uuid)
    c.uuid.weight = LEFT_OUT;
  c.mac.raw = facts->nics_read ? compare_macs(&record->nics, &facts->nics) : EVIDENCE_ABSENT;
  /* With the UUID distrusted nothing else is left to tell a clone by. */
  c.mac.weight = detect->mac || c.uuid.weight == DISTRUSTED ? COUNTS : LEFT_OUT;
  return c;
}

static void decide_by_record(const Record *record, const Facts *facts, const DetectPolicy *detect, Verdict *verdict) {
  const Case c = weigh(record, facts, detect);
  const Rule *rule = rule_for(&c);

  verdict->uuid = c.uuid;
  verdict->mac = c.mac;
  verdict->kind = rule->kind;
  verdict->needs_nics = !facts->nics_read && needs_nics(&c);
  count_changes(&c, facts, rule, verdict);
  verdict->record_outdated = rule->kind == VERDICT_SAME && !record->other_is_newer &&
                             (rule->outdated || record->needs_repair || verdict->uuid_changes != record->uuid_changes ||
                              verdict->uuid_unstable != record->uuid_unstable ||
                              (facts->nics_read && nic_was_replaced(&record->nics, &facts->nics)));
  verdict->keeps_off = rule->kind == VERDICT_UNKNOWN && record->state == RECORD_TEMPLATE && !verdict->needs_nics;
  verdict_explain_uuid(verdict, record, facts);
  if (facts->nics_read)
    verdict_explain_macs(verdict, record, facts, detect);
  if (rule->reason != NULL && !verdict->needs_nics)
    verdict_reason(verdict, "%s", rule->reason);
}

/* A clone whatever the evidence says, but it is still this machine whose UUID is distrusted. */
static void decide_by_force(RecordPresence presence, const Record *record, const Facts *facts,
                            const DetectPolicy *detect, Verdict *verdict) {
  if (presence == RECORD_PRESENT && !record->no_machine) {
    decide_by_record(record, facts, detect, verdict);
    if (verdict->kind == VERDICT_SAME || verdict->kind == VERDICT_REWIRED)
      verdict->uuid_changes = record->uuid_changes;
  }
  verdict->needs_nics = false;
  verdict->record_outdated = false;
  verdict->keeps_off = false;
  verdict->kind = VERDICT_CLONE;
  verdict->n_reasons = 0;
  verdict_reason(
      verdict,
      "forced (--force, or reset-identity=force on the kernel command line): a clone whatever the record says");
}

static void decide_without_record(const Facts *facts, Verdict *verdict) {
  if (facts->first_boot) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "there is no record, and systemd calls this the first boot: an image that never ran");
  } else {
    verdict->kind = VERDICT_UNRECORDED;
    verdict_reason(
        verdict,
        "there is no record: this machine is recorded as it is, nothing is changed. A clone of a "
        "template that was never sealed looks like this too: if this is one, run `reset-identity apply --force`");
  }
}

void verdict_decide(RecordPresence presence, const Record *record, const Facts *facts, const DetectPolicy *detect,
                    Verdict *verdict) {
  *verdict = (Verdict){.uuid = {EVIDENCE_ABSENT, COUNTS}, .mac = {EVIDENCE_ABSENT, COUNTS}};
  if (facts->override == OVERRIDE_OFF) {
    verdict->kind = VERDICT_OFF;
    verdict_reason(verdict, "reset-identity=off on the kernel command line: nothing is compared");
  } else if (facts->override == OVERRIDE_FORCE) {
    decide_by_force(presence, record, facts, detect, verdict);
  } else if (presence == RECORD_IS_DAMAGED) {
    verdict->kind = VERDICT_DAMAGED;
    verdict_reason(
        verdict,
        "neither copy of the record can be read, nothing is changed: `reset-identity adopt` if this machine is "
        "right as it is, `apply --force --yes` if it is a clone, `reset-identity seal` if it is a template");
  } else if (presence == RECORD_IS_NEWER) {
    verdict->kind = VERDICT_NEWER;
    verdict_reason(verdict,
                   "the record was written by a newer reset-identity, nothing is changed: install that one again, or "
                   "`reset-identity adopt` if this machine is right as it is, `apply --force --yes` if it is a clone, "
                   "`reset-identity seal` if it is a template");
  } else if (presence == RECORD_ABSENT) {
    decide_without_record(facts, verdict);
  } else if (record->no_machine) {
    verdict->kind = VERDICT_CLONE;
    verdict_reason(verdict, "the record is of an image that was sealed without ever running: any machine is a clone");
  } else {
    decide_by_record(record, facts, detect, verdict);
  }
}

void verdict_remember(RecordPresence presence, const Record *record, const Facts *facts, const Verdict *verdict,
                      Record *next) {
  const bool stays = presence == RECORD_PRESENT && verdict->kind == VERDICT_SAME;

  next->uuid = stays && !facts->uuid.present ? record->uuid : facts->uuid;
  next->nics = stays && facts->nics.count == 0 ? record->nics : facts->nics;
  memcpy(next->serial, stays && facts->serial[0] == '\0' ? record->serial : facts->serial, sizeof next->serial);
}

const char *verdict_name(VerdictKind kind) {
  static const char *const names[] = {
      [VERDICT_SAME] = "same",
      [VERDICT_CLONE] = "clone",
      [VERDICT_REWIRED] = "rewired",
      [VERDICT_UNKNOWN] = "unknown",
      [VERDICT_UNRECORDED] = "unrecorded",
      [VERDICT_DAMAGED] = "damaged",
      [VERDICT_NEWER] = "newer",
      [VERDICT_OFF] = "off",
  };

  return names[kind];
}

bool verdict_has_work(VerdictKind kind) {
  return kind == VERDICT_CLONE || kind == VERDICT_REWIRED;
}

bool verdict_is_unreadable(VerdictKind kind) {
  return kind == VERDICT_DAMAGED || kind == VERDICT_NEWER;
}

bool verdict_calls(const Verdict *verdict) {
  return verdict_has_work(verdict->kind) || verdict->record_outdated || verdict->keeps_off;
}
