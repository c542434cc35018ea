/* selection.c - which profile NetworkManager brings up on a NIC by itself */
#include "selection.h"

#include <string.h>

#include "base/each.h"
#include "profile-fit.h"
#include "profiles/keyfile/profile-connection.h"
#include "profiles/keyfile/profile-judge.h"

enum { PRIORITY_MOST = 999 }; /* nm-settings(5), connection.autoconnect-priority */

typedef struct {
  Profile *profile; /* borrowed */
  int priority;
  gboolean starts;
  gboolean many; /* it may be up on several NICs at once */
  gboolean has_timestamp;
  guint64 timestamp;
  gboolean *fits; /* by the NIC's place in the list */
} Candidate;

struct Selections {
  const SelectionWorld *world;
  const NicList *present;
  GPtrArray *candidates; /* Candidate*, the preferred one first */
  GHashTable *by_device; /* char *name of a virtual device -> GPtrArray of its Candidate*, likewise */
  gboolean *managed;     /* by the NIC's place in the list */
  SelectionTime time;
};

static void candidate_free(Candidate *candidate) {
  g_free(candidate->fits);
  g_free(candidate);
}

void selections_free(Selections *selections) {
  g_hash_table_unref(selections->by_device);
  g_ptr_array_unref(selections->candidates);
  g_free(selections->managed);
  g_free(selections);
}

/* --- the order --- */

static int compare_levels(const Candidate *a, const Candidate *b) {
  if (a->starts != b->starts)
    return a->starts ? -1 : 1;
  if (a->starts && a->priority != b->priority)
    return a->priority > b->priority ? -1 : 1;
  if (a->has_timestamp != b->has_timestamp)
    return a->has_timestamp ? -1 : 1;
  if (a->timestamp != b->timestamp)
    return a->timestamp > b->timestamp ? -1 : 1;
  return 0;
}

static int compare_candidates(gconstpointer left, gconstpointer right) {
  const Candidate *a = *(const Candidate *const *)left;
  const Candidate *b = *(const Candidate *const *)right;
  const int level = compare_levels(a, b);

  return level != 0 ? level : g_strcmp0(a->profile->uuid, b->profile->uuid);
}

static gboolean uuids_change(const Selections *selections) {
  return (selections->time & SELECTION_UUIDS_CHANGE) != 0;
}

/* Where a file lies counts first: what is in /run shadows the others. */
static int place_of(const Profile *profile, SelectionTime time) {
  if (g_str_has_prefix(profile->path, "/run/"))
    return (time & SELECTION_SHADOWS_GO) != 0 ? 2 : 0;
  return g_str_has_prefix(profile->path, "/usr/lib/") ? 3 : 1;
}

static gboolean shadows(const Profile *profile, const Profile *other, SelectionTime time) {
  const int place = place_of(profile, time);
  const int other_place = place_of(other, time);

  if (place != other_place)
    return place < other_place;
  if (profile->changed.tv_sec != other->changed.tv_sec)
    return profile->changed.tv_sec > other->changed.tv_sec;
  if (profile->changed.tv_nsec != other->changed.tv_nsec)
    return profile->changed.tv_nsec > other->changed.tv_nsec;
  return strcmp(profile->path, other->path) > 0;
}

/* The profile that counts for each UUID. */
static GHashTable *profiles_by_uuid(const Profiles *profiles, SelectionTime time) {
  GHashTable *by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  list_each (Profile *, profile, profiles->items) {
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    const Profile *known = uuid != NULL ? g_hash_table_lookup(by_uuid, uuid) : NULL;

    if (uuid != NULL && profile->text != NULL && (known == NULL || shadows(profile, known, time)))
      g_hash_table_replace(by_uuid, g_steal_pointer(&uuid), profile);
  }
  return by_uuid;
}

static gboolean is_shadowed(GHashTable *by_uuid, const Profile *profile) {
  g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;

  return uuid != NULL && g_hash_table_lookup(by_uuid, uuid) != profile;
}

/* --- who may come up --- */

static gboolean is_of_hardware(const Profile *profile) {
  return profile_is_for_hardware(profile) || strcmp(profile->type, "pppoe") == 0;
}

static gboolean may_fit_some(const FitContext *context, const Profile *profile, const NicList *present) {
  for (size_t i = 0; i < present->count; i++)
    if (profile_may_fit(context, profile, &present->items[i]))
      return TRUE;
  return FALSE;
}

/* As NetworkManager has it in memory; NULL: it would not load it. */
static NMConnection *connection_of(const Profile *profile) {
  if (profile->judged != NULL)
    return g_object_ref(judged_profile_connection(profile->judged));
  return profile_connection_read(profile->bytes, profile->path, NULL);
}

/* Where libnm has no word on it, by its plain fields. */
static void find_fitting(const Selections *selections, const FitContext *context, Candidate *candidate) {
  g_autoptr(NMConnection) connection = connection_of(candidate->profile);
  NMSettingConnection *setting = connection != NULL ? nm_connection_get_setting_connection(connection) : NULL;

  for (size_t i = 0; i < selections->present->count; i++) {
    const Nic *nic = &selections->present->items[i];

    candidate->fits[i] = setting != NULL ? profile_fits(context, candidate->profile, connection, nic)
                                         : profile_may_fit(context, candidate->profile, nic);
  }
  if (setting == NULL)
    return;
  candidate->priority = nm_setting_connection_get_autoconnect_priority(setting);
  candidate->starts = nm_setting_connection_get_autoconnect(setting);
  candidate->many = nm_setting_connection_get_multi_connect(setting) == NM_CONNECTION_MULTI_CONNECT_MULTIPLE;
}

/* A virtual device's profile is asked for by its name alone. */
static void add_candidate(Selections *selections, const FitContext *context, Profile *profile) {
  const gboolean is_hardware = is_of_hardware(profile);

  if (is_hardware ? !may_fit_some(context, profile, selections->present) : profile->interface_name == NULL)
    return;
  Candidate *candidate = g_new0(Candidate, 1);
  candidate->profile = profile;
  candidate->priority = profile_priority(profile);
  candidate->starts = profile_autoconnects(profile);
  candidate->has_timestamp = selection_world_timestamp(selections->world, profile->uuid, &candidate->timestamp);
  candidate->fits = g_new0(gboolean, selections->present->count + 1);
  if (is_hardware)
    find_fitting(selections, context, candidate);
  g_ptr_array_add(selections->candidates, candidate);
}

/* Bridge, port and interface of Open vSwitch often have one name; the interface alone is a device that has addresses.
 */
static gboolean is_of_switch(const Profile *profile) {
  return g_strcmp0(profile->type, "ovs-bridge") == 0 || g_strcmp0(profile->type, "ovs-port") == 0;
}

static void list_by_device(Selections *selections) {
  selections->by_device = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  list_each (Candidate *, candidate, selections->candidates) {
    char *name = candidate->profile->interface_name;
    GPtrArray *list = name != NULL ? g_hash_table_lookup(selections->by_device, name) : NULL;

    if (name == NULL || is_of_hardware(candidate->profile) || is_of_switch(candidate->profile))
      continue;
    if (list == NULL) {
      list = g_ptr_array_new();
      (void)g_hash_table_insert(selections->by_device, name, list);
    }
    g_ptr_array_add(list, candidate);
  }
}

Selections *selections_new(const SelectionWorld *world, const Profiles *profiles, const NicMap *map,
                           const NicList *present, SelectionTime time) {
  g_autoptr(GHashTable) by_uuid = profiles_by_uuid(profiles, time);
  const FitContext context = {.world = world, .map = map};
  Selections *selections = g_new0(Selections, 1);

  selections->world = world;
  selections->present = present;
  selections->time = time;
  selections->managed = g_new0(gboolean, present->count + 1);
  selections->candidates = g_ptr_array_new_with_free_func((GDestroyNotify)candidate_free);
  for (size_t i = 0; i < present->count; i++) {
    const NetDevice device = selection_world_device(world, &present->items[i]);

    selections->managed[i] = world == NULL || managed_devices_has(world->managed, &device);
  }
  list_each (Profile *, profile, profiles->items)
    if (profile->text != NULL && profile->yields_to == NULL && !is_shadowed(by_uuid, profile))
      add_candidate(selections, &context, profile);
  g_ptr_array_sort(selections->candidates, compare_candidates);
  list_by_device(selections);
  return selections;
}

/* --- the answer --- */

static gsize place_of_nic(const Selections *selections, const Nic *nic) {
  return (gsize)(nic - selections->present->items);
}

static gboolean comes_up_on(const Selections *selections, const Candidate *candidate, gsize nic) {
  return selections->managed[nic] && candidate->starts && candidate->fits[nic];
}

/* No other NIC can take CANDIDATE away. */
static gboolean fits_there_only(const Selections *selections, const Candidate *candidate, gsize nic) {
  for (gsize i = 0; i < selections->present->count; i++)
    if (i != nic && comes_up_on(selections, candidate, i))
      return FALSE;
  return TRUE;
}

/* On the NIC at PLACE something is preferred to CANDIDATE, whatever comes first. */
static gboolean is_beaten_at(const Selections *selections, const Candidate *candidate, gsize place) {
  list_each (const Candidate *, other, selections->candidates) {
    if (other == candidate)
      return FALSE;
    if (comes_up_on(selections, other, place) && (other->many || fits_there_only(selections, other, place)) &&
        (!uuids_change(selections) || compare_levels(other, candidate) != 0))
      return TRUE;
  }
  return FALSE;
}

/* CANDIDATE may be what comes up on another NIC than the one at PLACE. */
static gboolean may_come_up_elsewhere(const Selections *selections, const Candidate *candidate, gsize place) {
  for (gsize i = 0; i < selections->present->count; i++)
    if (i != place && comes_up_on(selections, candidate, i) && !is_beaten_at(selections, candidate, i))
      return TRUE;
  return FALSE;
}

/* Nothing takes CANDIDATE away from NIC: it may be up on several, or no other NIC can come to it first. */
static gboolean is_safe_on(const Selections *selections, const Candidate *candidate, gsize nic) {
  return candidate->many || !may_come_up_elsewhere(selections, candidate, nic);
}

/* Those that may come up on NIC, the preferred one first. *ONE_DOES: the first of them is not taken away. One that is
 * may leave the NIC with nothing: NetworkManager begins on the other NIC before it has begun here, and does not try
 * another one then. */
static GPtrArray *possible_on(const Selections *selections, gsize nic, gboolean *one_does) {
  GPtrArray *possible = g_ptr_array_new();
  const Candidate *safe = NULL;

  *one_does = FALSE;
  list_each (Candidate *, candidate, selections->candidates) {
    if (!comes_up_on(selections, candidate, nic))
      continue;
    if (safe != NULL && (!uuids_change(selections) || compare_levels(safe, candidate) != 0))
      break;
    g_ptr_array_add(possible, candidate);
    if (safe == NULL && is_safe_on(selections, candidate, nic)) {
      safe = candidate;
      *one_does = possible->len == 1;
    }
  }
  return possible;
}

static const Profile *nth(const GPtrArray *possible, guint n) {
  return n < possible->len ? ((const Candidate *)g_ptr_array_index(possible, n))->profile : NULL;
}

Selection selections_on(const Selections *selections, const Nic *nic) {
  const gsize place = place_of_nic(selections, nic);
  gboolean one_does;
  g_autoptr(GPtrArray) possible = possible_on(selections, place, &one_does);
  const Candidate *first = possible->len > 0 ? g_ptr_array_index(possible, 0) : NULL;

  return (Selection){
      .managed = selections->managed[place],
      .profile = nth(possible, 0),
      .certain = possible->len == 0 || (possible->len == 1 && one_does),
      .rival = nth(possible, 1),
      .shared = first != NULL && may_come_up_elsewhere(selections, first, place),
      .many = first != NULL && first->many,
  };
}

gboolean selections_may_come_up(const Selections *selections, const Nic *nic, const Profile *profile) {
  gboolean one_does;
  g_autoptr(GPtrArray) possible = possible_on(selections, place_of_nic(selections, nic), &one_does);

  if (profile == NULL)
    return !one_does;
  for (guint i = 0; i < possible->len; i++)
    if (((const Candidate *)g_ptr_array_index(possible, i))->profile == profile)
      return TRUE;
  return FALSE;
}

GPtrArray *selections_fitting(const Selections *selections, const Nic *nic) {
  const gsize place = place_of_nic(selections, nic);
  GPtrArray *fitting = g_ptr_array_new();

  list_each (const Candidate *, candidate, selections->candidates)
    if (candidate->fits[place])
      g_ptr_array_add(fitting, candidate->profile);
  return fitting;
}

static const Candidate *nth_for(const Selections *selections, const char *name, guint n) {
  const GPtrArray *list = g_hash_table_lookup(selections->by_device, name);

  return list != NULL && n < list->len ? g_ptr_array_index(list, n) : NULL;
}

GPtrArray *selections_fitting_device(const Selections *selections, const char *name) {
  GPtrArray *profiles = g_ptr_array_new();
  const Candidate *candidate;

  for (guint i = 0; (candidate = nth_for(selections, name, i)) != NULL; i++)
    g_ptr_array_add(profiles, candidate->profile);
  return profiles;
}

Selection selections_on_device(const Selections *selections, const char *name) {
  const Candidate *first = nth_for(selections, name, 0);
  const Candidate *second = nth_for(selections, name, 1);
  Selection selection = {.managed = TRUE, .certain = TRUE};

  if (first == NULL || !first->starts)
    return selection;
  selection.profile = first->profile;
  if (second != NULL && second->starts && uuids_change(selections) && compare_levels(first, second) == 0)
    selection.rival = second->profile;
  selection.certain = selection.rival == NULL;
  return selection;
}

int selections_winning_priority(const Selections *selections, const Nic *nic, const Profile **strongest) {
  const gsize place = place_of_nic(selections, nic);

  list_each (const Candidate *, candidate, selections->candidates) {
    if (!candidate->starts || !candidate->fits[place])
      continue;
    if (candidate->priority < PRIORITY_MOST)
      return MAX(candidate->priority + 1, 0);
    if (strongest != NULL)
      *strongest = candidate->profile;
    return -1;
  }
  return 0;
}
