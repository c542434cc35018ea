/* command-check-policy.c - all errors and warnings of a policy, each with its place. */
#include <stdio.h>
#include <unistd.h>

#include "base/names.h"
#include "output.h"
#include "show.h"

static void json_places(Json *json, const char *name, const PolicyError *items, size_t count) {
  json_array(json, name);
  for (size_t i = 0; i < count; i++) {
    json_object(json, NULL);
    json_string(json, "file", items[i].file);
    json_number(json, "line", items[i].line);
    json_string(json, "key", items[i].where);
    json_string(json, "message", items[i].text);
    json_object_end(json);
  }
  json_array_end(json);
}

static gboolean is_template(const Machine *machine) {
  return machine->presence == RECORD_PRESENT && machine->record.state == RECORD_TEMPLATE &&
         machine->verdict.kind == VERDICT_SAME;
}

static void print_json(const Machine *machine, const GPtrArray *warnings) {
  const GError *error = machine->policy_error;
  Json json;

  show_json_begin(&json, "check-policy");
  json_boolean(&json, "valid", error == NULL);
  show_policy_files_json(&json, machine);
  json_places(&json, "errors", machine->policy_errors.items, machine->policy_errors.count);
  json_strings(&json, "warnings", warnings);
  show_json_end(&json, error != NULL ? exit_code_of(error) : RI_EXIT_OK, error != NULL ? error->message : NULL);
}

static void print_text(const Machine *machine, const GPtrArray *warnings) {
  gboolean quiet = machine->arguments->verbosity < 0;

  for (size_t i = 0; i < machine->policy_errors.count; i++) {
    const PolicyError *e = &machine->policy_errors.items[i];
    output_printf(stderr, TONE_PLAIN, "%s:%u: %s: %s\n", e->file, e->line, e->where, e->text);
  }
  for (guint i = 0; !quiet && i < warnings->len; i++)
    output_printf(stderr, TONE_WARN, "%s\n", (const char *)warnings->pdata[i]);
  if (machine->policy_error != NULL && machine->policy_errors.count == 0)
    (void)show_policy_error(machine);
  if (machine->policy_error != NULL || quiet)
    return;
  if (machine->files.count == 0)
    output_tone(stdout, TONE_PLAIN, "there is no policy: the defaults apply\n");
  for (size_t i = 0; i < machine->files.count; i++)
    output_printf(stdout, TONE_GOOD, "%s: valid\n", machine->files.items[i].path);
}

static gboolean check_policy(Machine *machine, int *code, GError **error) {
  /* This machine's own policy is looked at with the machine: two sections may name it. */
  if (machine->arguments->policy != NULL || geteuid() != 0 || !machine_observe(machine, FALSE, NULL))
    machine_read_policy(machine);
  g_autoptr(GPtrArray) warnings = machine_policy_warnings(machine, "warning: ", is_template(machine));
  if (machine->arguments->json)
    print_json(machine, warnings);
  else
    print_text(machine, warnings);
  if (machine->policy_error != NULL)
    *code = exit_code_of(machine->policy_error);
  return TRUE;
}

int command_check_policy(const Arguments *arguments) {
  Arguments own = *arguments;

  if (own.operands[0] != NULL)
    own.policy = own.operands[0];
  return show_of_machine(&own, check_policy);
}
