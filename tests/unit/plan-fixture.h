/* plan-fixture.h - a template's tree with an identity chosen by hand, for the tests of single steps. */
#pragma once

#include <string.h>

#include "base/error.h"
#include "fixture.h"
#include "plan/renames/renames.h"
#include "plan/steps.h"

#define OLD_ID "0123456789abcdef0123456789abcdef"
#define NEW_ID "fedcba9876543210fedcba9876543210"

typedef struct {
  Fixture *fixture;
  Facts facts;
  Policy policy;
  Profiles profiles;
  Identity identity;
  PlanContext context;
  Plan *plan;
} PlanFixture;

/* golden becomes web-17 with another machine-id; no profiles, no addresses. */
static inline PlanFixture *plan_fixture_new(void) {
  PlanFixture *machine = g_new0(PlanFixture, 1);

  machine->fixture = fixture_new();
  machine->profiles.items = g_ptr_array_new();
  machine->profiles.directory = g_strdup(PROFILES_DIR);
  machine->identity = (Identity){.template_name = g_strdup("golden"),
                                 .old_hostname = g_strdup("golden"),
                                 .hostname = g_strdup("web-17"),
                                 .old_machine_id = g_strdup(OLD_ID),
                                 .machine_id = g_strdup(NEW_ID),
                                 .connection_uuids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                                 .new_uuids = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free),
                                 .assignments = g_ptr_array_new_with_free_func(g_free)};
  machine->plan = plan_new();
  machine->context = (PlanContext){.root = &machine->fixture->root,
                                   .facts = &machine->facts,
                                   .policy = &machine->policy,
                                   .verdict = VERDICT_CLONE,
                                   .profiles = &machine->profiles,
                                   .identity = &machine->identity};
  return machine;
}

static inline void plan_fixture_free(PlanFixture *machine) {
  fixture_free(machine->fixture);
  g_ptr_array_unref(machine->profiles.items);
  g_free(machine->profiles.directory);
  g_free(machine->identity.template_name);
  g_free(machine->identity.old_hostname);
  g_free(machine->identity.hostname);
  g_free(machine->identity.old_machine_id);
  g_free(machine->identity.machine_id);
  g_hash_table_unref(machine->identity.connection_uuids);
  g_hash_table_unref(machine->identity.new_uuids);
  g_ptr_array_unref(machine->identity.assignments);
  plan_free(machine->plan);
  g_free(machine);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlanFixture, plan_fixture_free)

static inline void plan_fixture_rename(PlanFixture *machine, const char *old_name, const char *new_name) {
  g_free(machine->identity.old_hostname);
  g_free(machine->identity.hostname);
  machine->identity.old_hostname = g_strdup(old_name);
  machine->identity.hostname = g_strdup(new_name);
}

/* Run STEP, which must succeed and leave the tree as it is: a step writes nothing. */
static inline void plan_fixture_run(PlanFixture *machine,
                                    gboolean (*step)(const PlanContext *context, Plan *plan, GError **error)) {
  g_autofree char *before = fixture_snapshot(machine->fixture, NULL);
  g_autofree char *after = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(Renames) renames = renames_new(&machine->context);
  gboolean planned;

  machine->context.renames = renames;
  planned = step(&machine->context, machine->plan, &error);

  g_assert_no_error(error);
  g_assert_true(planned);
  after = fixture_snapshot(machine->fixture, NULL);
  g_assert_cmpstr(before, ==, after);
}

/* What PATH would hold; NULL when the plan does not write it. The caller frees. */
static inline char *plan_fixture_content(const PlanFixture *machine, const char *path) {
  const Edit *edit = plan_find(machine->plan, path);

  if (edit == NULL || edit->kind != EDIT_WRITE || edit->content == NULL)
    return NULL;
  return g_strndup(g_bytes_get_data(edit->content, NULL), g_bytes_get_size(edit->content));
}

static inline void assert_written(const PlanFixture *machine, const char *path, const char *content) {
  g_autofree char *planned = plan_fixture_content(machine, path);

  g_assert_cmpstr(planned, ==, content);
}

static inline gboolean is_removed(const PlanFixture *machine, const char *path) {
  const Edit *edit = plan_find(machine->plan, path);

  return edit != NULL && edit->kind == EDIT_REMOVE;
}
