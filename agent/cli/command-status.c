/* command-status.c - facts, record, verdict with every reason, last run: for a tired person at 3 a.m. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "commit/transaction.h"
#include "network/isolation.h"
#include "output.h"
#include "report.h"
#include "show.h"

static void print_field(const char *name, const char *value, const char *detail) {
  output_printf(stdout, TONE_FAINT, "  %-11s", name);
  output_printf(stdout, TONE_PLAIN, "%s%s%s\n", *value != '\0' ? value : "none", *detail != '\0' ? "  " : "", detail);
}

static void print_nics(const NicList *nics) {
  if (nics->count == 0)
    print_field("cards", "", "");
  for (size_t i = 0; i < nics->count; i++) {
    const Nic *nic = &nics->items[i];
    g_autofree char *value = g_strdup_printf("%-10s %s", nic->name, nic->mac);
    print_field(i == 0 ? "cards" : "", value, nic->bus_path);
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
    print_field("state", machine->presence == RECORD_ABSENT ? "" : "damaged", "");
    return;
  }
  uuid_text(&record->uuid, uuid);
  print_field("state", record->state == RECORD_TEMPLATE ? "template" : "settled", record->time);
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
    print_field("time", "", "");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
    g_autofree char *value = json_member_string(last, members[i]);
    print_field(members[i], value != NULL ? value : "", "");
  }
}

static void print_verified(const Machine *machine) {
  g_autofree char *verified = report_verified(machine);

  if (verified == NULL)
    return;
  output_tone(stdout, TONE_STRONG, "verified\n");
  print_field("in force", strstr(verified, "\"ok\":true") != NULL ? "yes" : "no",
              "(reset-identity verify looks again)");
}

static void print_text(const Machine *machine, gboolean open) {
  show_verdict(machine);
  if (open)
    show_open_transaction(&machine->root, "         ");
  if (isolation_is_set(&machine->root))
    output_printf(stdout, TONE_WARN, "         the NICs are kept down until an apply succeeds (%s)\n",
                  RI_ISOLATION_FILE);
  print_facts(&machine->facts);
  print_record(machine);
  print_last(machine);
  print_verified(machine);
  if (machine->policy_error != NULL)
    output_printf(stderr, TONE_BAD, "reset-identity: %s\n", machine->policy_error->message);
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
  json_string(json, "state", record->state == RECORD_TEMPLATE ? "template" : "settled");
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
  json_string(json, "error", machine->policy_error != NULL ? machine->policy_error->message : NULL);
  json_array(json, "files");
  for (size_t i = 0; i < machine->files.count; i++)
    json_string(json, NULL, machine->files.items[i].path);
  json_array_end(json);
  json_string(json, "host", machine->host != NULL ? machine->host->name : NULL);
  json_object_end(json);
}

static void print_json(const Machine *machine, gboolean open) {
  g_autofree char *last = report_last(machine);
  g_autofree char *verified = report_verified(machine);
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "command", "status");
  show_verdict_json(&json, machine);
  json_boolean(&json, "transaction_open", open);
  json_boolean(&json, "isolated", isolation_is_set(&machine->root));
  json_facts(&json, &machine->facts);
  json_record(&json, machine);
  json_policy(&json, machine);
  json_raw(&json, "last", last != NULL ? last : "null");
  json_raw(&json, "verified", verified != NULL ? verified : "null");
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  (void)fputs(text, stdout);
}

static int exit_code(const Machine *machine, gboolean open) {
  if (machine->policy_error != NULL)
    return exit_code_of(machine->policy_error);
  if (machine->verdict.kind == VERDICT_DAMAGED)
    return RI_EXIT_FAILED;
  return open || verdict_has_work(machine->verdict.kind) ? RI_EXIT_WORK : RI_EXIT_OK;
}

int command_status(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  Machine machine;
  int code;

  if (!machine_open(&machine, arguments, &error) || !machine_observe(&machine, FALSE, &error)) {
    code = show_failure(arguments, error);
  } else {
    gboolean open = transaction_is_open(&machine.root);
    if (arguments->json)
      print_json(&machine, open);
    else
      print_text(&machine, open);
    code = exit_code(&machine, open);
  }
  machine_close(&machine);
  return code;
}
