/* manifest-parse.c - the strict reading side of the format that manifest_format writes. */
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "manifest-format.h"
#include "manifest.h"

enum { SUM_LENGTH = 64, EDITS_LIMIT = 1000000, PARENTS_LIMIT = PATH_MAX / 2 };

/* The reading side: lines are taken one by one; the first complaint stands, and everything after it answers empty. */
typedef struct {
  const char *name;
  const char *next, *end;
  unsigned line;
  char *complaint;
} Reader;

static void complain(Reader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void complain(Reader *reader, const char *format, ...) {
  va_list arguments;

  if (reader->complaint != NULL)
    return;
  va_start(arguments, format);
  reader->complaint = g_strdup_vprintf(format, arguments);
  va_end(arguments);
}

/* g_strcompress is lenient; what g_strescape would not have written so is refused by writing it again. */
static char *unescape(Reader *reader, const char *key, const char *escaped) {
  g_autofree char *value = NULL;
  g_autofree char *again = NULL;
  gsize backslashes = 0;

  for (gsize length = strlen(escaped); length > 0 && escaped[length - 1] == '\\'; length--)
    backslashes++;
  if (backslashes % 2 != 0) {
    complain(reader, "the value of '%s' ends in half an escape", key);
    return g_strdup("");
  }
  value = g_strcompress(escaped);
  again = g_strescape(value, NULL);
  if (strcmp(again, escaped) != 0)
    complain(reader, "the value of '%s' is not escaped as it should be", key);
  return g_steal_pointer(&value);
}

static char *take(Reader *reader, const char *key) {
  const char *newline =
      reader->next < reader->end ? memchr(reader->next, '\n', (gsize)(reader->end - reader->next)) : NULL;
  gsize length = strlen(key);
  g_autofree char *line = NULL;

  if (reader->complaint != NULL)
    return g_strdup("");
  reader->line++;
  line = newline != NULL ? g_strndup(reader->next, (gsize)(newline - reader->next)) : NULL;
  if (line == NULL || strncmp(line, key, length) != 0 || line[length] != '=') {
    complain(reader, "'%s=' expected", key);
    return g_strdup("");
  }
  reader->next = newline + 1;
  return unescape(reader, key, line + length + 1);
}

static unsigned take_number(Reader *reader, const char *key, unsigned limit) {
  g_autofree char *text = take(reader, key);
  guint64 value = 0;

  if (reader->complaint == NULL && !g_ascii_string_to_unsigned(text, 10, 0, limit, &value, NULL))
    complain(reader, "'%s' is no number from 0 to %u", key, limit);
  return (unsigned)value;
}

static int take_choice(Reader *reader, const char *key, const char *const *names, gsize n_names) {
  g_autofree char *text = take(reader, key);

  for (gsize i = 0; i < n_names; i++)
    if (strcmp(text, names[i]) == 0)
      return (int)i;
  complain(reader, "'%s' is not known here: '%s'", key, text);
  return 0;
}

static EditFlags take_flags(Reader *reader) {
  g_autofree char *text = take(reader, "flags");
  g_auto(GStrv) names = g_strsplit(text, ",", -1);
  EditFlags flags = EDIT_PLAIN;

  for (char **name = names; *name != NULL; name++) {
    gsize i = 0;
    while (i < MANIFEST_N_FLAGS && strcmp(*name, manifest_flag_names[i].name) != 0)
      i++;
    if (i == MANIFEST_N_FLAGS)
      complain(reader, "the flag '%s' is not known here", *name);
    else
      flags |= manifest_flag_names[i].flag;
  }
  return flags;
}

/* A name that means the same file whoever walks it: absolute, no empty or dotted component. */
static gboolean is_plain_path(const char *path) {
  g_auto(GStrv) parts = NULL;

  if (path[0] != '/' || strlen(path) >= PATH_MAX)
    return FALSE;
  parts = g_strsplit(path + 1, "/", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part == '\0' || strcmp(*part, ".") == 0 || strcmp(*part, "..") == 0 || strlen(*part) > NAME_MAX)
      return FALSE;
  return parts[0] != NULL;
}

static char *take_path(Reader *reader, const char *key) {
  char *path = take(reader, key);

  if (reader->complaint == NULL && !is_plain_path(path))
    complain(reader, "'%s' is no absolute path without '.' and '..': '%s'", key, path);
  return path;
}

static char *take_sum(Reader *reader, const char *key) {
  g_autofree char *text = take(reader, key);

  if (strcmp(text, MANIFEST_ABSENT) == 0)
    return NULL;
  if (strlen(text) != SUM_LENGTH || strspn(text, "0123456789abcdef") != SUM_LENGTH)
    complain(reader, "'%s' is neither 'absent' nor a SHA-256 sum", key);
  return g_steal_pointer(&text);
}

static char **take_moved(Reader *reader) {
  unsigned n_names = take_number(reader, "moved", EDITS_LIMIT);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

  if (n_names % 2 != 0)
    complain(reader, "'moved' is odd: names come in pairs");
  for (unsigned i = 0; i < n_names && reader->complaint == NULL; i++) {
    char *name = take(reader, "name");
    g_ptr_array_add(names, name);
    if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      complain(reader, "'%s' is no name of a file", name);
  }
  if (n_names == 0)
    return NULL;
  g_ptr_array_add(names, NULL);
  g_ptr_array_set_free_func(names, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void check_edit(Reader *reader, const ManifestEdit *edit) {
  if (edit->kind == EDIT_WRITE && edit->new_sha256 == NULL)
    complain(reader, "a write without content");
  if (edit->kind != EDIT_WRITE && edit->new_sha256 != NULL)
    complain(reader, "content where nothing is written");
  if (edit->kind == EDIT_RENAME && edit->old_sha256 != NULL)
    complain(reader, "a backup of something that is only renamed");
  if (edit->kind != EDIT_RENAME && edit->moved != NULL)
    complain(reader, "names are moved where nothing is renamed");
}

static ManifestEdit *take_edit(Reader *reader, guint index) {
  static const char *const attributes[] = {"default", "kept"};
  ManifestEdit *edit = g_new0(ManifestEdit, 1);
  guint found = take_number(reader, "edit", EDITS_LIMIT);

  if (found != index)
    complain(reader, "edit %u expected, not %u", index, found);
  edit->kind = (EditKind)take_choice(reader, "kind", manifest_kind_names, MANIFEST_N_KINDS);
  edit->flags = take_flags(reader);
  edit->step = take(reader, "step");
  edit->path = take_path(reader, "path");
  edit->destination = edit->kind == EDIT_RENAME ? take_path(reader, "destination") : take(reader, "destination");
  if (edit->kind != EDIT_RENAME && *edit->destination != '\0')
    complain(reader, "a destination where nothing is renamed");
  if (edit->kind != EDIT_RENAME)
    g_clear_pointer(&edit->destination, g_free);
  edit->why = take(reader, "why");
  edit->old_sha256 = take_sum(reader, "old");
  edit->new_sha256 = take_sum(reader, "new");
  edit->attributes = take_choice(reader, "attributes", attributes, G_N_ELEMENTS(attributes)) == 1;
  edit->parents = take_number(reader, "parents", PARENTS_LIMIT);
  edit->moved = take_moved(reader);
  check_edit(reader, edit);
  return edit;
}

static void take_all(Reader *reader, Manifest *manifest) {
  g_autofree char *version = take(reader, "version");
  unsigned n_edits;

  if (strcmp(version, MANIFEST_VERSION) != 0)
    complain(reader, "version '%s' is not known here: another version of reset-identity wrote it", version);
  manifest->info.kind = take(reader, "kind");
  manifest->info.verdict = take(reader, "verdict");
  manifest->info.summary = take(reader, "summary");
  manifest->info.reasons = take(reader, "reasons");
  manifest->info.undoes = take_number(reader, "undoes", G_MAXINT);
  manifest->time = take(reader, "time");
  n_edits = take_number(reader, "edits", EDITS_LIMIT);
  for (guint i = 0; i < n_edits && reader->complaint == NULL; i++)
    g_ptr_array_add(manifest->edits, take_edit(reader, i));
  if (reader->next != reader->end)
    complain(reader, "more lines than edits");
}

/* The text without its last line, which must be the sum of the rest. Returns its length, or -1. */
static gssize check_sum(const char *text, gsize size) {
  const gsize last = strlen(MANIFEST_SUM_KEY) + SUM_LENGTH + 1;
  g_autofree char *sum = NULL;
  gsize rest;

  if (size <= last || text[size - 1] != '\n' || memchr(text, '\0', size) != NULL)
    return -1;
  rest = size - last;
  if (text[rest - 1] != '\n' || strncmp(text + rest, MANIFEST_SUM_KEY, strlen(MANIFEST_SUM_KEY)) != 0)
    return -1;
  sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, rest);
  return strncmp(text + rest + strlen(MANIFEST_SUM_KEY), sum, SUM_LENGTH) == 0 ? (gssize)rest : -1;
}

void manifest_set_bad_state(GError **error, const char *name, const char *why) {
  g_set_error(error, RI_ERROR, RI_ERROR_BAD_STATE,
              "%s: %s; nothing is changed. Restore the file, or move its directory away to give it up: its old/ holds "
              "the files as they were",
              name, why);
}

Manifest *manifest_parse(const char *text, gsize size, const char *name, GError **error) {
  Manifest *manifest;
  gssize rest = check_sum(text, size);
  Reader reader = {.name = name, .next = text, .end = text + MAX(rest, 0)};

  if (rest < 0) {
    manifest_set_bad_state(error, name, "damaged: its checksum is missing or wrong");
    return NULL;
  }
  manifest = manifest_empty();
  take_all(&reader, manifest);
  if (reader.complaint != NULL) {
    g_autofree char *complaint = g_steal_pointer(&reader.complaint);
    g_autofree char *why = g_strdup_printf("line %u: %s", reader.line, complaint);
    manifest_set_bad_state(error, name, why);
    manifest_free(manifest);
    return NULL;
  }
  return manifest;
}
