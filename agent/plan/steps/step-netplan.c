/* step-netplan.c - netplan's files: addresses, names of NICs, MAC addresses, and the UUIDs of NetworkManager's */
#include <netinet/in.h>
#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "plan/fixed-identity.h"
#include "plan/netplan/netplan-family.h"
#include "plan/netplan/netplan-follow.h"
#include "plan/netplan/netplan-judge.h"
#include "plan/plan-tree.h"
#include "plan/profile-assignment.h"
#include "plan/profile-maker.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "plan/yielding-entries.h"
#include "profiles/netplan/netplan-profiles.h"

static const char step_name[] = "netplan";

static gboolean edit_profile(NetplanEdit *edit, const Profile *profile, GError **error) {
  family_each (family) {
    g_auto(Outcome) outcome = {0};

    outcome_of(edit->context, profile, family, edit->plan, &outcome);
    if (!netplan_edit_family(edit, profile, &outcome, error))
      return FALSE;
  }
  return TRUE;
}

static void add_made(NetplanEdit *edit, const Profile *made) {
  NetplanFile *file = netplan_files_add(edit->files, made->path, made->bytes);

  plan_make_parents(edit->plan, edit->context->root, step_name, made->path, "netplan's files go into it");
  netplan_edit_say(edit, file, "a file for %s, which has none", made->nic->name);
}

static gboolean edit_profiles(NetplanEdit *edit, GError **error) {
  list_each (const Profile *, profile, edit->profiles) {
    if (edit->context->verdict != VERDICT_CLONE || profile->why_not != NULL)
      continue;
    if (profile->is_new)
      add_made(edit, profile);
    if (profile->yields_to != NULL)
      yielding_entry_warn(profile, edit->plan);
    if (!edit_profile(edit, profile, error))
      return FALSE;
  }
  return TRUE;
}

/* Only netplan knows an interface by the MAC address that it is told. */
static void warn_of_strange_macs(const NetplanEdit *edit) {
  list_each (const Profile *, profile, edit->profiles)
    if (profile->mac_address != NULL && strange_mac(edit->context, profile->mac_address))
      plan_warn(
          edit->plan,
          "%s: %s: match.macaddress = %s is no NIC of this machine, nor of the recorded one: it does not come up here.",
          profile->path, profile->id, profile->mac_address);
}

static void report_unedited(const NetplanEdit *edit) {
  list_each (const Profile *, profile, edit->profiles) {
    if (profile->why_not == NULL)
      continue;
    if (profile->plain != NULL)
      plan_warn(edit->plan, "%s:%u: %s is not edited: %s.", profile->path, profile->plain->line, profile->id,
                profile->why_not);
    else
      plan_warn(edit->plan, "%s is not edited: %s.", profile->path, profile->why_not);
  }
  list_each (const NetplanFile *, file, edit->files)
    if (!file->is_ours || file->text == NULL)
      netplan_follow_warn_file(edit, file);
}

static gboolean changes_anything(const NetplanEdit *edit) {
  for (guint i = 0; i < edit->files->len; i++)
    if (netplan_edit_changed(edit->files->pdata[i]))
      return TRUE;
  return FALSE;
}

/* What FAMILY of PROFILE has and would keep, or is to get and would not. *ALLOWED: the policy takes that. */
static char *address_missed(const NetplanEdit *edit, const Profile *profile, int family, gboolean *allowed) {
  const PlanContext *context = edit->context;
  const Assignment *given = profile_assignment(context->identity, profile, NULL, family);
  const gboolean is_given = given != NULL && given->addresses->len > 0;
  g_auto(GStrv) had = profile_static_addresses(profile, family);
  const char *start = had[0] != NULL ? "has the static address" : "is to have the policy's address";
  const char *address = had[0];

  if (address == NULL && is_given)
    address = ((const PolicyAddress *)given->addresses->pdata[0])->text;
  *allowed = !is_given && context->policy->foreign == FOREIGN_WARN;
  /* What it keeps is told of elsewhere. */
  if (!is_given && profile_network(context, profile).method == METHOD_KEEP)
    return NULL;
  return address != NULL
             ? g_strdup_printf("%s:%u: %s %s %s", profile->path, profile->plain->line, profile->id, start, address)
             : NULL;
}

/* Of an interface that is edited or made, in a set of files that cannot be; ALLOWED: of those that the policy takes. */
static char *address_left(const NetplanEdit *edit, gboolean allowed) {
  list_each (const Profile *, profile, edit->profiles)
    family_each (family) {
      gboolean is_allowed = FALSE;
      g_autofree char *missed = profile->why_not == NULL ? address_missed(edit, profile, family, &is_allowed) : NULL;

      if (missed != NULL && is_allowed == allowed)
        return g_steal_pointer(&missed);
    }
  return NULL;
}

/* What netplan refused before is left alone. *GOES_ON: the files may be edited; *JUDGED: and netplan can say of what.
 */
static gboolean judge_before(const NetplanEdit *edit, gboolean *goes_on, gboolean *judged, GError **error) {
  g_autofree char *refusal = NULL;

  *goes_on = FALSE;
  if (!netplan_judge(edit, FALSE, &refusal, error))
    return FALSE;
  *judged = refusal == NULL;
  *goes_on = refusal == NULL || !netplan_judge_is_own(edit->context->root);
  if (refusal == NULL)
    return TRUE;
  if (*goes_on) {
    plan_warn(edit->plan,
              NETPLAN_DIR
              ": the netplan of this machine refuses it, and the image has another one: the edited files are "
              "not checked: %s",
              refusal);
    return TRUE;
  }
  const gboolean is_clone = edit->context->verdict == VERDICT_CLONE;
  g_autofree char *left = is_clone ? address_left(edit, FALSE) : NULL;
  if (left == NULL) {
    g_autofree char *allowed = is_clone ? address_left(edit, TRUE) : NULL;
    if (allowed != NULL)
      plan_warn(edit->plan, "%s: the clone uses it too, because the policy allows it", allowed);
    plan_warn(edit->plan, NETPLAN_DIR " is not edited: netplan refuses it: %s", refusal);
    return TRUE;
  }
  return ri_error(error, RI_ERROR_FAILED,
                  "%s, and is not edited, because netplan refuses the files as they are; fix them first: %s", left,
                  refusal);
}

static gboolean judge_after(const NetplanEdit *edit, GError **error) {
  g_autofree char *refusal = NULL;

  if (!netplan_judge(edit, TRUE, &refusal, error))
    return FALSE;
  if (refusal == NULL)
    return TRUE;
  return ri_error(error, RI_ERROR_FAILED, "netplan would refuse its files as they would be, nothing is changed: %s",
                  refusal);
}

/* 90-NM-UUID.yaml, with the new UUID; NULL: another name. */
static char *followed_path(const NetplanEdit *edit, const NetplanFile *file) {
  static const char prefix[] = "90-NM-";
  enum { UUID_LENGTH = 36 };

  if (!g_str_has_prefix(file->name, prefix) || strlen(file->name) < strlen(prefix) + UUID_LENGTH ||
      !g_str_has_suffix(file->path, file->name))
    return NULL;
  g_autofree char *uuid = g_strndup(file->name + strlen(prefix), UUID_LENGTH);
  const Rename *rename = renames_lookup(edit->context->renames, RENAME_UUID, uuid);
  if (rename == NULL || rename->new_value == NULL)
    return NULL;
  g_autofree char *directory = g_path_get_dirname(file->path);
  return g_strconcat(directory, "/", prefix, rename->new_value, file->name + strlen(prefix) + UUID_LENGTH, NULL);
}

static void write_file(const NetplanEdit *edit, NetplanFile *file) {
  g_autoptr(GBytes) content = yaml_text_bytes(file->text);
  g_autofree char *why = netplan_edit_why(edit, file);
  g_autofree char *new_path = followed_path(edit, file);
  Edit *planned = plan_write(edit->plan, step_name, new_path != NULL ? new_path : file->path,
                             new_path != NULL || file->is_new ? NULL : file->bytes, content, why);

  if (planned == NULL)
    return;
  planned->flags |= EDIT_YAML;
  planned->mode = 0600;
  if (new_path != NULL)
    plan_remove(edit->plan, step_name, file->path, file->bytes, why)->flags |= EDIT_YAML;
}

static gboolean is_changed(const NetplanEdit *edit, const NetplanInterface *interface) {
  for (guint i = 0; i < interface->files->len; i++)
    if (netplan_edit_changed(interface->files->pdata[i]))
      return TRUE;
  return FALSE;
}

static const char *nic_of(const NetplanEdit *edit, const char *id) {
  list_each (const Profile *, profile, edit->profiles)
    if (profile->plain != NULL && strcmp(profile->id, id) == 0)
      return profile->nic != NULL ? profile->nic->name : profile->interface_name;
  return id;
}

/* Netplan makes the files of its back end anew, which then takes them. */
static void act(const NetplanEdit *edit) {
  g_autoptr(GPtrArray) interfaces = netplan_interfaces(edit->files);
  g_autoptr(GString) nics = g_string_new(NULL);
  gboolean manager = FALSE;

  list_each (const NetplanInterface *, interface, interfaces) {
    const char *nic = nic_of(edit, interface->id);
    if (!is_changed(edit, interface))
      continue;
    manager = manager || netplan_is_manager(edit->files, interface);
    if (nic != NULL)
      g_string_append_printf(nics, "%s%s", nics->len > 0 ? " " : "", nic);
  }
  plan_act_stack(edit->plan, step_name, "netplan", nics->str, "netplan makes the files of its back end anew");
  if (!manager)
    return;
  plan_act_manager(edit->plan, step_name, "NetworkManager takes netplan's profiles");
  /* NetworkManager's own check is of the files that it has in /etc. */
  step_netplan_check(edit->context->root, edit->plan);
}

static gboolean edit_all(NetplanEdit *edit, GError **error) {
  gboolean goes_on = TRUE;
  gboolean judged = TRUE;

  if (!edit_profiles(edit, error) || !netplan_follow(edit, error))
    return FALSE;
  if (!changes_anything(edit))
    return TRUE;
  if (!judge_before(edit, &goes_on, &judged, error) || (judged && !judge_after(edit, error)))
    return FALSE;
  if (!goes_on) {
    for (guint i = 0; i < edit->files->len; i++)
      netplan_follow_warn_file(edit, edit->files->pdata[i]);
    return TRUE;
  }
  for (guint i = 0; i < edit->files->len; i++)
    if (netplan_edit_changed(edit->files->pdata[i]))
      write_file(edit, edit->files->pdata[i]);
  act(edit);
  return TRUE;
}

gboolean step_netplan(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(NetplanEdit) edit = netplan_edit_new(context, plan, error);

  if (edit == NULL)
    return FALSE;
  report_unedited(edit);
  warn_of_strange_macs(edit);
  if (!edit_all(edit, error))
    return FALSE;
  netplan_follow_warn(edit);
  return TRUE;
}

void step_netplan_check(const Root *root, Plan *plan) {
  g_autoptr(GPtrArray) files = netplan_files_read(root, NULL);

  if (files != NULL && files->len > 0)
    plan_check(plan, step_name, VERIFY_LINKS, "netplan", "what netplan's files say");
}
