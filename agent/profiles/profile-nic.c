/* profile-nic.c - which NIC a profile is for, by what it says of it */
#include "profile-nic.h"

#include <fnmatch.h>
#include <string.h>

#include "base/each.h"
#include "id-path.h"

/* The NIC behind a MAC address or a name of the profile: the successor of the recorded NIC that it names, else the
 * present one that it names, if only by an alternative name that udev gives it. */
static const Nic *nic_by_mac(const NicMap *map, const NicList *present, const char *mac) {
  const NicSuccession *item = nic_map_by_mac(map, mac);

  return item != NULL ? item->present : nics_find_mac(present, mac);
}

static const NicSuccession *succession_by_other_name(const NicMap *map, const char *name) {
  array_each (const NicSuccession *, item, map->items)
    if (id_path_is_other_name(item->recorded, name))
      return item;
  return NULL;
}

static const Nic *nic_by_name(const NicMap *map, const NicList *present, const char *name) {
  const NicSuccession *item = nic_map_by_name(map, name);

  if (item != NULL)
    return item->present;
  for (size_t i = 0; i < present->count; i++)
    if (strcmp(present->items[i].name, name) == 0)
      return &present->items[i];
  item = succession_by_other_name(map, name);
  if (item != NULL)
    return item->present;
  for (size_t i = 0; i < present->count; i++)
    if (id_path_is_other_name(&present->items[i], name))
      return &present->items[i];
  return NULL;
}

/* Nothing is called NAME but by udev, beside its own name. */
static gboolean is_only_other_name(const NicMap *map, const NicList *present, const char *name) {
  if (nic_map_by_name(map, name) != NULL)
    return FALSE;
  for (size_t i = 0; i < present->count; i++)
    if (strcmp(present->items[i].name, name) == 0)
      return FALSE;
  return nic_by_name(map, present, name) != NULL;
}

/* NIC, unless another one was found before it; *FOUND is NULL where there are two. */
static void take_nic(const Nic *nic, const Nic **found, gboolean *several) {
  *several |= nic != NULL && *found != NULL && *found != nic;
  *found = nic != NULL && !*several ? nic : *several ? NULL : *found;
}

/* The only NIC that the addresses mean. */
static const Nic *nic_by_macs(const NicMap *map, const NicList *present, char **macs) {
  const Nic *only = NULL;
  gboolean several = FALSE;

  for (; *macs != NULL; macs++)
    take_nic(nic_by_mac(map, present, *macs), &only, &several);
  return only;
}

static gboolean path_fits(const Nic *nic, char **globs) {
  g_autofree char *path = id_path(nic->bus_path);

  for (; path != NULL && *globs != NULL; globs++)
    if (fnmatch(*globs, path, 0) == 0)
      return TRUE;
  return FALSE;
}

/* The only NIC that the paths mean: what took the place of a recorded one, else a present one. */
static const Nic *nic_by_paths(const NicMap *map, const NicList *present, char **globs) {
  const Nic *only = NULL;
  gboolean several = FALSE, recorded = FALSE;

  array_each (const NicSuccession *, item, map->items) {
    if (!path_fits(item->recorded, globs))
      continue;
    recorded = TRUE;
    take_nic(item->present, &only, &several);
  }
  for (size_t i = 0; !recorded && i < present->count; i++)
    if (path_fits(&present->items[i], globs))
      take_nic(&present->items[i], &only, &several);
  return only;
}

/* It says in some other way which NICs it is for. */
static gboolean matches_otherwise(const Profile *profile) {
  return profile->text != NULL && keyfile_text_has_group(profile->text, "match");
}

/* What is not known fits. */
static gboolean driver_fits(const Profile *profile, const Nic *nic) {
  char **globs = profile->plain != NULL ? profile->plain->drivers : NULL;

  if (globs == NULL || *nic->driver == '\0')
    return TRUE;
  for (; *globs != NULL; globs++)
    if (fnmatch(*globs, nic->driver, 0) == 0)
      return TRUE;
  return FALSE;
}

static const NicSuccession *succession_of(const NicMap *map, const Nic *present) {
  array_each (const NicSuccession *, item, map->items)
    if (item->present == present)
      return item;
  return NULL;
}

/* A name follows to the NIC that took its NIC's place, and so does a pattern that fitted that one. */
static gboolean glob_fits(const NicMap *map, const char *glob, const Nic *nic) {
  const NicSuccession *by_name = nic_map_by_name(map, glob);
  const NicSuccession *named = by_name != NULL ? by_name : succession_by_other_name(map, glob);
  const NicSuccession *own = succession_of(map, nic);

  if (named != NULL)
    return named->present == nic;
  return fnmatch(glob, nic->name, 0) == 0 || (own != NULL && fnmatch(glob, own->recorded->name, 0) == 0);
}

static gboolean globs_fit(const NicMap *map, char **globs, const Nic *nic) {
  for (; globs != NULL && *globs != NULL; globs++)
    if (glob_fits(map, *globs, nic))
      return TRUE;
  return FALSE;
}

/* The only NIC that the patterns mean. */
static const Nic *nic_by_globs(const Profile *profile, const NicMap *map, const NicList *present, char **globs) {
  const Nic *only = NULL;
  gboolean several = FALSE;

  for (size_t i = 0; i < present->count; i++)
    if (globs_fit(map, globs, &present->items[i]) && driver_fits(profile, &present->items[i]))
      take_nic(&present->items[i], &only, &several);
  return only;
}

/* The only NIC with the driver. */
static const Nic *nic_by_driver(const Profile *profile, const NicList *present) {
  const Nic *only = NULL;
  gboolean several = FALSE;

  for (size_t i = 0; i < present->count; i++)
    if (driver_fits(profile, &present->items[i]))
      take_nic(&present->items[i], &only, &several);
  return only;
}

/* By all that it says but the driver. */
static const Nic *nic_by_identity(const Profile *profile, const NicMap *map, const NicList *present) {
  const PlainProfile *plain = profile->plain;

  if (profile->mac_address != NULL)
    return nic_by_mac(map, present, profile->mac_address);
  if (profile->interface_name != NULL)
    return nic_by_name(map, present, profile->interface_name);
  if (plain != NULL && plain->macs != NULL)
    return nic_by_macs(map, present, plain->macs);
  if (plain != NULL && plain->path_globs != NULL)
    return nic_by_paths(map, present, plain->path_globs);
  if (plain != NULL && plain->name_globs != NULL)
    return nic_by_globs(profile, map, present, plain->name_globs);
  if (plain != NULL && plain->drivers != NULL)
    return nic_by_driver(profile, present);
  /* Bound to nothing: clear only where there is just one NIC that it can mean. */
  if (present->count == 1 && strcmp(profile->type, "802-3-ethernet") == 0 && !matches_otherwise(profile) &&
      (plain == NULL || !globs_fit(map, plain->denied_globs, &present->items[0])))
    return &present->items[0];
  return NULL;
}

const Nic *profile_find_nic(const Profile *profile, const NicMap *map, const NicList *present) {
  if (profile->type == NULL || !profile_is_for_hardware(profile))
    return NULL;
  if (profile->plain != NULL && profile->plain->by_own_name && profile->interface_name != NULL &&
      is_only_other_name(map, present, profile->interface_name))
    return NULL;
  const Nic *nic = nic_by_identity(profile, map, present);
  return nic != NULL && driver_fits(profile, nic) ? nic : NULL;
}

static gboolean macs_fit(const Profile *profile, const NicMap *map, const NicList *present, const Nic *nic) {
  if (profile->mac_address != NULL)
    return nic_by_mac(map, present, profile->mac_address) == nic;
  for (char **mac = profile->plain->macs; mac != NULL && *mac != NULL; mac++)
    if (nic_by_mac(map, present, *mac) == nic)
      return TRUE;
  return profile->plain->macs == NULL;
}

static gboolean paths_fit(const NicMap *map, char **globs, const Nic *nic) {
  const NicSuccession *own = succession_of(map, nic);

  return path_fits(own != NULL ? own->recorded : nic, globs);
}

static gboolean kind_fits(const Profile *profile, const Nic *nic) {
  return mac_is_infiniband(nic->mac) == (strcmp(profile->type, "infiniband") == 0);
}

gboolean profile_fits_nic(const Profile *profile, const NicMap *map, const NicList *present, const Nic *nic) {
  const PlainProfile *plain = profile->plain;

  if (profile->format == NULL || plain == NULL || profile->type == NULL || !profile_is_for_hardware(profile) ||
      !kind_fits(profile, nic))
    return FALSE;
  return driver_fits(profile, nic) && macs_fit(profile, map, present, nic) &&
         (profile->interface_name == NULL || nic_by_name(map, present, profile->interface_name) == nic) &&
         (plain->name_globs == NULL || globs_fit(map, plain->name_globs, nic)) &&
         !globs_fit(map, plain->denied_globs, nic) &&
         (plain->path_globs == NULL || paths_fit(map, plain->path_globs, nic));
}
