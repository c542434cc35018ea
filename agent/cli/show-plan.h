/* show-plan.h - a plan as people sign it: a summary, then what changes to the byte. */
#pragma once

#include <glib.h>

#include "plan/plan.h"

/* show_summary: what the machine becomes, a line a piece of identity, and how many files change. TITLE: "golden ->
 * web-1 [host web-1]", or NULL for an undo. Unless WHOLE, many NICs that get the same are one line. */
void show_summary(const Plan *plan, const char *title, gboolean whole);

/* show_plan: every edit as a diff, and the warnings. Unless WHOLE, a file of which only the UUID changes is one line, a
 * key pair one entry, and our own record is left out. */
void show_plan(const Plan *plan, gboolean whole);

/* show_choice: "hostname  golden -> web-1  policy.ini:6". */
void show_choice(const Choice *choice);
