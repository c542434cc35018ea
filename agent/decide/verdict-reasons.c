/* verdict-reasons.c - the evidence in words */
#include "verdict-reasons.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LISTED_NICS = 2 }; /* so many are named, the rest is counted */

void verdict_reason(Verdict *verdict, const char *format, ...) {
  va_list arguments;

  if (verdict->n_reasons == VERDICT_REASONS)
    return;
  va_start(arguments, format);
  (void)vsnprintf(verdict->reasons[verdict->n_reasons], sizeof verdict->reasons[0], format, arguments);
  va_end(arguments);
  verdict->n_reasons++;
}

static void format_with_source(const ProductUuid *uuid, char *text, size_t size) {
  char digits[PRODUCT_UUID_TEXT];

  product_uuid_format(uuid, digits);
  if (uuid->source != NULL)
    (void)snprintf(text, size, "%s (%s)", digits, uuid->source);
  else
    (void)snprintf(text, size, "%s", digits);
}

static void explain_absent_uuid(Verdict *verdict, const ProductUuid *recorded, const ProductUuid *now) {
  char then_text[64], now_text[64];

  format_with_source(recorded, then_text, sizeof then_text);
  format_with_source(now, now_text, sizeof now_text);
  if (now->placeholder && recorded->present)
    verdict_reason(
        verdict,
        "product UUID: recorded %s, this machine shows %s, a placeholder that many machines share: no evidence",
        then_text, now_text);
  else if (now->placeholder)
    verdict_reason(verdict, "product UUID: this machine shows %s, a placeholder that many machines share: no evidence",
                   now_text);
  else if (recorded->present)
    verdict_reason(verdict, "product UUID: recorded %s, this machine shows none: no evidence", then_text);
  else if (now->present)
    verdict_reason(verdict, "product UUID: none is recorded, this machine shows %s: no evidence", now_text);
  else
    verdict_reason(verdict, "product UUID: none is recorded, and this machine shows none: no evidence");
}

void verdict_explain_uuid(Verdict *verdict, const Record *record, const Facts *facts) {
  const ProductUuid *recorded = &record->uuid, *now = &facts->uuid;
  char then_text[64], now_text[64];

  format_with_source(recorded, then_text, sizeof then_text);
  format_with_source(now, now_text, sizeof now_text);
  if (verdict->uuid.weight == LEFT_OUT)
    verdict_reason(verdict, "product UUID: not looked at: the policy's [detect] signals leaves it out");
  else if (verdict->uuid.weight == DISTRUSTED)
    verdict_reason(verdict, "product UUID: not trusted on this machine: it kept changing while the NICs stayed");
  else if (verdict->uuid.raw == EVIDENCE_ABSENT)
    explain_absent_uuid(verdict, recorded, now);
  else if (verdict->uuid.raw == EVIDENCE_DIFFERS)
    verdict_reason(verdict, "product UUID: recorded %s, now %s: another machine", then_text, now_text);
  else if (memcmp(recorded->bytes, now->bytes, sizeof now->bytes) != 0)
    verdict_reason(verdict,
                   "product UUID: recorded %s, now %s: the same UUID in the other byte order, the same machine",
                   then_text, now_text);
  else
    verdict_reason(verdict, "product UUID: %s, as recorded: the same machine", now_text);
}

/* "00:50:56:aa:bb:01 (ens192), 00:50:56:aa:bb:02 (ens224) and 3 more": of LIST, those that OTHER has too, or, with
 * OTHER NULL, all. Returns how many. */
static size_t list_nics(const NicList *list, const NicList *other, char *text, size_t size) {
  size_t count = 0, length = 0;

  text[0] = '\0';
  for (size_t i = 0; i < list->count; i++) {
    const Nic *nic = &list->items[i];

    if (other != NULL && nics_find_mac(other, nic->mac) == NULL)
      continue;
    if (count < LISTED_NICS && length < size)
      length += (size_t)snprintf(text + length, size - length, "%s%s (%s)", count > 0 ? ", " : "", nic->mac, nic->name);
    count++;
  }
  if (count > LISTED_NICS && length < size)
    (void)snprintf(text + length, size - length, " and %zu more", count - LISTED_NICS);
  return count;
}

void verdict_explain_macs(Verdict *verdict, const Record *record, const Facts *facts, const DetectPolicy *detect) {
  char recorded[180], now[180];

  (void)list_nics(&record->nics, NULL, recorded, sizeof recorded);
  (void)list_nics(&facts->nics, NULL, now, sizeof now);
  if (!detect->mac && verdict->mac.weight == COUNTS)
    verdict_reason(verdict,
                   "NICs: they count although the policy's [detect] signals leaves them out: the product UUID is "
                   "not trusted, and nothing else tells a clone from this machine");
  if (verdict->mac.weight == LEFT_OUT) {
    verdict_reason(verdict, "NICs: not looked at: the policy's [detect] signals leaves them out");
  } else if (record->nics.count == 0) {
    verdict_reason(verdict, "NICs: none is recorded: no evidence");
  } else if (facts->nics.count == 0) {
    verdict_reason(verdict, "NICs: recorded %s; none is there now: no evidence", recorded);
  } else if (verdict->mac.raw == EVIDENCE_DIFFERS) {
    verdict_reason(verdict, "NICs: recorded %s; none of them is left", recorded);
    verdict_reason(verdict, "NICs: now %s", now);
  } else {
    size_t left = list_nics(&facts->nics, &record->nics, now, sizeof now);

    verdict_reason(verdict, "NICs: %zu of %zu recorded are still there: %s", left, record->nics.count, now);
  }
}
