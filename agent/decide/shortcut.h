/* shortcut.h - the answer of nearly every boot, without a policy: this is plainly the recorded machine. Pure. */
#pragma once

#include "observe/product-uuid.h"
#include "observe/record.h"

typedef enum {
  SHORTCUT_NONE,    /* all the evidence has to be weighed, by the policy */
  SHORTCUT_BY_NICS, /* the same if each recorded NIC is where it was; else NONE */
  SHORTCUT_SAME,
} Shortcut;

/* shortcut_find: with SHORTCUT_SAME no policy whatever finds anything to do or to report (verdict_calls), by RECORD and
 * UUID, the one that is there now. What is said is said of verdict_decide() without an override. */
Shortcut shortcut_find(const Record *record, const ProductUuid *uuid);
