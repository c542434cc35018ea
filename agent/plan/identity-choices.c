/* identity-choices.c - the addresses of a clone as choices: old, new, source */
#include <string.h>

#include "base/each.h"
#include "base/list.h"
#include "choice-source.h"
#include "identity-addresses.h"
#include "outcome.h"

/* One interface: the profile that gives it its addresses, or the NIC for which a profile is made. */
typedef struct {
  const PlanContext *context;
  const Profile *profile;
  const Nic *nic;
  GPtrArray *old, *new, *sources; /* char* */
} Target;

/* The caller frees. */
static char *name_of(const Target *target) {
  const Profile *profile = target->profile;

  if (profile != NULL && profile->hidden_by != NULL)
    return g_strdup(profile->path);
  if (target->nic != NULL)
    return g_strdup(target->nic->name);
  g_assert(profile != NULL);
  if (profile->interface_name == NULL)
    return g_strdup(profile->path);
  return g_strdup(profile->child != NULL ? profile->child->name : profile->interface_name);
}

static const Assignment *find_assignment(const GPtrArray *assignments, const Target *target, int family) {
  list_each (const Assignment *, assignment, assignments)
    if (assignment->family == family && assignment->profile == target->profile &&
        (target->profile != NULL || assignment->nic == target->nic))
      return assignment;
  return NULL;
}

static void add_assigned(Target *target, const Assignment *assignment) {
  list_each (const PolicyAddress *, address, assignment->addresses) {
    const PolicyPlace place = {address->file, address->line};
    g_ptr_array_add(target->new, g_strdup_printf("%s/%u", address->text, address->prefix));
    list_add_once(target->sources, choice_source_place(&place));
  }
}

/* Once the static addresses are gone something else assigns one. */
static gboolean asks_for_address(const Profile *profile, int family) {
  static const char *const others[] = {"shared", "link-local", "disabled", "ignore", NULL};
  g_autofree char *method =
      profile->text != NULL ? keyfile_text_get(profile->text, family == AF_INET ? "ipv4" : "ipv6", "method") : NULL;

  return (method == NULL || !g_strv_contains(others, method)) &&
         !(profile_has_no_auto(profile) && profile_is_manual(profile, family));
}

/* What a family of a profile gets that has the template's static addresses and none of the policy's. */
static void add_by_method(Target *target, int family, char *const *old) {
  const NetworkPolicy network = profile_network(target->context, target->profile);

  list_add_once(target->sources, network.method == METHOD_KEEP ? choice_source(CHOICE_KEEP, &network.method_at)
                                                               : choice_source_place(&network.method_at));
  if (network.method == METHOD_AUTO && asks_for_address(target->profile, family))
    list_add_once(target->new, g_strdup("DHCP"));
  for (; network.method == METHOD_KEEP && *old != NULL; old++)
    list_add_once(target->new, g_strdup(*old));
}

static void add_family(Target *target, const GPtrArray *assignments, int family) {
  const Assignment *assignment = find_assignment(assignments, target, family);
  g_auto(GStrv) old = target->profile != NULL ? profile_written_addresses(target->profile, family) : NULL;

  for (char **address = old; address != NULL && *address != NULL; address++)
    list_add_once(target->old, g_strdup(*address));
  if (assignment != NULL && assignment->addresses->len > 0)
    add_assigned(target, assignment);
  else if (old != NULL && *old != NULL)
    add_by_method(target, family, old);
}

static void choose_gateway(const Target *target, const Assignment *assignment, Plan *plan) {
  g_autofree char *of = name_of(target);
  g_autofree char *name = g_strconcat("gateway ", of, NULL);
  const char *old = target->profile != NULL ? profile_default_gateway(target->profile, assignment->family) : NULL;
  const PolicyPlace place = {assignment->gateway->file, assignment->gateway->line};
  g_autofree char *source = choice_source_place(&place);

  (void)plan_choose(plan, name, old, assignment->gateway->text, source);
}

static void choose_target(const PlanContext *context, const GPtrArray *assignments, const Profile *profile,
                          const Nic *nic, Plan *plan) {
  g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) new = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(g_free);
  Target target = {context, profile, nic, old, new, sources};

  family_each (family)
    add_family(&target, assignments, family);
  if (sources->len == 0)
    return;
  g_autofree char *of = name_of(&target);
  g_autofree char *name = g_strconcat("address ", of, NULL);
  g_autofree char *had = list_join(old, ", ");
  g_autofree char *gets = list_join(new, ", ");
  g_autofree char *source = list_join(sources, ", ");
  (void)plan_choose(plan, name, old->len > 0 ? had : NULL, new->len > 0 ? gets : NULL, source);
  family_each (family) {
    const Assignment *assignment = find_assignment(assignments, &target, family);
    if (assignment != NULL && assignment->gateway != NULL)
      choose_gateway(&target, assignment, plan);
  }
}

static gboolean comes_first(const GPtrArray *assignments, guint index) {
  for (guint i = 0; i < index; i++)
    if (((const Assignment *)assignments->pdata[i])->nic == ((const Assignment *)assignments->pdata[index])->nic &&
        ((const Assignment *)assignments->pdata[i])->profile ==
            ((const Assignment *)assignments->pdata[index])->profile)
      return FALSE;
  return TRUE;
}

/* It gets what the file gets that counts (profile-assignment.h), and that is told. */
static gboolean is_hidden_copy(const Profile *profile) {
  return profile->hidden_by != NULL && profile->uuid != NULL && profile->hidden_by->uuid != NULL &&
         g_ascii_strcasecmp(profile->uuid, profile->hidden_by->uuid) == 0;
}

void identity_choose_addresses(const PlanContext *context, const GPtrArray *assignments, Plan *plan) {
  list_each (const Profile *, profile, context->profiles->items)
    if (profile_is_edited(context, profile) && profile_carries_ip(profile) && !is_hidden_copy(profile))
      choose_target(context, assignments, profile, profile->nic, plan);
  for (guint i = 0; i < assignments->len; i++) {
    const Assignment *assignment = assignments->pdata[i];
    if ((assignment->profile == NULL || assignment->profile->is_new) && comes_first(assignments, i))
      choose_target(context, assignments, assignment->profile,
                    assignment->profile != NULL ? assignment->profile->nic : assignment->nic, plan);
  }
}
