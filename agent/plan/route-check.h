/* route-check.h - a route of the template's that stays where it is written: does it fit what the clone gets? */
#pragma once

#include "outcome.h"

/* route_check: warns of the route of PATH:LINE by HOP, where OUTCOME gives its interface other addresses. IS_DEFAULT:
 * of the main table. ON_LINK: HOP need not be in a prefix. */
void route_check(Plan *plan, const char *path, unsigned line, const char *hop, gboolean is_default, gboolean on_link,
                 const Outcome *outcome);
