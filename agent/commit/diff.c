/* diff.c - a plan as a unified diff that an admin would sign, secrets masked */
#include "diff.h"

#include <string.h>

#include "base/bytes.h"
#include "line-diff.h"
#include "profiles/text/yaml-tokens.h"

/* Where values begin and end is for each format to say; words and comments are the same in all. */
static char *mask_format(const Edit *edit, const char *data, gsize size, gsize *masked_size) {
  if ((edit->flags & EDIT_YAML) != 0)
    return yaml_mask_secrets(data, size, masked_size);
  if ((edit->flags & EDIT_KEYFILE) != 0)
    return diff_mask_secrets(data, size, masked_size);
  *masked_size = size;
  return g_strndup(data, size);
}

/* What is shown of one side: NULL where there is no file. */
static GBytes *shown_side(const Edit *edit, GBytes *bytes) {
  gsize size = 0;

  if (bytes == NULL)
    return NULL;
  const char *data = bytes_text(bytes, &size);
  if (memchr(data, '\0', size) != NULL)
    return g_bytes_ref(bytes); /* shown as no text */
  g_autofree char *by_format = mask_format(edit, data, size, &size);
  g_autofree char *by_words = diff_mask_words(by_format, size, &size);
  char *masked = diff_mask_comments(by_words, size, &size);
  return g_bytes_new_take(masked, size);
}

/* What people read, in whatever encoding: no control characters but those of lines. */
static gboolean is_text(GBytes *bytes) {
  gsize size = 0;
  const char *data = bytes != NULL ? bytes_text(bytes, &size) : NULL;

  for (gsize i = 0; data != NULL && i < size; i++)
    if (g_ascii_iscntrl(data[i]) && data[i] != '\n' && data[i] != '\t' && data[i] != '\r')
      return FALSE;
  return TRUE;
}

/* A name with a line break or an escape sequence in it must not write lines of its own. */
static char *shown_path(const char *path) {
  gboolean plain = g_utf8_validate(path, -1, NULL);

  for (const char *c = path; plain && *c != '\0'; c = c + g_utf8_skip[(guchar)*c])
    plain = !g_unichar_iscntrl(g_utf8_get_char(c));
  return plain ? g_strdup(path) : g_strescape(path, NULL);
}

static const char *what_happens(const Edit *edit) {
  if (edit->kind == EDIT_REMOVE || edit->kind == EDIT_UNLINK)
    return "removed";
  return edit->old != NULL ? "replaced" : "made";
}

static char *link_line(const Edit *edit, const char *path) {
  GBytes *text = edit->kind == EDIT_LINK ? edit->content : edit->old;
  g_autofree char *to = bytes_dup(text);
  g_autofree char *shown = shown_path(to);

  return g_strdup_printf("%s: symbolic link to %s, %s\n", path, shown, what_happens(edit));
}

/* What is said instead of a diff, where there is none to show; NULL: there is one. */
static char *summary_line(const Edit *edit, const char *path) {
  switch (edit->kind) {
  case EDIT_LINK:
  case EDIT_UNLINK:
    return link_line(edit, path);
  case EDIT_MAKE_DIRECTORY:
    return g_strdup_printf("%s: directory, made (mode %04o)\n", path, (unsigned)edit->mode);
  case EDIT_REMOVE_DIRECTORY:
    return g_strdup_printf("%s: directory, removed\n", path);
  case EDIT_WRITE:
  case EDIT_REMOVE:
    break;
  }
  if ((edit->flags & EDIT_DEFERRED) != 0 || (edit->kind == EDIT_WRITE && edit->content == NULL))
    return g_strdup_printf("%s: will be regenerated\n", path);
  if ((edit->flags & EDIT_SECRET) != 0)
    return g_strdup_printf("%s: contents hidden (secret), %s\n", path, what_happens(edit));
  return NULL;
}

static void diff_contents(const Edit *edit, const char *path, GString *out) {
  g_autoptr(GBytes) old = shown_side(edit, edit->old);
  g_autoptr(GBytes) new = edit->kind == EDIT_WRITE ? shown_side(edit, edit->content) : NULL;
  g_autofree char *old_label = old != NULL ? g_strconcat("a", path, NULL) : g_strdup("/dev/null");
  g_autofree char *new_label = new != NULL ? g_strconcat("b", path, NULL) : g_strdup("/dev/null");
  gsize old_size = 0, new_size = 0;
  const char *old_text = old != NULL ? bytes_text(old, &old_size) : "";
  const char *new_text = new != NULL ? bytes_text(new, &new_size) : "";

  if (!is_text(old) || !is_text(new)) {
    g_string_append_printf(out, "Binary files %s and %s differ\n", old_label, new_label);
  } else if (old != NULL && new != NULL && g_bytes_equal(old, new)) {
    g_string_append_printf(out, "%s: only hidden values change\n", path);
  } else {
    g_string_append_printf(out, "--- %s\n+++ %s\n", old_label, new_label);
    line_diff(old_text, old_size, new_text, new_size, out);
  }
}

void diff_edit(const Edit *edit, GString *out) {
  g_autofree char *path = shown_path(edit->path);
  g_autofree char *line = summary_line(edit, path);

  if (line != NULL)
    g_string_append(out, line);
  else
    diff_contents(edit, path, out);
}
