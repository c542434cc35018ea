/* renames-fill.c - what the table of renames holds */
#include "base/each.h"
#include "renames.h"

#include <arpa/inet.h>
#include <string.h>

#include "observe/hostname.h"
#include "plan/outcome.h"
#include "profiles/id-path.h"
#include "profiles/mac-notation.h"
#include "renames-table.h"

static void rename_free(Rename *rename) {
  g_free(rename->old_value);
  g_free(rename->new_value);
  g_free(rename);
}

void renames_free(Renames *renames) {
  for (guint i = 0; i < N_RENAME_TABLES; i++)
    g_hash_table_unref(renames->tables[i]);
  g_hash_table_unref(renames->own_addresses);
  g_free(renames);
}

/* The first one to say what becomes of a value is right. */
static void add(Renames *renames, RenameKind kind, const char *old_value, const char *new_value, const char *of) {
  GHashTable *table = rename_table(renames, kind);

  if (old_value[0] == '\0' || g_hash_table_contains(table, old_value) || g_strcmp0(old_value, new_value) == 0)
    return;
  Rename *rename = g_new0(Rename, 1);
  rename->kind = kind;
  rename->old_value = g_strdup(old_value);
  rename->new_value = g_strdup(new_value);
  rename->of = of;
  g_hash_table_insert(table, rename->old_value, rename);
}

static void add_uuids(Renames *renames, const PlanContext *context) {
  GHashTableIter iterator;
  gpointer old_uuid, new_uuid;

  /* By profile first, for the names; what has none of them after that. */
  list_each (const Profile *, profile, context->profiles->items) {
    g_autofree char *uuid = profile->uuid != NULL ? g_ascii_strdown(profile->uuid, -1) : NULL;

    new_uuid = uuid != NULL ? g_hash_table_lookup(context->identity->connection_uuids, uuid) : NULL;
    if (new_uuid != NULL)
      add(renames, RENAME_UUID, uuid, new_uuid, profile->id);
  }
  g_hash_table_iter_init(&iterator, context->identity->connection_uuids);
  while (g_hash_table_iter_next(&iterator, &old_uuid, &new_uuid))
    add(renames, RENAME_UUID, old_uuid, new_uuid, NULL);
}

/* Each present NIC is, or took the place of, a recorded one: none is left for those that are gone. */
static gboolean all_are_taken(const PlanContext *context) {
  guint taken = 0;

  array_each (const NicSuccession *, item, context->nic_map->items)
    taken += item->present != NULL;
  return taken == context->facts->nics.count;
}

static void mark_absent(Renames *renames, const NicSuccession *item) {
  Rename *by_mac = g_hash_table_lookup(rename_table(renames, RENAME_MAC), item->recorded->mac);
  Rename *by_name = g_hash_table_lookup(rename_table(renames, RENAME_NIC), item->recorded->name);

  if (by_mac != NULL)
    by_mac->is_absent = TRUE;
  if (by_name != NULL)
    by_name->is_absent = TRUE;
}

static gboolean is_present(const PlanContext *context, const char *name) {
  for (size_t i = 0; i < context->facts->nics.count; i++)
    if (strcmp(context->facts->nics.items[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* The kernel's name of the device as well, which has no "pci-" in front: udev's KERNELS=="0000:00:03.0". */
static void add_bus_path(Renames *renames, const char *old_path, const char *new_path) {
  const char *old_device = id_path_device(old_path);
  const char *new_device = id_path_device(new_path);

  add(renames, RENAME_BUS_PATH, old_path, new_path, NULL);
  if (old_device != NULL && new_device != NULL)
    add(renames, RENAME_BUS_PATH, old_device, new_device, NULL);
}

static void add_nic(Renames *renames, const PlanContext *context, const NicSuccession *item) {
  const Nic *recorded = item->recorded;
  const Nic *present = item->present;
  g_autofree char *old_path = id_path(recorded->bus_path);
  g_autofree char *new_path = present != NULL ? id_path(present->bus_path) : NULL;

  if (present != NULL || nics_find_mac(&context->facts->nics, recorded->mac) == NULL)
    add(renames, RENAME_MAC, recorded->mac, present != NULL ? present->mac : NULL, NULL);
  if (present != NULL || !is_present(context, recorded->name))
    add(renames, RENAME_NIC, recorded->name, present != NULL ? present->name : NULL, NULL);
  if (old_path != NULL && new_path != NULL)
    add_bus_path(renames, old_path, new_path);
  if (present == NULL && all_are_taken(context))
    mark_absent(renames, item);
}

static void add_other_name(Renames *renames, const char *name, const char *new_name) {
  const gboolean known = renames_lookup(renames, RENAME_NIC, name) != NULL;

  add(renames, RENAME_NIC, name, new_name, NULL);
  Rename *rename = g_hash_table_lookup(rename_table(renames, RENAME_NIC), name);
  if (rename != NULL && !known)
    rename->is_other_name = TRUE;
}

/* Names that udev gives a NIC beside its own, and that a file may say: of its slot, where that is another one now, and
 * of its address. The NIC's own name is one that it has wherever it stands. */
static void add_other_names(Renames *renames, const NicSuccession *item) {
  const Nic *recorded = item->recorded;
  const Nic *present = item->present;
  g_autofree char *old_path = id_path_name(recorded->bus_path);
  g_autofree char *new_path = present != NULL ? id_path_name(present->bus_path) : NULL;
  g_autofree char *old_mac = id_mac_name(recorded);

  if (present == NULL)
    return;
  if (old_path != NULL && g_strcmp0(old_path, new_path) != 0)
    add_other_name(renames, old_path, present->name);
  if (old_mac != NULL && strcmp(recorded->mac, present->mac) != 0)
    add_other_name(renames, old_mac, present->name);
}

/* What has to be called after a NIC, or after what is: "eth0.9", and "eth0.9.5" over that. Where the NIC is gone, so is
 * it. */
static void add_children(Renames *renames, const Profiles *profiles) {
  gboolean added = TRUE;

  while (added) {
    added = FALSE;
    list_each (const Profile *, profile, profiles->items) {
      const char *stem = profile->named_after;
      const Rename *rename = stem != NULL ? renames_lookup(renames, RENAME_NIC, stem) : NULL;
      g_autofree char *renamed = NULL;

      if (rename == NULL || renames_lookup(renames, RENAME_NIC, profile->interface_name) != NULL)
        continue;
      if (rename->new_value != NULL)
        renamed = g_strconcat(rename->new_value, profile->interface_name + strlen(stem), NULL);
      /* The kernel takes no longer one. */
      if (renamed != NULL && strlen(renamed) >= NIC_NAME)
        g_clear_pointer(&renamed, g_free);
      add(renames, RENAME_NIC, profile->interface_name, renamed, NULL);
      added = TRUE;
    }
  }
}

char *rename_canonical_address(const char *text) {
  char canonical[INET6_ADDRSTRLEN];
  struct in6_addr address;

  if (inet_pton(AF_INET, text, &address) == 1)
    return g_strdup(inet_ntop(AF_INET, &address, canonical, sizeof canonical));
  if (inet_pton(AF_INET6, text, &address) != 1)
    return NULL;
  if (IN6_IS_ADDR_V4MAPPED(&address))
    return g_strdup(inet_ntop(AF_INET, &address.s6_addr[12], canonical, sizeof canonical));
  return g_strdup(inet_ntop(AF_INET6, &address, canonical, sizeof canonical));
}

static const Assignment *assignment_of(const Identity *identity, const Profile *profile, int family) {
  list_each (const Assignment *, assignment, identity->assignments)
    if (assignment->profile == profile && assignment->family == family && assignment->addresses->len > 0)
      return assignment;
  return NULL;
}

/* Does a profile without an address from the policy keep the ones that it has? */
static gboolean keeps_addresses(const PlanContext *context, const Profile *profile) {
  return !profile_is_edited(context, profile) || !(profile_carries_ip(profile) || profile_is_port_with_ip(profile)) ||
         profile_network(context, profile).method == METHOD_KEEP;
}

/* What becomes of an address of a profile: the policy's, in order, the surplus ones the first; or kept; or gone. */
typedef struct {
  char *canonical;
  const char *new_address;
  gboolean kept;
} OldAddress;

static void old_address_clear(gpointer data) {
  g_free(((OldAddress *)data)->canonical);
}

static void list_addresses(const PlanContext *context, const Profile *profile, int family, GArray *list) {
  const Assignment *assignment = assignment_of(context->identity, profile, family);
  const gboolean kept = assignment == NULL && keeps_addresses(context, profile);
  g_auto(GStrv) old = profile_static_addresses(profile, family);

  for (guint i = 0; old[i] != NULL; i++) {
    OldAddress address = {.canonical = rename_canonical_address(old[i]), .kept = kept};

    if (assignment != NULL)
      address.new_address =
          ((const PolicyAddress *)g_ptr_array_index(assignment->addresses, i < assignment->addresses->len ? i : 0))
              ->text;
    /* What its stack cannot read either ("10.0.0.300") is nobody's address. */
    if (address.canonical != NULL)
      g_array_append_val(list, address);
  }
}

static void own_new_addresses(Renames *renames, const PlanContext *context) {
  list_each (const Assignment *, assignment, context->identity->assignments) {
    list_each (const PolicyAddress *, address, assignment->addresses)
      g_hash_table_add(renames->own_addresses, g_strdup(address->text));
  }
}

/* An address that stays on one NIC, or comes to one, is no old value on another. */
static void add_addresses(Renames *renames, const PlanContext *context) {
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(OldAddress));

  g_array_set_clear_func(list, old_address_clear);
  for (guint i = 0; i < context->profiles->items->len; i++) {
    list_addresses(context, context->profiles->items->pdata[i], AF_INET, list);
    list_addresses(context, context->profiles->items->pdata[i], AF_INET6, list);
  }
  for (guint i = 0; i < list->len; i++)
    if (g_array_index(list, OldAddress, i).kept)
      g_hash_table_add(renames->own_addresses, g_strdup(g_array_index(list, OldAddress, i).canonical));
  array_each (const OldAddress *, old, list)
    if (old->new_address != NULL && !g_hash_table_contains(renames->own_addresses, old->canonical))
      add(renames, RENAME_ADDRESS, old->canonical, old->new_address, NULL);
  own_new_addresses(renames, context);
  array_each (const OldAddress *, old, list)
    if (!old->kept && old->new_address == NULL && !g_hash_table_contains(renames->own_addresses, old->canonical))
      add(renames, RENAME_ADDRESS, old->canonical, NULL, NULL);
}

/* Every machine has the name localhost. Others may have it with what systemd drops, as /etc/hostname has: "web_1". */
static void add_host(Renames *renames, const PlanContext *context) {
  const Identity *identity = context->identity;
  char spelling[HOSTNAME_SIZE] = "";

  if (hostname_is_everybodys(identity->old_hostname))
    return;
  add(renames, RENAME_HOST, identity->old_hostname, identity->hostname, NULL);
  if (context->root != NULL)
    hostname_read_spelling(context->root, spelling, sizeof spelling);
  if (*spelling != '\0' && strcmp(spelling, identity->old_hostname) != 0 && !hostname_is_pattern(spelling) &&
      strcmp(identity->old_hostname, identity->hostname) != 0)
    add(renames, RENAME_HOST, spelling, identity->hostname, NULL);
}

Renames *renames_new(const PlanContext *context) {
  Renames *renames = g_new0(Renames, 1);

  for (guint i = 0; i < N_RENAME_TABLES; i++)
    renames->tables[i] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)rename_free);
  renames->own_addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; context->nic_map != NULL && i < context->nic_map->items->len; i++)
    add_nic(renames, context, &g_array_index(context->nic_map->items, NicSuccession, i));
  for (guint i = 0; context->nic_map != NULL && i < context->nic_map->items->len; i++)
    add_other_names(renames, &g_array_index(context->nic_map->items, NicSuccession, i));
  add_children(renames, context->profiles);
  if (context->verdict != VERDICT_CLONE)
    return renames;
  add_uuids(renames, context);
  add_addresses(renames, context);
  add_host(renames, context);
  return renames;
}

const Rename *renames_lookup(const Renames *renames, RenameKind kind, const char *text) {
  g_autofree char *canonical = NULL;

  if (kind == RENAME_MAC)
    canonical = mac_notation_of_systemd(text);
  else if (kind == RENAME_ADDRESS)
    canonical = rename_canonical_address(text);
  else
    canonical = kind == RENAME_UUID ? g_ascii_strdown(text, -1) : g_strdup(text);
  return canonical != NULL ? g_hash_table_lookup(rename_table(renames, kind), canonical) : NULL;
}

gboolean renames_is_gone(const Renames *renames, const char *text) {
  const Rename *rename = renames_lookup(renames, RENAME_ADDRESS, text);

  return rename != NULL && rename->new_value == NULL;
}

gboolean renames_is_own_address(const Renames *renames, const char *text) {
  g_autofree char *canonical = rename_canonical_address(text);

  return canonical != NULL && g_hash_table_contains(renames->own_addresses, canonical);
}
