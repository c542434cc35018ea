/* steps.c - the table of the pieces of identity */
#include "steps.h"

#include <string.h>

#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "foreign-mentions.h"
#include "foreign-state.h"
#include "foreign.h"
#include "outcome.h"
#include "plan/renames/renames.h"
#include "profile-maker.h"

/* In the order in which they run: hosts follows the addresses that nm-profile plans (identity.h), dhcp the UUIDs, and
 * the host keys, which take longest to make, come when nothing else can refuse the plan any more. */
const Step steps[] = {
    {"machine-id", "a machine-id of its own in /etc and for D-Bus; the journal's directory is renamed to it", TRUE,
     FALSE, FALSE, step_machine_id, step_machine_id_check, NULL},
    {"hostname", "the host name: /etc/hostname, /etc/mailname, and the pretty name where it names the template", TRUE,
     FALSE, FALSE, step_hostname, step_hostname_check, NULL},
    {"hosts", "/etc/hosts: the lines of the machine's own name, and its addresses that are replaced", TRUE, FALSE,
     FALSE, step_hosts, NULL, NULL},
    {"netplan", "netplan's files: addresses, gateway and DNS, NICs by name and MAC, UUIDs of NetworkManager's profiles",
     TRUE, TRUE, TRUE, step_netplan, step_netplan_check, NULL},
    {"nm-profile", "NetworkManager's profiles: UUIDs with all references, NIC bindings, addresses, gateway and DNS",
     TRUE, TRUE, TRUE, step_nm_profile, step_nm_profile_check, NULL},
    {"nm-ifcfg", "ifcfg files of NetworkManager and the network scripts, with their routes and /etc/sysconfig/network",
     TRUE, TRUE, TRUE, step_nm_ifcfg, NULL, NULL},
    {"ifupdown", "/etc/network/interfaces and what it sources: addresses, gateway and DNS, NICs by name and MAC", TRUE,
     TRUE, TRUE, step_ifupdown, step_ifupdown_check, NULL},
    {"networkd", "systemd-networkd's files: NIC bindings, addresses, gateway, DNS, DHCP, DUID; networkd.conf", TRUE,
     TRUE, TRUE, step_networkd, step_networkd_check, NULL},
    {"cloud-init", "cloud-init's configuration: a network of the template's in it is switched off", TRUE, TRUE, FALSE,
     step_cloud_init, NULL, NULL},
    {"dhcp", "the template's DHCP leases, DUIDs and secret key; names that are sent and state kept by UUID follow",
     TRUE, FALSE, FALSE, step_dhcp, NULL, NULL},
    {"boot-entries",
     "boot entries keep their name, which kernels installed later get too; a machine-id in them follows", TRUE, FALSE,
     FALSE, step_boot_entries, NULL, NULL},
    {"random-seed", "random seeds of the system and of the boot loader, and the key of encrypted credentials, removed",
     TRUE, FALSE, FALSE, step_random_seed, NULL, step_random_seed_seal},
    {"storage", "the names by which storage on the network knows the machine: iSCSI initiator, NVMe host", TRUE, FALSE,
     FALSE, step_storage, NULL, NULL},
    {"persistent-net", "udev's rules and .link files that name NICs by their MAC follow to the NICs that are there",
     TRUE, TRUE, FALSE, step_persistent_net, NULL, NULL},
    {"ssh-host-keys", "SSH host keys, regenerated in the types that are there; certificates of the old ones, removed",
     TRUE, FALSE, FALSE, step_ssh_host_keys, NULL, NULL},
};
const gsize n_steps = G_N_ELEMENTS(steps);

const char *const *steps_names(void) {
  static const char *names[G_N_ELEMENTS(steps) + 1];

  for (gsize i = 0; i < n_steps; i++)
    names[i] = steps[i].name;
  return names;
}

static gboolean step_runs(const Step *step, const PlanContext *context) {
  if (context->verdict == VERDICT_REWIRED && !step->on_rewired)
    return FALSE;
  return policy_step_enabled(context->policy, step->name, step->by_default);
}

/* Something is there that never counts as a copy of the record, and that no edit replaces. */
static gboolean is_no_copy(const Root *root, const char *path) {
  return tree_has_entry(root, path) && !tree_means_regular_file(root, path);
}

static gboolean plan_record(const Root *root, const char *path, const char *text, Plan *plan, GError **error) {
  g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(root, path, &old, &resolved, error))
    return FALSE;
  Edit *edit = plan_write(plan, "record", resolved == NULL ? path : resolved, old, content,
                          "the machine that owns this disk from now on");
  if (edit != NULL) {
    edit->flags |= EDIT_LAST;
    edit->mode = 0600;
  }
  return TRUE;
}

/* One copy is enough to know the machine by; without any it would be reset again. */
gboolean steps_record(const Root *root, const char *text, Plan *plan, GError **error) {
  static const char *const paths[] = {RI_RECORD_FILE, RI_RECORD_COPY_FILE};
  const gboolean none = is_no_copy(root, paths[0]) && is_no_copy(root, paths[1]);

  /* The state directory is made when it is locked; that of the copy may have been removed with the policy. A link that
   * leads nowhere may hide a policy, and is refused. */
  if (!tree_has_entry(root, RI_POLICY_HOME))
    plan_make_directory(plan, "record", RI_POLICY_HOME, 0755, "the record's second copy lies there")->flags |=
        EDIT_LAST;
  for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
    if (!none && is_no_copy(root, paths[i]))
      plan_warn(plan,
                "%s: a regular file is expected there, and it is not one; this copy of the record is not written: move "
                "away what is there.",
                paths[i]);
    else if (!plan_record(root, paths[i], text, plan, error))
      return FALSE;
  }
  return TRUE;
}

/* An address that nothing writes down would be said to be the clone's, and the template's would be. */
static gboolean check_addresses_are_placed(const PlanContext *context, const HostPolicy *host, GError **error) {
  if (context->verdict != VERDICT_CLONE || host == NULL || host->addresses.count == 0 ||
      addresses_can_be_written(context))
    return TRUE;
  const PolicyAddress *address = &host->addresses.items[0];
  const char *stack = stack_without_files(context);
  if (stack != NULL)
    return ri_error(error, RI_ERROR_POLICY,
                    "%s:%u: host %s: %s configures this machine's NICs, and its files are not written: the address "
                    "%s/%u would be nobody's; take it out and give it there, or enable NetworkManager.service",
                    address->file, address->line, host->name, stack, address->text, address->prefix);
  return ri_error(
      error, RI_ERROR_POLICY,
      "%s:%u: host %s: no step that is on can give this machine the address %s/%u; switch the step of its NIC's "
      "files on in [steps], or take the address out",
      address->file, address->line, host->name, address->text, address->prefix);
}

static void warn_of_moved_slots(const PlanContext *context, Plan *plan) {
  g_autoptr(GString) text = g_string_new(NULL);

  if (context->nic_map == NULL || !context->nic_map->slots_moved)
    return;
  array_each (const NicSuccession *, item, context->nic_map->items)
    if (item->present != NULL)
      g_string_append_printf(text, "%s%s becomes %s", text->len > 0 ? ", " : "", item->recorded->name,
                             item->present->name);
  if (text->len > 0)
    plan_warn(plan, "The slots of the NICs have moved: by their position %s; check that each is on the right network.",
              text->str);
  else
    plan_warn(plan, "The slots of the NICs have moved, and which NIC took which one's place is not clear: the profiles "
                    "stay as they are; check that each NIC has the right profile.");
}

Plan *steps_plan(const PlanContext *context, const char *record_text, Identity **identity, GError **error) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(Identity) chosen = NULL;
  g_autoptr(Renames) renames = NULL;
  PlanContext with_identity = *context;

  warn_of_moved_slots(context, plan);
  with_identity.identity = NULL;
  chosen = identity_choose(&with_identity, plan, error);
  if (chosen == NULL)
    return NULL;
  with_identity.identity = chosen;
  renames = renames_new(&with_identity);
  with_identity.renames = renames;
  if (!check_addresses_are_placed(&with_identity, chosen->host, error) || !foreign_check(&with_identity, plan, error) ||
      !foreign_state(&with_identity, plan, error))
    return NULL;
  for (gsize i = 0; i < n_steps; i++) {
    if (!step_runs(&steps[i], context) || steps[i].plan(&with_identity, plan, error))
      continue;
    g_prefix_error(error, "%s: ", steps[i].name);
    return NULL;
  }
  /* Behind the steps: a file that one of them edits mentions nothing, whatever link leads to it. */
  if (!foreign_mentions(&with_identity, plan, error) || !steps_record(context->root, record_text, plan, error))
    return NULL;
  if (identity != NULL)
    *identity = g_steal_pointer(&chosen);
  return g_steal_pointer(&plan);
}

void steps_check(const Root *root, Plan *plan) {
  for (gsize i = 0; i < n_steps; i++)
    if (steps[i].check != NULL)
      steps[i].check(root, plan);
}

gboolean steps_seal(const Root *root, const Policy *policy, Plan *plan, GError **error) {
  for (gsize i = 0; i < n_steps; i++)
    if (steps[i].seal != NULL && policy_step_enabled(policy, steps[i].name, steps[i].by_default) &&
        !steps[i].seal(root, plan, error))
      return FALSE;
  return TRUE;
}
