/* show.h - a verdict, a machine and a plan as text and as JSON: shared by status, plan, apply and undo. */
#pragma once

#include <glib.h>

#include "json.h"
#include "machine.h"

/* The verdict with its reasons. */
void show_verdict(const Machine *machine);
void show_verdict_json(Json *json, const Machine *machine);

/* show_warnings: what status and plan say of a machine beside its verdict (char*). */
GPtrArray *show_warnings(const Machine *machine);

/* The member "files": those of the policy. */
void show_policy_files_json(Json *json, const Machine *machine);

/* Behind LEAD: that a run is going on (who), or that an earlier one is not finished. */
void show_open_transaction(const Root *root, const char *lead);

/* The members "choices", "changes" and "warnings". */
void show_plan_json(Json *json, const Plan *plan);

/* The member "changes" of a closed run: EDITS are ManifestEdit*, without their diffs. */
void show_changes_json(Json *json, const GPtrArray *edits);

/* The member "actions" of a run: what had to happen beside files (OpenAction*), and whether it did. */
void show_done_actions_json(Json *json, const GPtrArray *actions);

/* The member "choices": what was drawn, with old value, new value and source. */
void show_choices_json(Json *json, const GPtrArray *choices);

/* The one JSON object of a command: "version" and "command" (NULL: none was given), the command's own members, then
 * "error", null where MESSAGE is NULL. show_json_end prints it. */
void show_json_begin(Json *json, const char *command);
void show_json_end(Json *json, int code, const char *message);

/* show_refusal: MESSAGE for people on standard error, with --json the object of a command without a result too. Returns
 * CODE. */
int show_refusal(const Arguments *arguments, int code, const char *message);

/* show_failure: the same for ERROR. Returns its exit code. */
int show_failure(const Arguments *arguments, const GError *error);

/* show_of_machine: a command that looks at the machine and changes nothing. SHOW's *CODE is 0 where it says nothing
 * else. Returns the exit code. */
int show_of_machine(const Arguments *arguments, gboolean (*show)(Machine *machine, int *code, GError **error));

/* show_policy_error: what is wrong with the policy of a command that goes on without it, on standard error. Returns the
 * exit code, RI_EXIT_OK where nothing is. */
int show_policy_error(const Machine *machine);

/* show_cause: why a command fails that shows what it can all the same: the policy's error, or the record that cannot be
 * read. NULL: it does not. */
const char *show_cause(const Machine *machine);

/* show_unreadable_record: the latter on standard error, where nobody has read it with the verdict (--json, -q). */
void show_unreadable_record(const Machine *machine);
