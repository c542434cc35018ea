/* selection.c - which profile NetworkManager brings up on a NIC by itself */
#include "selection.h"

#include <string.h>

#include "profile-connection.h"
#include "profile-fit.h"

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
  gboolean *managed;     /* by the NIC's place in the list */
  gboolean uuids_stay;
};

static void candidate_free(gpointer data) {
  Candidate *candidate = data;

  g_free(candidate->fits);
  g_free(candidate);
}

void selections_free(Selections *selections) {
  if (selections == NULL)
    return;
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

/* Where a file lies counts first: what is in /run shadows the others. */
static int place_of(const Profile *profile) {
  if (g_str_has_prefix(profile->path, "/run/"))
    return 0;
  return g_str_has_prefix(profile->path, "/usr/lib/") ? 2 : 1;
}

static gboolean shadows(const Profile *profile, const Profile *other) {
  const int place = place_of(profile);
  const int other_place = place_of(other);

  if (place != other_place)
    return place < other_place;
  if (profile->changed.tv_sec != other->changed.tv_sec)
    return profile->changed.tv_sec > other->changed.tv_sec;
  if (profile->changed.tv_nsec != other->changed.tv_nsec)
    return profile->changed.tv_nsec > other->changed.tv_nsec;
  return strcmp(profile->path, other->path) > 0;
}

/* The profile that counts for each UUID. */
static GHashTable *profiles_by_uuid(const Profiles *profiles) {
  GHashTable *by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(profiles->items, i);
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;
    const Profile *known = uuid != NULL ? g_hash_table_lookup(by_uuid, uuid) : NULL;

    if (uuid != NULL && profile->text != NULL && (known == NULL || shadows(profile, known)))
      g_hash_table_replace(by_uuid, g_steal_pointer(&uuid), profile);
  }
  return by_uuid;
}

static gboolean is_shadowed(GHashTable *by_uuid, const Profile *profile) {
  g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;

  return uuid != NULL && g_hash_table_lookup(by_uuid, uuid) != profile;
}

/* --- who may come up --- */

static gboolean may_fit_some(const FitContext *context, const Profile *profile, const NicList *present) {
  for (size_t i = 0; i < present->count; i++)
    if (profile_may_fit(context, profile, &present->items[i]))
      return TRUE;
  return FALSE;
}

/* Only what may come up on some NIC, or is a virtual device's, has to be read by libnm. */
static NMConnection *read_connection(const FitContext *context, const Profile *profile, const NicList *present) {
  if (profile->interface_name == NULL && !may_fit_some(context, profile, present))
    return NULL;
  return profile_connection_read(profile->bytes, profile->path, NULL, NULL, NULL);
}

static void fill_candidate(Candidate *candidate, NMConnection *connection, const SelectionWorld *world) {
  NMSettingConnection *setting = nm_connection_get_setting_connection(connection);

  candidate->priority = nm_setting_connection_get_autoconnect_priority(setting);
  candidate->starts = nm_setting_connection_get_autoconnect(setting);
  candidate->many = nm_setting_connection_get_multi_connect(setting) == NM_CONNECTION_MULTI_CONNECT_MULTIPLE;
  candidate->has_timestamp = selection_world_timestamp(world, candidate->profile->uuid, &candidate->timestamp);
}

static void add_candidate(Selections *selections, const FitContext *context, Profile *profile) {
  g_autoptr(NMConnection) connection = read_connection(context, profile, selections->present);
  Candidate *candidate;

  if (connection == NULL)
    return;
  candidate = g_new0(Candidate, 1);
  candidate->profile = profile;
  candidate->fits = g_new0(gboolean, selections->present->count + 1);
  fill_candidate(candidate, connection, selections->world);
  for (size_t i = 0; i < selections->present->count; i++)
    candidate->fits[i] = profile_fits(context, profile, connection, &selections->present->items[i]);
  g_ptr_array_add(selections->candidates, candidate);
}

Selections *selections_new(const SelectionWorld *world, const Profiles *profiles, const NicMap *map,
                           const NicList *present, gboolean uuids_stay) {
  g_autoptr(GHashTable) by_uuid = profiles_by_uuid(profiles);
  const FitContext context = {.world = world, .map = map};
  Selections *selections = g_new0(Selections, 1);

  selections->world = world;
  selections->present = present;
  selections->uuids_stay = uuids_stay;
  selections->managed = g_new0(gboolean, present->count + 1);
  selections->candidates = g_ptr_array_new_with_free_func(candidate_free);
  for (size_t i = 0; i < present->count; i++) {
    const NetDevice device = selection_world_device(world, &present->items[i]);

    selections->managed[i] = world == NULL || managed_devices_has(world->managed, &device);
  }
  for (guint i = 0; i < profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(profiles->items, i);

    if (profile->text != NULL && !is_shadowed(by_uuid, profile))
      add_candidate(selections, &context, profile);
  }
  g_ptr_array_sort(selections->candidates, compare_candidates);
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
  for (guint i = 0; i < selections->candidates->len; i++) {
    const Candidate *other = g_ptr_array_index(selections->candidates, i);

    if (other == candidate)
      return FALSE;
    if (comes_up_on(selections, other, place) && (other->many || fits_there_only(selections, other, place)) &&
        (selections->uuids_stay || compare_levels(other, candidate) != 0))
      return TRUE;
  }
  return FALSE;
}

/* Nothing takes CANDIDATE away from NIC: it may be up on several, or no other NIC can come to it first. */
static gboolean is_safe_on(const Selections *selections, const Candidate *candidate, gsize nic) {
  for (gsize i = 0; !candidate->many && i < selections->present->count; i++)
    if (i != nic && comes_up_on(selections, candidate, i) && !is_beaten_at(selections, candidate, i))
      return FALSE;
  return TRUE;
}

/* Those that may come up on NIC, the preferred one first. *ONE_DOES: the first of them is not taken away. One that is
 * may leave the NIC with nothing: NetworkManager begins on the other NIC before it has begun here, and does not try
 * another one then. */
static GPtrArray *possible_on(const Selections *selections, gsize nic, gboolean *one_does) {
  GPtrArray *possible = g_ptr_array_new();
  const Candidate *safe = NULL;

  *one_does = FALSE;
  for (guint i = 0; i < selections->candidates->len; i++) {
    Candidate *candidate = g_ptr_array_index(selections->candidates, i);

    if (!comes_up_on(selections, candidate, nic))
      continue;
    if (safe != NULL && (selections->uuids_stay || compare_levels(safe, candidate) != 0))
      break;
    g_ptr_array_add(possible, candidate);
    if (safe == NULL && is_safe_on(selections, candidate, nic)) {
      safe = candidate;
      *one_does = possible->len == 1;
    }
  }
  return possible;
}

Selection selections_on(const Selections *selections, const Nic *nic) {
  const gsize place = place_of_nic(selections, nic);
  gboolean one_does;
  g_autoptr(GPtrArray) possible = possible_on(selections, place, &one_does);
  Selection selection = {.managed = selections->managed[place]};

  selection.certain = possible->len == 0 || (possible->len == 1 && one_does);
  if (possible->len > 0)
    selection.profile = ((const Candidate *)g_ptr_array_index(possible, 0))->profile;
  if (possible->len > 1)
    selection.rival = ((const Candidate *)g_ptr_array_index(possible, 1))->profile;
  return selection;
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

  for (guint i = 0; i < selections->candidates->len; i++) {
    const Candidate *candidate = g_ptr_array_index(selections->candidates, i);

    if (candidate->fits[place])
      g_ptr_array_add(fitting, candidate->profile);
  }
  return fitting;
}

/* It is on no NIC of this machine, and says its own name. */
static gboolean is_of_device(const Profile *profile, const char *name) {
  static const char *const hardware[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  return g_strcmp0(profile->interface_name, name) == 0 && profile->type != NULL &&
         !g_strv_contains(hardware, profile->type);
}

GPtrArray *selections_named(const Selections *selections, const char *name) {
  GPtrArray *named = g_ptr_array_new();

  for (guint i = 0; i < selections->candidates->len; i++) {
    const Candidate *candidate = g_ptr_array_index(selections->candidates, i);

    if (is_of_device(candidate->profile, name))
      g_ptr_array_add(named, candidate->profile);
  }
  return named;
}

int selections_winning_priority(const Selections *selections, const Nic *nic, const Profile **strongest) {
  const gsize place = place_of_nic(selections, nic);

  for (guint i = 0; i < selections->candidates->len; i++) {
    const Candidate *candidate = g_ptr_array_index(selections->candidates, i);

    if (!candidate->starts || !candidate->fits[place])
      continue;
    if (strongest != NULL)
      *strongest = candidate->profile;
    if (candidate->priority < PRIORITY_MOST)
      return MAX(candidate->priority + 1, 0);
    return -1;
  }
  return 0;
}
