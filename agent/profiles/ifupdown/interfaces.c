/* interfaces.c - /etc/network/interfaces and what it sources, as one */
#include "interfaces.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <string.h>

#include "base/each.h"
#include "base/tree-entry.h"
#include "base/tree.h"

#define INTERFACES "/etc/network/interfaces"

enum { SOURCES_DEEP = 8 };

static void file_free(InterfacesFile *file) {
  g_free(file->path);
  g_clear_pointer(&file->bytes, g_bytes_unref);
  stanza_text_free(file->text);
  g_free(file);
}

static void stanza_free(InterfacesStanza *stanza) {
  g_free(stanza->name);
  g_free(stanza->device);
  g_free(stanza->method);
  g_free(stanza);
}

static void selection_free(InterfacesSelection *selection) {
  g_free(selection->name);
  g_free(selection->value);
  g_free(selection->variable);
  g_free(selection);
}

void interfaces_free(Interfaces *interfaces) {
  g_ptr_array_unref(interfaces->stanzas);
  g_ptr_array_unref(interfaces->selections);
  g_ptr_array_unref(interfaces->unread);
  g_ptr_array_unref(interfaces->files);
  g_free(interfaces);
}

typedef struct {
  const Root *root;
  Interfaces *interfaces;
} Reading;

static gboolean read_file(const Reading *reading, const char *path, unsigned deep, GError **error);

static gboolean is_plain_name(const char *path) {
  const char *name = strrchr(path, '/') + 1;

  return name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-")] == '\0';
}

/* PATTERN may be a path of its own; with WHOLE_DIRECTORY what it means are directories. */
static gboolean read_sourced(const Reading *reading, const char *pattern, gboolean whole_directory, unsigned deep,
                             GError **error) {
  g_autofree char *all = whole_directory ? g_build_filename(pattern, "*", NULL) : g_strdup(pattern);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(reading->root, all, paths, error))
    return FALSE;
  for (guint i = 0; deep > 0 && i < paths->len; i++)
    if ((!whole_directory || is_plain_name(paths->pdata[i])) &&
        tree_means_regular_file(reading->root, paths->pdata[i]) &&
        !read_file(reading, paths->pdata[i], deep - 1, error))
      return FALSE;
  return TRUE;
}

static gboolean read_source_line(const Reading *reading, const InterfacesFile *file, const StanzaLine *line,
                                 unsigned deep, GError **error) {
  const gboolean whole_directory = stanza_line_is(line, "source-directory");
  g_autofree char *directory = g_path_get_dirname(file->path);

  for (char **word = line->words + 1; *word != NULL; word++) {
    g_autofree char *path = g_path_is_absolute(*word) ? g_strdup(*word) : g_build_filename(directory, *word, NULL);

    if (strpbrk(*word, "~$`\\\"'") != NULL)
      g_ptr_array_add(reading->interfaces->unread,
                      g_strdup_printf("%s:%u: %s %s", file->path, line->number, line->words[0], *word));
    else if (!read_sourced(reading, path, whole_directory, deep, error))
      return FALSE;
  }
  return TRUE;
}

/* [VARIABLE]/VALUE[/[OPTIONS]][=LOGICAL], or NAME[=LOGICAL]; what begins with /dev/ is a name. */
static void add_selection(Interfaces *interfaces, const char *word, gboolean starts) {
  InterfacesSelection *selection = g_new0(InterfacesSelection, 1);
  const char *equals = strrchr(word, '=');
  g_autofree char *physical = equals != NULL ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
  char *slash = g_str_has_prefix(physical, "/dev/") ? NULL : strchr(physical, '/');

  selection->name = equals != NULL ? g_strdup(equals + 1) : NULL;
  selection->variable = slash != NULL ? g_strndup(physical, (gsize)(slash - physical)) : NULL;
  selection->value = slash != NULL ? g_strndup(slash + 1, strcspn(slash + 1, "/")) : g_strdup(physical);
  selection->starts = starts;
  g_ptr_array_add(interfaces->selections, selection);
}

static int family_named(const char *word) {
  if (word == NULL || strcmp(word, "inherits") == 0)
    return AF_UNSPEC;
  if (strcmp(word, "inet") == 0)
    return AF_INET;
  return strcmp(word, "inet6") == 0 ? AF_INET6 : -1;
}

static void add_stanza(Interfaces *interfaces, InterfacesFile *file, StanzaLine *head) {
  InterfacesStanza *stanza = g_new0(InterfacesStanza, 1);
  const gboolean is_iface = !stanza_line_is(head, "auto");

  stanza->file = file;
  stanza->head = head;
  stanza->name = g_strdup(head->words[1]);
  stanza->family = is_iface ? family_named(head->words[2]) : AF_UNSPEC;
  if (is_iface && head->n_words > 3 && strcmp(head->words[2], "inherits") != 0 &&
      strcmp(head->words[3], "inherits") != 0)
    stanza->method = g_strdup(head->words[3]);
  g_ptr_array_add(interfaces->stanzas, stanza);
}

static gboolean is_definition(const StanzaLine *line, const StanzaLine *next) {
  static const char *const definitions[] = {"iface", "interface", "template", NULL};

  if (line->n_words < 2)
    return FALSE;
  /* ifupdown-ng takes options behind `auto` too. */
  return g_strv_contains(definitions, line->words[0]) ||
         (stanza_line_is(line, "auto") && next != NULL && next->kind == STANZA_OPTION);
}

static gboolean read_head(const Reading *reading, InterfacesFile *file, guint index, unsigned deep, GError **error) {
  StanzaLine *line = file->text->lines->pdata[index];
  const gboolean starts = stanza_line_is(line, "auto") || g_str_has_prefix(line->words[0], "allow-");
  const StanzaLine *next = index + 1 < file->text->lines->len ? file->text->lines->pdata[index + 1] : NULL;

  if (is_definition(line, next))
    add_stanza(reading->interfaces, file, line);
  for (guint i = 1; (starts || stanza_line_is(line, "rename")) && i < line->n_words; i++)
    add_selection(reading->interfaces, line->words[i], starts);
  return (!stanza_line_is(line, "source") && !stanza_line_is(line, "source-directory")) ||
         read_source_line(reading, file, line, deep, error);
}

static gboolean is_read(const Interfaces *interfaces, const char *path) {
  for (guint i = 0; i < interfaces->files->len; i++)
    if (strcmp(((const InterfacesFile *)interfaces->files->pdata[i])->path, path) == 0)
      return TRUE;
  return FALSE;
}

static gboolean read_file(const Reading *reading, const char *path, unsigned deep, GError **error) {
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_read(reading->root, path, &bytes, &resolved, error))
    return FALSE;
  if (bytes == NULL || is_read(reading->interfaces, resolved))
    return TRUE;
  InterfacesFile *file = g_new0(InterfacesFile, 1);
  file->path = g_steal_pointer(&resolved);
  file->bytes = g_steal_pointer(&bytes);
  file->text = stanza_text_parse(file->bytes);
  g_ptr_array_add(reading->interfaces->files, file);
  for (guint i = 0; i < file->text->lines->len; i++)
    if (((const StanzaLine *)file->text->lines->pdata[i])->kind == STANZA_HEAD &&
        !read_head(reading, file, i, deep, error))
      return FALSE;
  return TRUE;
}

/* Asked of each interface by each line: a name is compared in no time. */
static gboolean fits(const char *pattern, const char *name) {
  return strpbrk(pattern, "*?[\\") != NULL ? fnmatch(pattern, name, 0) == 0 : strcmp(pattern, name) == 0;
}

gboolean interfaces_starts(const Interfaces *interfaces, const char *name) {
  list_each (const InterfacesSelection *, selection, interfaces->selections) {
    const gboolean any =
        selection->variable != NULL ? *selection->variable != '\0' : strcmp(selection->value, "all") == 0;

    if (!selection->starts || (selection->name != NULL && strcmp(selection->name, name) != 0))
      continue;
    if (selection->name != NULL || any || fits(selection->value, name))
      return TRUE;
  }
  return FALSE;
}

gboolean interfaces_is_mapped(const Interfaces *interfaces, const char *name) {
  for (guint i = 0; i < interfaces->files->len; i++) {
    const GPtrArray *lines = ((const InterfacesFile *)interfaces->files->pdata[i])->text->lines;
    list_each (const StanzaLine *, line, lines)
      if (line->kind == STANZA_OPTION && line->head != NULL && stanza_line_is(line->head, "mapping") &&
          stanza_line_is(line, "map") && g_strv_contains((const char *const *)line->words + 1, name))
        return TRUE;
  }
  return FALSE;
}

const InterfacesSelection *interfaces_selection(const Interfaces *interfaces, const char *name) {
  list_each (const InterfacesSelection *, selection, interfaces->selections)
    if (selection->name != NULL && strcmp(selection->name, name) == 0)
      return selection;
  return NULL;
}

/* The definition that STANZA says to inherit from: behind its head's `inherits`, or as ifupdown-ng has it. */
static const char *parent_of(const InterfacesStanza *stanza) {
  const StanzaLine *option = interfaces_option(stanza, "inherit", NULL);

  for (guint i = 2; i + 1 < stanza->head->n_words; i++)
    if (strcmp(stanza->head->words[i], "inherits") == 0)
      return stanza->head->words[i + 1];
  return option != NULL ? option->words[1] : NULL;
}

/* DEVICE inherits, by HEIR, from all that this says, also over several definitions. */
static void count_heir(const Interfaces *interfaces, const InterfacesStanza *heir, const char *device, unsigned deep) {
  const char *parent = parent_of(heir);

  for (guint i = 0; parent != NULL && deep > 0 && i < interfaces->stanzas->len; i++) {
    InterfacesStanza *stanza = interfaces->stanzas->pdata[i];

    if (strcmp(stanza->name, parent) != 0 || (stanza->family != heir->family && stanza->family != AF_UNSPEC))
      continue;
    if (g_strcmp0(stanza->heir, device) != 0)
      stanza->heirs++;
    stanza->heir = device;
    count_heir(interfaces, stanza, device, deep - 1);
  }
}

/* Another one inherits from it, and it does not come up itself: it is a template. */
static gboolean is_template(const Interfaces *interfaces, const InterfacesStanza *stanza) {
  if (interfaces_starts(interfaces, stanza->name))
    return FALSE;
  for (guint i = 0; i < interfaces->stanzas->len; i++)
    if (g_strcmp0(parent_of(interfaces->stanzas->pdata[i]), stanza->name) == 0)
      return TRUE;
  return FALSE;
}

/* A definition that comes up, or that others inherit from too, is one of its own. */
static void find_devices(const Interfaces *interfaces) {
  g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);

  list_each (InterfacesStanza *, stanza, interfaces->stanzas) {
    stanza->is_virtual = g_str_has_suffix(stanza->name, ":ucarp");
    stanza->device = g_strndup(stanza->name, stanza->is_virtual ? strlen(stanza->name) : strcspn(stanza->name, ":"));
    g_ptr_array_add(own, g_strdup(stanza->device));
  }
  for (guint i = 0; i < interfaces->stanzas->len; i++)
    if (!is_template(interfaces, interfaces->stanzas->pdata[i]))
      count_heir(interfaces, interfaces->stanzas->pdata[i], own->pdata[i], SOURCES_DEEP);
  list_each (InterfacesStanza *, stanza, interfaces->stanzas) {
    const char *heir = g_steal_pointer(&stanza->heir);
    if (stanza->heirs != 1 || interfaces_starts(interfaces, stanza->name))
      continue;
    g_free(stanza->device);
    stanza->device = g_strdup(heir);
    stanza->inherited = TRUE;
  }
}

Interfaces *interfaces_read(const Root *root, GError **error) {
  Interfaces *interfaces = g_new0(Interfaces, 1);
  const Reading reading = {.root = root, .interfaces = interfaces};

  interfaces->files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
  interfaces->stanzas = g_ptr_array_new_with_free_func((GDestroyNotify)stanza_free);
  interfaces->selections = g_ptr_array_new_with_free_func((GDestroyNotify)selection_free);
  interfaces->unread = g_ptr_array_new_with_free_func(g_free);
  interfaces->has_no_auto = tree_is_directory(root, "/usr/share/ifupdown2");
  if (!read_file(&reading, INTERFACES, SOURCES_DEEP, error)) {
    interfaces_free(interfaces);
    return NULL;
  }
  find_devices(interfaces);
  return interfaces;
}

/* ---- what is added ---- */

/* Does LINE, of a file in DIRECTORY, take in PATH once it is there? */
static gboolean sources(const StanzaLine *line, const char *directory, const char *path) {
  const gboolean whole_directory = stanza_line_is(line, "source-directory");
  g_autofree char *parent = g_path_get_dirname(path);

  if (line->kind != STANZA_HEAD || (!whole_directory && !stanza_line_is(line, "source")))
    return FALSE;
  for (char **word = line->words + 1; *word != NULL; word++) {
    g_autofree char *pattern = g_path_is_absolute(*word) ? g_strdup(*word) : g_build_filename(directory, *word, NULL);

    if (strpbrk(*word, "~$`\\\"'") != NULL)
      continue;
    if (whole_directory ? is_plain_name(path) && fnmatch(pattern, parent, FNM_PATHNAME) == 0
                        : fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean is_sourced(const Interfaces *interfaces, const char *path) {
  list_each (const InterfacesFile *, file, interfaces->files) {
    g_autofree char *directory = g_path_get_dirname(file->path);

    for (guint j = 0; j < file->text->lines->len; j++)
      if (sources(file->text->lines->pdata[j], directory, path))
        return TRUE;
  }
  return FALSE;
}

char *interfaces_new_path(const Root *root, const Interfaces *interfaces, const char *name, GError **error) {
  static const char *const endings[] = {"", ".cfg", ".conf", ".interface"};

  for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
    g_autofree char *path = g_strconcat(INTERFACES ".d/", name, endings[i], NULL);
    g_autoptr(GBytes) there = NULL;
    g_autofree char *resolved = NULL;

    if (!is_sourced(interfaces, path))
      continue;
    if (!tree_read(root, path, &there, &resolved, error))
      return NULL;
    if (there == NULL)
      return g_steal_pointer(&resolved);
  }
  g_autoptr(GBytes) content = NULL;
  char *resolved = NULL;
  return tree_read(root, INTERFACES, &content, &resolved, error) ? resolved : NULL;
}

static InterfacesFile *file_at(const Interfaces *interfaces, const char *path) {
  list_each (InterfacesFile *, file, interfaces->files)
    if (strcmp(file->path, path) == 0)
      return file;
  return NULL;
}

void interfaces_add(Interfaces *interfaces, const char *path, GBytes *bytes) {
  InterfacesFile *file = file_at(interfaces, path);
  g_autoptr(StanzaText) text = stanza_text_parse(bytes);
  g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);

  if (file == NULL) {
    file = g_new0(InterfacesFile, 1);
    file->path = g_strdup(path);
    file->text = stanza_text_parse(nothing);
    g_ptr_array_add(interfaces->files, file);
  }
  guint first = file->text->lines->len;
  stanza_text_append(file->text, text);
  for (guint i = first; i < file->text->lines->len; i++) {
    StanzaLine *line = file->text->lines->pdata[i];
    if (line->kind == STANZA_HEAD && stanza_line_is(line, "iface"))
      add_stanza(interfaces, file, line);
    else if (line->kind == STANZA_HEAD && stanza_line_is(line, "auto"))
      add_selection(interfaces, line->words[1], TRUE);
  }
  list_each (InterfacesStanza *, stanza, interfaces->stanzas)
    if (stanza->device == NULL)
      stanza->device = g_strdup(stanza->name);
}

StanzaLine *interfaces_option(const InterfacesStanza *stanza, const char *keyword, const StanzaLine *after) {
  return stanza_text_option(stanza->file->text, stanza->head, keyword, after);
}

gboolean interfaces_is_bridge_of_nothing(const InterfacesStanza *stanza) {
  const StanzaLine *ports = interfaces_option(stanza, "bridge-ports", NULL);

  return ports != NULL && g_strcmp0(ports->words[1], "none") == 0;
}

int interfaces_family_of(const char *text) {
  g_autofree char *address = text != NULL ? g_strndup(text, strcspn(text, "/")) : NULL;
  struct in6_addr bytes;

  if (address == NULL)
    return AF_UNSPEC;
  if (inet_pton(AF_INET, address, &bytes) == 1)
    return AF_INET;
  return inet_pton(AF_INET6, address, &bytes) == 1 ? AF_INET6 : AF_UNSPEC;
}

StanzaLine *interfaces_option_of(const InterfacesStanza *stanza, const char *keyword, int family,
                                 const StanzaLine *after) {
  StanzaLine *line = interfaces_option(stanza, keyword, after);

  while (line != NULL && interfaces_family_of(line->words[1]) != family)
    line = interfaces_option(stanza, keyword, line);
  return line;
}
