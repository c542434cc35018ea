/* show-plan.c - a plan as people sign it: a summary, then what changes to the byte */
#include "show-plan.h"

#include <stdio.h>
#include <string.h>

#include "base/each.h"
#include "commit/diff.h"
#include "output.h"

#define CONNECTION_UUID "connection-uuid "

enum { NAMES_TOLD = 4, ID_LENGTH = 32 };

/* A machine-id is told apart by its first digits; the diff has all of it. The caller frees. */
static char *shown_value(const char *value) {
  if (value == NULL)
    return g_strdup("none");
  if (strlen(value) == ID_LENGTH && strspn(value, "0123456789abcdef") == ID_LENGTH)
    return g_strdup_printf("%.8s...", value);
  return g_strdup(value);
}

/* A line of the summary. */
static void show_line(const char *name, const char *text) {
  g_autofree char *lead = g_strdup_printf("  %-16s ", name);

  output_folded(stdout, TONE_PLAIN, lead, text);
}

void show_choice(const Choice *choice) {
  g_autofree char *old = shown_value(choice->old);
  g_autofree char *new = shown_value(choice->new);
  gboolean stays = g_strcmp0(choice->old, choice->new) == 0;
  const char *source = choice->source != NULL ? choice->source : "";

  g_autofree char *text = choice->secret
                              ? g_strdup_printf("a new secret  %s", source)
                              : g_strdup_printf("%s%s%s  %s", old, stays ? " stays" : " -> ", stays ? "" : new, source);
  if (g_str_has_prefix(choice->name, CONNECTION_UUID)) {
    g_autofree char *of_file = g_strdup_printf("%s: %s", choice->name + strlen(CONNECTION_UUID), text);
    show_line("connection-uuid", of_file);
  } else {
    show_line(choice->name, text);
  }
}

/* The public half of a key pair whose private half is in PLAN too. */
static gboolean is_public_half(const Plan *plan, const char *path) {
  g_autofree char *private = g_str_has_suffix(path, ".pub") ? g_strndup(path, strlen(path) - strlen(".pub")) : NULL;

  return private != NULL && plan_find(plan, private) != NULL;
}

static gboolean is_told_by_a_choice(const Plan *plan, const Edit *edit) {
  list_each (const Choice *, choice, plan->choices) {
    if (strcmp(choice->name, edit->step) == 0)
      return TRUE;
    if (g_str_has_prefix(choice->name, CONNECTION_UUID) &&
        strcmp(choice->name + strlen(CONNECTION_UUID), edit->path) == 0)
      return TRUE;
  }
  return FALSE;
}

/* "A, B and 3 more": the first of NAMES. The caller frees. */
static char *told(const GPtrArray *names) {
  g_autoptr(GString) text = g_string_new(NULL);

  for (guint i = 0; i < names->len && i < NAMES_TOLD; i++)
    g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", (const char *)names->pdata[i]);
  if (names->len > NAMES_TOLD)
    g_string_append_printf(text, " and %u more", names->len - NAMES_TOLD);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

/* A step of which no choice speaks: its files, and why; where each has a reason of its own, the reasons. */
static void summarize_step(const Plan *plan, guint first) {
  const Edit *edit = plan->edits->pdata[first];
  g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) reasons = g_ptr_array_new();

  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *other = plan->edits->pdata[i];
    if (strcmp(other->step, edit->step) != 0 || is_told_by_a_choice(plan, other) || is_public_half(plan, other->path))
      continue;
    if (i < first)
      return;
    g_ptr_array_add(files, g_path_get_basename(other->path));
    if (!g_ptr_array_find_with_equal_func(reasons, other->why, g_str_equal, NULL))
      g_ptr_array_add(reasons, other->why);
  }
  g_autofree char *why = told(reasons);
  g_autofree char *names = files->len == 1 ? g_strdup(edit->path) : told(files);
  g_autofree char *text = reasons->len > 1 ? g_strdup(why) : g_strdup_printf("%s: %s", names, why);
  show_line(edit->step, text);
}

/* A verb of systemctl(1) as people say it: "try-reload-or-restart" is a reload. */
static char *spoken_verb(const char *verb) {
  const char *bare = g_str_has_prefix(verb, "try-") ? verb + strlen("try-") : verb;

  return g_strndup(bare, strcspn(bare, "-"));
}

static void summarize_actions(const GPtrArray *actions) {
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *before = NULL;

  list_each (const Action *, action, actions) {
    if (action->kind != ACTION_UNIT)
      continue;
    g_autofree char *verb = spoken_verb(action->verb);
    gboolean again = g_strcmp0(verb, before) == 0;
    g_string_append_printf(text, "%s%s%s%s", text->len > 0 ? ", " : "", again ? "" : verb, again ? "" : " ",
                           action->object);
    g_free(before);
    before = g_steal_pointer(&verb);
  }
  if (text->len > 0)
    show_line("services", text->str);
}

static void summarize_counts(const Plan *plan, gboolean undoable) {
  guint changed = 0, removed = 0;
  gboolean secret = FALSE;

  list_each (const Edit *, edit, plan->edits) {
    gboolean goes = edit->kind == EDIT_REMOVE || edit->kind == EDIT_UNLINK || edit->kind == EDIT_REMOVE_DIRECTORY;
    removed += goes;
    changed += !goes && (edit->flags & EDIT_LAST) == 0;
    secret |= (edit->flags & EDIT_FORGET_OLD) != 0;
  }
  g_autofree char *gone = removed > 0 ? g_strdup_printf(", %u %s removed", removed, removed == 1 ? "is" : "are") : NULL;
  g_autofree char *warned = plan->warnings->len > 0 ? g_strdup_printf("; %u warning%s", plan->warnings->len,
                                                                      plan->warnings->len == 1 ? "" : "s")
                                                    : NULL;
  output_printf(stdout, TONE_PLAIN, "%u file%s%s%s%s\n", changed, changed == 1 ? " changes" : "s change",
                gone != NULL ? gone : "", warned != NULL ? warned : "",
                !undoable || changed + removed == 0 ? ""
                : secret                            ? "; reset-identity undo brings all but private keys back"
                                                    : "; reset-identity undo brings all back");
}

/* The choices for NICs that get, or keep, the same by the same word. */
typedef struct {
  const Choice *first;
  guint count;
  GPtrArray *nics; /* their names, borrowed; a NIC may have several profiles */
} Alike;

static void alike_free(Alike *alike) {
  g_ptr_array_unref(alike->nics);
  g_free(alike);
}

/* What CHOICE has in common with those that are alike; NULL: it stands alone. The caller frees. */
static char *common_of(const Choice *choice) {
  const gboolean stays = g_strcmp0(choice->old, choice->new) == 0;
  const gsize kind = strcspn(choice->name, " ");

  if (choice->name[kind] != ' ' || choice->secret)
    return NULL;
  return g_strdup_printf("%.*s\n%s\n%s%s", (int)kind, choice->name, choice->source != NULL ? choice->source : "",
                         stays ? "stays" : "= ", stays || choice->new == NULL ? "" : choice->new);
}

/* char * -> Alike. */
static GHashTable *find_alike(const Plan *plan) {
  GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)alike_free);
  g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  list_each (const Choice *, choice, plan->choices) {
    g_autofree char *common = common_of(choice);
    Alike *alike = common != NULL ? g_hash_table_lookup(found, common) : NULL;

    if (common == NULL)
      continue;
    if (alike == NULL) {
      alike = g_new0(Alike, 1);
      *alike = (Alike){.first = choice, .nics = g_ptr_array_new()};
      g_hash_table_insert(found, g_strdup(common), alike);
    }
    alike->count++;
    if (g_hash_table_add(named, g_strconcat(choice->name, "\n", common, NULL)))
      g_ptr_array_add(alike->nics, strchr(choice->name, ' ') + 1);
  }
  return found;
}

/* Where many NICs fare alike the first of them stands for all, in one line: the summary is to be seen at one look. */
static void show_choice_or_many(const Choice *choice, GHashTable *found) {
  g_autofree char *common = common_of(choice);
  const Alike *alike = common != NULL ? g_hash_table_lookup(found, common) : NULL;
  const gboolean stays = g_strcmp0(choice->old, choice->new) == 0;

  if (alike == NULL || alike->count <= NAMES_TOLD) {
    show_choice(choice);
    return;
  }
  if (choice != alike->first)
    return;
  g_autofree char *name = g_strndup(choice->name, strcspn(choice->name, " "));
  g_autofree char *names = told(alike->nics);
  g_autofree char *new = shown_value(choice->new);
  g_autofree char *text = g_strdup_printf("%s%s%s  %s", names, stays ? " stay" : " -> ", stays ? "" : new,
                                          choice->source != NULL ? choice->source : "");
  show_line(name, text);
}

void show_summary(const Plan *plan, const char *title, gboolean whole) {
  g_autoptr(GHashTable) alike = find_alike(plan);
  guint uuids = 0, profiles = 0;

  if (title != NULL)
    output_printf(stdout, TONE_STRONG, "\n%s\n", title);
  else
    output_tone(stdout, TONE_PLAIN, "\n");
  for (guint i = 0; i < plan->choices->len; i++) {
    const Choice *choice = plan->choices->pdata[i];
    gboolean one_of_many = g_str_has_prefix(choice->name, CONNECTION_UUID);
    profiles += one_of_many;
    uuids += one_of_many && g_strcmp0(choice->old, choice->new) != 0;
    if (!one_of_many && whole)
      show_choice(choice);
    else if (!one_of_many)
      show_choice_or_many(choice, alike);
  }
  if (uuids > 0) {
    g_autofree char *text = g_strdup_printf("%u of %u get%s a new UUID", uuids, profiles, uuids == 1 ? "s" : "");
    show_line("profiles", text);
  }
  for (guint i = 0; i < plan->edits->len; i++) {
    const Edit *edit = plan->edits->pdata[i];
    if ((edit->flags & EDIT_LAST) == 0 && !is_told_by_a_choice(plan, edit) && !is_public_half(plan, edit->path))
      summarize_step(plan, i);
  }
  summarize_actions(plan->actions);
  summarize_counts(plan, title != NULL);
}

/* Where DIFF only replaces one "uuid=" by another: "OLD -> NEW", or NULL. The caller frees. */
static char *only_uuid_changes(const char *diff) {
  g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
  const char *old = NULL, *new = NULL;

  for (gsize i = 0; lines[i] != NULL; i++) {
    const char *line = lines[i];
    gboolean changed = (*line == '-' || *line == '+') && i >= 2;
    if (changed && g_str_has_prefix(line, "-uuid=") && old == NULL)
      old = line + strlen("-uuid=");
    else if (changed && g_str_has_prefix(line, "+uuid=") && new == NULL)
      new = line + strlen("+uuid=");
    else if (changed)
      return NULL;
  }
  return old != NULL && new != NULL ? g_strdup_printf("uuid %s -> %s", old, new) : NULL;
}

static void show_edit(const Edit *edit, gboolean whole) {
  g_autoptr(GString) diff = g_string_new(NULL);

  diff_edit(edit, diff);
  g_autofree char *uuid = whole || edit->kind != EDIT_WRITE ? NULL : only_uuid_changes(diff->str);
  if (uuid != NULL) {
    output_printf(stdout, TONE_PLAIN, "\n%s: %s\n", edit->path, uuid);
    return;
  }
  output_printf(stdout, TONE_FAINT, "\n# %s: %s\n", edit->step, edit->why);
  output_diff(stdout, diff->str);
}

void show_plan(const Plan *plan, gboolean whole) {
  list_each (const Edit *, edit, plan->edits)
    if (whole || ((edit->flags & EDIT_LAST) == 0 && !is_public_half(plan, edit->path)))
      show_edit(edit, whole);
  if (plan->warnings->len > 0)
    output_tone(stdout, TONE_PLAIN, "\n");
  for (guint i = 0; i < plan->warnings->len; i++)
    output_folded(stdout, TONE_WARN, "warning: ", plan->warnings->pdata[i]);
}
