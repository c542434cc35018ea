/* verdict-reasons.h - the evidence in words: what was recorded, what is there now, and what that says. */
#pragma once

#include "evidence.h"
#include "observe/facts.h"
#include "observe/record.h"
#include "policy.h"

/* verdict_reason: add one printf-formatted sentence to VERDICT. */
void verdict_reason(Verdict *verdict, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* verdict_explain_uuid, verdict_explain_macs: both sides of VERDICT's signal, and why it counts or not. The NICs are
 * read. */
void verdict_explain_uuid(Verdict *verdict, const Record *record, const Facts *facts);
void verdict_explain_macs(Verdict *verdict, const Record *record, const Facts *facts, const DetectPolicy *detect);
