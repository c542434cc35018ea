/* command-log.c - past runs: when, verdict, what changed. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "commit/history.h"
#include "output.h"
#include "report.h"
#include "show.h"

static void print_json(const GPtrArray *entries, const char *verified) {
  Json json;

  json_init(&json);
  json_object(&json, NULL);
  json_string(&json, "command", "log");
  json_array(&json, "runs");
  for (guint i = 0; i < entries->len; i++) {
    const HistoryEntry *entry = entries->pdata[i];
    json_object(&json, NULL);
    json_number(&json, "number", entry->number);
    json_string(&json, "time", entry->time);
    json_string(&json, "kind", entry->info.kind);
    json_string(&json, "verdict", entry->info.verdict);
    json_string(&json, "summary", entry->info.summary);
    json_string_or_null(&json, "reasons", entry->info.reasons);
    json_boolean(&json, "undone", entry->undone);
    json_array(&json, "changes");
    for (guint c = 0; c < entry->changes->len; c++)
      json_string(&json, NULL, entry->changes->pdata[c]);
    json_array_end(&json);
    json_object_end(&json);
  }
  json_array_end(&json);
  json_raw(&json, "verified", verified != NULL ? verified : "null");
  json_object_end(&json);
  g_autofree char *text = json_finish(&json);
  (void)fputs(text, stdout);
}

static void print_text(const GPtrArray *entries, const char *verified) {
  if (entries->len == 0)
    output_tone(stdout, TONE_PLAIN, "no runs are remembered\n");
  for (guint i = 0; i < entries->len; i++) {
    const HistoryEntry *entry = entries->pdata[i];
    output_printf(stdout, TONE_STRONG, "%u  %s  %s  verdict %s%s\n", entry->number, entry->time, entry->info.kind,
                  entry->info.verdict, entry->undone ? "  (undone)" : "");
    output_printf(stdout, TONE_PLAIN, "   %s\n", entry->info.summary);
    for (guint c = 0; c < entry->changes->len; c++)
      output_printf(stdout, TONE_PLAIN, "     %s\n", (const char *)entry->changes->pdata[c]);
  }
  if (verified != NULL)
    output_printf(stdout, TONE_PLAIN, "verified at this boot: %s\n",
                  strstr(verified, "\"ok\":true") != NULL ? "in force everywhere"
                                                          : "not in force, see reset-identity verify");
}

int command_log(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) warnings = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  Machine machine;
  int code = RI_EXIT_OK;

  if (!machine_open(&machine, arguments, &error) ||
      (entries = history_list(&machine.root, &warnings, &error)) == NULL) {
    code = show_failure(arguments, error);
  } else {
    g_autofree char *verified = report_verified(&machine);
    if (arguments->json)
      print_json(entries, verified);
    else
      print_text(entries, verified);
  }
  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    output_printf(stderr, TONE_WARN, "warning: %s\n", (const char *)warnings->pdata[i]);
  machine_close(&machine);
  return code;
}
