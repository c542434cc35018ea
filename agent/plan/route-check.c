/* route-check.c - a route of the template's that stays where it is written: does it fit what the clone gets? */
#include "route-check.h"

#include <string.h>

/* A gateway comes from elsewhere now, and it is another than HOP. */
static gboolean is_replaced(const Outcome *outcome, const char *hop) {
  return outcome->kind == OUTCOME_AUTO || (outcome->gateway != NULL && strcmp(outcome->gateway, hop) != 0);
}

void route_check(Plan *plan, const char *path, unsigned line, const char *hop, gboolean is_default, gboolean on_link,
                 const Outcome *outcome) {
  const gboolean is_static = outcome->kind == OUTCOME_STATIC;

  if (!is_static && (outcome->kind != OUTCOME_AUTO || !outcome->had_static))
    return;
  if (is_default && is_replaced(outcome, hop))
    plan_warn(plan,
              "%s:%u: the template's default route by %s stays beside the gateway %s; remove the line unless this "
              "machine goes by it too.",
              path, line, hop, is_static ? outcome->gateway : "that DHCP or a router gives");
  else if (is_static && !on_link && !outcome_is_reachable(outcome, hop))
    plan_warn(plan,
              "%s:%u: the next hop %s is in none of the new prefixes; the route stays as it is, check whether this "
              "machine needs another.",
              path, line, hop);
}
