/* profile-fit.h - whether NetworkManager takes a profile for a NIC. */
#pragma once

#include <NetworkManager.h>

#include "profiles/profiles.h"
#include "selection-world.h"

/* What recorded NICs became, and which NICs there are. */
typedef struct {
  const SelectionWorld *world; /* NULL: nothing is known */
  const NicMap *map;           /* NULL: nothing was renamed */
} FitContext;

/* profile_fits: CONNECTION is PROFILE as libnm reads it. */
gboolean profile_fits(const FitContext *context, const Profile *profile, NMConnection *connection, const Nic *nic);

/* profile_may_fit: FALSE where PROFILE by its plain fields alone does not fit NIC: nothing has to be read. */
gboolean profile_may_fit(const FitContext *context, const Profile *profile, const Nic *nic);

/* profile_fit_pattern: TEXT by a list of [match] (nm-setting-match.c): "!P" must not, "&P" must, "|P" and "P" may
 * match, and one of those that may has to. MATCHES says whether one pattern does. */
typedef gboolean (*PatternFunction)(const char *pattern, gconstpointer data);
gboolean profile_fit_patterns(const char *const *patterns, guint count, PatternFunction matches, gconstpointer data);
