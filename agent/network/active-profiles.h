/* active-profiles.h - what was active where before the change, and what of it the change concerns. */
#pragma once

#include "nm-session.h"
#include "route-metrics.h"

typedef struct {
  char *interface;    /* the device's */
  char *uuid;         /* of the profile that was active on it */
  char *path;         /* the changed file of that profile; NULL: the profile itself does not change */
  char *active_path;  /* object path of the active connection, to tell a new one from it */
  gboolean concerned; /* it changes, or it is a port of, or lies over, one that does */
  guint group;        /* concerned profiles that depend on each other have the same number, from 1; others 0 */
  RouteMetrics metrics;
  gboolean generated; /* a "Wired connection" of NetworkManager's own making */
} ActiveProfile;

/* active_profiles_read: everything that NetworkManager brought up or is bringing up; what it only found there
 * (external) is left out. CHANGES: ProfileChange*. */
GPtrArray *active_profiles_read(NmSession *session, const GPtrArray *changes);
void active_profile_free(ActiveProfile *profile);

/* profile_depends_on: CONNECTION is a port of, or lies over, the profile UUID or its device INTERFACE (both may be
 * NULL). *PARENT (may be NULL): it lies over it, so the other has to be active first. */
gboolean profile_depends_on(NMConnection *connection, const char *uuid, const char *interface, gboolean *parent);
