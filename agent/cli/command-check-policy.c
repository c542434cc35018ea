/* command-check-policy.c - all errors of a policy, each with its place. */
#include <stdio.h>

#include "base/names.h"
#include "output.h"
#include "show.h"

static void print_json(const Machine *machine) {
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "command", "check-policy");
  json_boolean(&json, "valid", machine->policy_error == NULL);
  json_array(&json, "files");
  for (size_t i = 0; i < machine->files.count; i++)
    json_string(&json, NULL, machine->files.items[i].path);
  json_array_end(&json);
  json_array(&json, "errors");
  for (size_t i = 0; i < machine->policy_errors.count; i++) {
    const PolicyError *e = &machine->policy_errors.items[i];
    json_object(&json, NULL);
    json_string(&json, "file", e->file);
    json_number(&json, "line", e->line);
    json_string(&json, "key", e->where);
    json_string(&json, "message", e->text);
    json_object_end(&json);
  }
  json_array_end(&json);
  json_string(&json, "error", machine->policy_error != NULL ? machine->policy_error->message : NULL);
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  (void)fputs(text, stdout);
}

static void print_text(const Machine *machine) {
  for (size_t i = 0; i < machine->policy_errors.count; i++) {
    const PolicyError *e = &machine->policy_errors.items[i];
    output_printf(stderr, TONE_PLAIN, "%s:%u: %s: %s\n", e->file, e->line, e->where, e->text);
  }
  if (machine->policy_error != NULL && machine->policy_errors.count == 0)
    output_printf(stderr, TONE_BAD, "reset-identity: %s\n", machine->policy_error->message);
  if (machine->policy_error != NULL || machine->arguments->verbosity < 0)
    return;
  if (machine->files.count == 0)
    output_tone(stdout, TONE_PLAIN, "there is no policy: the defaults rule\n");
  for (size_t i = 0; i < machine->files.count; i++)
    output_printf(stdout, TONE_GOOD, "%s: valid\n", machine->files.items[i].path);
}

int command_check_policy(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Arguments own = *arguments;
  Machine machine;
  int code = RI_EXIT_OK;

  if (own.operands[0] != NULL)
    own.policy = own.operands[0];
  if (!machine_open(&machine, &own, &error)) {
    code = show_failure(arguments, error);
  } else {
    machine_read_policy(&machine);
    if (arguments->json)
      print_json(&machine);
    else
      print_text(&machine);
    if (machine.policy_error != NULL)
      code = exit_code_of(machine.policy_error);
  }
  machine_close(&machine);
  return code;
}
