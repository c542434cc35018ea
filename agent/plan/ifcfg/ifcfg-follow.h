/* ifcfg-follow.h - what in the files of /etc/sysconfig/network-scripts is the template's follows to the clone. The
 * tables of followed keys are in ifcfg-follow.c.
 */
#pragma once

#include "ifcfg-edit.h"

/* ifcfg_follow: what TEXT, of PATH, says as it was read, into EDITED. REASONS (char*; may be NULL) get what was
 * followed: "HWADDR 52:54:00:00:00:01 becomes 52:54:00:00:00:02". */
void ifcfg_follow(const PlanContext *context, const char *path, const ShellText *text, ShellText *edited,
                  GPtrArray *reasons, Plan *plan);
/* ifcfg_follow_warn: of old values that are still there when all edits are made. BYTES are what TEXT was read from. */
void ifcfg_follow_warn(const PlanContext *context, const char *path, GBytes *bytes, const ShellText *text,
                       const ShellText *edited, Plan *plan);

/* ifcfg_follow_companions: route-, route6-, rule- and rule6- files, and scripts of the admin's that the network scripts
 * run: NICs and source addresses follow, the rest is named. Of keys- files nothing is shown. */
gboolean ifcfg_follow_companions(const PlanContext *context, const char *step, Plan *plan, GError **error);
