/* plan.c - what a run would change */
#include "plan.h"

#include <stdarg.h>
#include <string.h>

Plan *plan_new(void) {
  Plan *plan = g_new0(Plan, 1);

  plan->edits = g_ptr_array_new_with_free_func((GDestroyNotify)edit_free);
  plan->warnings = g_ptr_array_new_with_free_func(g_free);
  return plan;
}

void plan_free(Plan *plan) {
  if (plan == NULL)
    return;
  g_ptr_array_unref(plan->edits);
  g_ptr_array_unref(plan->warnings);
  g_free(plan);
}

void edit_free(Edit *edit) {
  if (edit == NULL)
    return;
  g_free(edit->step);
  g_free(edit->path);
  g_free(edit->destination);
  g_free(edit->like);
  g_free(edit->why);
  g_clear_pointer(&edit->old, g_bytes_unref);
  g_clear_pointer(&edit->content, g_bytes_unref);
  g_free(edit);
}

static Edit *add_edit(Plan *plan, EditKind kind, const char *step, const char *path, GBytes *old, const char *why) {
  Edit *edit = g_new0(Edit, 1);

  edit->kind = kind;
  edit->step = g_strdup(step);
  edit->path = g_strdup(path);
  edit->why = g_strdup(why);
  edit->old = old != NULL ? g_bytes_ref(old) : NULL;
  edit->mode = 0644;
  g_ptr_array_add(plan->edits, edit);
  return edit;
}

Edit *plan_write(Plan *plan, const char *step, const char *path, GBytes *old, GBytes *content, const char *why) {
  Edit *edit;

  if (old != NULL && content != NULL && g_bytes_equal(old, content))
    return NULL;
  edit = add_edit(plan, EDIT_WRITE, step, path, old, why);
  edit->content = content != NULL ? g_bytes_ref(content) : NULL;
  return edit;
}

Edit *plan_remove(Plan *plan, const char *step, const char *path, GBytes *old, const char *why) {
  if (old == NULL)
    return NULL;
  return add_edit(plan, EDIT_REMOVE, step, path, old, why);
}

Edit *plan_rename(Plan *plan, const char *step, const char *path, const char *destination, const char *why) {
  Edit *edit;

  if (strcmp(path, destination) == 0)
    return NULL;
  edit = add_edit(plan, EDIT_RENAME, step, path, NULL, why);
  edit->destination = g_strdup(destination);
  return edit;
}

Edit *plan_find(const Plan *plan, const char *path) {
  for (guint i = 0; i < plan->edits->len; i++) {
    Edit *edit = g_ptr_array_index(plan->edits, i);
    if (strcmp(edit->path, path) == 0)
      return edit;
  }
  return NULL;
}

void plan_warn(Plan *plan, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_ptr_array_add(plan->warnings, g_strdup_vprintf(format, arguments));
  va_end(arguments);
}
