/* empty-bridges.c - bridges without a port: no DHCP server and no router ever answers there */
#include "empty-bridges.h"

#include <string.h>

#include "base/each.h"

/* By name, id or UUID, whatever the format has. */
static gboolean names(const char *controller, const Profile *bridge) {
  return g_strcmp0(controller, bridge->interface_name) == 0 || g_strcmp0(controller, bridge->id) == 0 ||
         g_strcmp0(controller, bridge->uuid) == 0;
}

/* A file that cannot be read may be of a port. */
static gboolean may_be_port(const Profile *profile, const Profile *bridge) {
  return profile->controller != NULL ? names(profile->controller, bridge)
                                     : profile->format == bridge->format && !profile_is_loaded(profile);
}

static gboolean has_port(const Profiles *profiles, const Profile *bridge) {
  list_each (const Profile *, profile, profiles->items)
    if (may_be_port(profile, bridge))
      return TRUE;
  return FALSE;
}

void empty_bridges_find(const Profiles *profiles) {
  list_each (Profile *, profile, profiles->items) {
    const gboolean says_ports = profile->format != NULL && strcmp(profile->format->stack, "ifupdown") == 0;

    if (!says_ports && g_strcmp0(profile->type, "bridge") == 0)
      profile->has_no_ports = !has_port(profiles, profile);
  }
}
