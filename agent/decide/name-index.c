/* name-index.c - which names were seen, where, and what number they got */
#include "name-index.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_entries(const void *a, const void *b) {
  return strcmp(((const NameEntry *)a)->name, ((const NameEntry *)b)->name);
}

NameEntry *name_index_find(const NameIndex *index, const char *name) {
  const NameEntry key = {.name = name};
  NameEntry **node = tfind(&key, &index->tree, compare_entries);

  return node != NULL ? *node : NULL;
}

int name_index_add(NameIndex *index, const char *name, unsigned line, size_t number) {
  size_t size = strlen(name) + 1;
  /* The name stands behind its entry, in one block. */
  NameEntry *entry = malloc(sizeof *entry + size);

  if (entry == NULL)
    return -ENOMEM;
  *entry = (NameEntry){.name = memcpy(entry + 1, name, size), .line = line, .number = number};
  if (tsearch(entry, &index->tree, compare_entries) == NULL) {
    free(entry);
    return -ENOMEM;
  }
  return 0;
}

void name_index_clear(NameIndex *index) {
  tdestroy(index->tree, free);
  index->tree = NULL;
}
