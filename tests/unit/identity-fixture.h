/* identity-fixture.h - cards, profiles and a policy for the tests of the choice of an identity. */
#pragma once

#include <string.h>

#include "base/error.h"
#include "decide/policy-parse.h"
#include "keyfile-fixture.h"
#include "plan/identity.h"

#define UUID_TEXT "4dc56075-50f3-466d-98f2-79838106e82f"
#define UUID_SWAPPED "7560c54d-f350-6d46-98f2-79838106e82f"

typedef struct {
  Nic nics[4];
  Facts facts;
  PolicyFile file;
  PolicyFiles files;
  Policy policy;
  Record record;
  Profiles profiles;
  Plan *plan;
  PlanContext context;
} IdentityFixture;

/* golden, with the product UUID UUID_TEXT, no card, no profile, no policy. */
static inline IdentityFixture *identity_fixture_new(void) {
  IdentityFixture *machine = g_new0(IdentityFixture, 1);

  machine->facts.nics.items = machine->nics;
  machine->facts.nics_read = true;
  g_strlcpy(machine->facts.hostname, "golden", sizeof machine->facts.hostname);
  g_strlcpy(machine->facts.machine_id, "0123456789abcdef0123456789abcdef", sizeof machine->facts.machine_id);
  g_assert_cmpint(product_uuid_parse(UUID_TEXT, &machine->facts.uuid), ==, 0);
  policy_defaults(&machine->policy);
  machine->profiles.items = g_ptr_array_new_with_free_func((GDestroyNotify)profile_free);
  machine->profiles.directory = g_strdup(PROFILES_DIR);
  machine->plan = plan_new();
  machine->context = (PlanContext){
      .facts = &machine->facts, .policy = &machine->policy, .verdict = VERDICT_CLONE, .profiles = &machine->profiles};
  return machine;
}

static inline void identity_fixture_free(IdentityFixture *machine) {
  policy_clear(&machine->policy);
  g_free(machine->file.text);
  g_ptr_array_unref(machine->profiles.items);
  g_free(machine->profiles.directory);
  plan_free(machine->plan);
  g_free(machine);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IdentityFixture, identity_fixture_free)

static inline void add_card(IdentityFixture *machine, const char *name, const char *mac) {
  Nic *nic = &machine->nics[machine->facts.nics.count];

  g_assert_cmpuint(machine->facts.nics.count, <, G_N_ELEMENTS(machine->nics));
  g_strlcpy(nic->name, name, sizeof nic->name);
  g_strlcpy(nic->mac, mac, sizeof nic->mac);
  nic->position = (unsigned)machine->facts.nics.count++;
}

static inline void set_policy(IdentityFixture *machine, const char *text) {
  static char path[] = "/etc/reset-identity/policy.ini";
  PolicyErrors errors = {0};

  policy_clear(&machine->policy);
  g_free(machine->file.text);
  machine->file = (PolicyFile){.path = path, .text = g_strdup(text), .size = strlen(text)};
  machine->files = (PolicyFiles){.items = &machine->file, .count = 1};
  if (policy_parse(&machine->files, NULL, &machine->policy, &errors) < 0)
    g_error("line %u: %s: %s", errors.items[0].line, errors.items[0].where, errors.items[0].text);
  policy_errors_clear(&errors);
}

/* A profile of this text, bound to the card that it names; its path is NAME in the usual directory. */
static inline Profile *add_profile(IdentityFixture *machine, const char *name, const char *text) {
  g_autofree char *path = g_strconcat(PROFILES_DIR, "/", name, ".nmconnection", NULL);
  Profile *profile = g_new0(Profile, 1);

  keyfile_profile_read(profile, path, text);
  for (size_t i = 0; i < machine->facts.nics.count; i++)
    if (g_strcmp0(profile->interface_name, machine->nics[i].name) == 0)
      profile->nic = &machine->nics[i];
  g_ptr_array_add(machine->profiles.items, profile);
  return profile;
}

/* An Ethernet profile of INTERFACE (NULL: any) with EXTRA lines at its end. */
static inline Profile *add_ethernet(IdentityFixture *machine, const char *name, const char *interface,
                                    const char *extra) {
  g_autofree char *text =
      g_strdup_printf("[connection]\nid=%s\nuuid=11111111-2222-4333-8444-%012x\ntype=802-3-ethernet\n%s%s%s%s", name,
                      g_str_hash(name), interface == NULL ? "" : "interface-name=", interface == NULL ? "" : interface,
                      interface == NULL ? "" : "\n", extra);

  return add_profile(machine, name, text);
}
