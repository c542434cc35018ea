/* tree-memory.c - what a plan has seen of the tree */
#include "tree-memory.h"

#include <string.h>

/* A random seed or a log is not kept twice; what steps share is small. */
#define LARGEST_FILE ((gsize)64 * 1024)

typedef struct {
  char **names;
  gsize count;
} SeenNames;

struct TreeMemory {
  GHashTable *names;    /* path -> SeenNames */
  GHashTable *files;    /* path -> SeenFile */
  GHashTable *plain;    /* directories without a link in their path */
  GHashTable *types[2]; /* path -> its type + 1; [1]: links followed */
};

static void seen_file_free(SeenFile *file) {
  g_clear_pointer(&file->content, g_bytes_unref);
  g_free(file->resolved);
  g_free(file);
}

static void seen_names_free(SeenNames *seen) {
  g_strfreev(seen->names);
  g_free(seen);
}

static GHashTable *new_table(GDestroyNotify free_value) {
  return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
}

TreeMemory *tree_memory_new(void) {
  TreeMemory *memory = g_new0(TreeMemory, 1);

  memory->names = new_table((GDestroyNotify)seen_names_free);
  memory->files = new_table((GDestroyNotify)seen_file_free);
  memory->plain = new_table(NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(memory->types); i++)
    memory->types[i] = new_table(NULL);
  return memory;
}

void tree_memory_free(TreeMemory *memory) {
  g_hash_table_unref(memory->names);
  g_hash_table_unref(memory->files);
  g_hash_table_unref(memory->plain);
  for (gsize i = 0; i < G_N_ELEMENTS(memory->types); i++)
    g_hash_table_unref(memory->types[i]);
  g_free(memory);
}

char **tree_memory_names(const TreeMemory *memory, const char *path) {
  const SeenNames *seen = memory != NULL ? g_hash_table_lookup(memory->names, path) : NULL;

  return seen != NULL ? seen->names : NULL;
}

void tree_memory_add_names(TreeMemory *memory, const char *path, char **names) {
  if (memory == NULL)
    return;
  SeenNames *seen = g_new(SeenNames, 1);
  *seen = (SeenNames){.names = g_strdupv(names), .count = g_strv_length(names)};
  g_hash_table_replace(memory->names, g_strdup(path), seen);
}

/* They are sorted by strcmp(). */
static gboolean has_name(const SeenNames *seen, const char *name) {
  gsize low = 0;
  gsize high = seen->count;

  while (low < high) {
    const gsize middle = low + (high - low) / 2;
    const int order = strcmp(seen->names[middle], name);

    if (order == 0)
      return TRUE;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return FALSE;
}

static gboolean is_dots(const char *name) {
  return *name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* NULL: PATH is no name in a directory. */
static char *directory_of(const char *path) {
  const char *slash = strrchr(path, '/');

  return slash == NULL || is_dots(slash + 1) ? NULL : g_strndup(path, (gsize)(slash - path));
}

gboolean tree_memory_is_below_plain(const TreeMemory *memory, const char *path) {
  g_autofree char *directory = memory != NULL ? directory_of(path) : NULL;

  return directory != NULL && g_hash_table_contains(memory->plain, directory);
}

void tree_memory_add_plain(TreeMemory *memory, const char *path) {
  char *directory = memory != NULL ? directory_of(path) : NULL;

  if (directory != NULL)
    g_hash_table_add(memory->plain, directory);
}

/* Below what is not there is nothing either. */
gboolean tree_memory_says_absent(const TreeMemory *memory, const char *path) {
  g_autofree char *above = memory != NULL ? g_strdup(path) : NULL;
  const SeenNames *seen = NULL;
  char *slash = NULL;

  while (seen == NULL && slash != above) {
    slash = strrchr(above, '/');
    if (slash == NULL || is_dots(slash + 1))
      return FALSE;
    *slash = '\0';
    seen = g_hash_table_lookup(memory->names, slash == above ? "/" : above);
  }
  return seen != NULL && !has_name(seen, slash + 1);
}

const SeenFile *tree_memory_file(const TreeMemory *memory, const char *path) {
  return memory != NULL ? g_hash_table_lookup(memory->files, path) : NULL;
}

void tree_memory_add_file(TreeMemory *memory, const char *path, GBytes *content, const char *resolved) {
  if (memory == NULL || (content != NULL && g_bytes_get_size(content) > LARGEST_FILE))
    return;
  SeenFile *file = g_new0(SeenFile, 1);
  file->content = content != NULL ? g_bytes_ref(content) : NULL;
  file->resolved = g_strdup(resolved);
  g_hash_table_replace(memory->files, g_strdup(path), file);
}

mode_t tree_memory_type(const TreeMemory *memory, const char *path, gboolean links, gboolean *known) {
  gpointer type = memory != NULL ? g_hash_table_lookup(memory->types[links != FALSE], path) : NULL;

  *known = type != NULL || tree_memory_says_absent(memory, path);
  return type != NULL ? (mode_t)(GPOINTER_TO_UINT(type) - 1) : 0;
}

void tree_memory_add_type(TreeMemory *memory, const char *path, gboolean links, mode_t type) {
  if (memory != NULL)
    g_hash_table_replace(memory->types[links != FALSE], g_strdup(path), GUINT_TO_POINTER((guint)type + 1));
}
