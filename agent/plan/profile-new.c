/* profile-new.c - a profile for a NIC that has none, when the policy gives the NIC an address */
#include "profile-new.h"

#include <string.h>
#include <uuid/uuid.h>

#include "address-places.h"
#include "base/each.h"
#include "base/error.h"
#include "base/tree.h"
#include "outcome.h"
#include "plan-tree.h"
#include "profile-addresses.h"
#include "profile-assignment.h"
#include "profile-maker.h"
#include "profiles/keyfile/profile-judge.h"

/* Name space of the UUIDs made here; never change it. */
static const uuid_t new_profile_space = {0x0e, 0x5b, 0x3c, 0x9d, 0x41, 0x7a, 0x4f, 0x26,
                                         0x8b, 0x60, 0x7d, 0x92, 0x15, 0xce, 0x3a, 0x84};

/* Nothing random is drawn outside of identity.h: the machine-id that was drawn there and the NIC's address make it. */
static char *make_uuid(const PlanContext *context, const Nic *nic) {
  g_autofree char *name = g_strconcat(context->identity->machine_id, " ", nic->mac, NULL);
  char text[UUID_STR_LEN];
  uuid_t uuid;

  uuid_generate_sha1(uuid, new_profile_space, name, strlen(name));
  uuid_unparse_lower(uuid, text);
  return g_strdup(text);
}

static void set_family(const PlanContext *context, const Nic *nic, int family, GKeyFile *keyfile) {
  const Assignment *assignment = profile_assignment(context->identity, NULL, nic, family);
  const NetworkPolicy network = policy_network_for(context->policy, nic->name, nic);
  const char *group = family == AF_INET ? "ipv4" : "ipv6";

  if (assignment == NULL) {
    g_key_file_set_value(keyfile, group, "method", network.method == METHOD_DISABLED ? "disabled" : "auto");
    return;
  }
  g_auto(GStrv) addresses = address_texts(assignment->addresses);
  g_auto(GStrv) servers = outcome_servers(context->identity->host, &network, family);
  g_auto(GStrv) domains = outcome_search(context->identity->host, &network);
  g_autofree char *dns = profile_addresses_list(servers);
  g_autofree char *search = profile_addresses_list(domains);
  for (guint i = 0; addresses[i] != NULL; i++) {
    g_autofree char *key = g_strdup_printf("address%u", i + 1);
    g_key_file_set_value(keyfile, group, key, addresses[i]);
  }
  if (assignment->gateway != NULL)
    g_key_file_set_value(keyfile, group, "gateway", assignment->gateway->text);
  if (dns != NULL)
    g_key_file_set_value(keyfile, group, "dns", dns);
  if (search != NULL)
    g_key_file_set_value(keyfile, group, "dns-search", search);
  g_key_file_set_value(keyfile, group, "method", "manual");
}

/* With it the new profile comes up on every boot, whatever else fits NIC. */
static gboolean choose_priority(const PlanContext *context, const Nic *nic, int *priority, GError **error) {
  g_autoptr(Selections) selections = address_places_selections(context);
  const Profile *strongest = NULL;

  *priority = selections_winning_priority(selections, nic, &strongest);
  if (*priority >= 0)
    return TRUE;
  return ri_error(
      error, RI_ERROR_FAILED,
      "%s: it fits %s too, and its autoconnect-priority is the highest there is, so that a new profile for %s "
      "would not come up; nothing is changed: lower it",
      strongest->path, nic->name, nic->name);
}

/* What [device] allowed-connections leaves out comes up on no boot. */
static gboolean check_allowed(const PlanContext *context, const Nic *nic, GError **error) {
  const NetDevice device = selection_world_device(context->selection_world, nic);
  g_autofree char *uuid = make_uuid(context, nic);
  const NetConnection connection = {.id = nic->name, .uuid = uuid};

  if (context->selection_world == NULL ||
      managed_devices_allow(context->selection_world->managed, &device, &connection))
    return TRUE;
  return ri_error(
      error, RI_ERROR_FAILED,
      "NetworkManager's [device] allowed-connections would keep a new profile for %s down; nothing is changed: "
      "add id:%s to it, or make a profile that it names",
      nic->name, nic->name);
}

static GBytes *make_text(const PlanContext *context, const Nic *nic, int priority) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();
  g_autofree char *uuid = make_uuid(context, nic);
  const char *type = mac_is_infiniband(nic->mac) ? "infiniband" : "ethernet";
  gsize size;

  g_key_file_set_value(keyfile, "connection", "id", nic->name);
  g_key_file_set_value(keyfile, "connection", "uuid", uuid);
  g_key_file_set_value(keyfile, "connection", "type", type);
  g_key_file_set_value(keyfile, "connection", "interface-name", nic->name);
  if (priority > 0)
    g_key_file_set_integer(keyfile, "connection", "autoconnect-priority", priority);
  g_key_file_set_value(keyfile, type, "mac-address", nic->mac);
  if (mac_is_infiniband(nic->mac))
    g_key_file_set_value(keyfile, type, "transport-mode", "datagram");
  set_family(context, nic, AF_INET, keyfile);
  set_family(context, nic, AF_INET6, keyfile);
  char *text = g_key_file_to_data(keyfile, &size, NULL);
  return g_bytes_new_take(text, size);
}

static gboolean plan_for(const PlanContext *context, const Nic *nic, const char *step, Plan *plan, GError **error) {
  const HostPolicy *host = context->identity->host;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *path = tree_unused(context->root, context->profiles->directory, nic->name, ".nmconnection", error);
  g_autoptr(GError) refusal = NULL;
  int priority;

  if (path == NULL || !check_allowed(context, nic, error) || !choose_priority(context, nic, &priority, error))
    return FALSE;
  content = make_text(context, nic, priority);
  if (!profile_judge_accepts(content, path, &refusal))
    return ri_error(error, RI_ERROR_FAILED,
                    "%s: NetworkManager would refuse the new profile for %s: %s; nothing is changed: fix the policy",
                    path, nic->name, refusal->message);
  g_autofree char *why = g_strdup_printf("a profile for %s, which has none: its addresses by [host %s]", nic->name,
                                         host != NULL ? host->name : "");
  profile_maker_warn(context, nic, plan);
  plan_make_parents(plan, context->root, step, path, why);
  Edit *edit = plan_write(plan, step, path, NULL, content, why);
  edit->flags |= EDIT_KEYFILE;
  edit->mode = 0600;
  return TRUE;
}

gboolean profile_new_plan(const PlanContext *context, const char *step, Plan *plan, GError **error) {
  const GPtrArray *assignments = context->identity->assignments;
  list_each (const Assignment *, assignment, assignments) {
    const Nic *nic = assignment->nic;

    if (assignment->profile != NULL || assignment->addresses->len == 0)
      continue;
    /* Both families of a NIC go into one profile. */
    if (assignment->family == AF_INET6 && profile_assignment(context->identity, NULL, nic, AF_INET) != NULL)
      continue;
    if (!plan_for(context, nic, step, plan, error))
      return FALSE;
  }
  return TRUE;
}
