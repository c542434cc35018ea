/* show.c - a verdict, a machine and a plan as text and as JSON: shared by status, plan, apply and undo */
#include "show.h"

#include <stdio.h>

#include "commit/diff.h"
#include "commit/transaction.h"
#include "output.h"

static Tone tone_of(VerdictKind kind) {
  switch (kind) {
  case VERDICT_SAME:
  case VERDICT_UNRECORDED:
    return TONE_GOOD;
  case VERDICT_DAMAGED:
    return TONE_BAD;
  default:
    return TONE_WARN;
  }
}

static const char *meaning_of(VerdictKind kind) {
  switch (kind) {
  case VERDICT_SAME:
    return "this is the machine that the record describes; there is nothing to do";
  case VERDICT_CLONE:
    return "this is another machine: it needs an identity of its own";
  case VERDICT_REWIRED:
    return "this is the same machine with other NICs: its profiles are to be rebound";
  case VERDICT_UNKNOWN:
    return "there is no evidence either way; nothing is changed";
  case VERDICT_UNRECORDED:
    return "there is no record yet; the next apply or boot records this machine as it is";
  case VERDICT_DAMAGED:
    return "the record cannot be read; nothing is changed until `adopt` or `seal` writes a new one";
  case VERDICT_OFF:
    return "reset-identity=off is on the kernel command line; nothing is changed";
  }
  return "";
}

void show_verdict(const Machine *machine) {
  output_tone(stdout, TONE_STRONG, "verdict  ");
  output_tone(stdout, tone_of(machine->verdict.kind), verdict_name(machine->verdict.kind));
  output_printf(stdout, TONE_PLAIN, "\n         %s\n", meaning_of(machine->verdict.kind));
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    output_printf(stdout, TONE_PLAIN, "         - %s\n", machine->verdict.reasons[i]);
  if (machine->verdict.kind == VERDICT_DAMAGED)
    output_printf(stdout, TONE_PLAIN, "         - %s\n", machine->record_problem.text);
  if (machine->facts.override == OVERRIDE_UNREADABLE)
    output_printf(stdout, TONE_WARN, "warning: " VERDICT_OVERRIDE_WARNING "\n");
}

void show_verdict_json(Json *json, const Machine *machine) {
  json_string(json, "verdict", verdict_name(machine->verdict.kind));
  json_array(json, "reasons");
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    json_string(json, NULL, machine->verdict.reasons[i]);
  if (machine->verdict.kind == VERDICT_DAMAGED)
    json_string(json, NULL, machine->record_problem.text);
  json_array_end(json);
}

void show_open_transaction(const Root *root, const char *lead) {
  g_autofree char *holder = state_lock_holder(root);

  if (holder != NULL)
    output_printf(stdout, TONE_WARN, "%sa run is going on: %s\n", lead, holder);
  else
    output_printf(stdout, TONE_WARN,
                  "%san earlier run is not finished: the next boot or `reset-identity apply` finishes it\n", lead);
}

gboolean show_plan(const Plan *plan, GError **error) {
  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = plan->edits->pdata[i];
    g_autoptr(GString) diff = g_string_new(NULL);
    diff_edit(edit, diff);
    output_printf(stdout, TONE_FAINT, "\n# %s: %s\n", edit->step, edit->why);
    output_diff(stdout, diff->str);
  }
  for (guint i = 0; i < plan->warnings->len; i++)
    output_printf(stdout, TONE_WARN, "%swarning: %s\n", i == 0 ? "\n" : "", (const char *)plan->warnings->pdata[i]);
  return TRUE;
}

void show_choices_json(Json *json, const GPtrArray *choices) {
  json_array(json, "choices");
  for (guint i = 0; i < choices->len; i++) {
    const Choice *choice = choices->pdata[i];
    json_object(json, NULL);
    json_string(json, "name", choice->name);
    json_string(json, "old", choice->secret ? NULL : choice->old);
    json_string(json, "new", choice->secret ? NULL : choice->new);
    json_string(json, "source", choice->source);
    json_object_end(json);
  }
  json_array_end(json);
}

gboolean show_plan_json(Json *json, const Plan *plan, GError **error) {
  show_choices_json(json, plan->choices);
  json_array(json, "changes");
  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = plan->edits->pdata[i];
    g_autoptr(GString) diff = g_string_new(NULL);
    diff_edit(edit, diff);
    json_object(json, NULL);
    json_string(json, "step", edit->step);
    json_string(json, "action", edit_kind_name(edit->kind));
    json_string(json, "path", edit->path);
    json_string(json, "destination", edit->destination);
    json_string(json, "why", edit->why);
    json_string(json, "diff", diff->str);
    json_object_end(json);
  }
  json_array_end(json);
  json_array(json, "warnings");
  for (guint i = 0; i < plan->warnings->len; i++)
    json_string(json, NULL, plan->warnings->pdata[i]);
  json_array_end(json);
  return TRUE;
}

int show_failure(const Arguments *arguments, const GError *error) {
  int code = exit_code_of(error);

  if (arguments->json) {
    Json json;
    json_init(&json);
    json_object(&json, NULL);
    json_string(&json, "command", arguments->command);
    json_object(&json, "error");
    json_number(&json, "code", code);
    json_string(&json, "message", error->message);
    json_object_end(&json);
    json_object_end(&json);
    g_autofree char *text = json_finish(&json);
    (void)fputs(text, stdout);
  }
  output_printf(stderr, TONE_BAD, "reset-identity: %s\n", error->message);
  return code;
}
