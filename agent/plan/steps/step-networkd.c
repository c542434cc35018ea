/* step-networkd.c - systemd-networkd's files: .network, .netdev, their drop-ins, and networkd.conf */
#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/tree.h"
#include "plan/networkd/networkd-addresses.h"
#include "plan/networkd/networkd-follow.h"
#include "plan/networkd/networkd-lost.h"
#include "plan/plan-tree.h"
#include "plan/profile-maker.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "plan/yielding-entries.h"

#define STEP "networkd"
#define STACK "systemd-networkd"

/* What it does not read, or what is not ours to edit, and may still say an old value. */
static const ScannedFormat others = {.step = STEP, .reader = tokens_of_assignments};
static const ScannedFormat scripts = {.step = STEP, .reader = tokens_of_lines};

static const ScannedPlace searched[] = {
    {&others, "/run/systemd/network", "*.network"},           {&others, "/run/systemd/network", "*.netdev"},
    {&others, "/usr/lib/systemd/network", "*.network"},       {&others, "/usr/lib/systemd/network", "*.netdev"},
    {&others, "/usr/local/lib/systemd/network", "*.network"}, {&others, "/usr/local/lib/systemd/network", "*.netdev"},
    {&scripts, "/etc/networkd-dispatcher/routable.d", "*"},   {&scripts, "/etc/networkd-dispatcher/configured.d", "*"},
    {&scripts, "/etc/networkd-dispatcher/carrier.d", "*"},    {&scripts, "/etc/networkd-dispatcher/degraded.d", "*"},
    {&scripts, "/etc/networkd-dispatcher/off.d", "*"},
};

/* What packages and what runs add to a file, also to one of ours. */
static const char *const drop_ins[] = {
    "/run/systemd/network/*.network.d/*.conf",           "/run/systemd/network/*.netdev.d/*.conf",
    "/usr/lib/systemd/network/*.network.d/*.conf",       "/usr/lib/systemd/network/*.netdev.d/*.conf",
    "/usr/local/lib/systemd/network/*.network.d/*.conf", "/usr/local/lib/systemd/network/*.netdev.d/*.conf",
};

static gboolean search_drop_ins(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(drop_ins); i++)
    if (!scanner_glob(context, &others, drop_ins[i], plan, error))
      return FALSE;
  return TRUE;
}

/* Names of the interfaces that the files which change are for. */
static void note_nic(const Profile *profile, GString *nics) {
  const char *name = profile->nic != NULL ? profile->nic->name : profile->interface_name;

  if (name != NULL)
    g_string_append_printf(nics, "%s%s", nics->len > 0 ? " " : "", name);
}

static gboolean is_changed(const NetworkdEdit *edit) {
  for (guint i = 0; i < edit->draft->parts->len; i++)
    if (plan_find(edit->plan, ((const NetworkdPart *)edit->draft->parts->pdata[i])->path) != NULL)
      return TRUE;
  return FALSE;
}

static void plan_network(const PlanContext *context, const Profile *profile, GString *nics, Plan *plan) {
  g_autoptr(NetworkdEdit) edit = networkd_edit_new(context, profile, networkd_profile_file(profile), plan);

  if (context->verdict == VERDICT_CLONE)
    networkd_addresses_apply(edit);
  if (profile->is_new) {
    list_say(edit->reasons, "a file for %s, which has none", profile->nic->name);
    plan_make_parents(plan, context->root, STEP, profile->path, "systemd-networkd's files go into it");
  } else if (profile->yields_to != NULL) {
    yielding_entry_warn(profile, plan);
  } else {
    networkd_follow(edit);
    networkd_follow_warn(edit);
  }
  networkd_edit_plan(edit, STEP);
  if (is_changed(edit))
    note_nic(profile, nics);
}

static void plan_networks(const PlanContext *context, GString *nics, Plan *plan) {
  g_autoptr(GPtrArray) profiles = profiles_of_step(context, STEP);

  list_each (const Profile *, profile, profiles) {
    if (profile->why_not == NULL) {
      plan_network(context, profile, nics, plan);
      continue;
    }
    plan_warn(plan, "%s is not edited: %s.", profile->path, profile->why_not);
    if (networkd_path_is_admins(profile->path))
      scanner_bytes(context->renames, profile->path, profile->bytes, tokens_of_assignments, plan);
  }
}

/* What has no addresses to decide on: it only follows. */
static void plan_file(const PlanContext *context, const NetworkdFile *file, Plan *plan) {
  g_autoptr(NetworkdEdit) edit = NULL;

  if (file->refused != NULL) {
    plan_warn(plan, "%s is not edited: systemd-networkd refuses it: %s.", file->name, file->refused);
    return;
  }
  edit = networkd_edit_new(context, NULL, file, plan);
  networkd_follow(edit);
  networkd_follow_warn(edit);
  networkd_edit_plan(edit, STEP);
}

static gboolean plan_netdevs(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) netdevs = networkd_files_read(context->root, ".netdev", error);

  for (guint i = 0; netdevs != NULL && i < netdevs->len; i++)
    plan_file(context, g_ptr_array_index(netdevs, i), plan);
  return netdevs != NULL;
}

static gboolean plan_settings(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  g_ptr_array_add(paths, g_strdup("/etc/systemd/networkd.conf"));
  if (!tree_glob(context->root, "/etc/systemd/networkd.conf.d/*.conf", paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr(GError) local = NULL;
    g_autoptr(NetworkdFile) file = networkd_file_read(context->root, paths->pdata[i], &local);

    if (local != NULL)
      return ri_error_pass(error, g_steal_pointer(&local));
    if (file != NULL)
      plan_file(context, file, plan);
  }
  return TRUE;
}

void step_networkd_check(const Root *root, Plan *plan) {
  plan_check(plan, STEP, VERIFY_LINKS, STACK, "what the files say");
}

gboolean step_networkd(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GString) nics = g_string_new(NULL);

  plan_networks(context, nics, plan);
  if (!plan_netdevs(context, plan, error) || !plan_settings(context, plan, error) ||
      !scanner_places(context, searched, G_N_ELEMENTS(searched), plan, error) ||
      !search_drop_ins(context, plan, error) || !networkd_lost_warn(context, plan, error))
    return FALSE;
  if (plan_has_step(plan, STEP))
    plan_act_stack(plan, STEP, STACK, nics->str, "systemd-networkd takes its files");
  return TRUE;
}
