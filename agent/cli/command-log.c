/* command-log.c - past runs: when, verdict and its reasons, what changed. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "commit/history.h"
#include "output.h"
#include "pager.h"
#include "report.h"
#include "show-plan.h"
#include "show.h"

enum { CHANGES_TOLD = 12 };

static void json_lines(Json *json, const char *name, const char *text) {
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

  json_array(json, name);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      json_string(json, NULL, lines[i]);
  json_array_end(json);
}

static void json_run(Json *json, const HistoryEntry *entry) {
  json_object(json, NULL);
  json_number(json, "number", entry->number);
  json_string(json, "time", entry->time);
  json_string(json, "kind", entry->info.kind);
  json_string(json, "verdict", entry->info.verdict);
  json_string(json, "summary", entry->info.summary);
  json_lines(json, "reasons", entry->info.reasons);
  json_boolean(json, "undone", entry->undone);
  show_choices_json(json, entry->choices);
  show_changes_json(json, entry->edits);
  show_done_actions_json(json, entry->actions);
  json_object_end(json);
}

static void print_json(const GPtrArray *entries, const char *verified) {
  Json json;

  show_json_begin(&json, "log");
  json_array(&json, "runs");
  for (guint i = 0; i < entries->len; i++)
    json_run(&json, entries->pdata[i]);
  json_array_end(&json);
  json_raw(&json, "verified", verified != NULL ? verified : "null");
  show_json_end(&json, RI_EXIT_OK, NULL);
}

static void print_run(const HistoryEntry *entry, gboolean whole) {
  g_auto(GStrv) reasons = g_strsplit(entry->info.reasons != NULL ? entry->info.reasons : "", "\n", -1);
  guint told = whole ? entry->edits->len : MIN(entry->edits->len, CHANGES_TOLD);

  output_printf(stdout, TONE_STRONG, "%u  %s  %s  verdict %s%s\n", entry->number, entry->time, entry->info.kind,
                entry->info.verdict, entry->undone ? "  (undone)" : "");
  output_folded(stdout, TONE_PLAIN, "   ", entry->info.summary);
  for (gsize i = 0; reasons[i] != NULL; i++)
    if (*reasons[i] != '\0')
      output_folded(stdout, TONE_PLAIN, "   - ", reasons[i]);
  for (guint i = 0; whole && i < entry->choices->len; i++)
    show_choice(entry->choices->pdata[i]);
  for (guint i = 0; i < told; i++) {
    g_autofree char *change = manifest_change(entry->edits->pdata[i]);
    output_folded(stdout, TONE_PLAIN, "     ", change);
  }
  for (guint i = 0; whole && i < entry->actions->len; i++) {
    const OpenAction *action = entry->actions->pdata[i];
    const char *unit = action->action->kind == ACTION_UNIT ? action->action->object : NULL;
    g_autofree char *text =
        g_strdup_printf("%s (%s%s%s)%s", action->action->why, action->action->step, unit != NULL ? ", " : "",
                        unit != NULL ? unit : "", action->done ? "" : ": not done");
    output_folded(stdout, TONE_PLAIN, "     ", text);
  }
  if (told < entry->edits->len)
    output_printf(stdout, TONE_FAINT, "     and %u more (log %u)\n", entry->edits->len - told, entry->number);
}

static void print_text(const GPtrArray *entries, const char *verified, gboolean whole) {
  gboolean paged = pager_open();

  if (entries->len == 0)
    output_tone(stdout, TONE_PLAIN, "no runs are remembered\n");
  for (guint i = 0; i < entries->len; i++)
    print_run(entries->pdata[i], whole);
  if (verified != NULL)
    output_printf(stdout, TONE_PLAIN, "verified at this boot: %s\n",
                  strstr(verified, "\"ok\":true") != NULL ? "in effect everywhere"
                                                          : "not in effect, see reset-identity verify");
  if (paged)
    pager_close();
}

/* Leaves the run called TEXT alone in ENTRIES. */
static gboolean keep_only(GPtrArray *entries, const char *text, GError **error) {
  guint64 number = 0;
  gboolean found = FALSE;

  if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &number, NULL))
    return ri_error(error, RI_ERROR_USAGE, "log takes the number of a run, not \"%s\"; reset-identity log lists them",
                    text);
  for (guint i = entries->len; i > 0; i--) {
    gboolean wanted = ((const HistoryEntry *)entries->pdata[i - 1])->number == number;
    found |= wanted;
    if (!wanted)
      g_ptr_array_remove_index(entries, i - 1);
  }
  if (!found)
    g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "no run is remembered as \"%s\"; reset-identity log lists them",
                text);
  return found;
}

static gboolean show_log(const Machine *machine, GPtrArray **warnings, GError **error) {
  const Arguments *arguments = machine->arguments;
  const char *wanted = arguments->operands[0];
  g_autoptr(GPtrArray) entries = history_list(&machine->root, warnings, error);

  if (entries == NULL || (wanted != NULL && !keep_only(entries, wanted, error)))
    return FALSE;
  g_autofree char *verified = report_verified(machine);
  if (arguments->json)
    print_json(entries, verified);
  else if (arguments->verbosity >= 0)
    print_text(entries, verified, wanted != NULL || arguments->verbosity > 0);
  return TRUE;
}

int command_log(const Arguments *arguments) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) warnings = NULL;
  Machine machine;
  int code = RI_EXIT_OK;

  if (!machine_open(&machine, arguments, &error) || !show_log(&machine, &warnings, &error))
    code = show_failure(arguments, error);
  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    output_folded(stderr, TONE_WARN, "warning: ", warnings->pdata[i]);
  machine_close(&machine);
  return code;
}
