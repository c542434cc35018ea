/* nic-map.h - which present card took the place of which recorded one.
 *
 * Same permanent MAC, else same bus path, else same name, else same position; each present card is taken once. What
 * stays ambiguous is said, not guessed: the recorded card then has no successor.
 */
#pragma once

#include <glib.h>

#include "observe/nics.h"

typedef struct {
  const Nic *recorded; /* borrowed */
  const Nic *present;  /* borrowed; NULL: nothing took its place */
  const char *by;      /* static: "MAC", "bus path", "name", "position" or NULL */
} NicSuccession;

typedef struct {
  GArray *items; /* NicSuccession, in the order of the record */
} NicMap;

NicMap *nic_map_new(const NicList *recorded, const NicList *present);
void nic_map_free(NicMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NicMap, nic_map_free)

/* The succession whose recorded card has this MAC (canonical) or this name, or NULL. */
const NicSuccession *nic_map_by_mac(const NicMap *map, const char *mac);
const NicSuccession *nic_map_by_name(const NicMap *map, const char *name);
