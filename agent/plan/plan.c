/* plan.c - what a run would change */
#include "plan.h"

#include <stdarg.h>
#include <string.h>

#include "base/each.h"

enum { ACTION_TIME_LIMIT_S = 30 };

const char *edit_kind_name(EditKind kind) {
  static const char *const names[] = {
      [EDIT_WRITE] = "write",
      [EDIT_REMOVE] = "remove",
      [EDIT_LINK] = "link",
      [EDIT_UNLINK] = "unlink",
      [EDIT_MAKE_DIRECTORY] = "make-directory",
      [EDIT_REMOVE_DIRECTORY] = "remove-directory",
  };

  return names[kind];
}

const char *action_kind_name(ActionKind kind) {
  static const char *const names[] = {[ACTION_HOSTNAME] = "hostname",
                                      [ACTION_MACHINE_ID] = "machine-id",
                                      [ACTION_UNIT] = "unit",
                                      [ACTION_NETWORK] = "network",
                                      [ACTION_PROGRAM] = "program"};

  return names[kind];
}

void choice_free(Choice *choice) {
  g_free(choice->name);
  g_free(choice->old);
  g_free(choice->new);
  g_free(choice->source);
  g_free(choice);
}

void action_free(Action *action) {
  g_free(action->step);
  g_free(action->verb);
  g_free(action->object);
  g_free(action->data);
  g_free(action->why);
  g_free(action);
}

Action *action_copy(const Action *action) {
  Action *copy = g_new0(Action, 1);

  *copy = *action;
  copy->step = g_strdup(action->step);
  copy->verb = g_strdup(action->verb);
  copy->object = g_strdup(action->object);
  copy->data = g_strdup(action->data);
  copy->why = g_strdup(action->why);
  return copy;
}

static void check_free(Check *check) {
  g_free(check->step);
  g_free(check->name);
  g_free(check->object);
  g_free(check->expected);
  g_free(check);
}

Plan *plan_new(void) {
  Plan *plan = g_new0(Plan, 1);

  plan->choices = g_ptr_array_new_with_free_func((GDestroyNotify)choice_free);
  plan->edits = g_ptr_array_new_with_free_func((GDestroyNotify)edit_free);
  plan->actions = g_ptr_array_new_with_free_func((GDestroyNotify)action_free);
  plan->checks = g_ptr_array_new_with_free_func((GDestroyNotify)check_free);
  plan->warnings = g_ptr_array_new_with_free_func(g_free);
  return plan;
}

void plan_free(Plan *plan) {
  g_ptr_array_unref(plan->choices);
  g_ptr_array_unref(plan->edits);
  g_ptr_array_unref(plan->actions);
  g_ptr_array_unref(plan->checks);
  g_ptr_array_unref(plan->warnings);
  g_free(plan);
}

void edit_free(Edit *edit) {
  g_free(edit->step);
  g_free(edit->path);
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
  if (old != NULL && content != NULL && g_bytes_equal(old, content))
    return NULL;
  Edit *edit = add_edit(plan, EDIT_WRITE, step, path, old, why);
  edit->content = content != NULL ? g_bytes_ref(content) : NULL;
  return edit;
}

void plan_amend(Edit *edit, GBytes *content, const char *why) {
  g_autofree char *before = edit->why;

  edit->why = g_strdup_printf("%s; %s", before, why);
  g_bytes_unref(edit->content);
  edit->content = g_bytes_ref(content);
}

Edit *plan_remove(Plan *plan, const char *step, const char *path, GBytes *old, const char *why) {
  if (old == NULL)
    return NULL;
  return add_edit(plan, EDIT_REMOVE, step, path, old, why);
}

Edit *plan_link(Plan *plan, const char *step, const char *path, const char *to, const char *why) {
  Edit *edit = add_edit(plan, EDIT_LINK, step, path, NULL, why);

  edit->content = g_bytes_new(to, strlen(to));
  return edit;
}

Edit *plan_unlink(Plan *plan, const char *step, const char *path, const char *to, const char *why) {
  g_autoptr(GBytes) old = g_bytes_new(to, strlen(to));

  return add_edit(plan, EDIT_UNLINK, step, path, old, why);
}

Edit *plan_make_directory(Plan *plan, const char *step, const char *path, mode_t mode, const char *why) {
  Edit *edit = add_edit(plan, EDIT_MAKE_DIRECTORY, step, path, NULL, why);

  edit->mode = mode;
  return edit;
}

Edit *plan_remove_directory(Plan *plan, const char *step, const char *path, const char *why) {
  return add_edit(plan, EDIT_REMOVE_DIRECTORY, step, path, NULL, why);
}

Edit *plan_find(const Plan *plan, const char *path) {
  list_each (Edit *, edit, plan->edits)
    if (strcmp(edit->path, path) == 0)
      return edit;
  return NULL;
}

gboolean plan_has_step(const Plan *plan, const char *step) {
  for (guint i = 0; i < plan->edits->len; i++)
    if (strcmp(((const Edit *)plan->edits->pdata[i])->step, step) == 0)
      return TRUE;
  return FALSE;
}

Choice *plan_choose(Plan *plan, const char *name, const char *old, const char *new, const char *source) {
  Choice *choice = g_new0(Choice, 1);

  *choice = (Choice){
      .name = g_strdup(name), .old = g_strdup(old), .new = g_strdup(new), .source = g_strdup(source), .secret = FALSE};
  g_ptr_array_add(plan->choices, choice);
  return choice;
}

Action *plan_act(Plan *plan, const char *step, ActionKind kind, const char *verb, const char *object, const char *why) {
  Action *action = g_new0(Action, 1);

  *action = (Action){.kind = kind,
                     .step = g_strdup(step),
                     .verb = g_strdup(verb),
                     .object = g_strdup(object),
                     .phase = PHASE_AFTER,
                     .needs = NEEDS_LIVE,
                     .time_limit_s = ACTION_TIME_LIMIT_S,
                     .why = g_strdup(why)};
  g_ptr_array_add(plan->actions, action);
  return action;
}

static Action *find_stack_action(const Plan *plan, const char *stack, ActionPhase phase) {
  list_each (Action *, action, plan->actions)
    if (action->kind == ACTION_NETWORK && g_strcmp0(action->object, stack) == 0 && action->phase == phase)
      return action;
  return NULL;
}

/* To those that ACTION names already, each once. */
static void add_nics(Action *action, const char *nics) {
  g_autofree char *all = g_strconcat(action->data != NULL ? action->data : "", " ", nics, NULL);
  g_auto(GStrv) words = g_strsplit(all, " ", -1);
  g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GString) joined = g_string_new(NULL);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0' && g_hash_table_add(named, *word))
      g_string_append_printf(joined, "%s%s", joined->len > 0 ? " " : "", *word);
  g_free(action->data);
  action->data = joined->len > 0 ? g_string_free(g_steal_pointer(&joined), FALSE) : NULL;
}

void plan_act_stack(Plan *plan, const char *step, const char *stack, const char *nics, const char *why) {
  enum { STACK_S = 180 };
  static const ActionPhase phases[] = {PHASE_BEFORE, PHASE_AFTER};

  for (gsize i = 0; i < G_N_ELEMENTS(phases); i++) {
    Action *action = find_stack_action(plan, stack, phases[i]);
    if (action == NULL) {
      action = plan_act(plan, step, ACTION_NETWORK, NULL, stack, why);
      action->phase = phases[i];
      action->must_succeed = TRUE;
      action->time_limit_s = STACK_S;
    }
    add_nics(action, nics);
  }
}

void plan_act_manager(Plan *plan, const char *step, const char *why) {
  enum { MANAGER_S = 300 };

  if (find_stack_action(plan, NULL, PHASE_AFTER) != NULL)
    return;
  Action *action = plan_act(plan, step, ACTION_NETWORK, NULL, NULL, why);
  action->must_succeed = TRUE;
  action->time_limit_s = MANAGER_S;
}

void plan_check(Plan *plan, const char *step, const char *name, const char *object, const char *expected) {
  Check *check = g_new0(Check, 1);

  *check = (Check){
      .step = g_strdup(step), .name = g_strdup(name), .object = g_strdup(object), .expected = g_strdup(expected)};
  g_ptr_array_add(plan->checks, check);
}

/* One line may name one thing twice. */
static gboolean was_just_said(const GPtrArray *warnings, const char *warning) {
  enum { MENTIONS_OF_A_LINE = 8 };

  for (guint i = warnings->len; i > 0 && i + MENTIONS_OF_A_LINE > warnings->len; i--)
    if (strcmp(warnings->pdata[i - 1], warning) == 0)
      return TRUE;
  return FALSE;
}

void plan_warn(Plan *plan, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *warning = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  if (!was_just_said(plan->warnings, warning))
    g_ptr_array_add(plan->warnings, g_steal_pointer(&warning));
}

void plan_warn_wireguard_key(Plan *plan, const char *path, unsigned line) {
  plan_warn(plan,
            "%s:%u: this is the template's WireGuard key, which every clone has too; make a new one (wg genkey) and "
            "tell the peers.",
            path, line);
}
