/* undo.c - the edits of a closed apply turned round, as a plan like any other. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/each.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/tree.h"
#include "file-copy.h"
#include "history-files.h"
#include "history-read.h"
#include "history.h"
#include "new-metadata.h"
#include "node.h"
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

  if (!tree_read(undo->root, path, content, NULL, error))
    return FALSE;
  g_autofree char *sum = file_sha256(*content);
  if (g_strcmp0(sum, edit->old_sha256) == 0)
    return TRUE;
  return ri_error(error, RI_ERROR_BAD_STATE,
                  "%s: the backup of %s is damaged or gone, so this run cannot be undone; nothing is changed", path,
                  edit->path);
}

/* The file comes back from its backup, with the attributes and the time that it had. */
static gboolean plan_backup(Undo *undo, guint index, GBytes *present, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, index);
  g_autoptr(GBytes) content = NULL;
  g_autofree char *reason = why(undo);

  if (!read_backup(undo, index, &content, error))
    return FALSE;
  Edit *back = plan_write(undo->plan, edit->step, edit->path, present, content, reason);
  if (back == NULL)
    return TRUE;
  back->flags = edit->flags & (EDIT_SECRET | EDIT_KEYFILE | EDIT_YAML | EDIT_LAST | EDIT_VOLATILE);
  back->like = backup_path(undo, index);
  return TRUE;
}

static void plan_disappearance(Undo *undo, const ManifestEdit *edit, GBytes *present) {
  g_autofree char *reason = why(undo);
  Edit *back = plan_remove(undo->plan, edit->step, edit->path, present, reason);

  if (back == NULL)
    return;
  back->flags = edit->flags & (EDIT_SECRET | EDIT_KEYFILE | EDIT_YAML | EDIT_LAST | EDIT_VOLATILE);
}

static gboolean is_there(const Undo *undo, const char *path, NodeType type, const char *sha256) {
  const char *name = NULL;
  autofd parent = root_open_parent(undo->root, path, &name);

  return parent >= 0 ? node_is(parent, name, type, sha256) == 1 : type == NODE_ABSENT;
}

/* The backup is the file that was replaced: without it nobody knows, and undo refuses for that. */
static gboolean has_other_metadata(const Undo *undo, guint index) {
  const ManifestEdit *edit = undo->manifest->edits->pdata[index];
  g_autofree char *backup = backup_path(undo, index);
  const char *name = NULL, *backup_name = NULL;
  autofd parent = root_open_parent(undo->root, edit->path, &name);
  struct stat present, replaced, left = {0};

  if (parent < 0 || fstatat(parent, name, &present, AT_SYMLINK_NOFOLLOW) < 0 || !new_metadata_is_kept(parent))
    return FALSE;
  if (edit->old_sha256 != NULL) {
    autofd old = root_open_parent(undo->root, backup, &backup_name);
    if (old < 0 || fstatat(old, backup_name, &replaced, AT_SYMLINK_NOFOLLOW) < 0)
      return FALSE;
  }
  new_metadata(edit, edit->old_sha256 != NULL ? &replaced : NULL, &left);
  return !new_metadata_is_same(&present, &left);
}

/* SUM is that of the file that is there now; NULL: none is. */
static void note_differences(Undo *undo, guint index, const char *sum) {
  const ManifestEdit *edit = undo->manifest->edits->pdata[index];

  if ((edit->flags & (EDIT_VOLATILE | EDIT_LAST)) != 0)
    return;
  if (g_strcmp0(sum, edit->new_sha256) != 0)
    note_changed(undo, edit->path,
                 sum == NULL                ? "it is gone"
                 : edit->new_sha256 == NULL ? "it is there again"
                                            : "its content has changed");
  else if (sum != NULL && has_other_metadata(undo, index))
    note_changed(undo, edit->path, "its owner or its permissions have changed");
}

static gboolean undo_content(Undo *undo, guint index, GError **error) {
  const ManifestEdit *edit = g_ptr_array_index(undo->manifest->edits, index);
  g_autoptr(GBytes) present = NULL;

  if ((edit->flags & EDIT_FORGET_OLD) != 0) {
    g_ptr_array_add(undo->kept, g_strdup(edit->path));
    return TRUE;
  }
  if (!tree_read(undo->root, edit->path, &present, NULL, error))
    return FALSE;
  g_autofree char *sum = file_sha256(present);
  if (g_strcmp0(sum, edit->old_sha256) == 0)
    return TRUE; /* somebody put it back already */
  if (is_there(undo, edit->path, NODE_LINK, NULL))
    return ri_error(
        error, RI_ERROR_CHANGED,
        "%s: it is a symbolic link now, and was a file in run %u; nothing is changed. Move it away, then undo "
        "again with --force",
        edit->path, undo->number);
  note_differences(undo, index, sum);
  if (edit->old_sha256 != NULL)
    return plan_backup(undo, index, present, error);
  plan_disappearance(undo, edit, present);
  return TRUE;
}

static gboolean read_backup_link(const Undo *undo, guint index, char **to, GError **error) {
  g_autofree char *path = backup_path(undo, index);
  const char *name = NULL;
  autofd parent = root_open_parent(undo->root, path, &name);
  int result = parent < 0 ? parent : node_read_link(parent, name, to);

  return result == 0 || ri_error_errno(error, result, "%s: the backup of a link", path);
}

static gboolean undo_link(Undo *undo, guint index, GError **error) {
  const ManifestEdit *edit = undo->manifest->edits->pdata[index];
  g_autofree char *reason = why(undo);
  g_autofree char *to = NULL;
  const char *name = NULL;
  autofd parent = root_open_parent(undo->root, edit->path, &name);

  if (edit->kind == EDIT_UNLINK) {
    if (!read_backup_link(undo, index, &to, error))
      return FALSE;
    (void)plan_link(undo->plan, edit->step, edit->path, to, reason);
  } else if (parent >= 0 && node_read_link(parent, name, &to) == 0) {
    (void)plan_unlink(undo->plan, edit->step, edit->path, to, reason);
  }
  return TRUE;
}

static void undo_directory(Undo *undo, guint index) {
  const ManifestEdit *edit = undo->manifest->edits->pdata[index];
  g_autofree char *reason = why(undo);

  if (edit->kind == EDIT_MAKE_DIRECTORY)
    plan_remove_directory(undo->plan, edit->step, edit->path, reason)->flags |= edit->flags & EDIT_LAST;
  else
    plan_make_directory(undo->plan, edit->step, edit->path, 0755, reason)->like = backup_path(undo, index);
}

static gboolean undo_node(Undo *undo, guint index, GError **error) {
  const ManifestEdit *edit = undo->manifest->edits->pdata[index];
  NodeType old = manifest_old_type(edit), new = manifest_new_type(edit);

  if (is_there(undo, edit->path, old, edit->old_sha256))
    return TRUE; /* somebody put it back already */
  if (!is_there(undo, edit->path, new, edit->new_sha256)) {
    note_changed(undo, edit->path, new == NODE_ABSENT ? "something is there again" : "it has changed");
    return TRUE;
  }
  if (old == NODE_LINK || new == NODE_LINK)
    return undo_link(undo, index, error);
  undo_directory(undo, index);
  return TRUE;
}

/* From the last one to the first: directories are there before what comes into them, and empty when they go. */
static gboolean undo_edits(Undo *undo, GError **error) {
  for (guint i = undo->manifest->edits->len; i > 0; i--) {
    const ManifestEdit *edit = undo->manifest->edits->pdata[i - 1];
    gboolean done = edit->kind == EDIT_WRITE || edit->kind == EDIT_REMOVE ? undo_content(undo, i - 1, error)
                                                                          : undo_node(undo, i - 1, error);
    if (!done)
      return FALSE;
  }
  return TRUE;
}

/* The values that come back, and the same actions: they bring what runs to what the files say then. */
static void undo_choices_and_actions(const Undo *undo) {
  g_autofree char *source = g_strdup_printf("run %u", undo->number);

  list_each (const Choice *, choice, undo->manifest->choices)
    plan_choose(undo->plan, choice->name, choice->new, choice->old, source)->secret = choice->secret;
  for (guint i = 0; i < undo->manifest->actions->len; i++)
    g_ptr_array_add(undo->plan->actions, action_copy(undo->manifest->actions->pdata[i]));
}

static gboolean refuse_changed(const Undo *undo, GError **error) {
  g_autofree char *list = list_join(undo->changed, "\n");

  if (undo->changed->len == 0)
    return FALSE;
  g_set_error(error, RI_ERROR, RI_ERROR_CHANGED,
              "undo would overwrite what was changed since run %u; nothing is changed. With --force it overwrites:\n%s",
              undo->number, list);
  return TRUE;
}

static const HistoryEntry *find_entry(const GPtrArray *entries) {
  list_each (const HistoryEntry *, entry, entries)
    if (strcmp(entry->info.kind, "apply") == 0 && !entry->undone)
      return entry;
  return NULL;
}

static void fill_info(TransactionInfo *info, const HistoryEntry *entry) {
  *info = (TransactionInfo){.kind = "undo",
                            .verdict = entry->info.verdict,
                            .summary = g_strdup_printf("run %u undone (%s)", entry->number, entry->info.summary),
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
  plan->is_undo = TRUE;
  undo_choices_and_actions(&undo);
  return g_steal_pointer(&plan);
}

static gboolean is_listed(const GPtrArray *entries, unsigned number) {
  for (guint i = 0; i < entries->len; i++)
    if (((const HistoryEntry *)entries->pdata[i])->number == number)
      return TRUE;
  return FALSE;
}

/* ENTRY may be NULL: then any is. */
static gboolean is_behind_damaged(const Root *root, const GPtrArray *entries, const HistoryEntry *entry) {
  autofd history = root_open_at(root, RI_HISTORY_DIR, O_RDONLY | O_DIRECTORY);

  if (history < 0)
    return FALSE;
  g_autoptr(GArray) numbers = history_numbers(history);
  for (guint i = 0; i < numbers->len; i++) {
    const unsigned number = g_array_index(numbers, unsigned, i);
    if ((entry == NULL || number > entry->number) && !is_listed(entries, number))
      return TRUE;
  }
  return FALSE;
}

/* Behind a damaged entry nobody knows which run is the newest; an older one is in nobody's way. */
static gboolean refuse_damaged(const Root *root, const GPtrArray *entries, const HistoryEntry *entry,
                               const GPtrArray *warnings, GError **error) {
  if (warnings->len == 0 || !is_behind_damaged(root, entries, entry))
    return FALSE;
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE, "%s\nWith --force the newest run that can be read is undone",
              (const char *)warnings->pdata[0]);
  return TRUE;
}

Plan *history_undo_plan(const Root *root, gboolean force, unsigned *entry_number, GPtrArray **kept,
                        TransactionInfo *info, GError **error) {
  g_autoptr(GPtrArray) warnings = NULL;
  g_autoptr(GPtrArray) entries = history_list(root, &warnings, error);
  g_autoptr(GPtrArray) keeps = g_ptr_array_new_with_free_func(g_free);
  const HistoryEntry *entry = entries != NULL ? find_entry(entries) : NULL;

  if (entries == NULL || (!force && refuse_damaged(root, entries, entry, warnings, error)))
    return NULL;
  if (entry == NULL) {
    g_set_error_literal(error, RI_ERROR, RI_ERROR_FAILED,
                        "there is no run to undo: every apply that " RI_HISTORY_DIR
                        " holds is undone (seal forgets them all)");
    return NULL;
  }
  Plan *plan = plan_undo(root, force, entry->number, keeps, error);
  if (plan == NULL)
    return NULL;
  *entry_number = entry->number;
  *kept = g_steal_pointer(&keeps);
  fill_info(info, entry);
  return plan;
}
