/* profile-world.h - a small machine with NetworkManager profiles, cards, a policy and an identity made by hand, for the
 * tests of the profile modules. Header only: each test program is one source file. */
#pragma once

#include <string.h>
#include <unistd.h>

#include "decide/policy-parse.h"
#include "fixture.h"
#include "plan/identity.h"
#include "plan/renames/renames.h"
#include "plan/steps.h"

enum { WORLD_CARDS = 8 };

typedef struct {
  Fixture *fixture;
  Nic recorded[WORLD_CARDS], present[WORLD_CARDS];
  NicList recorded_list;
  Facts facts;
  PolicyFile policy_file;
  PolicyFiles policy_files;
  Policy policy;
  NicMap *map;
  Profiles *profiles;
  Identity *identity;
  Renames *renames;
  PlanContext context;
  Plan *plan;
} World;

/* NetworkManager loads root's files only. */
#define WORLD_NEEDS_ROOT()                                                                                             \
  do {                                                                                                                 \
    if (geteuid() != 0) {                                                                                              \
      g_print("1..0 # SKIP only root can make profiles that NetworkManager loads\n");                                  \
      return 0;                                                                                                        \
    }                                                                                                                  \
  } while (0)

static inline World *world_new(void) {
  World *world = g_new0(World, 1);

  world->fixture = fixture_new();
  world->recorded_list.items = world->recorded;
  world->facts.nics.items = world->present;
  world->facts.nics_read = true;
  policy_defaults(&world->policy);
  world->context.verdict = VERDICT_CLONE;
  return world;
}

static inline void world_free(World *world) {
  if (world->identity != NULL) {
    g_hash_table_unref(world->identity->connection_uuids);
    g_hash_table_unref(world->identity->new_uuids);
    g_ptr_array_unref(world->identity->assignments);
    g_free(world->identity);
  }
  g_clear_pointer(&world->renames, renames_free);
  g_clear_pointer(&world->profiles, profiles_free);
  g_clear_pointer(&world->map, nic_map_free);
  policy_clear(&world->policy);
  g_clear_pointer(&world->plan, plan_free);
  fixture_free(world->fixture);
  g_free(world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(World, world_free)

static inline void world_set_card(Nic *nic, const char *name, const char *mac, const char *bus_path,
                                  unsigned position) {
  g_strlcpy(nic->name, name, sizeof nic->name);
  g_strlcpy(nic->mac, mac, sizeof nic->mac);
  g_strlcpy(nic->bus_path, bus_path, sizeof nic->bus_path);
  nic->position = position;
}

/* A card as the template had it and as the clone has it (the same slot), NULL: none. */
static inline void world_card(World *world, const char *old_name, const char *old_mac, const char *new_name,
                              const char *new_mac) {
  g_autofree char *bus_path = g_strdup_printf("slot/%zu", world->recorded_list.count);

  if (old_name != NULL) {
    world_set_card(&world->recorded[world->recorded_list.count], old_name, old_mac, bus_path,
                   (unsigned)world->recorded_list.count);
    world->recorded_list.count++;
  }
  if (new_name != NULL) {
    world_set_card(&world->present[world->facts.nics.count], new_name, new_mac, bus_path,
                   (unsigned)world->facts.nics.count);
    world->facts.nics.count++;
  }
}

static inline void world_profile_bytes(World *world, const char *name, const void *data, gsize size) {
  g_autofree char *path = g_build_filename(PROFILES_DIR, name, NULL);

  fixture_write_bytes(world->fixture, path, data, size, 0600);
}

static inline void world_profile(World *world, const char *name, const char *content) {
  world_profile_bytes(world, name, content, strlen(content));
}

static inline void world_policy(World *world, char *text) {
  PolicyErrors errors = {0};
  static char path[] = "policy.ini";

  world->policy_file = (PolicyFile){.path = path, .text = text, .size = strlen(text)};
  world->policy_files = (PolicyFiles){.items = &world->policy_file, .count = 1};
  policy_clear(&world->policy);
  if (policy_parse(&world->policy_files, NULL, &world->policy, &errors) < 0)
    g_error("%u: %s: %s", errors.items[0].line, errors.items[0].where, errors.items[0].text);
  policy_errors_clear(&errors);
}

/* An old UUID's successor here: the same with another beginning. */
static inline char *world_new_uuid(const char *uuid) {
  g_autofree char *lower = g_ascii_strdown(uuid, -1);

  return g_strconcat("c10e0000", lower + 8, NULL);
}

static inline void world_choose_uuids(World *world) {
  for (guint i = 0; i < world->profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(world->profiles->items, i);
    char *uuid;

    if (profile->why_not != NULL)
      continue;
    uuid = profile->uuid != NULL ? world_new_uuid(profile->uuid) : g_strdup_printf("c10e0000-0000-4000-8000-%012u", i);
    if (profile->uuid != NULL)
      g_hash_table_insert(world->identity->connection_uuids, g_ascii_strdown(profile->uuid, -1), g_strdup(uuid));
    g_hash_table_insert(world->identity->new_uuids, profile, uuid);
  }
}

/* Read the profiles and make an identity with new UUIDs and no addresses. */
static inline void world_read(World *world) {
  static char golden[] = "golden", clone[] = "clone-7";
  static char old_id[] = "0123456789abcdef0123456789abcdef", new_id[] = "fedcba9876543210fedcba9876543210";
  g_autoptr(GError) error = NULL;

  world->map = nic_map_new(&world->recorded_list, &world->facts.nics);
  world->profiles = profiles_read(&world->fixture->root, world->map, &world->facts.nics, &error);
  g_assert_no_error(error);
  world->identity = g_new0(Identity, 1);
  world->identity->template_name = golden;
  world->identity->old_hostname = golden;
  world->identity->hostname = clone;
  world->identity->old_machine_id = old_id;
  world->identity->machine_id = new_id;
  world->identity->connection_uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  world->identity->new_uuids = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
  world->identity->assignments = g_ptr_array_new_with_free_func(g_free);
  if (world->context.verdict == VERDICT_CLONE)
    world_choose_uuids(world);
  world->identity->host = world->policy.n_hosts > 0 ? &world->policy.hosts[0] : NULL;
  world->context.root = &world->fixture->root;
  world->context.facts = &world->facts;
  world->context.policy = &world->policy;
  world->context.nic_map = world->map;
  world->context.profiles = world->profiles;
  world->context.identity = world->identity;
}

static inline Profile *world_find(const World *world, const char *name) {
  for (guint i = 0; i < world->profiles->items->len; i++) {
    Profile *profile = g_ptr_array_index(world->profiles->items, i);
    g_autofree char *base = g_path_get_basename(profile->path);

    if (strcmp(base, name) == 0)
      return profile;
  }
  return NULL;
}

/* Give the first host's addresses of FAMILY (all of them) and its gateway to a profile (NULL: a new one for NIC). */
static inline void world_assign(World *world, const char *name, const Nic *nic, int family) {
  Assignment *assignment = g_new0(Assignment, 1);
  const HostPolicy *host = world->identity->host;

  g_assert(host != NULL); /* the test's policy has a host section */
  assignment->profile = name != NULL ? world_find(world, name) : NULL;
  assignment->nic = nic;
  assignment->family = family;
  assignment->addresses = g_ptr_array_new();
  for (size_t i = 0; i < host->addresses.count; i++)
    if (host->addresses.items[i].family == family)
      g_ptr_array_add(assignment->addresses, &host->addresses.items[i]);
  for (size_t i = 0; i < host->gateways.count; i++)
    if (host->gateways.items[i].family == family)
      assignment->gateway = &host->gateways.items[i];
  g_ptr_array_add(world->identity->assignments, assignment);
}

static inline gboolean world_try_plan(World *world, GError **error) {
  gboolean done;

  if (world->profiles == NULL)
    world_read(world);
  world->plan = plan_new();
  world->renames = renames_new(&world->context);
  world->context.renames = world->renames;
  done = step_nm_profile(&world->context, world->plan, error);
  for (guint i = 0; i < world->identity->assignments->len; i++) {
    Assignment *assignment = g_ptr_array_index(world->identity->assignments, i);

    g_ptr_array_unref(assignment->addresses);
    assignment->addresses = NULL;
  }
  g_ptr_array_set_size(world->identity->assignments, 0);
  return done;
}

static inline void world_plan(World *world) {
  g_autoptr(GError) error = NULL;
  gboolean done = world_try_plan(world, &error);

  g_assert_no_error(error);
  g_assert_true(done);
}

static inline Edit *world_edit(const World *world, const char *name) {
  g_autofree char *path = g_build_filename(PROFILES_DIR, name, NULL);

  return plan_find(world->plan, path);
}

/* The planned text of a profile; its present one when it stays. */
static inline char *world_after(const World *world, const char *name) {
  g_autofree char *path = g_build_filename(PROFILES_DIR, name, NULL);
  const Edit *edit = plan_find(world->plan, path);
  gsize size;
  const char *data;

  if (edit == NULL)
    return fixture_read(world->fixture, path);
  data = g_bytes_get_data(edit->content, &size);
  return g_strndup(data, size);
}

static inline void world_assert_after(const World *world, const char *name, const char *expected) {
  g_autofree char *text = world_after(world, name);

  g_assert_cmpstr(text, ==, expected);
}

static inline gboolean world_warns(const World *world, const char *part) {
  for (guint i = 0; i < world->plan->warnings->len; i++)
    if (strstr(g_ptr_array_index(world->plan->warnings, i), part) != NULL)
      return TRUE;
  return FALSE;
}

static inline void world_assert_quiet(const World *world) {
  if (world->plan->warnings->len > 0)
    g_error("a warning that nobody expected: %s", (const char *)g_ptr_array_index(world->plan->warnings, 0));
}
