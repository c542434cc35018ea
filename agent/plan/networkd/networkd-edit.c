/* networkd-edit.c - the edit of one .network file with its drop-ins while it is put together */
#include "networkd-edit.h"

#include <string.h>

#include "base/each.h"
#include "base/list.h"

NetworkdEdit *networkd_edit_new(const PlanContext *context, const Profile *profile, const NetworkdFile *file,
                                Plan *plan) {
  NetworkdEdit *edit = g_new0(NetworkdEdit, 1);

  *edit = (NetworkdEdit){.context = context,
                         .profile = profile,
                         .draft = networkd_file_copy(file),
                         .reasons = g_ptr_array_new_with_free_func(g_free),
                         .plan = plan};
  return edit;
}

void networkd_edit_free(NetworkdEdit *edit) {
  networkd_file_unref(edit->draft);
  g_ptr_array_unref(edit->reasons);
  g_free(edit);
}

/* Slots. ------------------------------------------------------------------------------------------------------------*/

typedef struct {
  const char *key, *own;
  NetworkdTakes takes;
  int family;
  GArray *slots;
} Search;

static void take_back(GArray *slots) {
  for (guint i = 0; i < slots->len; i++)
    g_array_index(slots, NetworkdSlot, i).counts = FALSE;
}

static void look(NetworkdPart *part, UnitEntry *entry, gpointer data) {
  const Search *search = data;
  const gboolean network = strcmp(entry->section->name, "Network") == 0;
  const gboolean own = search->own != NULL && strcmp(entry->section->name, search->own) == 0;

  if (strcmp(entry->key, search->key) != 0 || (!network && !own))
    return;
  if (network && *entry->value == '\0')
    take_back(search->slots);
  /* Of one section of its own the last counts. */
  if (own && entry->value != unit_section_value(entry->section, entry->key))
    return;
  if (part->editable && search->takes(entry, search->family)) {
    const NetworkdSlot slot = {.part = part, .entry = entry, .section = own, .counts = TRUE};
    g_array_append_val(search->slots, slot);
  }
}

GArray *networkd_edit_slots(const NetworkdEdit *edit, const char *key, const char *own, NetworkdTakes takes,
                            int family) {
  Search search = {.key = key,
                   .own = own,
                   .takes = takes,
                   .family = family,
                   .slots = g_array_new(FALSE, FALSE, sizeof(NetworkdSlot))};

  networkd_file_foreach(edit->draft, look, &search);
  return search.slots;
}

void networkd_edit_remove_slot(const NetworkdSlot *slot) {
  if (slot->section)
    unit_text_remove_section(slot->part->text, slot->entry->section);
  else
    unit_text_remove(slot->part->text, slot->entry);
}

/* Single keys of [Network]. -----------------------------------------------------------------------------------------*/

static gboolean any(const UnitEntry *entry, int family) {
  return TRUE;
}

UnitSection *networkd_edit_section(NetworkdEdit *edit, const char *name, NetworkdPart **part) {
  NetworkdPart *first = networkd_file_main(edit->draft);

  if (part != NULL)
    *part = first;
  return unit_text_add_section(first->text, name);
}

void networkd_edit_insert(NetworkdEdit *edit, const char *key, const char *value) {
  g_autoptr(GArray) slots = networkd_edit_slots(edit, key, NULL, any, 0);
  const NetworkdSlot *last = slots->len > 0 ? &g_array_index(slots, NetworkdSlot, slots->len - 1) : NULL;
  NetworkdPart *part = last != NULL ? last->part : networkd_file_main(edit->draft);
  UnitSection *section = last != NULL ? last->entry->section : unit_text_find(part->text, "Network");

  if (section == NULL)
    section = networkd_edit_section(edit, "Network", &part);
  (void)unit_text_insert(part->text, section, last != NULL ? last->entry : NULL, key, value);
}

gboolean networkd_edit_set(NetworkdEdit *edit, const char *key, const char *value) {
  g_autoptr(GArray) slots = networkd_edit_slots(edit, key, NULL, any, 0);
  const NetworkdSlot *last = slots->len > 0 ? &g_array_index(slots, NetworkdSlot, slots->len - 1) : NULL;

  if (last == NULL) {
    networkd_edit_insert(edit, key, value);
    return TRUE;
  }
  if (strcmp(last->entry->value, value) == 0)
    return FALSE;
  unit_text_set(last->part->text, last->entry, value);
  return TRUE;
}

void networkd_edit_plan(const NetworkdEdit *edit, const char *step) {
  g_autofree char *why = list_join(edit->reasons, "; ");

  list_each (const NetworkdPart *, part, edit->draft->parts) {
    g_autoptr(GBytes) content = unit_text_bytes(part->text);
    Edit *planned = part->editable && plan_find(edit->plan, part->path) == NULL
                        ? plan_write(edit->plan, step, part->path, part->is_new ? NULL : part->bytes, content, why)
                        : NULL;

    if (planned != NULL)
      planned->flags |= EDIT_KEYFILE;
  }
}
