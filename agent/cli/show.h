/* show.h - a verdict, a machine and a plan as text and as JSON: shared by status, plan, apply and undo. */
#pragma once

#include <glib.h>

#include "json.h"
#include "machine.h"

/* The verdict with its reasons. */
void show_verdict(const Machine *machine);
void show_verdict_json(Json *json, const Machine *machine);

/* Behind LEAD: that a run is going on (who), or that an earlier one is not finished. */
void show_open_transaction(const Root *root, const char *lead);

/* Every edit as a diff, and the warnings. */
gboolean show_plan(const Plan *plan, GError **error);
gboolean show_plan_json(Json *json, const Plan *plan, GError **error);

/* The member "choices": what was drawn, with old value, new value and source. */
void show_choices_json(Json *json, const GPtrArray *choices);

/* show_failure: ERROR for people on standard error, or as the one JSON object of a failed command. Returns the exit
 * code. */
int show_failure(const Arguments *arguments, const GError *error);
