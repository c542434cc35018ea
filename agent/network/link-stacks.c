/* link-stacks.c - the network stacks beside NetworkManager, and how what runs of each is brought to what its files say
 */
#include "link-stacks.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/list.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree.h"
#include "ifupdown-link.h"
#include "manager-unit.h"
#include "netplan-live.h"
#include "networkd-live.h"
#include "system/system-manager.h"
#include "verify-links.h"

/* The array ends with an empty row. */
static const LinkStack rows[] = {
    {"systemd-networkd", networkd_runs, NULL, networkd_up, NULL},
    {"ifupdown", ifupdown_link_runs, ifupdown_link_down, ifupdown_link_up, NULL},
    {"netplan", netplan_runs, NULL, netplan_up, netplan_prepare},
    {NULL, NULL, NULL, NULL, NULL},
};

const LinkStack *link_stack_named(const char *name) {
  for (const LinkStack *row = rows; row->stack != NULL; row++)
    if (strcmp(row->stack, name) == 0)
      return row;
  return NULL;
}

/* DATA: a line of NICs, then a line for each check that failed before. */
static char **nics_of(const char *data) {
  g_autofree char *line = g_strndup(data != NULL ? data : "", strcspn(data != NULL ? data : "", "\n"));
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_auto(GStrv) words = g_strsplit(line, " ", -1);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add(names, g_strdup(*word));
  return list_strv(g_steal_pointer(&names));
}

GPtrArray *link_stack_failed_before(const char *data) {
  GPtrArray *failed = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) lines = g_strsplit(data != NULL ? data : "", "\n", -1);

  for (guint i = 1; i < g_strv_length(lines); i++)
    g_ptr_array_add(failed, g_strdup(lines[i]));
  return failed;
}

char *link_stack_note(const Root *root, const char *stack, const char *nics) {
  g_autoptr(GPtrArray) failed = link_stack_runs(root, stack) ? verify_links_failures(root, stack) : NULL;
  g_autofree char *line = g_strndup(nics != NULL ? nics : "", strcspn(nics != NULL ? nics : "", "\n"));
  g_autoptr(GString) data = g_string_new(line);

  for (guint i = 0; failed != NULL && i < failed->len; i++)
    g_string_append_printf(data, "\n%s", (const char *)failed->pdata[i]);
  return g_string_free(g_steal_pointer(&data), FALSE);
}

gboolean link_stack_runs(const Root *root, const char *stack) {
  const LinkStack *row = link_stack_named(stack);

  return row != NULL && row->runs(root);
}

static char *note_path(const char *stack) {
  return g_build_filename(RI_STACKS_DIR, stack, NULL);
}

/* Before anything goes down: whoever finds the note knows what to bring up. */
static gboolean begin(const Root *root, const char *stack, const char *data, gboolean watched, GError **error) {
  g_autofree char *path = note_path(stack);
  g_autofree char *text = g_strconcat(data != NULL ? data : "", "\n", NULL);
  int r = root_file_write(root, path, text, strlen(text), 0600);

  if (r < 0)
    return ri_error_errno(error, r, "%s cannot be written", path);
  return !watched || !system_manager_runs() || manager_unit_watch(LIVE_TAKE_BACK_S, error);
}

/* It ran when this run began with it: where it does not any more, that is our doing. */
static gboolean is_noted(const Root *root, const char *stack) {
  g_autofree char *path = note_path(stack);

  return root_exists(root, path);
}

gboolean link_stack_down(const Root *root, const char *stack, const char *data, gboolean watched, GError **error) {
  const LinkStack *row = link_stack_named(stack);
  g_auto(GStrv) nics = nics_of(data);

  if (row == NULL || row->down == NULL || !row->runs(root))
    return TRUE;
  return begin(root, stack, data, watched, error) && row->down(root, nics, error);
}

gboolean link_stack_up(const Root *root, const char *stack, const char *data, gboolean watched, LiveProgress progress,
                       gpointer progress_data, GError **error) {
  const LinkStack *row = link_stack_named(stack);
  g_auto(GStrv) nics = nics_of(data);
  g_autofree char *stage = g_strdup_printf("%s takes its files", stack);

  if (row == NULL)
    return TRUE;
  if (row->prepare != NULL && !row->prepare(root, error))
    return FALSE;
  if (!row->runs(root) && !is_noted(root, stack))
    return TRUE;
  if (!begin(root, stack, data, watched, error))
    return FALSE;
  if (progress != NULL)
    progress(stage, progress_data);
  return row->up(root, nics, error);
}

gboolean link_stacks_up_again(const Root *root, GError **error) {
  g_auto(GStrv) names = tree_list(root, RI_STACKS_DIR, error);
  gboolean good = names != NULL;

  for (char **name = names; good && *name != NULL; name++) {
    g_autofree char *path = note_path(*name);
    g_autoptr(GBytes) content = NULL;
    gsize size = 0;

    if (link_stack_named(*name) == NULL || !tree_read(root, path, &content, NULL, error) || content == NULL)
      continue;
    const char *bytes = bytes_text(content, &size);
    g_autofree char *data = g_strndup(bytes, size);
    good = link_stack_up(root, *name, data, FALSE, NULL, NULL, error);
  }
  return good;
}

void link_stacks_release(const Root *root) {
  g_auto(GStrv) names = tree_list(root, RI_STACKS_DIR, NULL);

  if (names == NULL || names[0] == NULL)
    return;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = note_path(*name);
    (void)root_file_remove(root, path);
  }
  if (system_manager_runs())
    manager_unit_release();
}
