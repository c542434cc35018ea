/* renames-table.h - how a Renames holds its table: shared by what fills it and what searches with it, and by nobody
 * else. */
#pragma once

#include "renames.h"

enum { N_RENAME_TABLES = 6 };

struct Renames {
  GHashTable *tables[N_RENAME_TABLES]; /* char *old value, canonical -> Rename*; one of each kind */
  GHashTable *own_addresses;           /* char*, canonical: what the clone has */
};

static inline GHashTable *rename_table(const Renames *renames, RenameKind kind) {
  return renames->tables[__builtin_ctz((unsigned)kind)];
}
