/* name-index.h - which names were seen, where, and what number they got. A policy with thousands of hosts must not be
 * searched from its start for each of them. */
#pragma once

#include <stddef.h>

typedef struct {
  const char *name;
  unsigned line; /* where it was first seen */
  size_t number; /* whatever the caller counts */
} NameEntry;

typedef struct {
  void *tree; /* of tsearch(3); NULL: empty */
} NameIndex;

/* name_index_find: the entry of NAME, or NULL. */
NameEntry *name_index_find(const NameIndex *index, const char *name);

/* name_index_add: NAME must not be there yet. Errors: -ENOMEM. */
int name_index_add(NameIndex *index, const char *name, unsigned line, size_t number);

void name_index_clear(NameIndex *index);
