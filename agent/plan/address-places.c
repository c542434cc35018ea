/* address-places.c - the devices of this machine that an address can go to, and the profile that comes up on each */
#include "address-places.h"

#include <string.h>

#include "outcome.h"

typedef struct {
  const PlanContext *context;
  const Selections *selections;
  GArray *items;
  gboolean only_enabled; /* some stack is */
} Finding;

void address_places_free(AddressPlaces *places) {
  if (places == NULL)
    return;
  g_array_unref(places->items);
  selections_free(places->selections);
  g_free(places);
}

Selections *address_places_selections(const PlanContext *context) {
  const gboolean uuids_stay = context->policy->connection_uuid == CHOICE_KEEP;

  return selections_new(context->selection_world, context->profiles, context->nic_map, &context->facts->nics,
                        SELECTION_SHADOWS_GO | (uuids_stay ? 0 : SELECTION_UUIDS_CHANGE));
}

static gboolean is_hardware_type(const Profile *profile) {
  static const char *const types[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return profile->type == NULL || g_strv_contains(types, profile->type);
}

static gboolean counts(const Finding *finding, const Profile *profile) {
  return profile_is_loaded(profile) && profile->hidden_by == NULL && (profile->enabled || !finding->only_enabled);
}

static gboolean some_stack_is_enabled(const Profiles *profiles) {
  for (guint i = 0; i < profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(profiles->items, i);

    if (profile_is_loaded(profile) && profile->enabled)
      return TRUE;
  }
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
  for (guint i = 0; i < fitting->len; i++) {
    const Profile *profile = g_ptr_array_index(fitting, i);

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

static gboolean is_at(const Profile *profile, const AddressPlace *place) {
  if (place->nic != NULL)
    return profile->nic == place->nic;
  return profile->nic == NULL && !is_hardware_type(profile) && g_strcmp0(profile->interface_name, place->name) == 0;
}

/* They name their device: where one starts, what does not does not count. */
static GPtrArray *plain_profiles(const Finding *finding, const AddressPlace *place, gboolean starting) {
  const Profiles *profiles = finding->context->profiles;
  GPtrArray *found = g_ptr_array_new();

  for (guint i = 0; i < profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(profiles->items, i);

    if (profile->format != NULL && counts(finding, profile) && is_at(profile, place) &&
        profile_autoconnects(profile) == starting)
      g_ptr_array_add(found, profile);
  }
  return found;
}

/* Which of two stacks gets to the NIC first nobody can say; what it had on the template can: the one with addresses. */
static gboolean holds_addresses(const Profile *profile) {
  return profile_has_static_address(profile, AF_INET) || profile_has_static_address(profile, AF_INET6);
}

static gboolean gives_way(const Finding *finding, const AddressPlace *place, const Profile *profile) {
  return place->profile == NULL || place->shared || place->left_alone ||
         !profile_is_edited(finding->context, place->profile) ||
         (profile_is_edited(finding->context, profile) && !holds_addresses(place->profile) && holds_addresses(profile));
}

/* What may be edited stands before what it is rendered to. */
static void take_plain(const Finding *finding, const GPtrArray *plain, AddressPlace *place) {
  for (guint i = 0; i < plain->len; i++) {
    const Profile *profile = g_ptr_array_index(plain, i);

    place->is_port |= profile_is_port(profile);
    if (gives_way(finding, place, profile)) {
      place->profile = profile;
      place->shared = place->many = place->left_alone = FALSE;
      place->rival = NULL;
    } else if (profile_is_edited(finding->context, profile) &&
               holds_addresses(profile) == holds_addresses(place->profile)) {
      place->rival = profile;
    }
  }
}

static void add_place(const Finding *finding, AddressPlace place) {
  g_autoptr(GPtrArray) starting = plain_profiles(finding, &place, TRUE);
  g_autoptr(GPtrArray) idle = plain_profiles(finding, &place, FALSE);

  take_keyfiles(finding, &place);
  take_plain(finding, starting, &place);
  if (place.profile == NULL)
    take_plain(finding, idle, &place);
  g_array_append_val(finding->items, place);
}

/* --- which devices there are --- */

static gboolean is_known_device(const Finding *finding, const char *name) {
  for (guint i = 0; i < finding->items->len; i++) {
    const AddressPlace *place = &g_array_index(finding->items, AddressPlace, i);

    if (place->kind == PLACE_VIRTUAL && strcmp(place->name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean fits_a_nic(const Finding *finding, const Profile *profile) {
  return profile->nic != NULL || fits_other(finding, profile, NULL);
}

static void add_virtual(const Finding *finding, const Profile *profile) {
  if (!is_hardware_type(profile) && profile->interface_name != NULL && profile_carries_ip(profile) &&
      !is_known_device(finding, profile->interface_name))
    add_place(finding, (AddressPlace){.kind = PLACE_VIRTUAL, .name = profile->interface_name});
}

static AddressPlace *absent_place(const Finding *finding, const Profile *profile) {
  for (guint i = 0; profile->interface_name != NULL && i < finding->items->len; i++) {
    AddressPlace *place = &g_array_index(finding->items, AddressPlace, i);

    if (place->kind == PLACE_ABSENT && g_strcmp0(place->name, profile->interface_name) == 0)
      return place;
  }
  return NULL;
}

/* Bound to a NIC that is not here. Perhaps the NIC comes: then what connects by itself is its profile. */
static void add_absent(const Finding *finding, const Profile *profile) {
  const AddressPlace place = {.kind = PLACE_ABSENT, .name = profile->interface_name, .profile = profile};
  AddressPlace *known;

  if (!is_hardware_type(profile) || (profile->interface_name == NULL && profile->mac_address == NULL) ||
      !profile_carries_ip(profile) || fits_a_nic(finding, profile))
    return;
  known = absent_place(finding, profile);
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
  for (guint i = 0; i < context->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(context->profiles->items, i);

    if (!counts(finding, profile))
      continue;
    add_virtual(finding, profile);
    add_absent(finding, profile);
  }
}

AddressPlaces *address_places_new(const PlanContext *context) {
  AddressPlaces *places = g_new0(AddressPlaces, 1);
  Finding finding = {.context = context, .only_enabled = some_stack_is_enabled(context->profiles)};

  places->items = g_array_new(FALSE, FALSE, sizeof(AddressPlace));
  places->selections = address_places_selections(context);
  finding.items = places->items;
  finding.selections = places->selections;
  find_all(&finding);
  return places;
}
