/* history.c - closed transactions */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/autofd.h"
#include "base/each.h"
#include "base/error.h"
#include "base/names.h"
#include "directories.h"
#include "done-marks.h"
#include "history-files.h"
#include "history-read.h"
#include "stage.h"
#include "state.h"

/* NAME: "history", or an entry in it. What it says undo carries out as root. */
static int open_history(const Root *root, const char *name, GError **error) {
  g_autoptr(GError) problem = NULL;
  autofd state = state_open(root, &problem);
  int fd = state >= 0 ? state_open_directory(state, name, &problem) : -1;

  if (problem != NULL)
    g_propagate_error(error, g_steal_pointer(&problem));
  return fd;
}

Manifest *history_read_manifest(const Root *root, unsigned number, GError **error) {
  g_autofree char *path = g_strdup_printf("%s/%u", RI_HISTORY_DIR, number);
  g_autofree char *name = g_strdup_printf(HISTORY_NAME "/%u", number);
  g_autoptr(GError) problem = NULL;
  autofd entry = open_history(root, name, &problem);
  Manifest *manifest = NULL;

  if (entry < 0) {
    if (problem == NULL)
      ri_error_errno(&problem, -ENOENT, "%s", path);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
  }
  manifest = manifest_read(entry, MANIFEST_COMMITTED, path, &problem);
  if (problem != NULL)
    g_propagate_error(error, g_steal_pointer(&problem));
  else if (manifest == NULL)
    g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE, "%s: its manifest is not there", path);
  return manifest;
}

void history_entry_free(HistoryEntry *entry) {
  g_free(entry->time);
  transaction_info_clear(&entry->info);
  g_ptr_array_unref(entry->edits);
  g_ptr_array_unref(entry->choices);
  g_ptr_array_unref(entry->actions);
  g_free(entry);
}

static GPtrArray *take_actions(const Root *root, unsigned number, Manifest *manifest) {
  g_autofree char *path = g_strdup_printf("%s/%u", RI_HISTORY_DIR, number);
  autofd directory = root_open_at(root, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  g_autofree gboolean *marks = done_marks_read(directory, FALSE, manifest->actions->len);

  return open_actions_take(manifest->actions, marks);
}

static HistoryEntry *entry_new(const Root *root, unsigned number, Manifest *manifest) {
  HistoryEntry *entry = g_new0(HistoryEntry, 1);

  entry->number = number;
  entry->time = g_steal_pointer(&manifest->time);
  entry->info = manifest->info;
  manifest->info = (TransactionInfo){0};
  entry->choices = g_ptr_array_ref(manifest->choices);
  entry->actions = take_actions(root, number, manifest);
  entry->edits = g_ptr_array_ref(manifest->edits);
  return entry;
}

static void warn(GPtrArray **warnings, const GError *problem) {
  if (warnings != NULL)
    g_ptr_array_add(*warnings, g_strdup(problem->message));
}

/* Which entries were undone is said by the undos themselves: a closed entry is never written again. */
static void mark_undone(GPtrArray *entries) {
  g_autoptr(GHashTable) undone = g_hash_table_new(NULL, NULL);

  list_each (HistoryEntry *, entry, entries) {
    if (strcmp(entry->info.kind, "undo") == 0)
      (void)g_hash_table_add(undone, GUINT_TO_POINTER(entry->info.undoes));
    entry->undone = g_hash_table_contains(undone, GUINT_TO_POINTER(entry->number));
  }
}

GPtrArray *history_list(const Root *root, GPtrArray **warnings, GError **error) {
  g_autoptr(GError) problem = NULL;
  autofd history = open_history(root, HISTORY_NAME, &problem);
  g_autoptr(GArray) numbers = NULL;

  if (problem != NULL) {
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
  }
  GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)history_entry_free);
  if (warnings != NULL)
    *warnings = g_ptr_array_new_with_free_func(g_free);
  if (history < 0)
    return entries;
  numbers = history_numbers(history);
  for (guint i = 0; i < numbers->len; i++) {
    unsigned number = g_array_index(numbers, unsigned, i);
    g_autoptr(GError) damage = NULL;
    g_autoptr(Manifest) manifest = history_read_manifest(root, number, &damage);
    if (manifest == NULL)
      warn(warnings, damage);
    else
      g_ptr_array_add(entries, entry_new(root, number, manifest));
  }
  mark_undone(entries);
  return entries;
}

gboolean history_clear(const Root *root, GError **error) {
  g_autoptr(GError) problem = NULL;
  autofd state = state_open(root, &problem);
  int result = state < 0 ? 0 : directories_remove_tree(state, HISTORY_NAME);

  if (problem != NULL)
    return ri_error_pass(error, g_steal_pointer(&problem));
  return result < 0 ? ri_error_errno(error, result, RI_HISTORY_DIR ": forgetting it") : TRUE;
}
