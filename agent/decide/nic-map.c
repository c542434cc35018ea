/* nic-map.c - which present NIC took the place of which recorded one */
#include "nic-map.h"

#include <string.h>

#include "base/each.h"

typedef gboolean (*NicTest)(const Nic *recorded, const Nic *present);

/* By observe/'s rule for what counts in an address (the first bytes of InfiniBand's do not). */
static gboolean has_mac(const Nic *nic, const char *mac) {
  Nic copy = *nic;

  return nics_find_mac(&(const NicList){.items = &copy, .count = 1}, mac) != NULL;
}

static gboolean same_mac(const Nic *recorded, const Nic *present) {
  return recorded->mac[0] != '\0' && has_mac(recorded, present->mac);
}

static gboolean same_bus_path(const Nic *recorded, const Nic *present) {
  return recorded->bus_path[0] != '\0' && g_strcmp0(recorded->bus_path, present->bus_path) == 0;
}

static gboolean same_name(const Nic *recorded, const Nic *present) {
  return recorded->name[0] != '\0' && g_strcmp0(recorded->name, present->name) == 0;
}

static gboolean is_infiniband(const Nic *nic) {
  return mac_is_infiniband(nic->mac);
}

static gboolean is_taken(const NicMap *map, const Nic *present) {
  for (guint i = 0; i < map->items->len; i++)
    if (g_array_index(map->items, NicSuccession, i).present == present)
      return TRUE;
  return FALSE;
}

/* The only NIC that is still free and passes TEST for RECORDED, or NULL: two ports of one adapter share a bus path. */
static const Nic *only_present(const NicMap *map, const NicList *present, NicTest test, const Nic *recorded) {
  const Nic *found = NULL;

  for (size_t i = 0; i < present->count; i++) {
    const Nic *nic = &present->items[i];

    if (is_taken(map, nic) || is_infiniband(nic) != is_infiniband(recorded) || !test(recorded, nic))
      continue;
    if (found != NULL)
      return NULL;
    found = nic;
  }
  return found;
}

/* Does another recorded NIC without a successor claim PRESENT by the same TEST? */
static gboolean is_contested(const NicMap *map, NicTest test, const Nic *recorded, const Nic *present) {
  array_each (const NicSuccession *, other, map->items)
    if (other->recorded != recorded && other->present == NULL && test(other->recorded, present))
      return TRUE;
  return FALSE;
}

/* A NIC is taken only where neither side has another choice, so no NIC wins by standing first. */
static void match_by(NicMap *map, const NicList *present, NicTest test, const char *by) {
  array_each (NicSuccession *, item, map->items) {
    const Nic *candidate = NULL;

    if (item->present == NULL)
      candidate = only_present(map, present, test, item->recorded);
    if (candidate == NULL || is_contested(map, test, item->recorded, candidate))
      continue;
    item->present = candidate;
    item->by = by;
  }
}

/* Of the recorded NICs of a kind without a successor the one that stood first, or NULL. */
static NicSuccession *first_left(const NicMap *map, gboolean infiniband, guint *count) {
  NicSuccession *first = NULL;

  *count = 0;
  array_each (NicSuccession *, item, map->items) {
    if (item->present != NULL || is_infiniband(item->recorded) != infiniband)
      continue;
    ++*count;
    if (first == NULL || item->recorded->position < first->recorded->position)
      first = item;
  }
  return first;
}

/* Of the present NICs of a kind that nobody took the one that stands first, or NULL. */
static const Nic *first_free(const NicMap *map, const NicList *present, gboolean infiniband, guint *count) {
  const Nic *first = NULL;

  *count = 0;
  for (size_t i = 0; i < present->count; i++) {
    const Nic *nic = &present->items[i];

    if (is_taken(map, nic) || is_infiniband(nic) != infiniband)
      continue;
    ++*count;
    if (first == NULL || nic->position < first->position)
      first = nic;
  }
  return first;
}

static gboolean has_order(const NicMap *map) {
  array_each (const NicSuccession *, item, map->items)
    array_each (const NicSuccession *, other, map->items)
      if (other != item && other->present == NULL && item->present == NULL &&
          is_infiniband(other->recorded) == is_infiniband(item->recorded) &&
          other->recorded->position == item->recorded->position)
        return FALSE;
  return TRUE;
}

/* What is left over, in order of position. Only where equally many are left over on both sides does a position mean
 * anything: with one NIC more or less, nobody can say which one it is. */
static void match_kind_by_position(NicMap *map, const NicList *present, gboolean infiniband) {
  guint left, free_cards;
  NicSuccession *item = first_left(map, infiniband, &left);
  const Nic *nic = first_free(map, present, infiniband, &free_cards);

  if (left != free_cards || !has_order(map))
    return;
  while (item != NULL && nic != NULL) {
    item->present = nic;
    item->by = "position";
    item = first_left(map, infiniband, &left);
    nic = first_free(map, present, infiniband, &free_cards);
  }
}

static void match_by_position(NicMap *map, const NicList *present) {
  match_kind_by_position(map, present, FALSE);
  match_kind_by_position(map, present, TRUE);
}

/* Does the map say that two NICs have changed places, on other evidence than a MAC and their own names? */
static gboolean turns_order_round(const NicMap *map) {
  gboolean turned = FALSE, renamed = FALSE;

  for (guint i = 0; i < map->items->len; i++) {
    const NicSuccession *a = &g_array_index(map->items, NicSuccession, i);

    if (a->present == NULL || g_strcmp0(a->by, "MAC") == 0)
      return FALSE;
    renamed = renamed || !same_name(a->recorded, a->present);
    for (guint j = 0; j < i; j++) {
      const NicSuccession *b = &g_array_index(map->items, NicSuccession, j);

      turned =
          turned || (b->present != NULL && a->recorded->position != b->recorded->position &&
                     (a->recorded->position < b->recorded->position) != (a->present->position < b->present->position));
    }
  }
  return turned && renamed;
}

void nic_map_forget(NicMap *map) {
  array_each (NicSuccession *, item, map->items) {
    item->present = NULL;
    item->by = NULL;
  }
}

NicMap *nic_map_new(const NicList *recorded, const NicList *present) {
  NicMap *map = g_new0(NicMap, 1);

  map->items = g_array_new(FALSE, TRUE, sizeof(NicSuccession));
  for (size_t i = 0; recorded != NULL && i < recorded->count; i++) {
    NicSuccession item = {.recorded = &recorded->items[i]};

    g_array_append_val(map->items, item);
  }
  match_by(map, present, same_mac, "MAC");
  match_by(map, present, same_bus_path, "bus path");
  match_by(map, present, same_name, "name");
  match_by_position(map, present);
  map->slots_moved = turns_order_round(map);
  if (map->slots_moved) {
    nic_map_forget(map);
    match_by_position(map, present);
  }
  return map;
}

static gboolean is_called(const NicList *present, const char *name) {
  for (size_t i = 0; i < present->count; i++)
    if (strcmp(present->items[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

void nic_map_set_former(const NicMap *map, const NicList *present) {
  for (size_t i = 0; i < present->count; i++)
    *present->items[i].former = *present->items[i].former_mac = '\0';
  array_each (const NicSuccession *, item, map->items) {
    Nic *successor = item->present != NULL ? &present->items[item->present - present->items] : NULL;

    if (successor != NULL && !is_called(present, item->recorded->name))
      (void)g_strlcpy(successor->former, item->recorded->name, NIC_NAME);
    if (successor != NULL && nics_find_mac(present, item->recorded->mac) == NULL)
      (void)g_strlcpy(successor->former_mac, item->recorded->mac, NIC_MAC_TEXT);
  }
}

void nic_map_free(NicMap *map) {
  g_array_unref(map->items);
  g_free(map);
}

const NicSuccession *nic_map_by_mac(const NicMap *map, const char *mac) {
  array_each (const NicSuccession *, item, map->items)
    if (has_mac(item->recorded, mac))
      return item;
  return NULL;
}

const NicSuccession *nic_map_by_name(const NicMap *map, const char *name) {
  array_each (const NicSuccession *, item, map->items)
    if (strcmp(item->recorded->name, name) == 0)
      return item;
  return NULL;
}
