/* undo.c - the edits of a closed apply turned round, as a plan like any other. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "base/tree.h"
#include "file-copy.h"
#include "history-read.h"
#include "history.h"
#include "stage.h"

typedef struct {
  const Root *root;
  unsigned number;
  const Manifest *manifest;
  Plan *plan;
  GPtrArray *kept;    /* char*: paths that cannot come back */
  GPtrArray *changed; /* char*: what was changed since */
} Undo;

static char *backup_path(const Undo *undo, guint index) {
  return g_strdup_printf("%s/%u/old/%u", RI_HISTORY_DIR, undo->number, index);
}

static char *why(const Undo *undo) {
  return g_strdup_printf("as it was before run %u", undo->number);
}

static void note_changed(Undo *undo, const char *path, const char *how) {
  g_ptr_array_add(undo->changed, g_strdup_printf("%s: %s", path, how));
}

static gboolean read_backup(const Undo *undo, guint index, GBytes **content, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, index);
  g_autofree char *path = backup_path(undo, index);
  g_autofree char *sum = NULL;

  if (!tree_read(undo->root, path, content, NULL, error))
    return FALSE;
  sum = file_sha256(*content);
  if (g_strcmp0(sum, edit->old_sha256) == 0)
    return TRUE;
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE,
              "%s: the backup of %s is damaged or gone, so this run cannot be taken back; nothing is changed", path,
              edit->path);
  return FALSE;
}

/* The file comes back from its backup, with the attributes and the time that it had. */
static gboolean plan_backup(Undo *undo, guint index, GBytes *present, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, index);
  g_autoptr(GBytes) content = NULL;
  g_autofree char *reason = why(undo);
  Edit *back;

  if (!read_backup(undo, index, &content, error))
    return FALSE;
  back = plan_write(undo->plan, edit->step, edit->path, present, content, reason);
  if (back == NULL)
    return TRUE;
  back->flags = edit->flags & (EDIT_SECRET | EDIT_KEYFILE | EDIT_LAST | EDIT_VOLATILE);
  back->like = backup_path(undo, index);
  return TRUE;
}

static void plan_disappearance(Undo *undo, const ManifestEdit *edit, GBytes *present) {
  g_autofree char *reason = why(undo);
  Edit *back = plan_remove(undo->plan, edit->step, edit->path, present, reason);

  if (back == NULL)
    return;
  back->flags = edit->flags & (EDIT_SECRET | EDIT_KEYFILE | EDIT_LAST | EDIT_VOLATILE);
  back->parents = edit->parents;
}

static gboolean undo_content(Undo *undo, guint index, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, index);
  g_autoptr(GBytes) present = NULL;
  g_autofree char *sum = NULL;

  if ((edit->flags & EDIT_FORGET_OLD) != 0) {
    g_ptr_array_add(undo->kept, g_strdup(edit->path));
    return TRUE;
  }
  if (!tree_read(undo->root, edit->path, &present, NULL, error))
    return FALSE;
  sum = file_sha256(present);
  if (g_strcmp0(sum, edit->old_sha256) == 0)
    return TRUE; /* somebody put it back already */
  if (g_strcmp0(sum, edit->new_sha256) != 0 && (edit->flags & EDIT_VOLATILE) == 0)
    note_changed(undo, edit->path,
                 sum == NULL                ? "it is gone"
                 : edit->new_sha256 == NULL ? "it is there again"
                                            : "its content is another");
  if (edit->old_sha256 != NULL)
    return plan_backup(undo, index, present, error);
  plan_disappearance(undo, edit, present);
  return TRUE;
}

static gboolean is_there(const Root *root, const char *path) {
  const char *name = NULL;
  autofd parent = root_open_parent(root, path, &name);
  struct stat info;

  return parent >= 0 && fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

static void undo_rename(Undo *undo, const ManifestEdit *edit) {
  g_autofree char *reason = why(undo);

  /* What was merged into a directory that had a life of its own before cannot be told apart any more. */
  if (edit->moved != NULL) {
    g_ptr_array_add(undo->kept, g_strdup(edit->destination));
    return;
  }
  if (is_there(undo->root, edit->destination))
    (void)plan_rename(undo->plan, edit->step, edit->destination, edit->path, reason);
  else if (!is_there(undo->root, edit->path))
    note_changed(undo, edit->destination, "it is gone");
}

static gboolean undo_edits(Undo *undo, GError **error) {
  for (guint i = 0; i < undo->manifest->edits->len; i++) {
    const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, i);
    if (edit->kind == EDIT_RENAME)
      undo_rename(undo, edit);
    else if (!undo_content(undo, i, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean refuse_changed(const Undo *undo, GError **error) {
  g_autofree char *list = NULL;

  if (undo->changed->len == 0)
    return FALSE;
  g_ptr_array_add(undo->changed, NULL);
  list = g_strjoinv("\n", (char **)undo->changed->pdata);
  g_set_error(error, RI_ERROR, RI_ERROR_CHANGED,
              "changed since run %u, so taking it back would lose something; nothing is changed. With --force they "
              "become as they were before that run all the same:\n%s",
              undo->number, list);
  return TRUE;
}

static const HistoryEntry *find_entry(const GPtrArray *entries) {
  for (guint i = 0; i < entries->len; i++) {
    const HistoryEntry *entry = g_ptr_array_index(entries, i);
    if (strcmp(entry->info.kind, "apply") == 0 && !entry->undone)
      return entry;
  }
  return NULL;
}

static void fill_info(TransactionInfo *info, const HistoryEntry *entry) {
  *info = (TransactionInfo){.kind = g_strdup("undo"),
                            .verdict = g_strdup(entry->info.verdict),
                            .summary = g_strdup_printf("run %u taken back (%s)", entry->number, entry->info.summary),
                            .reasons = g_strdup(""),
                            .undoes = entry->number};
}

static Plan *plan_undo(const Root *root, gboolean force, unsigned number, GPtrArray *kept, GError **error) {
  g_autoptr(Plan) plan = plan_new();
  g_autoptr(GPtrArray) changed = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Manifest) manifest = history_read_manifest(root, number, error);
  Undo undo = {root, number, manifest, plan, kept, changed};

  if (manifest == NULL || !undo_edits(&undo, error) || (!force && refuse_changed(&undo, error)))
    return NULL;
  return g_steal_pointer(&plan);
}

/* Behind a damaged entry nobody knows which run is the newest. */
static gboolean refuse_damaged(const GPtrArray *warnings, GError **error) {
  if (warnings->len == 0)
    return FALSE;
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE, "%s\nWith --force the newest run that can be read is taken back",
              (const char *)warnings->pdata[0]);
  return TRUE;
}

Plan *history_undo_plan(const Root *root, gboolean force, unsigned *entry_number, GPtrArray **kept,
                        TransactionInfo *info, GError **error) {
  g_autoptr(GPtrArray) warnings = NULL;
  g_autoptr(GPtrArray) entries = history_list(root, &warnings, error);
  g_autoptr(GPtrArray) keeps = g_ptr_array_new_with_free_func(g_free);
  const HistoryEntry *entry = entries != NULL ? find_entry(entries) : NULL;
  Plan *plan;

  if (entries == NULL || (!force && refuse_damaged(warnings, error)))
    return NULL;
  if (entry == NULL) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED,
                        "there is no run to take back: " RI_HISTORY_DIR " holds no apply that was not undone already");
    return NULL;
  }
  plan = plan_undo(root, force, entry->number, keeps, error);
  if (plan == NULL)
    return NULL;
  *entry_number = entry->number;
  *kept = g_steal_pointer(&keeps);
  fill_info(info, entry);
  return plan;
}
