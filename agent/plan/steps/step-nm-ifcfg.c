/* step-nm-ifcfg.c - ifcfg files of NetworkManager and the network scripts, all references in one plan */
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/ifcfg/ifcfg-edit.h"
#include "plan/ifcfg/ifcfg-follow.h"
#include "plan/plan-tree.h"
#include "plan/profile-maker.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"
#include "plan/yielding-entries.h"
#include "profiles/ifcfg/ifcfg-keys.h"

static const char step_name[] = "nm-ifcfg";

/* IFCFG_COMMON_FILE while it is put together. */
typedef struct {
  char *path; /* resolved; NULL: it is not there */
  GBytes *bytes;
  ShellText *text, *edited;
} Common;

static void common_clear(Common *common) {
  g_free(common->path);
  g_clear_pointer(&common->bytes, g_bytes_unref);
  shell_text_free(common->text);
  shell_text_free(common->edited);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Common, common_clear)

/* With what follows already done: the connections change its gateways. */
static gboolean common_read(const PlanContext *context, Common *common, Plan *plan, GError **error) {
  const Root *root = context->root;

  if (!tree_read_file(root, IFCFG_COMMON_FILE, &common->bytes, &common->path, error))
    return FALSE;
  if (common->bytes == NULL)
    return TRUE;
  common->text = shell_text_parse(common->bytes);
  if (shell_text_why_not(common->text) != NULL)
    return TRUE;
  common->edited = shell_text_parse(common->bytes);
  ifcfg_follow(context, common->path, common->text, common->edited, NULL, plan);
  return TRUE;
}

/* A possible secret in it is not shown. */
static void write_text(Plan *plan, const char *path, GBytes *old, const ShellText *text, const char *why) {
  g_autoptr(GBytes) content = shell_text_bytes(text);
  Edit *edit = plan_write(plan, step_name, path, old, content, why);

  if (edit != NULL)
    edit->flags |= EDIT_KEYFILE;
}

static void set_own_uuid(IfcfgEdit *edit) {
  const char *uuid = g_hash_table_lookup(edit->context->identity->new_uuids, edit->profile);
  const char *neighbour = shell_text_line(edit->text, "NAME") > 0 ? "NAME" : "DEVICE";

  if (uuid == NULL)
    return;
  ifcfg_put(edit, neighbour, "UUID", uuid);
  list_say(edit->reasons, "own connection UUID");
}

/* The plugin wants an alias's DEVICE to be what its file is called, and a file keeps its name. */
static void keep_device(const IfcfgEdit *edit, const IfcfgPart *part, ShellText *text) {
  g_autofree char *old_device = shell_text_get(part->text, "DEVICE");
  g_autofree char *new_device = shell_text_get(text, "DEVICE");
  g_autofree char *nic = shell_text_get(edit->text, "DEVICE");
  const gboolean renamed = g_strcmp0(nic, edit->profile->interface_name) != 0;

  if (old_device != NULL && g_strcmp0(old_device, new_device) != 0)
    shell_text_set(text, "DEVICE", old_device);
  if (renamed)
    plan_warn(edit->plan,
              "%s adds addresses to %s, which is called %s now: the network scripts look for it by that name; rename "
              "the files of this connection where they are in use.",
              part->path, edit->profile->interface_name, nic);
}

static void plan_part(const IfcfgEdit *edit, const IfcfgPart *part) {
  g_autoptr(ShellText) text = shell_text_parse(part->bytes);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  Edit *removal;

  if (edit->parts_go) {
    removal = plan_remove(edit->plan, step_name, part->path, part->bytes, "the template's further addresses removed");
    removal->flags |= EDIT_KEYFILE;
    return;
  }
  ifcfg_follow(edit->context, part->path, part->text, text, reasons, edit->plan);
  keep_device(edit, part, text);
  ifcfg_follow_warn(edit->context, part->path, part->bytes, part->text, text, edit->plan);
  g_autofree char *why = list_join(reasons, "; ");
  write_text(edit->plan, part->path, part->bytes, text, why);
}

static void plan_connection(const PlanContext *context, const Profile *profile, const Common *common, Plan *plan) {
  const IfcfgProfile *own = ifcfg_of(profile);
  g_autoptr(ShellText) text = shell_text_parse(profile->bytes);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func(g_free);
  IfcfgEdit edit = {.context = context,
                    .profile = profile,
                    .own = own,
                    .text = text,
                    .common = common->edited,
                    .reasons = reasons,
                    .plan = plan};

  set_own_uuid(&edit);
  if (profile->is_new)
    list_say(reasons, "a file for %s, which has none", profile->nic->name);
  else if (profile->yields_to != NULL)
    yielding_entry_warn(profile, plan);
  else
    ifcfg_follow(context, profile->path, own->text, text, reasons, plan);
  if (context->verdict == VERDICT_CLONE)
    ifcfg_addresses_apply(&edit);
  if (!profile->is_new && profile->yields_to == NULL)
    ifcfg_follow_warn(context, profile->path, profile->bytes, own->text, text, plan);
  g_autofree char *why = list_join(reasons, "; ");
  write_text(plan, profile->path, profile->is_new ? NULL : profile->bytes, text, why);
  for (guint i = 0; i < own->parts->len; i++)
    plan_part(&edit, own->parts->pdata[i]);
}

static void report_unedited(const PlanContext *context, const Profile *profile, Plan *plan) {
  const IfcfgProfile *own = ifcfg_of(profile);

  plan_warn(plan, "%s is not edited: %s.", profile->path, profile->why_not);
  scanner_bytes(context->renames, profile->path, profile->bytes, tokens_of_assignments, plan);
  list_each (const IfcfgPart *, part, own->parts)
    scanner_bytes(context->renames, part->path, part->bytes, tokens_of_assignments, plan);
}

static void plan_common(const PlanContext *context, const Common *common, Plan *plan) {
  if (common->text == NULL)
    return;
  if (common->edited == NULL) {
    plan_warn(plan, "%s is not edited: %s.", common->path, shell_text_why_not(common->text));
    scanner_bytes(context->renames, common->path, common->bytes, tokens_of_assignments, plan);
    return;
  }
  ifcfg_follow_warn(context, common->path, common->bytes, common->text, common->edited, plan);
  write_text(plan, common->path, common->bytes, common->edited,
             "host name, gateway and NIC that all connections have in common follow to the clone");
}

gboolean step_nm_ifcfg(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) profiles = profiles_of_step(context, step_name);
  g_auto(Common) common = {0};
  gboolean enabled = FALSE;

  if (!common_read(context, &common, plan, error))
    return FALSE;
  list_each (const Profile *, profile, profiles) {
    enabled = enabled || profile->enabled;
    if (profile->is_new)
      plan_make_parents(plan, context->root, step_name, profile->path, "the network scripts' files go into it");
    if (profile->why_not != NULL)
      report_unedited(context, profile, plan);
    else
      plan_connection(context, profile, &common, plan);
  }
  plan_common(context, &common, plan);
  if (!ifcfg_follow_companions(context, step_name, plan, error))
    return FALSE;
  if (enabled && plan_has_step(plan, step_name))
    plan_act_manager(plan, step_name, "NetworkManager takes the ifcfg files");
  return TRUE;
}
