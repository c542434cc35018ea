/* shortcut.c - the answer of nearly every boot, without a policy. Pure */
#include "shortcut.h"

Shortcut shortcut_find(const Record *record, const ProductUuid *uuid) {
  const bool same = product_uuid_equal(&record->uuid, uuid);

  if (record->no_machine || record->needs_repair)
    return SHORTCUT_NONE;
  if (record->uuid_unstable)
    return record->nics.count > 0 ? SHORTCUT_BY_NICS : SHORTCUT_NONE;
  if (record->uuid_changes > 0 || (record->uuid.present && uuid->present && !same))
    return SHORTCUT_NONE;
  /* A copy of a template that shows no evidence is kept off the wire, and the policy says what is evidence: either. */
  if (record->state == RECORD_TEMPLATE)
    return same && record->nics.count > 0 ? SHORTCUT_BY_NICS : SHORTCUT_NONE;
  if (record->nics.count > 0)
    return SHORTCUT_BY_NICS;
  return same ? SHORTCUT_SAME : SHORTCUT_NONE;
}
