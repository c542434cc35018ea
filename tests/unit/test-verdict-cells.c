/* decide/verdict.c: every cell of the decision against a table of the right answers, and what must hold in all of them.
 */
#include <glib.h>
#include <string.h>

#include "decide/shortcut.h"
#include "decide/verdict.h"

#define MAC_A "00:50:56:aa:bb:01"
#define MAC_B "00:50:56:aa:bb:02"

static Nic nic_a[] = {{.name = "ens1", .mac = MAC_A}};
static Nic nic_b[] = {{.name = "ens1", .mac = MAC_B}};

/* What the machine shows: each signal as it compares with the record. */
typedef enum { SAME, DIFFERS, ABSENT_NOW, ABSENT_THEN, N_RAW } Raw;

typedef struct {
  RecordState state;
  Raw uuid, mac;
  gboolean use_uuid, use_mac; /* [detect] signals */
  SettledChange settled_uuid, settled_mac;
  Override override;
  unsigned changes;
  gboolean unstable;
} Cell;

static ProductUuid uuid_of(const char *text) {
  ProductUuid uuid = {.present = false};

  if (text != NULL)
    g_assert_cmpint(product_uuid_parse(text, &uuid), ==, 0);
  return uuid;
}

static Record record_of(const Cell *cell) {
  return (Record){.state = cell->state,
                  .uuid = uuid_of(cell->uuid == ABSENT_THEN ? NULL : "4dc56075-50f3-466d-98f2-79838106e82f"),
                  .nics = {nic_a, cell->mac == ABSENT_THEN ? 0 : 1},
                  .uuid_changes = cell->changes,
                  .uuid_unstable = cell->unstable};
}

static Facts facts_of(const Cell *cell, gboolean nics_read) {
  static const char *const uuids[N_RAW] = {[SAME] = "4dc56075-50f3-466d-98f2-79838106e82f",
                                           [DIFFERS] = "9a0b1c2d-0000-4000-8000-123456789abc",
                                           [ABSENT_THEN] = "9a0b1c2d-0000-4000-8000-123456789abc"};
  Facts facts = {.uuid = uuid_of(uuids[cell->uuid]), .override = cell->override, .nics_read = nics_read};

  if (nics_read && cell->mac != ABSENT_NOW)
    facts.nics = (NicList){cell->mac == SAME ? nic_a : nic_b, 1};
  return facts;
}

static DetectPolicy detect_of(const Cell *cell) {
  return (DetectPolicy){.uuid = cell->use_uuid,
                        .mac = cell->use_mac,
                        .settled_uuid = cell->settled_uuid,
                        .settled_mac = cell->settled_mac};
}

static Verdict decide(const Cell *cell, gboolean nics_read) {
  const Record record = record_of(cell);
  const Facts facts = facts_of(cell, nics_read);
  const DetectPolicy detect = detect_of(cell);
  Verdict verdict;

  verdict_decide(RECORD_PRESENT, &record, &facts, &detect, &verdict);
  return verdict;
}

/* The right answers, as a person reads them: "=" the same, "x" differs, "-" absent, "." any. The first row that fits.
 * STATE: t template, s settled. COUNT: what of the signals counts: u UUID, m MACs, b both, n neither; a distrusted UUID
 * does not, and MACs do then. SETTLED: the policy about this change: i settled-uuid = ignore, I settled-mac = ignore,
 * C settled-mac = clone. 3: the third change of a UUID in a row. */
static const struct {
  const char *state, *count, *uuid, *mac, *setting;
  VerdictKind kind;
} answers[] = {
    /* the UUID says another machine */
    {".", "ub", "x", "=", "3", VERDICT_SAME}, /* it never rests */
    {"s", "ub", "x", "=", "i", VERDICT_SAME},
    {"s", "ub", "x", "-", "i", VERDICT_UNKNOWN},
    {".", "ub", "x", ".", "", VERDICT_CLONE},
    /* the UUID says nothing that counts, or the same machine */
    {"s", "u", "=", "x", "", VERDICT_SAME}, /* ignored or not, MACs do not count */
    {"s", "u", "-", "x", "I", VERDICT_SAME},
    {"s", "n", "=-", "x", "I", VERDICT_SAME},
    {"s", "b", "=-", "x", "I", VERDICT_SAME},
    {"s", "m", "=-", "x", "I", VERDICT_SAME},
    {"t", "b", "=", "x", "", VERDICT_CLONE},
    {"s", "b", "=", "x", "C", VERDICT_CLONE},
    {"s", "b", "=", "x", "", VERDICT_REWIRED},
    {".", "mb", ".", "x", "", VERDICT_CLONE},
    {".", "mb", ".", "=", "", VERDICT_SAME},
    {".", "ub", "=", ".", "", VERDICT_SAME},
    {".", ".", ".", ".", "", VERDICT_UNKNOWN},
};

static gboolean fits(const char *wanted, char found) {
  return strcmp(wanted, ".") == 0 || strchr(wanted, found) != NULL;
}

static char sign(Raw raw) {
  return raw == SAME ? '=' : raw == DIFFERS ? 'x' : '-';
}

static gboolean setting_fits(const char *setting, const Cell *cell) {
  switch (*setting) {
  case '3':
    return cell->changes >= 2;
  case 'i':
    return cell->settled_uuid == ON_IGNORE;
  case 'I':
    return cell->settled_mac == ON_IGNORE;
  case 'C':
    return cell->settled_mac == ON_CLONE;
  default:
    return TRUE;
  }
}

static VerdictKind right_answer(const Cell *cell) {
  const gboolean uuid_counts = cell->use_uuid && !cell->unstable;
  const gboolean mac_counts = cell->use_mac || cell->unstable;
  const char count = uuid_counts ? (mac_counts ? 'b' : 'u') : (mac_counts ? 'm' : 'n');
  const char uuid = cell->unstable ? '-' : sign(cell->uuid);

  if (cell->override != OVERRIDE_NONE)
    return cell->override == OVERRIDE_OFF ? VERDICT_OFF : VERDICT_CLONE;
  for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
    if (fits(answers[i].state, cell->state == RECORD_TEMPLATE ? 't' : 's') && fits(answers[i].count, count) &&
        fits(answers[i].uuid, uuid) && fits(answers[i].mac, sign(cell->mac)) && setting_fits(answers[i].setting, cell))
      return answers[i].kind;
  g_assert_not_reached();
}

static char *describe(const Cell *cell) {
  return g_strdup_printf(
      "state %d uuid %c%s mac %c%s signals %s%s settled-uuid %d settled-mac %d override %d changes %u%s", cell->state,
      sign(cell->uuid), cell->uuid == ABSENT_THEN ? " (then)" : "", sign(cell->mac),
      cell->mac == ABSENT_THEN ? " (then)" : "", cell->use_uuid ? "uuid " : "", cell->use_mac ? "mac" : "",
      cell->settled_uuid, cell->settled_mac, cell->override, cell->changes, cell->unstable ? " unstable" : "");
}

typedef void (*Visit)(const Cell *cell);

/* Every cell: the product of all that the decision looks at. */
static void visit_all(Visit visit) {
  static const SettledChange of_uuid[] = {ON_CLONE, ON_IGNORE};
  static const SettledChange of_mac[] = {ON_REBIND, ON_CLONE, ON_IGNORE};
  guint cells = 0;

  for (guint i = 0; i < 2U * N_RAW * N_RAW * 4 * 2 * 3 * 3 * 4 * 2; i++) {
    guint rest = i;
    Cell cell = {.state = rest % 2 == 0 ? RECORD_TEMPLATE : RECORD_SETTLED};
    rest /= 2;
    cell.uuid = (Raw)(rest % N_RAW), rest /= N_RAW;
    cell.mac = (Raw)(rest % N_RAW), rest /= N_RAW;
    cell.use_uuid = rest % 2 != 0, rest /= 2;
    cell.use_mac = rest % 2 != 0, rest /= 2;
    cell.settled_uuid = of_uuid[rest % 2], rest /= 2;
    cell.settled_mac = of_mac[rest % 3], rest /= 3;
    cell.override = (Override)(rest % 3), rest /= 3;
    cell.changes = rest % 4, rest /= 4;
    cell.unstable = rest % 2 != 0;
    visit(&cell);
    cells++;
  }
  g_test_message("%u cells", cells);
}

static void assert_answer(const Cell *cell) {
  const Verdict verdict = decide(cell, TRUE);

  if (verdict.kind != right_answer(cell))
    g_error("%s: %s, and %s is right", describe(cell), verdict_name(verdict.kind), verdict_name(right_answer(cell)));
  g_assert_false(verdict.needs_nics);
  g_assert_cmpuint(verdict.n_reasons, >, 0);
}

static void every_cell_has_the_right_answer(void) {
  visit_all(assert_answer);
}

/* Without the NICs: either the same verdict, or it says that it needs them. */
static void assert_early(const Cell *cell) {
  const Verdict early = decide(cell, FALSE), full = decide(cell, TRUE);

  if (!early.needs_nics && early.kind != full.kind)
    g_error("%s: early %s, in full %s", describe(cell), verdict_name(early.kind), verdict_name(full.kind));
  if (early.needs_nics && cell->mac == ABSENT_THEN)
    g_error("%s: NICs are waited for where none is recorded", describe(cell));
}

static void an_early_verdict_is_the_full_one(void) {
  visit_all(assert_early);
}

static Record written_after(const Cell *cell, const Verdict *verdict) {
  const Record record = record_of(cell);
  const Facts facts = facts_of(cell, TRUE);
  Record written = {.state = verdict->record_outdated ? cell->state : RECORD_SETTLED,
                    .uuid_changes = verdict->uuid_changes,
                    .uuid_unstable = verdict->uuid_unstable};

  verdict_remember(RECORD_PRESENT, &record, &facts, verdict, &written);
  return written;
}

/* A record and its machine: what is written after a verdict finds the same machine at the next boot. */
static void assert_fixpoint(const Cell *cell) {
  const Verdict verdict = decide(cell, TRUE);
  const DetectPolicy detect = detect_of(cell);
  Facts facts = facts_of(cell, TRUE);
  Verdict next;

  if (!verdict_has_work(verdict.kind) && !verdict.record_outdated)
    return;
  facts.override = OVERRIDE_NONE;
  const Record written = written_after(cell, &verdict);
  verdict_decide(RECORD_PRESENT, &written, &facts, &detect, &next);
  if (verdict_has_work(next.kind))
    g_error("%s: written, and the next boot says %s", describe(cell), verdict_name(next.kind));
  /* A counter that has begun is ended by the next boot, once. */
  if (next.record_outdated) {
    Record again = written;
    again.uuid_changes = next.uuid_changes;
    again.uuid_unstable = next.uuid_unstable;
    verdict_decide(RECORD_PRESENT, &again, &facts, &detect, &next);
    g_assert_false(next.record_outdated);
  }
}

static void a_record_and_its_machine_are_a_fixpoint(void) {
  visit_all(assert_fixpoint);
}

static VerdictKind decide_later(const Record *record, const ProductUuid *uuid, const NicList *nics,
                                const DetectPolicy *detect) {
  const Facts facts = {.uuid = *uuid, .nics = *nics, .nics_read = true};
  Verdict verdict;

  verdict_decide(RECORD_PRESENT, record, &facts, detect, &verdict);
  return verdict.kind;
}

/* What was recorded and is only absent at this boot is still recorded after it: when it shows again this is the same
 * machine, and a copy that shows something else is as much a clone as it was. After a clone nothing of the old one is.
 */
static void assert_later_evidence(const Cell *cell) {
  static Nic nic_c[] = {{.name = "ens1", .mac = "00:50:56:aa:bb:03"}};
  const NicList other_nics = {nic_c, 1};
  const ProductUuid other_uuid = uuid_of("0d1e2f3a-0000-4000-8000-00000000000c");
  const Record record = record_of(cell);
  const DetectPolicy detect = detect_of(cell);
  const Facts facts = facts_of(cell, TRUE);
  const Verdict verdict = decide(cell, TRUE);
  const Record written = written_after(cell, &verdict);
  const gboolean stays = verdict.kind == VERDICT_SAME;

  if (!verdict_has_work(verdict.kind) && !verdict.record_outdated)
    return;
  const gboolean keeps_uuid = stays && !facts.uuid.present, keeps_nics = stays && facts.nics.count == 0;
  const ProductUuid *uuid = keeps_uuid ? &record.uuid : &facts.uuid;
  const NicList *nics = keeps_nics ? &record.nics : &facts.nics;
  if (!product_uuid_equal(&written.uuid, uuid) && (written.uuid.present || uuid->present))
    g_error("%s: %s", describe(cell), "another UUID is recorded than is known");
  if (written.nics.items != nics->items || written.nics.count != nics->count)
    g_error("%s: %s", describe(cell), "other NICs are recorded than are known");
  if (verdict_has_work(decide_later(&written, uuid, nics, &detect)))
    g_error("%s: all shows again, and this is another machine", describe(cell));
  /* A distrust that begins now changes what counts. */
  if (stays && verdict.uuid_unstable == record.uuid_unstable &&
      decide_later(&record, &other_uuid, &other_nics, &detect) == VERDICT_CLONE &&
      decide_later(&written, &other_uuid, &other_nics, &detect) != VERDICT_CLONE)
    g_error("%s: written, and a copy is no clone any more", describe(cell));
}

static void what_is_only_absent_stays_recorded(void) {
  visit_all(assert_later_evidence);
}

/* Distrust stays with the machine and goes with no clone. */
static void assert_distrust(const Cell *cell) {
  const Verdict verdict = decide(cell, TRUE);

  if (!cell->unstable || cell->override == OVERRIDE_OFF)
    return;
  if (cell->mac == SAME && !verdict.uuid_unstable)
    g_error("%s: the distrust is forgotten", describe(cell));
  if (verdict.kind == VERDICT_CLONE && cell->override == OVERRIDE_NONE && verdict.uuid_unstable)
    g_error("%s: a clone inherits the distrust", describe(cell));
}

static void distrust_stays_with_the_machine(void) {
  visit_all(assert_distrust);
}

static guint short_cuts; /* that were taken: the test is of something */

static void assert_hides_nothing(const Cell *cell, Record record) {
  const Facts facts = facts_of(cell, TRUE);
  const DetectPolicy detect = detect_of(cell);
  const Shortcut shortcut = shortcut_find(&record, &facts.uuid);
  Verdict verdict;

  if (shortcut == SHORTCUT_NONE || (shortcut == SHORTCUT_BY_NICS && cell->mac != SAME))
    return;
  verdict_decide(RECORD_PRESENT, &record, &facts, &detect, &verdict);
  if (verdict_calls(&verdict))
    g_error("%s%s%s%s: the shortcut hides %s", describe(cell), record.no_machine ? " no machine" : "",
            record.needs_repair ? " to be repaired" : "", record.other_is_newer ? " other newer" : "",
            verdict_name(verdict.kind));
  short_cuts++;
}

/* No policy names no signal: check-policy refuses it. Overrides come before the shortcut. */
static void assert_shortcut(const Cell *cell) {
  const Record record = record_of(cell);

  if ((!cell->use_uuid && !cell->use_mac) || cell->override != OVERRIDE_NONE)
    return;
  for (guint i = 0; i < 8; i++) {
    Record other = record;

    other.needs_repair = (i & 1) != 0;
    other.other_is_newer = (i & 2) != 0;
    if ((i & 4) != 0) {
      other.no_machine = true;
      other.uuid = uuid_of(NULL);
      other.nics = (NicList){NULL, 0};
    }
    assert_hides_nothing(cell, other);
  }
}

static void the_shortcut_never_hides_work(void) {
  short_cuts = 0;
  visit_all(assert_shortcut);
  g_assert_cmpuint(short_cuts, >, 0);
}

/* What it is for: neither a settled machine nor a template that is as it was costs more. */
static void the_shortcut_is_taken(void) {
  for (RecordState state = RECORD_TEMPLATE; state <= RECORD_SETTLED; state++) {
    const Cell cell = {.state = state, .uuid = SAME, .mac = SAME};
    const Record record = record_of(&cell);

    g_assert_cmpint(shortcut_find(&record, &record.uuid), ==, SHORTCUT_BY_NICS);
  }
  const Cell bare = {.state = RECORD_SETTLED, .uuid = SAME, .mac = ABSENT_THEN};
  const Record record = record_of(&bare);
  g_assert_cmpint(shortcut_find(&record, &record.uuid), ==, SHORTCUT_SAME);
}

int main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/verdict-cells/every-cell-has-the-right-answer", every_cell_has_the_right_answer);
  g_test_add_func("/verdict-cells/an-early-verdict-is-the-full-one", an_early_verdict_is_the_full_one);
  g_test_add_func("/verdict-cells/a-record-and-its-machine-are-a-fixpoint", a_record_and_its_machine_are_a_fixpoint);
  g_test_add_func("/verdict-cells/what-is-only-absent-stays-recorded", what_is_only_absent_stays_recorded);
  g_test_add_func("/verdict-cells/the-shortcut-never-hides-work", the_shortcut_never_hides_work);
  g_test_add_func("/verdict-cells/the-shortcut-is-taken", the_shortcut_is_taken);
  g_test_add_func("/verdict-cells/distrust-stays-with-the-machine", distrust_stays_with_the_machine);
  return g_test_run();
}
