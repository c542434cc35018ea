/* tree.c - reading the machine's files for a plan */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autofd.h"
#include "error.h"
#include "glob.h"
#include "list.h"
#include "tree-memory.h"

#define FILE_LIMIT ((size_t)16 * 1024 * 1024)

/* "/a/b": names between single slashes, none of them "." or "..". */
static gboolean has_plain_spelling(const char *path) {
  gsize length = 0;

  for (const char *name = path; *name == '/'; name += length) {
    length = strcspn(++name, "/");
    if (length == 0 || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
      return FALSE;
  }
  return path[0] == '/';
}

/* The directory that PATH is in is called what it is: each is asked about once. */
static gboolean is_below_plain(const Root *root, const char *path) {
  const char *slash = strrchr(path, '/');

  if (slash == path || tree_memory_is_below_plain(root->memory, path))
    return TRUE;
  g_autofree char *directory = g_strndup(path, (gsize)(slash - path));
  if (!is_below_plain(root, directory) || tree_type(root, directory, FALSE) != S_IFDIR)
    return FALSE;
  tree_memory_add_plain(root->memory, path);
  return TRUE;
}

/* Below a directory that is called what it is, only the last name may be a link. */
static int resolve(const Root *root, const char *path, char **resolved) {
  const gboolean plain = root->memory != NULL && has_plain_spelling(path) && is_below_plain(root, path) &&
                         tree_type(root, path, FALSE) != S_IFLNK;

  *resolved = plain ? strdup(path) : NULL;
  return *resolved != NULL ? 0 : root_resolve(root, path, resolved);
}

/* The name that PATH would have: of its directories, as many as exist are resolved. */
static int resolve_absent(const Root *root, const char *path, char **resolved) {
  g_autofree char *parent = g_path_get_dirname(path);
  g_autofree char *name = g_path_get_basename(path);
  char *found = NULL;
  int result = resolve(root, path, &found);

  if (result >= 0) {
    *resolved = g_strdup(found);
    free(found);
    return 0;
  }
  if (result != -ENOENT || strcmp(parent, path) == 0)
    return result;
  result = resolve_absent(root, parent, &found);
  if (result < 0)
    return result;
  *resolved = g_build_filename(found, name, NULL);
  g_free(found);
  return 0;
}

char *tree_resolve(const Root *root, const char *path) {
  char *found = NULL;

  if (resolve(root, path, &found) < 0)
    return NULL;
  char *copy = g_strdup(found);
  free(found);
  return copy;
}

static gboolean read_resolved(const Root *root, const char *path, GBytes **content, GError **error) {
  Problem problem = {{0}};
  char *data = NULL;
  size_t size = 0;
  int result = root_read_file(root, path, FILE_LIMIT, &data, &size, &problem);

  *content = NULL;
  if (result >= 0)
    *content = g_bytes_new_with_free_func(data, size, free, data);
  else if (result != -ENOENT && problem.text[0] != '\0')
    return ri_error(error, RI_ERROR_FAILED, "%s", problem.text);
  else if (result != -ENOENT)
    return ri_error_errno(error, result, "%s", path);
  return TRUE;
}

gboolean tree_read(const Root *root, const char *path, GBytes **content, char **resolved, GError **error) {
  const SeenFile *seen = tree_memory_file(root->memory, path);
  g_autofree char *name = NULL;

  *content = NULL;
  if (resolved != NULL)
    *resolved = seen != NULL ? g_strdup(seen->resolved) : NULL;
  if (seen != NULL) {
    *content = seen->content != NULL ? g_bytes_ref(seen->content) : NULL;
    return TRUE;
  }
  const gboolean absent = tree_memory_says_absent(root->memory, path);
  if (absent && resolved == NULL)
    return TRUE;
  int result = resolve_absent(root, path, &name);
  /* Below a file there is nothing. */
  if (result == -ENOTDIR)
    name = g_strdup(path);
  else if (result < 0)
    return ri_error_errno(error, result, "%s", path);
  if (result >= 0 && !absent && !read_resolved(root, name, content, error))
    return FALSE;
  tree_memory_add_file(root->memory, path, *content, name);
  if (resolved != NULL)
    *resolved = g_steal_pointer(&name);
  return TRUE;
}

GBytes *tree_read_entry(int directory, const char *name, struct stat *info) {
  char *data = NULL;
  size_t size = 0;

  /* To open some devices is to start them: look first. */
  if (fstatat(directory, name, info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(info->st_mode))
    return NULL;
  autofd fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || root_read_fd(fd, FILE_LIMIT, &data, &size) < 0)
    return NULL;
  return g_bytes_new_with_free_func(data, size, free, data);
}

static int compare_names(gconstpointer a, gconstpointer b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **list(const Root *root, const char *path, GError **error) {
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  DIR *directory = root_open_directory(root, path);
  const int cause = errno;
  const struct dirent *entry;

  /* Below a file there is nothing, and no directory either. */
  if (directory == NULL && (cause == ENOENT || (cause == ENOTDIR && !root_exists(root, path))))
    return g_new0(char *, 1);
  if (directory == NULL) {
    ri_error_errno(error, -cause, "%s", path);
    return NULL;
  }
  errno = 0;
  while ((entry = readdir(directory)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      g_ptr_array_add(names, g_strdup(entry->d_name));
  if (errno != 0) {
    ri_error_errno(error, -errno, "%s", path);
    (void)closedir(directory);
    return NULL;
  }
  (void)closedir(directory);
  g_ptr_array_sort(names, compare_names);
  g_ptr_array_set_free_func(names, NULL);
  return list_strv(g_steal_pointer(&names));
}

char **tree_list(const Root *root, const char *path, GError **error) {
  char **seen = tree_memory_names(root->memory, path);

  if (seen != NULL)
    return g_strdupv(seen);
  char **names = tree_memory_says_absent(root->memory, path) ? g_new0(char *, 1) : list(root, path, error);
  if (names != NULL)
    tree_memory_add_names(root->memory, path, names);
  return names;
}

void tree_look_around(const Root *root) {
  static const char *const directories[] = {"/", "/boot", "/etc", "/var/lib"};

  for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
    g_strfreev(tree_list(root, directories[i], NULL));
}

mode_t tree_type(const Root *root, const char *path, gboolean links) {
  struct stat info = {0};
  gboolean known;
  mode_t type = tree_memory_type(root->memory, path, links, &known);

  if (known)
    return type;
  /* What is no link is the same both ways, and so is what is not there: one question answers the other one too. */
  if (links && root->memory != NULL) {
    type = tree_type(root, path, FALSE);
    if (type != S_IFLNK)
      return type;
  }
  type = root_stat(root, path, links, &info) < 0 ? 0 : info.st_mode & S_IFMT;
  tree_memory_add_type(root->memory, path, links, type);
  return type;
}

gboolean tree_has_name(const Root *root, const char *path, TreeNameTest test, gconstpointer data) {
  char **seen = tree_memory_names(root->memory, path);
  g_auto(GStrv) listed = seen == NULL ? tree_list(root, path, NULL) : NULL;

  for (char **name = seen != NULL ? seen : listed; name != NULL && *name != NULL; name++)
    if (test(*name, data))
      return TRUE;
  return FALSE;
}

/* The first LENGTH characters of REST below DIR; two slashes are one. Cheaper than g_build_filename(), for hundreds. */
static char *join(const char *dir, const char *rest, gsize length) {
  char *path = g_malloc(strlen(dir) + length + 2), *end = g_stpcpy(path, dir);

  if (end[-1] != '/')
    *end++ = '/';
  for (gsize i = 0; i < length; i++)
    if (rest[i] != '/' || end[-1] != '/')
      *end++ = rest[i];
  if (end > path + 1 && end[-1] == '/')
    end--;
  *end = '\0';
  return path;
}

static gboolean fits(const char *pattern, const char *name) {
  if (strpbrk(pattern, "?[\\|") != NULL)
    return fnmatch(pattern, name, FNM_PERIOD) == 0;
  return (*name != '.' || *pattern == '.') && glob_fits(pattern, name);
}

/* DIR is expanded already, PATTERN's components are to come: those in front of the first wildcard need no look. */
static gboolean expand(const Root *root, const char *dir, const char *pattern, GPtrArray *paths, GError **error) {
  const gsize literal = strcspn(pattern, "*?[");
  const char *slash = g_strrstr_len(pattern, (gssize)literal, "/");
  const gsize above = slash == NULL ? 0 : (gsize)(slash - pattern);
  const char *begin = slash == NULL ? pattern : slash + 1;
  const gsize length = strcspn(begin, "/");
  const char *rest = begin[length] == '/' ? begin + length + 1 : NULL;
  g_autofree char *component = g_strndup(begin, length);
  g_autofree char *parent = NULL;
  g_auto(GStrv) names = NULL;

  if (pattern[literal] == '\0') {
    g_ptr_array_add(paths, join(dir, pattern, literal));
    return TRUE;
  }
  parent = join(dir, pattern, above);
  if (tree_type(root, parent, TRUE) != S_IFDIR)
    return TRUE;
  names = tree_list(root, parent, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++) {
    if (!fits(component, *name))
      continue;
    g_autofree char *path = join(parent, *name, strlen(*name));
    if (rest == NULL)
      g_ptr_array_add(paths, g_steal_pointer(&path));
    else if (!expand(root, path, rest, paths, error))
      return FALSE;
  }
  return TRUE;
}

gboolean tree_glob(const Root *root, const char *pattern, GPtrArray *paths, GError **error) {
  return expand(root, "/", pattern + 1, paths, error);
}

gboolean tree_glob_all(const Root *root, const char *const *patterns, gsize n, GPtrArray *paths, GError **error) {
  for (gsize i = 0; i < n; i++)
    if (!tree_glob(root, patterns[i], paths, error))
      return FALSE;
  return TRUE;
}

char *tree_unused(const Root *root, const char *directory, const char *stem, const char *suffix, GError **error) {
  g_auto(GStrv) names = tree_list(root, directory, error);
  g_autofree char *name = g_strconcat(stem, suffix, NULL);
  g_autoptr(GBytes) content = NULL;
  char *resolved = NULL;

  if (names == NULL)
    return NULL;
  for (guint i = 1; g_strv_contains((const char *const *)names, name); i++) {
    g_free(name);
    name = g_strdup_printf("%s-%u%s", stem, i, suffix);
  }
  g_autofree char *path = g_build_filename(directory, name, NULL);
  return tree_read(root, path, &content, &resolved, error) ? resolved : NULL;
}
