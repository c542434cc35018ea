/* ifupdown.c - static addresses in /etc/network/interfaces and what it sources (interfaces(5)) */
#include <fnmatch.h>
#include <string.h>

#include "static-address.h"

enum { SOURCES_DEEP = 8 };

typedef struct {
  const Root *root;
  GPtrArray *found;
  GHashTable *up;      /* char*: interfaces, or patterns, of `auto` and `allow-hotplug` */
  GHashTable *no_port; /* char*: bridges with `bridge_ports none` */
  GHashTable *named;   /* char*: what NetworkManager's plugin for this file leaves alone; NULL: nobody asks */
  char *interface;     /* of the stanza; NULL: outside of one */
} Reading;

static gboolean read_file(Reading *reading, const char *path, unsigned deep, GError **error);

static gboolean is_any(const char *name) {
  return name[0] != '.';
}

/* Names of letters, digits, _ and - only, as source-directory has them. */
static gboolean is_plain_name(const char *name) {
  return name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-")] == '\0';
}

/* `source` takes a pattern over files, or a relative path. */
static gboolean read_sourced(Reading *reading, const char *pattern, gboolean whole_directory, unsigned deep,
                             GError **error) {
  g_autofree char *full =
      g_path_is_absolute(pattern) ? g_strdup(pattern) : g_build_filename("/etc/network", pattern, NULL);
  g_autofree char *directory = whole_directory ? g_strdup(full) : g_path_get_dirname(full);
  g_auto(GStrv) paths = text_files_in(reading->root, directory, whole_directory ? is_plain_name : is_any, error);

  for (char **path = paths; deep > 0 && path != NULL && *path != NULL; path++)
    if ((whole_directory || fnmatch(full, *path, FNM_PERIOD) == 0) && !read_file(reading, *path, deep - 1, error))
      return FALSE;
  return paths != NULL;
}

/* The ports of a bridge whose name begins with "br" stand for it (nms-ifupdown-plugin.c, load_eni_ifaces). */
static void name_ports(const Reading *reading, char **words) {
  static const char *const others[] = {"all", "none", "regex", "noregex", NULL};

  if (reading->named == NULL || !g_str_has_prefix(reading->interface, "br"))
    return;
  for (char **word = words + 1; *word != NULL; word++)
    if (!g_strv_contains(others, *word))
      g_hash_table_add(reading->named, g_strdup(*word));
}

static void name_interface(const Reading *reading, char **words) {
  if (reading->named != NULL && g_strv_length(words) >= 4 && strcmp(words[1], "lo") != 0 &&
      !g_str_has_prefix(words[1], "br"))
    g_hash_table_add(reading->named, g_strdup(words[1]));
}

/* What a line of a stanza gives: `address A`, or `up ip address add A`. */
static void take_option(Reading *reading, const char *path, unsigned line, char **words) {
  gboolean is_command = g_str_has_suffix(words[0], "up");

  if (reading->interface == NULL || words[1] == NULL)
    return;
  if (strcmp(words[0], "address") == 0)
    static_addresses_add(reading->found, path, line, reading->interface, words[1], FALSE);
  if (strcmp(words[0], "bridge_ports") == 0 || strcmp(words[0], "bridge-ports") == 0) {
    name_ports(reading, words);
    if (strcmp(words[1], "none") == 0)
      g_hash_table_add(reading->no_port, g_strdup(reading->interface));
  }
  for (char **word = words + 1; is_command && *word != NULL && word[1] != NULL; word++)
    if (strcmp(*word, "add") == 0 || strcmp(*word, reading->interface) == 0)
      static_addresses_add(reading->found, path, line, reading->interface, word[1], FALSE);
}

static gboolean take_line(Reading *reading, const char *path, unsigned line, char **words, unsigned deep,
                          GError **error) {
  static const char *const stanzas[] = {"mapping", "rename", "template", "no-auto-down", "no-scripts", NULL};

  if (strcmp(words[0], "iface") == 0) {
    g_free(reading->interface);
    reading->interface = g_strdup(words[1]);
    name_interface(reading, words);
  } else if (strcmp(words[0], "auto") == 0 || g_str_has_prefix(words[0], "allow-")) {
    for (char **word = words + 1; *word != NULL; word++)
      g_hash_table_add(reading->up, g_strdup(g_str_has_prefix(*word, "/") ? *word + 1 : *word));
    g_clear_pointer(&reading->interface, g_free);
  } else if (words[1] != NULL && (strcmp(words[0], "source") == 0 || strcmp(words[0], "source-directory") == 0)) {
    g_clear_pointer(&reading->interface, g_free);
    return read_sourced(reading, words[1], strcmp(words[0], "source-directory") == 0, deep, error);
  } else if (g_strv_contains(stanzas, words[0])) {
    g_clear_pointer(&reading->interface, g_free);
  } else {
    take_option(reading, path, line, words);
  }
  return TRUE;
}

/* A line that ends with a backslash goes on in the next. */
static char *whole_line(char **lines, guint *at) {
  GString *line = g_string_new(lines[*at]);

  while (line->len > 0 && line->str[line->len - 1] == '\\' && lines[*at + 1] != NULL) {
    g_string_truncate(line, line->len - 1);
    g_string_append(line, lines[++*at]);
  }
  return g_string_free(line, FALSE);
}

static char **words_of(const char *line) {
  g_auto(GStrv) pieces = g_strsplit_set(line, " \t", -1);
  GPtrArray *words = g_ptr_array_new();

  for (char **piece = pieces; *piece != NULL; piece++)
    if (**piece != '\0')
      g_ptr_array_add(words, g_strdup(*piece));
  g_ptr_array_add(words, NULL);
  return (char **)g_ptr_array_free(words, FALSE);
}

static gboolean read_file(Reading *reading, const char *path, unsigned deep, GError **error) {
  g_auto(GStrv) lines = NULL;

  if (!text_file_lines(reading->root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    unsigned number = i + 1;
    g_autofree char *line = whole_line(lines, &i);
    g_auto(GStrv) words = words_of(line);
    if (words[0] != NULL && words[0][0] != '#' && !take_line(reading, path, number, words, deep, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean comes_up(const Reading *reading, const char *interface) {
  GHashTableIter iter;
  gpointer pattern;

  g_hash_table_iter_init(&iter, reading->up);
  while (g_hash_table_iter_next(&iter, &pattern, NULL))
    if (fnmatch(pattern, interface, 0) == 0)
      return TRUE;
  return FALSE;
}

static gboolean read_all(const Root *root, GPtrArray *found, GHashTable *named, GError **error) {
  g_autoptr(GHashTable) up = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) no_port = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Reading reading = {.root = root, .found = found, .up = up, .no_port = no_port, .named = named};
  guint first = found->len;
  gboolean read = read_file(&reading, "/etc/network/interfaces", SOURCES_DEEP, error);

  g_free(reading.interface);
  for (guint i = first; i < found->len; i++) {
    StaticAddress *item = found->pdata[i];
    item->idle |= !comes_up(&reading, item->interface) || g_hash_table_contains(no_port, item->interface);
  }
  return read;
}

gboolean ifupdown_read(const Root *root, GPtrArray *found, GError **error) {
  return read_all(root, found, NULL, error);
}

gboolean ifupdown_interfaces(const Root *root, GHashTable *names, GError **error) {
  g_autoptr(GPtrArray) found = static_addresses_new();

  return read_all(root, found, names, error);
}
