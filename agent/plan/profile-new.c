/* profile-new.c - a profile for a NIC that has none, when the policy gives the NIC an address */
#include "profile-new.h"

#include <string.h>
#include <uuid/uuid.h>

#include "base/error.h"
#include "base/tree.h"
#include "plan-tree.h"
#include "profile-addresses.h"
#include "profile-assignment.h"
#include "profiles/profile-judge.h"

enum { PRIORITY_MOST = 999 }; /* nm-settings(5), connection.autoconnect-priority */

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
  g_autofree char *dns = NULL;
  g_autofree char *search = NULL;

  if (assignment == NULL) {
    g_key_file_set_value(keyfile, group, "method", network.method == METHOD_DISABLED ? "disabled" : "auto");
    return;
  }
  dns = profile_addresses_dns(context->identity->host, &network, family);
  search = profile_addresses_dns_search(context->identity->host, &network);
  for (guint i = 0; i < assignment->addresses->len; i++) {
    g_autofree char *key = g_strdup_printf("address%u", i + 1);
    g_autofree char *value = profile_addresses_text(g_ptr_array_index(assignment->addresses, i));

    g_key_file_set_value(keyfile, group, key, value);
  }
  if (assignment->gateway != NULL)
    g_key_file_set_value(keyfile, group, "gateway", assignment->gateway->text);
  if (dns != NULL)
    g_key_file_set_value(keyfile, group, "dns", dns);
  if (search != NULL)
    g_key_file_set_value(keyfile, group, "dns-search", search);
  g_key_file_set_value(keyfile, group, "method", "manual");
}

/* Does PROFILE fit NIC as well, because it names none? */
static gboolean fits_any(const Profile *profile) {
  return profile->text != NULL && profile->type != NULL && strcmp(profile->type, "802-3-ethernet") == 0 &&
         profile->interface_name == NULL && profile->mac_address == NULL && profile_autoconnects(profile);
}

/* Of several that fit NetworkManager takes the highest autoconnect-priority, then the one that was up last: a new
 * profile never was. 0: none fits beside it. */
static gint64 priority_above_others(const PlanContext *context) {
  gint64 highest = G_MININT64;

  for (guint i = 0; i < context->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(context->profiles->items, i);
    g_autofree char *text =
        fits_any(profile) ? keyfile_text_get(profile->text, "connection", "autoconnect-priority") : NULL;

    if (fits_any(profile))
      highest = MAX(highest, text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0);
  }
  return highest == G_MININT64 || highest < 0 ? 0 : MIN(highest + 1, PRIORITY_MOST);
}

static GBytes *make_text(const PlanContext *context, const Nic *nic) {
  g_autoptr(GKeyFile) keyfile = g_key_file_new();
  g_autofree char *uuid = make_uuid(context, nic);
  /* An InfiniBand address has 20 bytes. */
  const char *type = strlen(nic->mac) > strlen("00:00:00:00:00:00") ? "infiniband" : "ethernet";
  const gint64 priority = priority_above_others(context);
  gsize size;
  char *text;

  g_key_file_set_value(keyfile, "connection", "id", nic->name);
  g_key_file_set_value(keyfile, "connection", "uuid", uuid);
  g_key_file_set_value(keyfile, "connection", "type", type);
  g_key_file_set_value(keyfile, "connection", "interface-name", nic->name);
  if (priority > 0)
    g_key_file_set_int64(keyfile, "connection", "autoconnect-priority", priority);
  g_key_file_set_value(keyfile, type, "mac-address", nic->mac);
  if (strcmp(type, "infiniband") == 0)
    g_key_file_set_value(keyfile, type, "transport-mode", "datagram");
  set_family(context, nic, AF_INET, keyfile);
  set_family(context, nic, AF_INET6, keyfile);
  text = g_key_file_to_data(keyfile, &size, NULL);
  return g_bytes_new_take(text, size);
}

/* NIC.nmconnection, or with a number where that is taken by something else; resolved. */
static char *free_path(const PlanContext *context, const Nic *nic, GError **error) {
  g_auto(GStrv) names = tree_list(context->root, PROFILES_DIR, error);
  g_autofree char *name = g_strdup_printf("%s.nmconnection", nic->name);
  g_autofree char *path = NULL;
  g_autoptr(GBytes) content = NULL;
  char *resolved = NULL;

  if (names == NULL)
    return NULL;
  for (guint i = 1; g_strv_contains((const char *const *)names, name); i++) {
    g_free(name);
    name = g_strdup_printf("%s-%u.nmconnection", nic->name, i);
  }
  path = g_build_filename(PROFILES_DIR, name, NULL);
  return tree_read(context->root, path, &content, &resolved, error) ? resolved : NULL;
}

/* A profile of a NIC that this machine does not have stays what it is: perhaps the NIC comes. */
static void warn_of_absent(const PlanContext *context, const Nic *nic, Plan *plan) {
  static const char *const hardware[] = {"802-3-ethernet", "802-11-wireless", "infiniband", NULL};

  for (guint i = 0; i < context->profiles->items->len; i++) {
    const Profile *profile = g_ptr_array_index(context->profiles->items, i);
    const char *bound = profile->interface_name != NULL ? profile->interface_name : profile->mac_address;

    if (profile->why_not == NULL && profile->type != NULL && g_strv_contains(hardware, profile->type) &&
        profile->nic == NULL && bound != NULL)
      plan_warn(plan, "%s is a profile of %s, which this machine does not have: %s gets a new one.", profile->path,
                bound, nic->name);
  }
}

static gboolean plan_for(const PlanContext *context, const Nic *nic, const char *step, Plan *plan, GError **error) {
  const HostPolicy *host = context->identity->host;
  g_autoptr(GBytes) content = make_text(context, nic);
  g_autofree char *path = free_path(context, nic, error);
  g_autofree char *why = NULL;
  g_autoptr(GError) refusal = NULL;
  Edit *edit;

  if (path == NULL)
    return FALSE;
  if (!profile_judge_accepts(content, path, &refusal)) {
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED,
                "%s: NetworkManager would refuse the new profile for %s: %s; nothing is changed: fix the policy", path,
                nic->name, refusal->message);
    return FALSE;
  }
  why = g_strdup_printf("a profile for %s, which has none: its addresses by [host %s]", nic->name,
                        host != NULL ? host->name : "");
  warn_of_absent(context, nic, plan);
  plan_make_parents(plan, context->root, step, path, why);
  edit = plan_write(plan, step, path, NULL, content, why);
  edit->flags |= EDIT_KEYFILE;
  edit->mode = 0600;
  return TRUE;
}

gboolean profile_new_plan(const PlanContext *context, const char *step, Plan *plan, GError **error) {
  const GPtrArray *assignments = context->identity->assignments;
  for (guint i = 0; i < assignments->len; i++) {
    const Assignment *assignment = g_ptr_array_index(assignments, i);
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
