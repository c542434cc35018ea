/* verdict-reasons.h - the evidence in words: what was recorded, what is there now, and what that says. */
#pragma once

#include "verdict.h"

/* verdict_reason: add one printf-formatted sentence to VERDICT. */
void verdict_reason(Verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* verdict_explain_uuid: RAW is what the two UUIDs say; VERDICT->uuid what of it counted, DETECT and RECORD why. */
void verdict_explain_uuid(Verdict *verdict, Evidence raw, const Record *record, const Facts *facts,
                          const DetectPolicy *detect);

/* verdict_explain_macs: the same for the cards, once they were read. */
void verdict_explain_macs(Verdict *verdict, Evidence raw, const Record *record, const Facts *facts,
                          const DetectPolicy *detect);
