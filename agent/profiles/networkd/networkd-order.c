/* networkd-order.c - which of systemd-networkd's files a NIC gets: the first that fits it */
#include "networkd-order.h"

#include <string.h>

#include "base/each.h"
#include "networkd-match.h"
#include "networkd-profiles.h"
#include "profiles/own-entries.h"
#include "profiles/profile-nic.h"

typedef struct {
  const NicMap *map;
  const NicList *present;
  GPtrArray *files; /* Profile*, as networkd goes through them */
} Order;

static int compare_names(gconstpointer a, gconstpointer b) {
  const Profile *left = *(const Profile *const *)a;
  const Profile *right = *(const Profile *const *)b;

  return strcmp(left->id, right->id);
}

/* Whatever else [Match] asks for: the NIC is PROFILE's, and no later file's. */
static gboolean takes_nic(const Order *order, const Profile *profile, const Nic *nic) {
  const NetworkdFile *file = networkd_profile_file(profile);

  return profile->yields_to == NULL && (profile->plain->starts || networkd_file_value(file, "Match", "Host") == NULL) &&
         !networkd_has_condition(file) && (profile->plain->drivers == NULL || *nic->driver != '\0') &&
         profile_fits_nic(profile, order->map, order->present, nic);
}

/* A package's file that says no address is no profile, and takes the NIC all the same. */
static gboolean package_takes_nic(const Profile *profile, const Nic *nic) {
  const GPtrArray *front = networkd_profile_file(profile)->front;

  for (guint i = 0; front != NULL && i < front->len; i++)
    if (networkd_surely_matches(front->pdata[i], nic))
      return TRUE;
  return FALSE;
}

/* [Match] Host= names another machine. */
static gboolean is_for_another_host(const Profile *profile) {
  return !profile->plain->starts && networkd_file_value(networkd_profile_file(profile), "Match", "Host") != NULL;
}

static const Profile *taker_before(const Order *order, guint number, const Nic *nic) {
  for (guint i = 0; i < number; i++)
    if (takes_nic(order, g_ptr_array_index(order->files, i), nic))
      return g_ptr_array_index(order->files, i);
  return NULL;
}

/* The NICs that fit the file and that none before it takes; one of these is its own. */
static void settle_file(const Order *order, guint number) {
  Profile *profile = g_ptr_array_index(order->files, number);
  g_autoptr(GPtrArray) own = g_ptr_array_new();
  const Profile *taker = NULL;

  for (size_t i = 0; i < order->present->count; i++) {
    const Nic *nic = &order->present->items[i];

    if (!profile_fits_nic(profile, order->map, order->present, nic))
      continue;
    if (is_for_another_host(profile) || package_takes_nic(profile, nic)) {
      profile->nic = NULL;
      continue;
    }
    const Profile *before = taker_before(order, number, nic);
    taker = before != NULL ? before : taker;
    if (before == NULL)
      g_ptr_array_add(own, &order->present->items[i]);
  }
  if (profile->plain->nics != NULL)
    g_ptr_array_unref(g_steal_pointer(&profile->plain->nics));
  if (own->len == 1)
    profile->nic = g_ptr_array_index(own, 0);
  if (own->len > 1)
    profile->plain->nics = g_ptr_array_ref(own);
  if (own->len == 0 && taker != NULL && profile->hidden_by == NULL)
    profile->hidden_by = taker;
}

void networkd_settle(const ProfileFormat *format, Profiles *profiles, const NicMap *map, const NicList *present) {
  g_autoptr(GPtrArray) files = g_ptr_array_new();
  const Order order = {map, present, files};

  list_each (Profile *, profile, profiles->items)
    if (profile->format == format && profile->plain != NULL)
      g_ptr_array_add(files, profile);
  g_ptr_array_sort(files, compare_names);
  own_files_settle(format, profiles, map, present);
  for (guint i = 0; i < files->len; i++)
    if (((const Profile *)files->pdata[i])->yields_to == NULL)
      settle_file(&order, i);
}
