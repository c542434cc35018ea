/* nic-map.h - which present NIC took the place of which recorded one.
 *
 * Same permanent MAC, else same bus path, else same name, else same position; each present NIC is taken once, by one of
 * its kind (Ethernet, InfiniBand). What stays ambiguous is said, not guessed: the recorded NIC then has no successor.
 * Recorded NICs that share a position have no order.
 *
 * Where the slots moved on (a controller more or less in front of the NICs), bus paths put the second NIC in the first
 * one's place and leave the other end of the row over: WAN and LAN would change places. Where no MAC says otherwise and
 * the map turns the order of the NICs round, it goes by position alone, and `slots_moved` says so.
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
  GArray *items;        /* NicSuccession, in the order of the record */
  gboolean slots_moved; /* the map by bus path was given up: worth a warning */
} NicMap;

NicMap *nic_map_new(const NicList *recorded, const NicList *present);
void nic_map_free(NicMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NicMap, nic_map_free)

/* nic_map_set_former: gives each of PRESENT, of which MAP was made, the name and the MAC that stand for it in what was
 * written for the recorded NICs. */
void nic_map_set_former(const NicMap *map, const NicList *present);

/* nic_map_forget: nothing took the place of anything: what names a NIC stays as it is. */
void nic_map_forget(NicMap *map);

/* The succession whose recorded NIC has this MAC (canonical) or this name, or NULL. */
const NicSuccession *nic_map_by_mac(const NicMap *map, const char *mac);
const NicSuccession *nic_map_by_name(const NicMap *map, const char *name);
