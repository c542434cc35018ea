/* report.c - what a run did, told to everybody who should know */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "base/names.h"
#include "base/run-directory.h"
#include "output.h"
#include "show.h"

static const char *const OUTCOMES[] = {
    [OUTCOME_NOTHING] = "nothing",       [OUTCOME_DONE] = "done",
    [OUTCOME_SETTLED] = "settled",       [OUTCOME_FAILED] = "failed",
    [OUTCOME_UNFINISHED] = "unfinished",
};

const char *run_outcome_name(RunOutcome outcome) {
  return OUTCOMES[outcome];
}

void report_clear(Report *report) {
  g_free(report->earlier);
  g_free(report->message);
  g_free(report->old_hostname);
  g_free(report->hostname);
  g_free(report->old_machine_id);
  g_free(report->machine_id);
  g_clear_pointer(&report->choices, g_ptr_array_unref);
  g_clear_pointer(&report->warnings, g_ptr_array_unref);
}

void report_json(Json *json, const Report *report, const Machine *machine) {
  g_autofree char *command = g_strndup(report->command, strcspn(report->command, " "));

  json_string(json, "version", RI_VERSION);
  json_string(json, "command", command);
  json_boolean(json, "boot", g_str_has_suffix(report->command, "--boot"));
  json_string(json, "verdict", machine->judged ? verdict_name(report->verdict) : NULL);
  json_array(json, "reasons");
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    json_string(json, NULL, machine->verdict.reasons[i]);
  json_array_end(json);
  json_string(json, "outcome", run_outcome_name(report->outcome));
  json_string(json, "message", report->message);
  json_string_or_null(json, "old_hostname", report->old_hostname);
  json_string_or_null(json, "hostname", report->hostname);
  json_string_or_null(json, "old_machine_id", report->old_machine_id);
  json_string_or_null(json, "machine_id", report->machine_id);
  json_boolean(json, "recovered", report->recovered);
  json_boolean(json, "isolated", report->isolated);
  if (report->history > 0)
    json_number(json, "history", report->history);
  else
    json_null(json, "history");
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  show_choices_json(json, report->choices != NULL ? report->choices : none);
  json_strings(json, "warnings", report->warnings);
}

static void write_run_file(const Root *root, const char *path, const char *text) {
  int r = run_directory_write(root, path, text);

  if (r < 0)
    g_printerr("reset-identity: cannot write %s: %s\n", path, g_strerror(-r));
}

static void write_last(const Report *report, const Machine *machine) {
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "time", time);
  report_json(&json, report, machine);
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  write_run_file(&machine->root, RI_LAST_FILE, text);
}

static const char *message_id_of(const Report *report, const Machine *machine) {
  if (report->isolated)
    return RI_MESSAGE_ISOLATED;
  if (report->outcome == OUTCOME_FAILED || report->outcome == OUTCOME_UNFINISHED)
    return RI_MESSAGE_FAILED;
  if (machine->verdict.uuid_unstable && machine->verdict.record_outdated)
    return RI_MESSAGE_UNSTABLE;
  if (report->outcome == OUTCOME_SETTLED)
    return RI_MESSAGE_SETTLED;
  if (report->outcome == OUTCOME_NOTHING)
    return RI_MESSAGE_RECOVERED;
  return report->verdict == VERDICT_REWIRED ? RI_MESSAGE_REBOUND : RI_MESSAGE_RESET;
}

/* The unit that we run in, or NULL. journald looks a sender's unit up when it reads the message, and finds none for a
 * program that has ended by then: `journalctl -u` would not say why a clone is off the wire. What root says in
 * OBJECT_SYSTEMD_UNIT counts there too.
 */
static char *own_unit(void) {
  char *unit = NULL;

  if (sd_pid_get_unit(0, &unit) < 0)
    return NULL;
  char *copy = g_strdup(unit);
  free(unit);
  return copy;
}

static void write_journal(const Report *report, const Machine *machine) {
  gboolean bad = report->outcome == OUTCOME_FAILED || report->outcome == OUTCOME_UNFINISHED;

  if (report->outcome == OUTCOME_NOTHING && !report->recovered && report->verdict != VERDICT_UNKNOWN)
    return;
  g_autoptr(GString) reasons = g_string_new(NULL);
  for (size_t i = 0; i < machine->verdict.n_reasons; i++)
    g_string_append_printf(reasons, "%s%s", i > 0 ? "; " : "", machine->verdict.reasons[i]);
  g_autofree char *unit = own_unit();
  int r = sd_journal_send("MESSAGE=%s", report->message, "MESSAGE_ID=%s", message_id_of(report, machine), "PRIORITY=%i",
                          bad ? 3 : 5, "RESET_IDENTITY_COMMAND=%s", report->command, "RESET_IDENTITY_VERDICT=%s",
                          machine->judged ? verdict_name(report->verdict) : "", "RESET_IDENTITY_OUTCOME=%s",
                          run_outcome_name(report->outcome), "RESET_IDENTITY_REASONS=%s", reasons->str,
                          "RESET_IDENTITY_HOSTNAME=%s", report->hostname != NULL ? report->hostname : "",
                          "RESET_IDENTITY_OLD_HOSTNAME=%s", report->old_hostname != NULL ? report->old_hostname : "",
                          "RESET_IDENTITY_MACHINE_ID=%s", report->machine_id != NULL ? report->machine_id : "",
                          "RESET_IDENTITY_OLD_MACHINE_ID=%s",
                          report->old_machine_id != NULL ? report->old_machine_id : "", "RESET_IDENTITY_ISOLATED=%s",
                          report->isolated ? "yes" : "no", unit != NULL ? "OBJECT_SYSTEMD_UNIT=%s" : NULL, unit, NULL);
  if (r < 0)
    g_printerr("reset-identity: cannot write to the journal: %s\n", g_strerror(-r));
}

static void write_console(const Report *report) {
  int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return;
  g_autofree char *message = output_clean(report->message);
  g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
  g_autofree char *text = g_strjoinv("\r\n", lines);
  g_autofree char *line = g_strdup_printf("\r\nreset-identity: %s\r\n", text);
  if (write(fd, line, strlen(line)) < 0)
    g_printerr("reset-identity: cannot write to the console: %s\n", g_strerror(errno));
  (void)close(fd);
}

void report_publish(const Report *report, const Machine *machine, gboolean console) {
  if (!capabilities_live(&machine->can))
    return;
  write_last(report, machine);
  write_journal(report, machine);
  if (console && (report->outcome != OUTCOME_NOTHING || report->recovered))
    write_console(report);
}

/* Does the object TEXT say MEMBERS, as each of ours does? An image may bring one along that some other program wrote.
 */
static gboolean says_all(const char *text, const char *const *members) {
  for (; *members != NULL; members++) {
    g_autofree char *value = json_member_string(text, *members);

    if (value == NULL)
      return FALSE;
  }
  return TRUE;
}

/* A JSON object that we wrote ourselves, without its final newline; NULL for anything else. */
static char *read_object(const Machine *machine, const char *path, const char *const *members) {
  char *data = NULL;
  size_t size = 0;

  if (root_read_file(&machine->root, path, 1 << 24, &data, &size, NULL) < 0)
    return NULL;
  char *text = g_strndup(data, size);
  free(data);
  g_strchomp(text);
  if (strlen(text) + 1 >= size && json_is_object(text) && says_all(text, members))
    return text;
  g_free(text);
  return NULL;
}

char *report_last(const Machine *machine) {
  static const char *const members[] = {"version", "time", "command", "outcome", NULL};

  return read_object(machine, RI_LAST_FILE, members);
}

char *report_verified(const Machine *machine) {
  static const char *const members[] = {"version", "command", NULL};

  return read_object(machine, RI_VERIFY_FILE, members);
}

void report_want_verification(const Root *root) {
  write_run_file(root, RI_VERIFY_WANTED_FILE, "");
}

void report_verification(const Root *root, const char *text, const char *summary) {
  write_run_file(root, RI_VERIFY_FILE, text);
  if (unlink(RI_VERIFY_WANTED_FILE) < 0 && errno != ENOENT)
    g_printerr("reset-identity: cannot remove %s: %s\n", RI_VERIFY_WANTED_FILE, g_strerror(errno));
  g_autofree char *unit = own_unit();
  int r = sd_journal_send("MESSAGE=%s%s", summary == NULL ? "the identity is in effect everywhere" : "not in effect: ",
                          summary == NULL ? "" : summary, "MESSAGE_ID=%s",
                          summary == NULL ? RI_MESSAGE_VERIFIED : RI_MESSAGE_NOT_VERIFIED, "PRIORITY=%i",
                          summary == NULL ? 6 : 4, "RESET_IDENTITY_COMMAND=verify",
                          unit != NULL ? "OBJECT_SYSTEMD_UNIT=%s" : NULL, unit, NULL);
  if (r < 0)
    g_printerr("reset-identity: cannot write to the journal: %s\n", g_strerror(-r));
}
