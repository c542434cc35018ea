/* verdict.h - record + facts + policy -> is this another machine? Pure: no I/O, no clock. */
#pragma once

#include <stdbool.h>

#include "evidence.h"
#include "observe/facts.h"
#include "observe/record.h"
#include "policy.h"

typedef enum { RECORD_ABSENT, RECORD_PRESENT, RECORD_IS_DAMAGED, RECORD_IS_NEWER } RecordPresence;

/* verdict_decide: RECORD is only looked at when PRESENCE is RECORD_PRESENT. With facts->nics_read false, MACs are
 * unknown as yet: a verdict that does not need them is final, else needs_nics is set. */
void verdict_decide(RecordPresence presence, const Record *record, const Facts *facts, const DetectPolicy *detect,
                    Verdict *verdict);

/* verdict_remember: the machine's part of the record that is written after VERDICT, into NEXT: UUID, serial number and
 * NICs (borrowed from RECORD or FACTS). While this is the recorded machine, what is only absent now (a driver that is
 * late, firmware that hides its UUID) is still known of it. */
void verdict_remember(RecordPresence presence, const Record *record, const Facts *facts, const Verdict *verdict,
                      Record *next);

/* verdict_name: "same", "clone", "rewired", "unknown", "unrecorded", "damaged", "newer", "off". */
const char *verdict_name(VerdictKind kind);
/* verdict_has_work: clone or rewired. */
bool verdict_has_work(VerdictKind kind);
/* verdict_is_unreadable: damaged or newer. */
bool verdict_is_unreadable(VerdictKind kind);

/* What is said where facts->override is OVERRIDE_UNREADABLE. */
#define VERDICT_OVERRIDE_WARNING                                                                                       \
  "reset-identity= on the kernel command line has an unknown value, which is ignored: off, 0, no or false "            \
  "switches reset-identity off, force forces a reset"

/* verdict_calls: the boot has something to do, or to report, for this verdict: what clone-check starts the large
 * program for. */
bool verdict_calls(const Verdict *verdict);
