/* address-places.c - the devices of this machine that an address can go to, and the profile that comes up on each */
#include "address-places.h"

#include <string.h>

#include "base/each.h"
#include "kept-uuids.h"
#include "outcome.h"

typedef struct {
  const PlanContext *context;
  const Selections *selections;
  GArray *items;         /* AddressPlace; the NICs first, in their order */
  GHashTable *devices;   /* char *name of a virtual device -> its place's number */
  GHashTable *absent;    /* likewise, of a NIC that is not here */
  gboolean only_enabled; /* some stack is */
} Finding;

void address_places_free(AddressPlaces *places) {
  g_array_unref(places->items);
  selections_free(places->selections);
  g_free(places);
}

/* New UUIDs are drawn in the order of the old ones (identity.c). Beside one that stays, or where they are derived,
 * nobody can say which comes first. */
static gboolean uuids_keep_order(const PlanContext *context) {
  if (context->policy->connection_uuid != CHOICE_RANDOM)
    return context->policy->connection_uuid == CHOICE_KEEP;
  g_autoptr(GHashTable) kept = kept_uuids(context);
  list_each (const Profile *, profile, context->profiles->items) {
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;

    if (profile->text != NULL &&
        (uuid == NULL || !profile_is_edited(context, profile) || g_hash_table_contains(kept, uuid)))
      return FALSE;
  }
  return TRUE;
}

Selections *address_places_selections(const PlanContext *context) {
  const gboolean uuids_stay = uuids_keep_order(context);

  return selections_new(context->selection_world, context->profiles, context->nic_map, &context->facts->nics,
                        SELECTION_SHADOWS_GO | (uuids_stay ? 0 : SELECTION_UUIDS_CHANGE));
}

static gboolean counts(const Finding *finding, const Profile *profile) {
  return profile_is_loaded(profile) && profile->hidden_by == NULL && profile->yields_to == NULL &&
         (profile->enabled || !finding->only_enabled);
}

static gboolean some_stack_is_enabled(const Profiles *profiles) {
  list_each (const Profile *, profile, profiles->items)
    if (profile_is_loaded(profile) && profile->enabled)
      return TRUE;
  return FALSE;
}

/* --- of NetworkManager's --- */

static gboolean fits_other(const Finding *finding, const Profile *profile, const Nic *nic) {
  const NicList *nics = &finding->context->facts->nics;

  for (size_t i = 0; i < nics->count; i++) {
    g_autoptr(GPtrArray) fitting = selections_fitting(finding->selections, &nics->items[i]);

    if (&nics->items[i] != nic && g_ptr_array_find(fitting, profile, NULL))
      return TRUE;
  }
  return FALSE;
}

/* None comes up by itself: what somebody may bring up on this NIC and on no other. */
static void take_idle(const Finding *finding, const GPtrArray *fitting, AddressPlace *place) {
  list_each (const Profile *, profile, fitting) {
    if (!counts(finding, profile) || (place->nic != NULL && fits_other(finding, profile, place->nic)))
      continue;
    place->is_port |= profile_is_port(profile);
    if (place->profile == NULL) {
      place->profile = profile;
    } else if (!place->left_alone) {
      place->rival = profile;
      return;
    }
  }
}

static void take_selection(const Selection *selection, AddressPlace *place) {
  place->profile = selection->profile;
  place->shared = selection->shared;
  place->many = selection->many;
  place->rival = selection->shared ? NULL : selection->rival;
  place->is_port = profile_is_port(selection->profile);
  place->is_port |= place->rival != NULL && profile_is_port(place->rival);
}

static void take_keyfiles(const Finding *finding, AddressPlace *place) {
  Selection selection = place->nic != NULL ? selections_on(finding->selections, place->nic)
                                           : selections_on_device(finding->selections, place->name);
  g_autoptr(GPtrArray) fitting = place->nic != NULL ? selections_fitting(finding->selections, place->nic)
                                                    : selections_fitting_device(finding->selections, place->name);

  place->left_alone = !selection.managed;
  if (selection.profile != NULL && counts(finding, selection.profile))
    take_selection(&selection, place);
  else
    take_idle(finding, fitting, place);
}

/* --- of the other stacks --- */

static AddressPlace *numbered(const Finding *finding, gsize number) {
  return &g_array_index(finding->items, AddressPlace, number);
}

static AddressPlace *find_place(const Finding *finding, GHashTable *names, const char *name) {
  gpointer number;

  if (name == NULL || !g_hash_table_lookup_extended(names, name, NULL, &number))
    return NULL;
  return numbered(finding, GPOINTER_TO_UINT(number));
}

/* Where PROFILE says that it is; NULL: nowhere here. */
static AddressPlace *place_of(const Finding *finding, const Profile *profile) {
  if (profile->nic != NULL)
    return numbered(finding, (gsize)(profile->nic - finding->context->facts->nics.items));
  return profile_is_for_hardware(profile) ? NULL : find_place(finding, finding->devices, profile->interface_name);
}

/* Which of two stacks gets to the NIC first nobody can say; what it had on the template can: the one with addresses.
 * Of two that are NetworkManager's it can be said. */
static gboolean holds_addresses(const Profile *profile) {
  return profile_has_static_address(profile, AF_INET) || profile_has_static_address(profile, AF_INET6);
}

static gboolean timestamp_of(const Finding *finding, const Profile *profile, guint64 *timestamp) {
  const SelectionWorld *world = finding->context->selection_world;

  *timestamp = 0;
  return world != NULL && selection_world_timestamp(world, profile->uuid, timestamp);
}

/* What NetworkManager goes by where it has both: above 0 A comes up, below 0 B, and 0 leaves it open. */
static int compare_managers(const Finding *finding, const Profile *a, const Profile *b) {
  const int priority_a = profile_priority(a);
  const int priority_b = profile_priority(b);
  guint64 time_a, time_b;
  const gboolean was_up_a = timestamp_of(finding, a, &time_a);
  const gboolean was_up_b = timestamp_of(finding, b, &time_b);

  if (!profile_is_managers(a) || !profile_is_managers(b) || !profile_autoconnects(a))
    return 0;
  if (!profile_autoconnects(b))
    return 1;
  if (priority_a != priority_b)
    return priority_a > priority_b ? 1 : -1;
  if (was_up_a != was_up_b)
    return was_up_a ? 1 : -1;
  return time_a == time_b ? 0 : time_a > time_b ? 1 : -1;
}

static gboolean gives_way(const Finding *finding, const AddressPlace *place, const Profile *profile, int rank) {
  return place->profile == NULL || place->shared || place->left_alone ||
         !profile_is_edited(finding->context, place->profile) || rank > 0 ||
         (rank == 0 && profile_is_edited(finding->context, profile) && !holds_addresses(place->profile) &&
          holds_addresses(profile));
}

/* What may be edited stands before what it is rendered to. */
static void take_plain(const Finding *finding, const Profile *profile, AddressPlace *place) {
  const int rank = place->profile != NULL ? compare_managers(finding, profile, place->profile) : 0;

  place->is_port |= profile_is_port(profile);
  if (gives_way(finding, place, profile, rank)) {
    place->profile = profile;
    place->shared = place->many = place->left_alone = FALSE;
    place->rival = NULL;
  } else if (rank == 0 && profile_is_edited(finding->context, profile) &&
             holds_addresses(profile) == holds_addresses(place->profile)) {
    place->rival = profile;
  }
}

/* Where something starts, what does not start does not count. */
static void take_all_plain(const Finding *finding, gboolean starting) {
  const Profiles *profiles = finding->context->profiles;
  g_autofree gboolean *taken = g_new0(gboolean, finding->items->len + 1);

  for (guint i = 0; i < finding->items->len; i++)
    taken[i] = !starting && numbered(finding, i)->profile != NULL;
  list_each (const Profile *, profile, profiles->items) {
    AddressPlace *place =
        profile->format != NULL && counts(finding, profile) && profile_autoconnects(profile) == starting
            ? place_of(finding, profile)
            : NULL;

    if (place != NULL && !taken[place - numbered(finding, 0)])
      take_plain(finding, profile, place);
  }
}

/* What is on several NICs is what each of them has that has nothing of its own. */
static void take_shared(const Finding *finding) {
  const Profiles *profiles = finding->context->profiles;

  list_each (const Profile *, profile, profiles->items) {
    const GPtrArray *nics = profile->plain != NULL ? profile->plain->nics : NULL;

    for (guint j = 0; nics != NULL && counts(finding, profile) && profile_autoconnects(profile) && j < nics->len; j++) {
      AddressPlace *place =
          numbered(finding, (gsize)((const Nic *)nics->pdata[j] - finding->context->facts->nics.items));

      if (place->profile == NULL) {
        place->profile = profile;
        place->shared = place->many = TRUE;
      }
    }
  }
}

static void add_place(const Finding *finding, AddressPlace place) {
  take_keyfiles(finding, &place);
  g_array_append_val(finding->items, place);
}

/* --- which devices there are --- */

static gboolean fits_a_nic(const Finding *finding, const Profile *profile) {
  return profile->nic != NULL || fits_other(finding, profile, NULL);
}

static void add_virtual(const Finding *finding, const Profile *profile) {
  char *name = profile->interface_name;

  if (profile_is_for_hardware(profile) || name == NULL || !profile_carries_ip(profile) ||
      g_hash_table_contains(finding->devices, name))
    return;
  g_hash_table_insert(finding->devices, name, GUINT_TO_POINTER(finding->items->len));
  add_place(finding, (AddressPlace){.kind = PLACE_VIRTUAL, .name = name});
}

/* Bound to a NIC that is not here. Perhaps the NIC comes: then what connects by itself is its profile. */
static void add_absent(const Finding *finding, const Profile *profile) {
  const AddressPlace place = {.kind = PLACE_ABSENT, .name = profile->interface_name, .profile = profile};

  if (!profile_is_for_hardware(profile) || (profile->interface_name == NULL && profile->mac_address == NULL) ||
      !profile_carries_ip(profile) || fits_a_nic(finding, profile))
    return;
  AddressPlace *known = find_place(finding, finding->absent, profile->interface_name);
  if (known == NULL && profile->interface_name != NULL)
    g_hash_table_insert(finding->absent, profile->interface_name, GUINT_TO_POINTER(finding->items->len));
  if (known == NULL)
    g_array_append_val(finding->items, place);
  else if (!profile_autoconnects(known->profile))
    *known = place;
  else if (profile_autoconnects(profile))
    known->rival = profile;
}

static void find_all(const Finding *finding) {
  const PlanContext *context = finding->context;

  for (size_t i = 0; i < context->facts->nics.count; i++) {
    const Nic *nic = &context->facts->nics.items[i];

    add_place(finding, (AddressPlace){.kind = PLACE_NIC, .nic = nic, .name = nic->name});
  }
  list_each (const Profile *, profile, context->profiles->items) {
    if (!counts(finding, profile))
      continue;
    add_virtual(finding, profile);
    add_absent(finding, profile);
  }
  take_all_plain(finding, TRUE);
  take_all_plain(finding, FALSE);
  take_shared(finding);
}

AddressPlaces *address_places_new(const PlanContext *context) {
  AddressPlaces *places = g_new0(AddressPlaces, 1);
  g_autoptr(GHashTable) devices = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) absent = g_hash_table_new(g_str_hash, g_str_equal);
  Finding finding = {.context = context,
                     .devices = devices,
                     .absent = absent,
                     .only_enabled = some_stack_is_enabled(context->profiles)};

  places->items = g_array_new(FALSE, FALSE, sizeof(AddressPlace));
  places->selections = address_places_selections(context);
  finding.items = places->items;
  finding.selections = places->selections;
  find_all(&finding);
  return places;
}

const Profile *address_places_absent_default(const AddressPlaces *places, const Profile *best, int family) {
  const Profile *found = NULL;
  gboolean some_is_bare = FALSE;

  if (best == NULL || profile_has_gateway(best, family) || profile_is_automatic(best, family))
    return NULL;
  array_each (const AddressPlace *, place, places->items) {
    some_is_bare = some_is_bare || (place->kind == PLACE_NIC && place->profile == NULL && !place->left_alone);
    if (place->kind == PLACE_ABSENT && place->profile->mac_address != NULL && profile_autoconnects(place->profile) &&
        profile_has_gateway(place->profile, family))
      found = place->profile;
  }
  return some_is_bare ? found : NULL;
}
