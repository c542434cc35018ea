/* ifcfg.c - static addresses in ifcfg files: of RHEL's network scripts and NetworkManager, of SUSE's wicked */
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "ifcfg-keys.h"
#include "profiles/static-address.h"

typedef struct {
  const char *path;
  const char *interface;
  gboolean idle;
  GPtrArray *found;
  const GPtrArray *sources; /* Source*: where its variables may be set, the last one's word counts */
} Collecting;

typedef struct {
  char *path;
  ShellText *text;
} Source;

static void source_free(Source *source) {
  g_free(source->path);
  shell_text_free(source->text);
  g_free(source);
}

static gboolean is_address_key(const char *key) {
  return g_str_has_prefix(key, "IPADDR") || strcmp(key, IFCFG_INNER_ADDRESS) == 0 || strcmp(key, "IPV6ADDR") == 0 ||
         strcmp(key, "IPV6ADDR_SECONDARIES") == 0;
}

static void collect(const char *key, const char *value, guint line, gpointer data) {
  const Collecting *collecting = data;
  g_auto(GStrv) words = g_strsplit_set(value, " \t\n", -1);

  if (!is_address_key(key))
    return;
  for (char **word = words; *word != NULL; word++)
    static_addresses_add(collecting->found, collecting->path, line, collecting->interface, *word, collecting->idle);
}

/* What only a shell can work out is some address, and of the template: which one nobody can say. */
static void collect_unknown(const Collecting *collecting, const char *value, guint line) {
  StaticAddress *item = g_new0(StaticAddress, 1);

  *item = (StaticAddress){.path = g_strdup(collecting->path),
                          .line = line,
                          .interface = g_strdup(collecting->interface),
                          .address = g_strdup(value),
                          .idle = collecting->idle};
  g_ptr_array_add(collecting->found, item);
}

/* The NAME of "$NAME" or "${NAME}" at the beginning of TEXT, and its SIZE with all that belongs to it; NULL: it is
 * something else. */
static char *variable_at(const char *text, gsize *size) {
  const gboolean braced = text[0] == '$' && text[1] == '{';
  const char *name = text + (braced ? 2 : 1);
  const gsize length = strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");

  if (text[0] != '$' || length == 0 || g_ascii_isdigit(*name) || (braced && name[length] != '}'))
    return NULL;
  *size = (gsize)(name - text) + length + (braced ? 1 : 0);
  return g_strndup(name, length);
}

static char *value_of(const Collecting *collecting, const char *name, const Source **source) {
  char *value = NULL;

  for (guint i = collecting->sources->len; value == NULL && i > 0; i--) {
    *source = collecting->sources->pdata[i - 1];
    value = shell_text_get((*source)->text, name);
  }
  return value;
}

/* VALUE with its variables; NULL: not all of them are plainly set. Where it is one variable and nothing else, *PATH and
 * *LINE are where that is set. */
static char *expand(const Collecting *collecting, const char *value, const char **path, guint *line) {
  g_autoptr(GString) text = g_string_new(NULL);

  for (const char *at = value; *at != '\0';) {
    gsize size = 0;
    g_autofree char *name = variable_at(at, &size);
    const Source *source = NULL;
    g_autofree char *part = name != NULL ? value_of(collecting, name, &source) : NULL;

    if (part == NULL && strchr("$`", *at) != NULL)
      return NULL;
    if (part != NULL && size == strlen(value)) {
      *path = source->path;
      *line = shell_text_line(source->text, name);
    }
    if (part != NULL)
      g_string_append(text, part);
    else
      g_string_append_c(text, *at);
    at += part != NULL ? size : 1;
  }
  return g_strdup(text->str);
}

/* VALUE up to its end in the line. */
static void collect_leniently(const Collecting *collecting, const char *key, const char *value, guint line) {
  const gboolean single_quoted = *value == '\'';
  const gboolean quoted = single_quoted || *value == '"';
  const char *start = quoted ? value + 1 : value;
  const gsize size = strcspn(start, single_quoted ? "'" : quoted ? "\"" : " \t;#&|");
  g_autofree char *text = g_strndup(start, size);
  Collecting copy = *collecting;
  g_autofree char *expanded = single_quoted ? g_strdup(text) : expand(collecting, text, &copy.path, &line);

  if (expanded != NULL)
    collect(key, expanded, line, &copy);
  else
    collect_unknown(collecting, text, line);
}

/* Every KEY=VALUE of a line that a shell would have to run: behind `export`, in a condition, among others. */
static void collect_from_line(const Collecting *collecting, const char *text, guint line) {
  if (text[strspn(text, " \t")] == '#')
    return;
  for (const char *equals = strchr(text, '='); equals != NULL; equals = strchr(equals + 1, '=')) {
    const char *start = equals;

    while (start > text && (g_ascii_isalnum(start[-1]) || start[-1] == '_'))
      start--;
    g_autofree char *key = g_strndup(start, (gsize)(equals - start));
    if (is_address_key(key))
      collect_leniently(collecting, key, equals + 1, line);
  }
}

static gboolean comes_up(const ShellText *text) {
  return ifcfg_is_true(text, "ONBOOT", TRUE) && !ifcfg_is(text, "STARTMODE", "off") &&
         !ifcfg_is(text, "STARTMODE", "manual");
}

/* A shell passes over a NUL byte. */
static char **lines_of(GBytes *content) {
  gsize size = 0;
  const char *data = bytes_text(content, &size);
  g_autoptr(GString) text = g_string_sized_new(size);

  for (gsize i = 0; i < size; i++)
    g_string_append_c(text, data[i] == '\0' ? ' ' : data[i]);
  return g_strsplit(text->str, "\n", -1);
}

/* The file of "source FILE" or ". FILE", where its whole name is written there; NULL: LINE is something else. */
static char *sourced_by(const char *line) {
  g_auto(GStrv) words = g_strsplit_set(line + strspn(line, " \t"), " \t\r", 3);

  if (words[0] == NULL || words[1] == NULL || (strcmp(words[0], ".") != 0 && strcmp(words[0], "source") != 0) ||
      words[1][0] != '/' || strpbrk(words[1], "$`\"'*?[\\;&|") != NULL)
    return NULL;
  return g_strdup(words[1]);
}

static gboolean add_source(const Root *root, const char *path, GPtrArray *sources, GError **error) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_means_regular_file(root, path))
    return TRUE;
  if (!tree_read_file(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  Source *source = g_new0(Source, 1);
  source->path = g_strdup(path);
  source->text = shell_text_parse(content);
  g_ptr_array_add(sources, source);
  return TRUE;
}

/* What the network scripts have read by the time: /etc/sysconfig/network, what the file sources, and the file. */
static GPtrArray *sources_of(const Root *root, const char *path, char **lines, GError **error) {
  g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);

  if (!add_source(root, "/etc/sysconfig/network", sources, error))
    return NULL;
  for (char **line = lines; *line != NULL; line++) {
    g_autofree char *sourced = sourced_by(*line);
    if (sourced != NULL && !add_source(root, sourced, sources, error))
      return NULL;
  }
  return add_source(root, path, sources, error) ? g_steal_pointer(&sources) : NULL;
}

/* Of a file that is not edited. */
static gboolean collect_from_lines(const Root *root, Collecting *collecting, char **lines, GError **error) {
  g_autoptr(GPtrArray) sources = sources_of(root, collecting->path, lines, error);

  if (sources == NULL)
    return FALSE;
  collecting->sources = sources;
  for (guint i = 0; lines[i] != NULL; i++)
    collect_from_line(collecting, lines[i], i + 1);
  return TRUE;
}

static gboolean read_file(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  g_autoptr(ShellText) text = shell_text_parse(content);
  g_auto(GStrv) lines = lines_of(content);
  g_autofree char *device = ifcfg_value(text, "DEVICE");
  Collecting collecting = {.path = path,
                           .interface = device != NULL ? device : strstr(path, "ifcfg-") + strlen("ifcfg-"),
                           .idle = !comes_up(text),
                           .found = found};
  if (shell_text_why_not(text) != NULL)
    return collect_from_lines(root, &collecting, lines, error);
  shell_text_foreach(text, collect, &collecting);
  return TRUE;
}

gboolean ifcfg_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) paths = text_files_in(root, "/etc/sysconfig/network-scripts", ifcfg_is_read_name, error);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (!read_file(root, *path, found, error))
      return FALSE;
  return paths != NULL;
}

static gboolean is_xml(const char *name) {
  return g_str_has_suffix(name, ".xml");
}

/* wicked's own files: the addresses stand in <local>. */
static gboolean read_xml(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *interface = NULL;

  if (!text_file_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *name = strstr(lines[i], "<name>");
    const char *local = strstr(lines[i], "<local>");
    if (name != NULL) {
      name += strlen("<name>");
      g_free(interface);
      interface = g_strndup(name, strcspn(name, "<"));
    }
    if (local != NULL) {
      local += strlen("<local>");
      g_autofree char *address = g_strndup(local, strcspn(local, "<"));
      static_addresses_add(found, path, i + 1, interface, address, FALSE);
    }
  }
  return TRUE;
}

gboolean wicked_read(const Root *root, GPtrArray *found, GError **error) {
  g_auto(GStrv) ifcfgs = text_files_in(root, "/etc/sysconfig/network", ifcfg_is_read_name, error);
  g_auto(GStrv) xmls = ifcfgs != NULL ? text_files_in(root, "/etc/wicked/ifconfig", is_xml, error) : NULL;

  for (char **path = ifcfgs; xmls != NULL && *path != NULL; path++)
    if (!read_file(root, *path, found, error))
      return FALSE;
  for (char **path = xmls; path != NULL && *path != NULL; path++)
    if (!read_xml(root, *path, found, error))
      return FALSE;
  return xmls != NULL;
}
