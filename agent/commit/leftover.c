/* leftover.c - whether a file that somebody changed still says what was to be replaced in it */
#include "leftover.h"

#include <string.h>

#include "base/bytes.h"
#include "base/each.h"

enum { LINE_LEAST = 3 }; /* what is shorter ("}", "") says nothing */

static gboolean is_of_word(const char *text, gsize size, gsize at, const char *others) {
  return at < size && (g_ascii_isalnum(text[at]) || strchr(others, text[at]) != NULL) && text[at] != '\0';
}

/* "golden" is in "golden.example.org" and not in "golden-db"; both are lower case. */
static gboolean says_word(const char *text, gsize size, const char *word) {
  const gsize length = strlen(word);
  const char *found;

  for (gsize at = 0; length > 0 && (found = memmem(text + at, size - at, word, length)) != NULL; at++) {
    at = (gsize)(found - text);
    if (!(at > 0 && is_of_word(text, size, at - 1, "-._")) && !is_of_word(text, size, at + length, "-_"))
      return TRUE;
  }
  return FALSE;
}

static gboolean is_value(const Choice *choice, const char *word) {
  return strcmp(choice->name, "hostname") == 0 || strpbrk(word, "0123456789") != NULL;
}

/* One of the words of GONE that is not in COMES: "10.0.0.5, 10.0.0.6" is two. */
static gboolean says_value(const char *text, gsize size, const Choice *choice, const char *gone, const char *comes) {
  g_autofree char *lower = g_ascii_strdown(gone, -1);
  g_autofree char *stays = g_ascii_strdown(comes != NULL ? comes : "", -1);
  g_auto(GStrv) words = g_strsplit_set(lower, ", ", -1);

  for (char **word = words; *word != NULL; word++) {
    (*word)[strcspn(*word, "/")] = '\0';
    g_autofree char *label = g_strndup(*word, strcspn(*word, "."));
    const gboolean is_name = strcmp(choice->name, "hostname") == 0;

    if (!is_value(choice, *word) || says_word(stays, strlen(stays), *word))
      continue;
    if (says_word(text, size, *word) || (is_name && says_word(text, size, label)))
      return TRUE;
  }
  return FALSE;
}

static GHashTable *lines_of(GBytes *bytes) {
  GHashTable *lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = bytes != NULL ? bytes_dup(bytes) : g_strdup("");
  g_auto(GStrv) all = g_strsplit(text, "\n", -1);

  for (char **line = all; *line != NULL; line++)
    (void)g_hash_table_add(lines, g_strdup(g_strstrip(*line)));
  return lines;
}

static gboolean has_line(GBytes *content, GBytes *from, GBytes *to) {
  g_autoptr(GHashTable) here = lines_of(content);
  g_autoptr(GHashTable) before = lines_of(from);
  g_autoptr(GHashTable) after = lines_of(to);
  GHashTableIter iterator;
  gpointer line;

  g_hash_table_iter_init(&iterator, before);
  while (g_hash_table_iter_next(&iterator, &line, NULL))
    if (strlen(line) >= LINE_LEAST && !g_hash_table_contains(after, line) && g_hash_table_contains(here, line))
      return TRUE;
  return FALSE;
}

gboolean leftover_is_in(const Manifest *manifest, gboolean backward, GBytes *content, GBytes *from, GBytes *to) {
  gsize size = 0;
  const char *data = bytes_text(content, &size);
  g_autofree char *text = g_malloc(size + 1);

  for (gsize i = 0; i < size; i++)
    text[i] = g_ascii_tolower(data[i]);
  list_each (const Choice *, choice, manifest->choices) {
    const char *gone = backward ? choice->new : choice->old;

    if (gone != NULL && says_value(text, size, choice, gone, backward ? choice->old : choice->new))
      return TRUE;
  }
  return from != NULL && has_line(content, from, to);
}
