/* nearest.h - which known name did somebody mean who wrote another one? libc only. */
#pragma once

#include <stddef.h>

/* nearest_distance: how many letters of WORD have to be changed, added, left out or swapped with their neighbour to get
 * NAME, case apart; more than a third of the word's letters, and at least 2, is far: SIZE_MAX. */
size_t nearest_distance(const char *word, const char *name);

/* nearest_name: of the NULL-terminated NAMES the one that is nearest to WORD, or NULL where all are far. */
const char *nearest_name(const char *word, const char *const *names);
