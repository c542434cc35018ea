/* step-networkd.c - systemd-networkd's files: .network, .netdev, their drop-ins, and networkd.conf */
#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/tree.h"
#include "plan/networkd/networkd-addresses.h"
#include "plan/networkd/networkd-follow.h"
#include "plan/plan-tree.h"
#include "plan/profile-assignment.h"
#include "plan/profile-maker.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

#define STEP "networkd"
#define STACK "systemd-networkd"

/* What it does not read, or what is not ours to edit, and may still say an old value. */
static const ScannedFormat others = {.step = STEP, .reader = tokens_of_assignments};
static const ScannedFormat scripts = {.step = STEP, .reader = tokens_of_lines};

static const ScannedPlace searched[] = {
    {&others, "/run/systemd/network", "*.network"},         {&others, "/run/systemd/network", "*.netdev"},
    {&others, "/usr/lib/systemd/network", "*.network"},     {&others, "/usr/lib/systemd/network", "*.netdev"},
    {&scripts, "/etc/networkd-dispatcher/routable.d", "*"}, {&scripts, "/etc/networkd-dispatcher/configured.d", "*"},
    {&scripts, "/etc/networkd-dispatcher/carrier.d", "*"},  {&scripts, "/etc/networkd-dispatcher/degraded.d", "*"},
    {&scripts, "/etc/networkd-dispatcher/off.d", "*"},
};

static gboolean is_ours(const Profile *profile) {
  return profile->format != NULL && strcmp(profile->format->step, STEP) == 0;
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

/* The present NICs that a file without one of its own may mean, by their names; NULL: not more than one. */
static char *several_nics(const PlanContext *context, const Profile *profile) {
  g_auto(GStrv) words = networkd_file_words(networkd_profile_file(profile), "Match", "Name");
  g_autoptr(GString) names = g_string_new(NULL);
  guint found = 0;

  for (size_t i = 0; i < context->facts->nics.count; i++) {
    const char *name = context->facts->nics.items[i].name;
    if (words[0] != NULL && !networkd_names_fit(words, name))
      continue;
    g_string_append_printf(names, "%s%s", found++ > 0 ? ", " : "", name);
  }
  return found > 1 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

/* Each of the NICs of one file would have the address. */
static gboolean is_for_one_nic(const PlanContext *context, const Profile *profile, GError **error) {
  const gboolean given = profile_assignment(context->identity, profile, NULL, AF_INET) != NULL ||
                         profile_assignment(context->identity, profile, NULL, AF_INET6) != NULL;

  if (!given || profile->nic != NULL || profile->interface_name != NULL || profile->mac_address != NULL)
    return TRUE;
  g_autofree char *names = several_nics(context, profile);
  if (names == NULL)
    return TRUE;
  return ri_error(
      error, RI_ERROR_POLICY,
      "%s is for several NICs here (%s), and each would get the address that the policy gives this machine: "
      "give the one that is meant a .network file of its own, in front of it by name",
      profile->path, names);
}

static gboolean plan_network(const PlanContext *context, const Profile *profile, GString *nics, Plan *plan,
                             GError **error) {
  g_autoptr(NetworkdEdit) edit = networkd_edit_new(context, profile, networkd_profile_file(profile), plan);

  if (context->verdict == VERDICT_CLONE && !is_for_one_nic(context, profile, error))
    return FALSE;
  if (context->verdict == VERDICT_CLONE)
    networkd_addresses_apply(edit);
  if (profile->is_new) {
    list_say(edit->reasons, "a file for %s, which has none", profile->nic->name);
    plan_make_parents(plan, context->root, STEP, profile->path, "systemd-networkd's files go into it");
  } else {
    networkd_follow(edit);
    networkd_follow_warn(edit);
  }
  networkd_edit_plan(edit, STEP);
  if (is_changed(edit))
    note_nic(profile, nics);
  return TRUE;
}

static gboolean plan_networks(const PlanContext *context, GString *nics, Plan *plan, GError **error) {
  const Profile *made;

  list_each (const Profile *, profile, context->profiles->items) {
    if (!is_ours(profile))
      continue;
    if (profile->why_not == NULL) {
      if (!plan_network(context, profile, nics, plan, error))
        return FALSE;
      continue;
    }
    plan_warn(plan, "%s is not edited: %s.", profile->path, profile->why_not);
    if (networkd_path_is_admins(profile->path))
      scanner_bytes(context->renames, profile->path, profile->bytes, tokens_of_assignments, plan);
  }
  for (guint i = 0; (made = profile_made(context->identity, STEP, i)) != NULL; i++)
    if (!plan_network(context, made, nics, plan, error))
      return FALSE;
  return TRUE;
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

  if (!plan_networks(context, nics, plan, error) || !plan_netdevs(context, plan, error) ||
      !plan_settings(context, plan, error) || !scanner_places(context, searched, G_N_ELEMENTS(searched), plan, error))
    return FALSE;
  if (plan_has_step(plan, STEP))
    plan_act_stack(plan, STEP, STACK, nics->str, "systemd-networkd takes its files");
  return TRUE;
}
