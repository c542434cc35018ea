/* steps.h - the table of the pieces of identity. A new piece is one step-NAME.c, one row, its tests, its lines in the
 * man page.
 *
 * A step is pure: it reads the tree through CONTEXT's root and adds edits and warnings to the plan; it writes nothing.
 */
#pragma once

#include <glib.h>

#include "identity.h"
#include "plan.h"

typedef struct {
  const char *name;    /* as in [steps] */
  const char *summary; /* for `steps` and the man page */
  gboolean by_default;
  gboolean on_rewired; /* also runs when only the NICs changed */
  gboolean addresses;  /* it gives NICs the addresses of the policy */
  gboolean (*plan)(const PlanContext *context, Plan *plan, GError **error);
  /* What shall be true of what runs, by the files as they are: plan_check() into PLAN. NULL: nothing runs with it. */
  void (*check)(const Root *root, Plan *plan);
  /* What a template must not hand to its clones, and `seal` itself removes. NULL: nothing. */
  gboolean (*seal)(const Root *root, Plan *plan, GError **error);
} Step;

gboolean step_machine_id(const PlanContext *context, Plan *plan, GError **error);
gboolean step_hostname(const PlanContext *context, Plan *plan, GError **error);
gboolean step_hosts(const PlanContext *context, Plan *plan, GError **error);
gboolean step_netplan(const PlanContext *context, Plan *plan, GError **error);
gboolean step_nm_profile(const PlanContext *context, Plan *plan, GError **error);
gboolean step_nm_ifcfg(const PlanContext *context, Plan *plan, GError **error);
gboolean step_ifupdown(const PlanContext *context, Plan *plan, GError **error);
gboolean step_networkd(const PlanContext *context, Plan *plan, GError **error);
gboolean step_cloud_init(const PlanContext *context, Plan *plan, GError **error);
gboolean step_dhcp(const PlanContext *context, Plan *plan, GError **error);
gboolean step_boot_entries(const PlanContext *context, Plan *plan, GError **error);
gboolean step_persistent_net(const PlanContext *context, Plan *plan, GError **error);
gboolean step_random_seed(const PlanContext *context, Plan *plan, GError **error);
gboolean step_storage(const PlanContext *context, Plan *plan, GError **error);
gboolean step_ssh_host_keys(const PlanContext *context, Plan *plan, GError **error);

void step_machine_id_check(const Root *root, Plan *plan);
void step_hostname_check(const Root *root, Plan *plan);
void step_netplan_check(const Root *root, Plan *plan);
void step_nm_profile_check(const Root *root, Plan *plan);
void step_networkd_check(const Root *root, Plan *plan);
void step_ifupdown_check(const Root *root, Plan *plan);

gboolean step_random_seed_seal(const Root *root, Plan *plan, GError **error);

extern const Step steps[];
extern const gsize n_steps;
/* steps_names: NULL-terminated, static: for the policy parser. */
const char *const *steps_names(void);

/* steps_plan: identity, then every enabled step, then the record (EDIT_LAST) into one plan. RECORD_TEXT is the new
 * record. *IDENTITY, where not NULL, is given to the caller. CONTEXT->identity is ignored. */
Plan *steps_plan(const PlanContext *context, const char *record_text, Identity **identity, GError **error);

/* steps_record: the record TEXT in both its places (EDIT_LAST). */
gboolean steps_record(const Root *root, const char *text, Plan *plan, GError **error);

/* steps_check: what all steps want verified of a machine whose files are below ROOT. */
void steps_check(const Root *root, Plan *plan);

/* steps_seal: what the enabled steps take away from a template that is sealed. */
gboolean steps_seal(const Root *root, const Policy *policy, Plan *plan, GError **error);
