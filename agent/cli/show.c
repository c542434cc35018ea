/* show.c - a verdict, a machine and a plan as text and as JSON: shared by status, plan, apply and undo */
#include "show.h"

#include <stdio.h>

#include "absent-nics.h"
#include "base/bytes.h"
#include "base/each.h"
#include "base/names.h"
#include "commit/diff.h"
#include "commit/manifest.h"
#include "commit/transaction.h"
#include "output.h"

static Tone tone_of(VerdictKind kind) {
  switch (kind) {
  case VERDICT_SAME:
  case VERDICT_UNRECORDED:
    return TONE_GOOD;
  case VERDICT_DAMAGED:
  case VERDICT_NEWER:
    return TONE_BAD;
  default:
    return TONE_WARN;
  }
}

static const char *meaning_of(const Verdict *verdict) {
  switch (verdict->kind) {
  case VERDICT_SAME:
    return "this is the machine that the record describes; there is nothing to do";
  case VERDICT_CLONE:
    return "this is another machine: it needs an identity of its own";
  case VERDICT_REWIRED:
    return "this is the same machine with other NICs: its profiles are to be rebound";
  case VERDICT_UNKNOWN:
    return verdict->keeps_off
               ? "this disk is a template's, and it is not clear whether this machine is the template or a copy of "
                 "it: at boot its NICs stay down"
               : "it is not clear whether this is the recorded machine or a clone of it";
  case VERDICT_UNRECORDED:
    return "there is no record yet; the next apply or boot records this machine as it is";
  case VERDICT_DAMAGED:
    return "the record cannot be read, so it is not known which machine this disk belongs to";
  case VERDICT_NEWER:
    return "the record cannot be read by this version";
  case VERDICT_OFF:
    return "reset-identity=off is on the kernel command line; nothing is changed";
  }
  return "";
}

/* What a copy of the record has, where it is none that we can read, or a newer one beside it. */
static gboolean tells_of_record(const Machine *machine) {
  return verdict_is_unreadable(machine->verdict.kind) ||
         (machine->presence == RECORD_PRESENT && machine->record.other_is_newer);
}

void show_verdict(const Machine *machine) {
  output_tone(stdout, TONE_STRONG, "verdict  ");
  output_tone(stdout, tone_of(machine->verdict.kind), verdict_name(machine->verdict.kind));
  output_tone(stdout, TONE_PLAIN, "\n");
  output_folded(stdout, TONE_PLAIN, "         ", meaning_of(&machine->verdict));
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    output_folded(stdout, TONE_PLAIN, "         - ", machine->verdict.reasons[i]);
  if (tells_of_record(machine))
    output_folded(stdout, TONE_PLAIN, "         - ", machine->record_problem.text);
}

GPtrArray *show_warnings(const Machine *machine) {
  GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);

  if (machine->facts.override == OVERRIDE_UNREADABLE)
    g_ptr_array_add(warnings, g_strdup(VERDICT_OVERRIDE_WARNING));
  if (machine->verdict.kind == VERDICT_SAME)
    absent_nics_warn(machine, warnings);
  return warnings;
}

void show_verdict_json(Json *json, const Machine *machine) {
  json_string(json, "verdict", verdict_name(machine->verdict.kind));
  json_array(json, "reasons");
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    json_string(json, NULL, machine->verdict.reasons[i]);
  if (tells_of_record(machine))
    json_string(json, NULL, machine->record_problem.text);
  json_array_end(json);
}

void show_policy_files_json(Json *json, const Machine *machine) {
  json_array(json, "files");
  for (size_t i = 0; i < machine->files.count; i++)
    json_string(json, NULL, machine->files.items[i].path);
  json_array_end(json);
}

void show_open_transaction(const Root *root, const char *lead) {
  g_autofree char *holder = state_lock_holder(root);
  g_autoptr(GError) problem = NULL;

  if (holder != NULL)
    output_printf(stdout, TONE_WARN, "%sa run is going on: %s\n", lead, holder);
  else if (!transaction_check(root, &problem))
    output_folded(stdout, TONE_BAD, lead, problem->message);
  else if (!transaction_is_committed(root))
    output_folded(
        stdout, TONE_WARN, lead,
        "an earlier run ended before it changed anything: the next boot or `reset-identity apply` removes its "
        "preparations");
  else
    output_folded(stdout, TONE_WARN, lead,
                  transaction_is_undo(root)
                      ? "an earlier undo is not finished: the next boot or `reset-identity apply` finishes it"
                      : "an earlier run is not finished: the next boot or `reset-identity apply` finishes it");
}

void show_choices_json(Json *json, const GPtrArray *choices) {
  json_array(json, "choices");
  list_each (const Choice *, choice, choices) {
    json_object(json, NULL);
    json_string(json, "name", choice->name);
    json_string(json, "old", choice->secret ? NULL : choice->old);
    json_string(json, "new", choice->secret ? NULL : choice->new);
    json_string(json, "source", choice->source);
    json_object_end(json);
  }
  json_array_end(json);
}

static void json_change(Json *json, EditKind kind, const char *step, const char *path, const char *destination,
                        const char *why, const char *diff) {
  json_object(json, NULL);
  json_string(json, "step", step);
  json_string(json, "action", edit_kind_name(kind));
  json_string(json, "path", path);
  json_string(json, "destination", destination);
  json_string(json, "why", why);
  json_string(json, "diff", diff);
  json_object_end(json);
}

void show_changes_json(Json *json, const GPtrArray *edits) {
  json_array(json, "changes");
  list_each (const ManifestEdit *, edit, edits)
    json_change(json, edit->kind, edit->step, edit->path, NULL, edit->why, NULL);
  json_array_end(json);
}

/* Of an object that is open. */
static void json_action(Json *json, const Action *action) {
  json_string(json, "step", action->step);
  json_string(json, "kind", action_kind_name(action->kind));
  json_string(json, "verb", action->verb);
  json_string(json, "object", action->object);
  json_string(json, "why", action->why);
}

void show_done_actions_json(Json *json, const GPtrArray *actions) {
  json_array(json, "actions");
  list_each (const OpenAction *, open, actions) {
    json_object(json, NULL);
    json_action(json, open->action);
    json_boolean(json, "done", open->done);
    json_object_end(json);
  }
  json_array_end(json);
}

static void show_actions_json(Json *json, const GPtrArray *actions) {
  json_array(json, "actions");
  for (guint i = 0; i < actions->len; i++) {
    json_object(json, NULL);
    json_action(json, actions->pdata[i]);
    json_object_end(json);
  }
  json_array_end(json);
}

void show_plan_json(Json *json, const Plan *plan) {
  show_choices_json(json, plan->choices);
  json_array(json, "changes");
  list_each (const Edit *, edit, plan->edits) {
    g_autoptr(GString) diff = g_string_new(NULL);
    g_autofree char *to = edit->kind == EDIT_LINK ? bytes_dup(edit->content) : NULL;
    diff_edit(edit, diff);
    json_change(json, edit->kind, edit->step, edit->path, to, edit->why, diff->str);
  }
  json_array_end(json);
  show_actions_json(json, plan->actions);
  json_strings(json, "warnings", plan->warnings);
}

void show_json_begin(Json *json, const char *command) {
  json_init(json);
  json_object(json, NULL);
  json_string(json, "version", RI_VERSION);
  json_string(json, "command", command);
}

void show_json_end(Json *json, int code, const char *message) {
  if (message != NULL) {
    json_object(json, "error");
    json_number(json, "code", code);
    json_string(json, "message", message);
    json_object_end(json);
  } else {
    json_null(json, "error");
  }
  json_object_end(json);
  g_autofree char *text = json_finish(json);
  (void)fputs(text, stdout);
}

int show_of_machine(const Arguments *arguments, gboolean (*show)(Machine *machine, int *code, GError **error)) {
  g_autoptr(GError) error = NULL;
  Machine machine;
  int code = RI_EXIT_OK;

  if (!machine_open(&machine, arguments, &error) || !show(&machine, &code, &error))
    code = show_failure(arguments, error);
  machine_close(&machine);
  return code;
}

int show_refusal(const Arguments *arguments, int code, const char *message) {
  Json json;

  if (arguments->json) {
    show_json_begin(&json, arguments->command);
    show_json_end(&json, code, message);
  }
  output_error(TONE_BAD, message);
  return code;
}

int show_failure(const Arguments *arguments, const GError *error) {
  return show_refusal(arguments, exit_code_of(error), error->message);
}

int show_policy_error(const Machine *machine) {
  if (machine->policy_error == NULL)
    return RI_EXIT_OK;
  output_error(TONE_BAD, machine->policy_error->message);
  return exit_code_of(machine->policy_error);
}

const char *show_cause(const Machine *machine) {
  if (machine->policy_error != NULL)
    return machine->policy_error->message;
  return verdict_is_unreadable(machine->verdict.kind) ? machine->record_problem.text : NULL;
}

void show_unreadable_record(const Machine *machine) {
  if (verdict_is_unreadable(machine->verdict.kind) && (machine->arguments->json || machine->arguments->verbosity < 0))
    output_error(TONE_BAD, machine->record_problem.text);
}
