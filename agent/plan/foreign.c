/* foreign.c - who else could put the template's address on a wire? The one list */
#include "foreign.h"

#include <string.h>

#include "base/command-line.h"
#include "base/each.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "outcome.h"
#include "plan/renames/renames.h"
#include "plan/steps/cloud-init-network.h"
#include "profiles/keyfile/connection-uuid.h"
#include "profiles/netplan/netplan-profiles.h"
#include "profiles/network-stack.h"
#include "profiles/static-address.h"

static gboolean is_of_clone(const Identity *identity, const char *address) {
  for (guint i = 0; identity != NULL && i < identity->assignments->len; i++) {
    const Assignment *assignment = identity->assignments->pdata[i];
    for (guint j = 0; j < assignment->addresses->len; j++)
      if (strcmp(((const PolicyAddress *)assignment->addresses->pdata[j])->text, address) == 0)
        return TRUE;
  }
  return FALSE;
}

static gboolean policy_keeps(const PlanContext *context, const char *interface) {
  const NicList *nics = &context->facts->nics;
  const Nic *nic = NULL;

  for (size_t i = 0; interface != NULL && i < nics->count; i++)
    if (strcmp(nics->items[i].name, interface) == 0)
      nic = &nics->items[i];
  return policy_network_for(context->policy, interface != NULL ? interface : "", nic).method == METHOD_KEEP;
}

typedef struct {
  const PlanContext *context;
  Plan *plan;
  GString *errors;
} Judging;

static gboolean is_in_file(const Profile *profile, const char *path) {
  const char *const *more = profile->plain != NULL ? (const char *const *)profile->plain->more_paths : NULL;

  return path != NULL && (strcmp(profile->path, path) == 0 || (more != NULL && g_strv_contains(more, path)));
}

/* Some profile that is edited has the address, so that a step gives it another, or warns: it stands in the file, or the
 * file is made of its. */
static gboolean is_edited(const Judging *judging, const StaticAddress *item) {
  const PlanContext *context = judging->context;
  g_autofree char *path = tree_resolve(context->root, item->path);
  const Profile *maker = path != NULL ? netplan_maker(context->profiles, path) : NULL;

  list_each (const Profile *, profile, context->profiles->items) {
    if (profile->format == NULL || !profile_is_edited(context, profile) ||
        !(is_in_file(profile, path) || profile == maker))
      continue;
    family_each (family) {
      g_auto(GStrv) addresses = profile_static_addresses(profile, family);
      if (g_strv_contains((const char *const *)addresses, item->address))
        return TRUE;
    }
  }
  return FALSE;
}

/* Of any profile, whether it is edited or not. */
static gboolean is_in_some_profile(const PlanContext *context, const char *address) {
  for (guint i = 0; i < context->profiles->items->len; i++)
    family_each (family) {
      g_auto(GStrv) addresses = profile_static_addresses(context->profiles->items->pdata[i], family);
      if (g_strv_contains((const char *const *)addresses, address))
        return TRUE;
    }
  return FALSE;
}

/* The step of the profile that has the address and would be edited if that step were on; NULL: none. */
static const char *step_that_is_off(const Judging *judging, const StaticAddress *item) {
  const PlanContext *context = judging->context;
  g_autofree char *path = tree_resolve(context->root, item->path);

  list_each (const Profile *, profile, context->profiles->items)
    if (is_in_file(profile, path) && profile_is_loaded(profile) && profile->why_not == NULL &&
        !profile_is_edited(context, profile))
      return profile_step(profile);
  return NULL;
}

/* A virtual address is shared on purpose: only an admin knows which of the clones are to hold it, so that it is named
 * and no clone is kept from its identity. What is the template's own address as well follows to the clone's, and is
 * refused as any other where there is none. FALSE: that is so. */
static gboolean judge_virtual(Judging *judging, const char *stack, gboolean enabled, const StaticAddress *item) {
  const Rename *rename = renames_lookup(judging->context->renames, RENAME_ADDRESS, item->address);

  if (!enabled)
    return TRUE;
  if (is_in_some_profile(judging->context, item->address))
    return is_edited(judging, item) && (rename == NULL || rename->new_value != NULL);
  plan_warn(
      judging->plan,
      "%s:%u: the virtual address %s, which %s gives %s, stays and is every clone's: remove it from those that do "
      "not share it.",
      item->path, item->line, item->address, stack, item->interface != NULL ? item->interface : "an interface");
  return TRUE;
}

/* STACK: for people. ENABLED: it runs here. */
static void judge(Judging *judging, const char *stack, gboolean enabled, const StaticAddress *item) {
  const Policy *policy = judging->context->policy;

  if (is_of_clone(judging->context->identity, item->address) ||
      (item->is_virtual ? judge_virtual(judging, stack, enabled, item) : is_edited(judging, item)))
    return;
  if (item->is_given && !is_in_some_profile(judging->context, item->address))
    return;
  const char *step = step_that_is_off(judging, item);
  g_autofree char *text =
      g_strdup_printf("%s:%u: %s gives %s the static address %s of the template, and this %s is not edited%s%s%s",
                      item->path, item->line, stack, item->interface != NULL ? item->interface : "an interface",
                      item->address, item->is_virtual ? "line" : "file", step != NULL ? ": the step " : "",
                      step != NULL ? step : "", step != NULL ? " is off in [steps]" : "");
  if (!enabled)
    plan_warn(judging->plan, "%s; %s is not enabled here", text, stack);
  else if (item->idle)
    plan_warn(judging->plan, "%s; %s", text,
              item->why_idle != NULL ? item->why_idle
                                     : "the interface does not come up by itself, or lies over no NIC");
  else if (policy->foreign == FOREIGN_WARN || policy_keeps(judging->context, item->interface))
    plan_warn(judging->plan, "%s: the clone uses it too, because the policy allows it", text);
  else
    g_string_append_printf(judging->errors, "\n%s", text);
}

static gboolean judge_stacks(Judging *judging, GError **error) {
  gboolean no_cloud_init;

  if (!cloud_init_is_switched_off(judging->context, &no_cloud_init, error))
    return FALSE;
  for (gsize i = 0; i < n_network_stacks; i++) {
    const NetworkStack *stack = &network_stacks[i];
    g_autoptr(GPtrArray) found = static_addresses_new();
    if (no_cloud_init && stack->read == cloud_init_read)
      continue;
    if (!stack->read(judging->context->root, found, error))
      return FALSE;
    gboolean enabled = found->len > 0 && network_stack_is_enabled(judging->context->root, stack);
    for (guint j = 0; j < found->len; j++)
      judge(judging, stack->name, enabled, found->pdata[j]);
  }
  return TRUE;
}

/* NetworkManager takes a file of /etc instead. */
static gboolean is_hidden_by_ours(const Profiles *profiles, const Profile *profile) {
  list_each (const Profile *, other, profiles->items)
    if (other != profile && other->why_not == NULL && other->hidden_by == NULL &&
        connection_uuid_equal(other->uuid, profile->uuid))
      return TRUE;
  return FALSE;
}

static unsigned line_of(const Profile *profile, const char *address) {
  gsize size;
  const char *text = g_bytes_get_data(profile->bytes, &size);
  const char *hit = text != NULL ? g_strstr_len(text, (gssize)size, address) : NULL;
  unsigned line = 1;

  for (const char *at = text; hit != NULL && at < hit; at++)
    line += *at == '\n';
  return line;
}

/* Profiles of NetworkManager that lie where nothing is edited, or whose step is off. */
static void judge_profiles(Judging *judging) {
  const Profiles *profiles = judging->context->profiles;

  list_each (const Profile *, profile, profiles->items) {
    if (profile->format != NULL || profile_is_edited(judging->context, profile) || !profile_carries_ip(profile) ||
        is_hidden_by_ours(profiles, profile))
      continue;
    family_each (family) {
      g_auto(GStrv) addresses = profile_static_addresses(profile, family);
      g_autoptr(GPtrArray) found = static_addresses_new();
      for (char **address = addresses; *address != NULL; address++)
        static_addresses_add(found, profile->path, line_of(profile, *address), profile->interface_name, *address,
                             !profile_autoconnects(profile));
      for (guint j = 0; j < found->len; j++)
        judge(judging, "NetworkManager", profile->enabled, found->pdata[j]);
    }
  }
}

/* At colons outside of brackets. */
static char **ip_fields(const char *value) {
  g_autofree char *text = g_strdup(value);
  gboolean inside = FALSE;

  for (char *at = text; *at != '\0'; at++) {
    inside = (inside || *at == '[') && *at != ']';
    if (*at == ':' && !inside)
      *at = '\n';
  }
  return g_strsplit(text, "\n", -1);
}

/* dracut.cmdline(7), nfsroot.txt: ip=CLIENT:PEER:GATEWAY:MASK:NAME:INTERFACE:METHOD; IPv6 in brackets. */
static void judge_ip(Judging *judging, const char *value) {
  g_autoptr(GPtrArray) found = static_addresses_new();
  g_auto(GStrv) fields = ip_fields(value);
  const char *interface = g_strv_length(fields) > 5 && *fields[5] != '\0' ? fields[5] : NULL;

  static_addresses_add(found, "/proc/cmdline", 1, interface, fields[0] != NULL ? fields[0] : "", FALSE);
  if (found->len > 0) {
    g_autofree char *stack = g_strdup_printf("the kernel command line (ip=%s)", value);
    judge(judging, stack, TRUE, found->pdata[0]);
  }
}

/* What is there at every boot of every clone, whatever the files say. */
static void judge_command_line(Judging *judging) {
  g_auto(GStrv) words = command_line_words(judging->context->hardware);

  for (char **word = words; *word != NULL; word++) {
    const char *ip = command_line_value(*word, "ip");
    if (ip == NULL)
      ip = command_line_value(*word, "nfsaddrs");
    if (ip != NULL)
      judge_ip(judging, ip);
    if (command_line_value(*word, "systemd.hostname") != NULL)
      plan_warn(judging->plan,
                "/proc/cmdline:1: %s on the kernel command line takes the place of /etc/hostname at every boot: "
                "remove it from the boot loader's configuration",
                *word);
  }
}

/* wg-quick's, and what a command hands to wg(8): of those of NetworkManager, networkd and netplan their steps say it.
 */
static gboolean judge_wireguard_keys(const Judging *judging, GError **error) {
  static const char *const places[] = {"/etc/wireguard/*.conf"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(judging->context->root, places, G_N_ELEMENTS(places), paths, error))
    return FALSE;
  list_each (const char *, path, paths) {
    g_auto(GStrv) lines = NULL;
    if (tree_means_regular_file(judging->context->root, path) &&
        !text_file_lines(judging->context->root, path, &lines, error))
      return FALSE;
    for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
      const char *value;
      g_autofree char *key = text_file_key(lines[i], &value);
      if (key != NULL && g_ascii_strcasecmp(key, "PrivateKey") == 0)
        plan_warn_wireguard_key(judging->plan, path, i + 1);
    }
  }
  return TRUE;
}

gboolean foreign_check(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GString) errors = g_string_new(NULL);
  Judging judging = {context, plan, errors};

  if (context->verdict != VERDICT_CLONE)
    return TRUE;
  judge_profiles(&judging);
  judge_command_line(&judging);
  if (!judge_stacks(&judging, error) || !judge_wireguard_keys(&judging, error))
    return FALSE;
  if (errors->len == 0)
    return TRUE;
  return ri_error(
      error, RI_ERROR_FAILED,
      "the clone would use static addresses of the template, nothing is changed. Remove them there, or set `foreign = "
      "warn` in [network] of the policy:%s",
      errors->str);
}
