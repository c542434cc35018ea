/* command-status.c - facts, record, verdict with every reason, last run: for a tired person at 3 a.m. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/door.h"
#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "commit/history.h"
#include "commit/transaction.h"
#include "network/isolation.h"
#include "output.h"
#include "report.h"
#include "show-plan.h"
#include "show.h"
#include "system/system-manager.h"

enum { POLL_US = 200000 };

static void print_field(const char *name, const char *value, const char *detail) {
  g_autofree char *lead = g_strdup_printf("  %-10s ", name);
  g_autofree char *text =
      g_strdup_printf("%s%s%s", *value != '\0' ? value : "none", *detail != '\0' ? "  " : "", detail);

  output_tone(stdout, TONE_FAINT, lead);
  output_folded_behind(stdout, TONE_PLAIN, g_utf8_strlen(lead, -1), text);
}

static void print_nics(const NicList *nics) {
  if (nics->count == 0)
    print_field("NICs", "", "");
  for (size_t i = 0; i < nics->count; i++) {
    const Nic *nic = &nics->items[i];
    g_autofree char *value = g_strdup_printf("%-10s %s", nic->name, nic->mac);
    print_field(i == 0 ? "NICs" : "", value, nic->bus_path);
  }
}

static void uuid_text(const ProductUuid *uuid, char text[static PRODUCT_UUID_TEXT]) {
  *text = '\0';
  if (uuid->present)
    product_uuid_format(uuid, text);
}

static void print_facts(const Facts *facts) {
  char uuid[PRODUCT_UUID_TEXT];

  uuid_text(&facts->uuid, uuid);
  output_tone(stdout, TONE_STRONG, "machine\n");
  print_field("uuid", uuid,
              facts->uuid.placeholder      ? "(a placeholder that many machines share)"
              : facts->uuid.source != NULL ? facts->uuid.source
                                           : "");
  print_field("serial", facts->serial, "");
  print_nics(&facts->nics);
  print_field("machine-id", facts->machine_id, "");
  print_field("hostname", facts->hostname, "");
}

static void print_record(const Machine *machine) {
  const Record *record = &machine->record;
  char uuid[PRODUCT_UUID_TEXT];

  output_tone(stdout, TONE_STRONG, "record\n");
  if (machine->presence != RECORD_PRESENT) {
    print_field("state",
                machine->presence == RECORD_ABSENT     ? ""
                : machine->presence == RECORD_IS_NEWER ? "newer"
                                                       : "damaged",
                "");
    return;
  }
  uuid_text(&record->uuid, uuid);
  print_field("state", record_state_name(record->state), record->time);
  if (record->no_machine)
    print_field("machine", "", "(sealed from outside: any machine differs)");
  print_field("uuid", uuid, record->uuid_unstable ? "(unstable: distrusted)" : "");
  print_field("serial", record->serial, "");
  print_nics(&record->nics);
  print_field("template", record->template_name, "");
}

static void print_last(const Machine *machine) {
  static const char *const members[] = {"time", "command", "outcome", "message"};
  g_autofree char *last = report_last(machine);

  output_tone(stdout, TONE_STRONG, "last run of this boot\n");
  if (last == NULL) {
    output_tone(stdout, TONE_PLAIN, "  none\n");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
    g_autofree char *value = json_member_string(last, members[i]);
    g_auto(GStrv) lines = g_strsplit(value != NULL ? value : "", "\n", -1);
    print_field(members[i], lines[0] != NULL ? lines[0] : "", "");
    for (gsize line = 1; lines[0] != NULL && lines[line] != NULL; line++)
      print_field("", lines[line], "");
  }
}

static void print_verified(const Machine *machine) {
  g_autofree char *verified = report_verified(machine);

  if (verified == NULL)
    return;
  output_tone(stdout, TONE_STRONG, "verified\n");
  print_field("in effect", strstr(verified, "\"ok\":true") != NULL ? "yes" : "no",
              "(reset-identity verify looks again)");
}

static void print_policy(const Machine *machine) {
  output_tone(stdout, TONE_STRONG, "policy\n");
  if (machine->files.count == 0)
    print_field("files", machine->policy_error != NULL ? "not read: see the error" : "none: the defaults apply", "");
  for (size_t i = 0; i < machine->files.count; i++)
    print_field(i == 0 ? "files" : "", machine->files.items[i].path, "");
  if (machine->host != NULL) {
    g_autofree char *section = g_strdup_printf("[host %s]", machine->host->name);
    g_autofree char *place = g_strdup_printf("%s:%u", machine->host->file, machine->host->line);
    print_field("this is", section, place);
  } else if (machine->policy.n_hosts > 0) {
    print_field("this is",
                machine->judged ? "none of its [host] sections" : "not known: it is matched by what root sees", "");
  }
}

/* Why the NICs are kept down: what the drop-in's writer left in its comments. */
static void print_isolation(const Root *root) {
  char *text = NULL;
  size_t size = 0;

  if (!root_exists(root, RI_ISOLATION_FILE) && isolation_is_being_lifted(root)) {
    output_folded(stdout, TONE_WARN, "         ",
                  "a run that was to let the NICs up again has not done so for all of them");
    return;
  }
  output_folded(stdout, TONE_WARN, "         ",
                "the NICs are kept down until an apply succeeds (" RI_ISOLATION_FILE ")");
  if (root_read_file(root, RI_ISOLATION_FILE, 1 << 16, &text, &size, NULL) < 0)
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  free(text);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix(lines[i], "# Why: "))
      output_folded(stdout, TONE_WARN, "         - ", lines[i] + 2);
}

static const char *advice(const Machine *machine, gboolean open) {
  gboolean template = machine->presence == RECORD_PRESENT && machine->record.state == RECORD_TEMPLATE;

  /* Its reason says what to do. */
  if (machine->verdict.kind == VERDICT_UNKNOWN || verdict_is_unreadable(machine->verdict.kind))
    return NULL;
  if (machine->policy_error != NULL && machine->policy_error->code == RI_ERROR_UNTRUSTED)
    return "do as the error says; until then apply, plan and seal refuse";
  if (machine->policy_error != NULL && isolation_is_set(&machine->root))
    return "fix the policy (reset-identity check-policy lists every error), then run reset-identity apply --yes, which "
           "lets the NICs up again";
  if (machine->policy_error != NULL)
    return "fix the policy; reset-identity check-policy lists every error";
  if (isolation_is_set(&machine->root))
    return "fix the cause, then run reset-identity apply --yes, which lets the NICs up again";
  if (open && !transaction_check(&machine->root, NULL))
    return "do as said above; until then apply, undo, seal and adopt refuse";
  if (open && transaction_is_committed(&machine->root))
    return transaction_is_undo(&machine->root)
               ? "reset-identity apply finishes the undo that was cut off, and resets the machine again if it is a "
                 "clone; reset-identity undo takes it back, and another one undoes the run"
               : "reset-identity apply finishes the run that was cut off, reset-identity undo undoes it";
  switch (machine->verdict.kind) {
  case VERDICT_CLONE:
  case VERDICT_REWIRED:
    return "reset-identity plan shows what reset-identity apply would change; run reset-identity adopt if this machine "
           "is right as it is";
  case VERDICT_UNRECORDED:
    return "nothing; in a template, run reset-identity seal";
  case VERDICT_SAME:
    return template ? "nothing; when it changes, run reset-identity seal again"
                    : "nothing; before it is copied, run reset-identity seal";
  default:
    return NULL;
  }
}

/* Where the values that this machine has come from: what the newest apply gave it that stands. */
static void print_choices(const Machine *machine) {
  g_autoptr(GPtrArray) entries = history_list(&machine->root, NULL, NULL);

  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const HistoryEntry *entry = entries->pdata[i];

    if (strcmp(entry->info.kind, "apply") != 0 || entry->undone)
      continue;
    output_printf(stdout, TONE_STRONG, "values of run %u\n", entry->number);
    for (guint j = 0; j < entry->choices->len; j++)
      show_choice(entry->choices->pdata[j]);
    return;
  }
}

/* With the policy that is there now: with an invalid one nothing is reset. */
static void print_template(const Machine *machine) {
  if (machine->policy_error == NULL)
    output_tone(stdout, TONE_GOOD, "         this is the sealed template: copies of its disk are reset\n");
  else
    output_tone(
        stdout, TONE_BAD,
        "         this is the sealed template, but with this policy copies of its disk are not reset: they stay "
        "off the network\n");
}

static void print_text(const Machine *machine, gboolean open) {
  g_autoptr(GPtrArray) warnings = show_warnings(machine);
  const char *next = advice(machine, open);

  show_verdict(machine);
  if (machine->verdict.kind == VERDICT_SAME && machine->record.state == RECORD_TEMPLATE)
    print_template(machine);
  if (open)
    show_open_transaction(&machine->root, "         ");
  if (isolation_is_set(&machine->root))
    print_isolation(&machine->root);
  if (next != NULL)
    output_folded(stdout, TONE_PLAIN, "next     ", next);
  list_each (const char *, warning, warnings)
    output_folded(stdout, TONE_WARN, "warning: ", warning);
  print_facts(&machine->facts);
  print_record(machine);
  print_policy(machine);
  print_last(machine);
  print_verified(machine);
  if (machine->arguments->verbosity > 0)
    print_choices(machine);
}

static void json_nics(Json *json, const NicList *nics) {
  json_array(json, "nics");
  for (size_t i = 0; i < nics->count; i++) {
    json_object(json, NULL);
    json_string(json, "name", nics->items[i].name);
    json_string(json, "mac", nics->items[i].mac);
    json_string_or_null(json, "path", nics->items[i].bus_path);
    json_number(json, "position", nics->items[i].position);
    json_object_end(json);
  }
  json_array_end(json);
}

static void json_facts(Json *json, const Facts *facts) {
  static const char *const overrides[] = {[OVERRIDE_NONE] = "none",
                                          [OVERRIDE_OFF] = "off",
                                          [OVERRIDE_FORCE] = "force",
                                          [OVERRIDE_UNREADABLE] = "unreadable"};
  char uuid[PRODUCT_UUID_TEXT];

  uuid_text(&facts->uuid, uuid);
  json_object(json, "facts");
  json_string_or_null(json, "uuid", uuid);
  json_string(json, "uuid_source", facts->uuid.source);
  json_boolean(json, "uuid_placeholder", facts->uuid.placeholder);
  json_string_or_null(json, "serial", facts->serial);
  json_string_or_null(json, "machine_id", facts->machine_id);
  json_string_or_null(json, "hostname", facts->hostname);
  json_string(json, "override", overrides[facts->override]);
  json_boolean(json, "first_boot", facts->first_boot);
  json_nics(json, &facts->nics);
  json_object_end(json);
}

static void json_record(Json *json, const Machine *machine) {
  const Record *record = &machine->record;
  char uuid[PRODUCT_UUID_TEXT];

  if (machine->presence != RECORD_PRESENT) {
    json_null(json, "record");
    return;
  }
  uuid_text(&record->uuid, uuid);
  json_object(json, "record");
  json_string(json, "state", record_state_name(record->state));
  json_boolean(json, "machine", !record->no_machine);
  json_string_or_null(json, "uuid", uuid);
  json_string_or_null(json, "serial", record->serial);
  json_string_or_null(json, "template", record->template_name);
  json_string(json, "time", record->time);
  json_number(json, "uuid_changes", record->uuid_changes);
  json_boolean(json, "uuid_unstable", record->uuid_unstable);
  json_nics(json, &record->nics);
  json_object_end(json);
}

static void json_policy(Json *json, const Machine *machine) {
  json_object(json, "policy");
  json_boolean(json, "valid", machine->policy_error == NULL);
  json_string(json, "message", machine->policy_error != NULL ? machine->policy_error->message : NULL);
  show_policy_files_json(json, machine);
  json_string(json, "host", machine->host != NULL ? machine->host->name : NULL);
  json_object_end(json);
}

static void json_last(Json *json, const Machine *machine) {
  g_autofree char *last = report_last(machine);
  g_autofree char *verified = report_verified(machine);

  json_raw(json, "last", last != NULL ? last : "null");
  json_raw(json, "verified", verified != NULL ? verified : "null");
}

static int exit_code(const Machine *machine, gboolean open) {
  if (machine->policy_error != NULL)
    return exit_code_of(machine->policy_error);
  if (verdict_is_unreadable(machine->verdict.kind))
    return RI_EXIT_FAILED;
  return open || verdict_has_work(machine->verdict.kind) ? RI_EXIT_WORK : RI_EXIT_OK;
}

static void print_json(const Machine *machine, gboolean open) {
  g_autoptr(GPtrArray) warnings = show_warnings(machine);
  Json json;

  show_json_begin(&json, "status");
  show_verdict_json(&json, machine);
  json_boolean(&json, "transaction_open", open);
  json_boolean(&json, "isolated", isolation_is_set(&machine->root));
  json_facts(&json, &machine->facts);
  json_record(&json, machine);
  json_policy(&json, machine);
  json_strings(&json, "warnings", warnings);
  json_last(&json, machine);
  show_json_end(&json, exit_code(machine, open), show_cause(machine));
}

/* Nobody holds the lock, and what looks at every boot has looked: PID 1 knows, else what it leaves does. */
static gboolean boot_run_has_ended(const Machine *machine) {
  g_autofree char *holder = state_lock_holder(&machine->root);

  if (holder != NULL)
    return FALSE;
  if (!machine->root.is_host)
    return TRUE;
  if (system_manager_runs())
    return !system_manager_is_due("reset-identity.service") && !system_manager_is_due("reset-identity-door.service");
  g_autofree char *last = report_last(machine);
  return last != NULL || door_is_marked(&machine->root) || !verdict_has_work(machine->verdict.kind);
}

/* *WAITED: what was seen before may have changed. */
static void wait_for_run(const Machine *machine, gboolean *waited) {
  const Arguments *arguments = machine->arguments;
  Deadline time = deadline_in(arguments->wait_s * G_GINT64_CONSTANT(1000));

  *waited = FALSE;
  if (arguments->wait_s <= 0)
    return;
  while (!boot_run_has_ended(machine)) {
    if (deadline_is_over(&time)) {
      output_printf(stderr, TONE_WARN, "reset-identity: the boot's run has not ended after %d s\n", arguments->wait_s);
      return;
    }
    *waited = TRUE;
    g_usleep(POLL_US);
  }
}

/* What is in files that anybody may read; the UUID, the record and the transaction are root's. */
static int show_to_others(Machine *machine) {
  static const char hidden[] = "the product UUID, the record and so the verdict are shown to root only";
  char line[256];
  Json json;

  machine_read_policy(machine);
  if (machine->arguments->json) {
    show_json_begin(&json, "status");
    json_null(&json, "verdict");
    json_boolean(&json, "isolated", isolation_is_set(&machine->root));
    json_policy(&json, machine);
    json_last(&json, machine);
    show_json_end(&json, RI_EXIT_UNTRUSTED, hidden);
  } else if (machine->arguments->verbosity >= 0) {
    output_tone(stdout, TONE_STRONG, "machine\n");
    print_field("machine-id", root_read_line(&machine->root, "/etc/machine-id", line, sizeof line) > 0 ? line : "", "");
    print_field("hostname", root_read_line(&machine->root, "/etc/hostname", line, sizeof line) > 0 ? line : "", "");
    if (isolation_is_set(&machine->root))
      print_isolation(&machine->root);
    print_policy(machine);
    print_last(machine);
    print_verified(machine);
  }
  (void)show_policy_error(machine);
  output_error(TONE_WARN, hidden);
  return RI_EXIT_UNTRUSTED;
}

static gboolean status(Machine *machine, int *code, GError **error) {
  const gboolean other = geteuid() != 0;
  gboolean waited = FALSE;

  if (!other && !machine_observe(machine, FALSE, error))
    return FALSE;
  wait_for_run(machine, &waited);
  if (other) {
    *code = show_to_others(machine);
    return TRUE;
  }
  if (waited && !machine_observe(machine, FALSE, error))
    return FALSE;
  gboolean open = transaction_is_open(&machine->root);
  if (machine->arguments->json)
    print_json(machine, open);
  else if (machine->arguments->verbosity >= 0)
    print_text(machine, open);
  show_unreadable_record(machine);
  (void)show_policy_error(machine);
  *code = exit_code(machine, open);
  return TRUE;
}

int command_status(const Arguments *arguments) {
  return show_of_machine(arguments, status);
}
