/* nic-names.c - does a plan write the names of NICs? */
#include "nic-names.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"

static gboolean is_of_a_word(char c) {
  return g_ascii_isalnum(c) || c == '_';
}

static gboolean says(const char *text, gsize size, const char *name) {
  const gsize length = strlen(name);
  const char *end = text + size;

  for (const char *at = text; (at = memmem(at, (gsize)(end - at), name, length)) != NULL; at++)
    if ((at == text || !is_of_a_word(at[-1])) && (at + length == end || !is_of_a_word(at[length])))
      return TRUE;
  return FALSE;
}

static gboolean names(const Edit *edit, const char *name) {
  gsize size = 0;

  if ((edit->kind != EDIT_WRITE && edit->kind != EDIT_LINK) || edit->content == NULL)
    return FALSE;
  const char *text = bytes_text(edit->content, &size);
  return says(text, size, name) || says(edit->path, strlen(edit->path), name);
}

const char *plan_names_nic(const Plan *plan, const NicList *nics) {
  list_each (const Edit *, edit, plan->edits) {
    if (strcmp(edit->step, "record") == 0)
      continue;
    for (size_t j = 0; j < nics->count; j++)
      if (names(edit, nics->items[j].name))
        return edit->path;
  }
  return NULL;
}
