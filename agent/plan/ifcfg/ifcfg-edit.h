/* ifcfg-edit.h - the edit of one connection of /etc/sysconfig/network-scripts while it is put together.
 */
#pragma once

#include "plan/outcome.h"
#include "profiles/ifcfg/ifcfg-profiles.h"

typedef struct {
  const PlanContext *context;
  const Profile *profile;
  const IfcfgProfile *own; /* the profile's, as read */
  ShellText *text;         /* the new text */
  ShellText *common;       /* the new text of IFCFG_COMMON_FILE, shared by all; NULL: it must not be edited */
  gboolean parts_go;       /* the files that add addresses have nothing left to add */
  GPtrArray *reasons;      /* char*, each once */
  Plan *plan;
} IfcfgEdit;

/* ifcfg_put: KEY with VALUE in the place of what it has, else behind NEIGHBOUR (NULL: at the end). */
void ifcfg_put(IfcfgEdit *edit, const char *neighbour, const char *key, const char *value);

/* ifcfg_addresses_apply: addresses, gateway, DNS and method of both families, by the outcome of each. Warns of routes
 * without a next hop, and of a token that is kept. */
void ifcfg_addresses_apply(IfcfgEdit *edit);

/* ifcfg_routes_check: warns of next hops in the route file of OUTCOME's family that its addresses do not reach, and of
 * a default route beside the gateway that it has now. */
void ifcfg_routes_check(const IfcfgEdit *edit, const Outcome *outcome);
