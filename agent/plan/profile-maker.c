/* profile-maker.c - in whose files a NIC that has no profile gets one, and the profiles that are made so */
#include "profile-maker.h"

#include <string.h>

#include "base/each.h"
#include "outcome.h"
#include "profiles/network-stack.h"

static gboolean step_is_on(const PlanContext *context, const char *step) {
  return policy_step_enabled(context->policy, step, true);
}

static const ProfileFormat *format_at(const GArray *enabled, guint index) {
  return g_array_index(enabled, const ProfileFormat *, index);
}

/* A unit of another stack is started and NetworkManager's is not. */
static gboolean manager_is_idle(const PlanContext *context) {
  const GArray *enabled = context->profiles->enabled;

  if (context->root == NULL || network_manager_is_started(context->root))
    return FALSE;
  for (guint i = 0; enabled != NULL && i < enabled->len; i++)
    if (network_stack_has_unit(context->root, network_stack_named(format_at(enabled, i)->stack)))
      return TRUE;
  return FALSE;
}

const char *stack_without_files(const PlanContext *context) {
  static const char *const others[] = {"wicked", "dhcpcd", "connman", "netctl"};

  if (context->root == NULL || network_manager_is_started(context->root))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
    if (network_stack_has_unit(context->root, network_stack_named(others[i])))
      return others[i];
  return NULL;
}

static gboolean has_others(const PlanContext *context, const ProfileFormat *format) {
  list_each (const Profile *, profile, context->profiles->items)
    if (profile->format == format && profile_is_edited(context, profile) && profile_autoconnects(profile) &&
        profile_carries_ip(profile))
      return TRUE;
  return FALSE;
}

/* Of two the one that is rendered into the other stands last in the table. */
static const ProfileFormat *choose_format(const PlanContext *context, gboolean with_others) {
  const GArray *enabled = context->profiles->enabled;

  for (guint i = enabled != NULL ? enabled->len : 0; i > 0; i--) {
    const ProfileFormat *format = format_at(enabled, i - 1);
    if (step_is_on(context, format->step) && (!with_others || has_others(context, format)))
      return format;
  }
  return NULL;
}

gboolean profile_maker(const PlanContext *context, gboolean left_alone, const ProfileFormat **format) {
  const gboolean manager = !context->profiles->lacks_manager && !left_alone && step_is_on(context, "nm-profile") &&
                           stack_without_files(context) == NULL;

  *format = NULL;
  if (manager && !manager_is_idle(context))
    return TRUE;
  *format = choose_format(context, TRUE);
  if (*format == NULL)
    *format = choose_format(context, FALSE);
  return *format != NULL || manager;
}

gboolean addresses_can_be_written(const PlanContext *context) {
  const ProfileFormat *format;

  for (guint i = 0; i < context->profiles->items->len; i++)
    if (profile_is_edited(context, context->profiles->items->pdata[i]))
      return TRUE;
  return profile_maker(context, FALSE, &format);
}

static void add_of_step(const GPtrArray *items, const char *step, GPtrArray *profiles) {
  list_each (Profile *, profile, items)
    if (strcmp(profile_step(profile), step) == 0)
      g_ptr_array_add(profiles, profile);
}

GPtrArray *profiles_of_step(const PlanContext *context, const char *step) {
  GPtrArray *profiles = g_ptr_array_new();

  add_of_step(context->profiles->items, step, profiles);
  if (context->identity->made != NULL)
    add_of_step(context->identity->made->items, step, profiles);
  return profiles;
}

/* Perhaps the NIC comes: the profile stays what it is. */
void profile_maker_warn(const PlanContext *context, const Nic *nic, Plan *plan) {
  list_each (const Profile *, profile, context->profiles->items) {
    const char *bound = profile->interface_name != NULL ? profile->interface_name : profile->mac_address;

    if (profile->why_not == NULL && profile->type != NULL && profile_is_for_hardware(profile) && profile->nic == NULL &&
        bound != NULL)
      plan_warn(plan, "%s is a profile of %s, which this machine does not have: %s gets a new one.", profile->path,
                bound, nic->name);
  }
}
