/* netplan.c - static addresses in netplan's YAML: block and flow style, as netplan's files are written.
 *
 * A small walk over keys and items, each with its line, and not all of YAML: no anchors, no block scalars.
 */
#include <string.h>

#include "static-address.h"

typedef struct {
  GPtrArray *keys;    /* char*, the path down to the key that is read */
  GArray *indents;    /* int, of the keys above */
  const char *path;   /* of the file */
  GPtrArray *found;   /* the result */
  GHashTable *ported; /* char*: bridges that have an interface */
} Walk;

static const char *key_at(const Walk *walk, guint depth) {
  return depth < walk->keys->len ? walk->keys->pdata[depth] : "";
}

static gboolean lies_over_hardware(const char *section) {
  static const char *const sections[] = {"ethernets", "wifis", "bonds", "bridges", "vlans", "modems", NULL};

  return g_strv_contains(sections, section);
}

/* An item or a value at network / SECTION / INTERFACE / KEY. */
static void take(Walk *walk, unsigned line, const char *text) {
  if (strcmp(key_at(walk, 0), "network") != 0 || walk->keys->len != 4)
    return;
  const char *section = key_at(walk, 1);
  const char *interface = key_at(walk, 2);
  if (strcmp(key_at(walk, 3), "addresses") == 0)
    static_addresses_add(walk->found, walk->path, line, interface, text, !lies_over_hardware(section));
  if (strcmp(section, "bridges") == 0 && strcmp(key_at(walk, 3), "interfaces") == 0)
    g_hash_table_add(walk->ported, g_strdup(interface));
}

static char *plain(const char *text, gsize length) {
  char *word = g_strstrip(g_strndup(text, length));
  gsize size = strlen(word);

  if (size >= 2 && (word[0] == '"' || word[0] == '\'') && word[size - 1] == word[0]) {
    memmove(word, word + 1, size - 2);
    word[size - 2] = '\0';
  }
  return word;
}

/* The end of a plain or quoted word of flow style. */
static const char *word_end(const char *text) {
  if (*text == '"' || *text == '\'') {
    const char *close = strchr(text + 1, *text);
    return close != NULL ? close + 1 : text + strlen(text);
  }
  for (; *text != '\0' && strchr(",[]{}\n", *text) == NULL; text++) {
    /* A colon ends a key, and is part of an IPv6 address. */
    if (*text == ':' && (text[1] == ' ' || text[1] == '\0' || text[1] == '\n' || text[1] == '{' || text[1] == '['))
      return text;
  }
  return text;
}

static const char *skip_blank(const char *text, unsigned *line) {
  for (; *text != '\0' && strchr(" \t\n\r,", *text) != NULL; text++)
    *line += *text == '\n';
  return text;
}

/* From an opening bracket behind its closing one; deeper than netplan goes is not followed. */
static const char *walk_flow(Walk *walk, const char *text, unsigned *line, unsigned depth) {
  char close = *text == '[' ? ']' : '}';

  for (text = skip_blank(text + 1, line); *text != '\0' && *text != close; text = skip_blank(text, line)) {
    if (*text == '[' || *text == '{') {
      if (depth == 0)
        return text + strlen(text);
      text = walk_flow(walk, text, line, depth - 1);
      continue;
    }
    const char *end = word_end(text);
    g_autofree char *word = plain(text, (gsize)(end - text));
    if (close == '}' && *end == ':') {
      g_ptr_array_add(walk->keys, g_strdup(word));
      text = skip_blank(end + 1, line);
      if (*text == '[' || *text == '{') {
        text = depth == 0 ? text + strlen(text) : walk_flow(walk, text, line, depth - 1);
      } else {
        end = word_end(text);
        g_autofree char *value = plain(text, (gsize)(end - text));
        take(walk, *line, value);
        text = end;
      }
      g_ptr_array_set_size(walk->keys, (gint)walk->keys->len - 1);
    } else {
      take(walk, *line, word);
      text = end > text ? end : text + 1;
    }
  }
  return *text == '\0' ? text : text + 1;
}

/* LINE without its comment: a # at the beginning or behind white space. */
static void cut_comment(char *line) {
  for (char *at = line; *at != '\0'; at++)
    if (*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t')) {
      *at = '\0';
      return;
    }
}

static int balance(const char *text) {
  int open = 0;

  for (; *text != '\0'; text++)
    open += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
  return open;
}

/* A flow that goes on in the following lines, whole. Moves *AT to its last line. */
static char *whole_flow(char **lines, guint *at, const char *start) {
  GString *text = g_string_new(start);

  while (balance(text->str) > 0 && lines[*at + 1] != NULL) {
    (*at)++;
    cut_comment(lines[*at]);
    g_string_append_printf(text, "\n%s", lines[*at]);
  }
  return g_string_free(text, FALSE);
}

/* TEXT: what a line has behind its indent and dashes. */
static void walk_line(Walk *walk, char **lines, guint *at, const char *text, int indent, gboolean is_item) {
  enum { DEEPEST = 16 };
  unsigned line = *at + 1;
  const char *end = word_end(text);

  if (*text == '[' || *text == '{') {
    g_autofree char *flow = whole_flow(lines, at, text);
    (void)walk_flow(walk, flow, &line, DEEPEST);
    return;
  }
  g_autofree char *word = plain(text, (gsize)(end - text));
  if (*end != ':') {
    take(walk, line, word);
    return;
  }
  /* `- 10.0.0.4/24:` with a label below it. */
  if (is_item)
    take(walk, line, word);
  g_ptr_array_add(walk->keys, g_strdup(word));
  g_array_append_val(walk->indents, indent);
  const char *value = end + 1 + strspn(end + 1, " \t");
  if (*value == '[' || *value == '{') {
    g_autofree char *flow = whole_flow(lines, at, value);
    (void)walk_flow(walk, flow, &line, DEEPEST);
  } else if (*value != '\0') {
    g_autofree char *scalar = plain(value, strlen(value));
    take(walk, line, scalar);
  }
}

static void walk_file(Walk *walk, char **lines) {
  for (guint i = 0; lines[i] != NULL; i++) {
    cut_comment(lines[i]);
    int indent = (int)strspn(lines[i], " ");
    const char *text = lines[i] + indent;
    gboolean is_item = text[0] == '-' && (text[1] == ' ' || text[1] == '\0');

    if (*text == '\0' || g_str_has_prefix(text, "---"))
      continue;
    /* An item may stand as far left as the key that it belongs to. */
    while (walk->indents->len > 0 &&
           g_array_index(walk->indents, int, walk->indents->len - 1) >= indent + (is_item ? 1 : 0)) {
      g_array_set_size(walk->indents, walk->indents->len - 1);
      g_ptr_array_set_size(walk->keys, (gint)walk->keys->len - 1);
    }
    if (is_item) {
      gsize dash = 1 + strspn(text + 1, " ");
      text += dash;
      indent += (int)dash;
    }
    if (*text != '\0')
      walk_line(walk, lines, &i, text, indent, is_item);
  }
}

static gboolean read_file(const Root *root, const char *path, GPtrArray *found, GHashTable *ported, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) indents = g_array_new(FALSE, FALSE, sizeof(int));
  Walk walk = {.keys = keys, .indents = indents, .path = path, .found = found, .ported = ported};

  if (!text_file_lines(root, path, &lines, error))
    return FALSE;
  if (lines != NULL)
    walk_file(&walk, lines);
  return TRUE;
}

static gboolean is_yaml(const char *name) {
  return g_str_has_suffix(name, ".yaml");
}

/* A bridge without an interface lies over no hardware. Which section an item is from is not kept: its name tells. */
static void settle_bridges(GPtrArray *found, guint first, GHashTable *ported) {
  for (guint i = first; i < found->len; i++) {
    StaticAddress *item = found->pdata[i];
    if (g_str_has_prefix(item->interface, "br") && !g_hash_table_contains(ported, item->interface))
      item->idle = TRUE;
  }
}

/* A file in /etc hides one of the same name in /run, and that one in /usr/lib (netplan-generate(8)). */
gboolean netplan_read(const Root *root, GPtrArray *found, GError **error) {
  static const char *const directories[] = {"/etc/netplan", "/run/netplan", "/usr/lib/netplan", NULL};
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) ported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  guint first = found->len;

  for (gsize i = 0; directories[i] != NULL; i++) {
    g_auto(GStrv) paths = text_files_in(root, directories[i], is_yaml, error);
    if (paths == NULL)
      return FALSE;
    for (char **path = paths; *path != NULL; path++)
      if (g_hash_table_add(seen, g_path_get_basename(*path)) && !read_file(root, *path, found, ported, error))
        return FALSE;
  }
  settle_bridges(found, first, ported);
  return TRUE;
}
