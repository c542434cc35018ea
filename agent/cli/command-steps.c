/* command-steps.c - each step, on or off, and why. */
#include <stdio.h>

#include "base/names.h"
#include "output.h"
#include "plan/steps.h"
#include "show.h"

static const char *why(const Machine *machine, const Step *step) {
  for (size_t i = 0; i < machine->policy.n_steps; i++)
    if (g_strcmp0(machine->policy.steps[i].step, step->name) == 0)
      return "the policy's [steps] says so";
  return "by default";
}

static void print_json(const Machine *machine) {
  const GError *error = machine->policy_error;
  Json json;

  show_json_begin(&json, "steps");
  json_array(&json, "steps");
  for (gsize i = 0; i < n_steps; i++) {
    json_object(&json, NULL);
    json_string(&json, "name", steps[i].name);
    json_boolean(&json, "on", policy_step_enabled(&machine->policy, steps[i].name, steps[i].by_default));
    json_string(&json, "why", why(machine, &steps[i]));
    json_string(&json, "summary", steps[i].summary);
    json_object_end(&json);
  }
  json_array_end(&json);
  show_json_end(&json, error != NULL ? exit_code_of(error) : RI_EXIT_OK, error != NULL ? error->message : NULL);
}

static void print_text(const Machine *machine) {
  static const char *const headings[] = {"STEP", "STATE", "WHY", "WHAT", NULL};
  g_autoptr(Table) table = table_new(headings);

  for (gsize i = 0; i < n_steps; i++) {
    gboolean on = policy_step_enabled(&machine->policy, steps[i].name, steps[i].by_default);
    const char *const row[] = {steps[i].name, on ? "on" : "off", why(machine, &steps[i]), steps[i].summary};
    table_row(table, row);
  }
  table_print(table, stdout);
}

/* With an invalid policy the defaults, so that a misspelt step finds its name here. */
static gboolean show_steps(Machine *machine, int *code, GError **error) {
  machine_read_policy(machine);
  if (machine->arguments->json)
    print_json(machine);
  else if (machine->arguments->verbosity >= 0)
    print_text(machine);
  *code = show_policy_error(machine);
  return TRUE;
}

int command_steps(const Arguments *arguments) {
  return show_of_machine(arguments, show_steps);
}
