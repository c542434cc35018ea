/* yielding-entries.c - entries for no NIC, since another is the NIC's */
#include "yielding-entries.h"

#include <string.h>

#include "base/each.h"

const Profile *yielding_entry(const PlanContext *context, const char *step, const char *id) {
  list_each (const Profile *, profile, context->profiles->items)
    if (profile->yields_to != NULL && strcmp(profile->id, id) == 0 && strcmp(profile_step(profile), step) == 0)
      return profile;
  return NULL;
}

void yielding_entry_warn(const Profile *entry, Plan *plan) {
  const Profile *own = entry->yields_to;

  plan_warn(
      plan,
      "%s:%u: %s is %s on this machine, which has an entry of its own in %s: that one counts, and %s is for no NIC.",
      entry->path, entry->plain->line, profile_bound_name(entry), profile_bound_name(own), own->path,
      profile_bound_name(entry));
}
