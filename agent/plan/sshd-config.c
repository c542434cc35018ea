/* sshd-config.c - the host keys and certificates that sshd is told to use (sshd_config(5)) */
#include "sshd-config.h"

#include <fnmatch.h>
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"

/* sshd itself refuses deeper ones (SERVCONF_MAX_DEPTH). */
enum { INCLUDE_DEPTH = 16 };

static gboolean read_file(const Root *root, const char *path, unsigned depth, SshdConfig *config, GError **error);

static SshdConfig *sshd_config_new(void) {
  SshdConfig *config = g_new0(SshdConfig, 1);

  config->host_keys = g_ptr_array_new_with_free_func(g_free);
  config->certificates = g_ptr_array_new_with_free_func(g_free);
  return config;
}

void sshd_config_free(SshdConfig *config) {
  if (config == NULL)
    return;
  g_ptr_array_unref(config->host_keys);
  g_ptr_array_unref(config->certificates);
  g_free(config);
}

static const char blanks[] = " \t\r\n\f\v";

/* OpenSSH's strdelim: the keyword ends at white space or at one "=" (with white space around it). NULL: an empty line
 * or a comment. The caller frees. */
static char *take_keyword(const char **position) {
  const char *start = *position + strspn(*position, blanks);
  const gsize length = strcspn(start, " \t\r\n\f\v=");
  const char *rest = start + length + strspn(start + length, blanks);

  if (length == 0 || *start == '#')
    return NULL;
  *position = *rest == '=' ? rest + 1 : rest;
  return g_strndup(start, length);
}

/* OpenSSH's argv_split (misc.c, since 8.7): quotes of both kinds may begin and end anywhere in an argument; a backslash
 * escapes quotes and itself, and outside quotes a blank; "#" at the beginning of an argument starts a comment. NULL at
 * the line's end, or where a quote is not closed: sshd refuses the file then. The caller frees. */
static char *next_argument(const char **position) {
  const char *at = *position + strspn(*position, blanks);
  g_autoptr(GString) argument = g_string_new(NULL);
  char quote = '\0';

  if (*at == '\0' || *at == '#')
    return NULL;
  for (; *at != '\0' && (quote != '\0' || strchr(blanks, *at) == NULL); at++) {
    if (*at == '\\' && at[1] != '\0' && strchr(quote == '\0' ? "'\"\\ " : "'\"\\", at[1]) != NULL)
      g_string_append_c(argument, *++at);
    else if (quote == '\0' && (*at == '"' || *at == '\''))
      quote = *at;
    else if (quote != '\0' && *at == quote)
      quote = '\0';
    else
      g_string_append_c(argument, *at);
  }
  *position = at;
  return quote == '\0' ? g_string_free(g_steal_pointer(&argument), FALSE) : NULL;
}

static void add_path(GPtrArray *paths, const char *path) {
  if (path[0] == '/' && !g_ptr_array_find_with_equal_func(paths, path, g_str_equal, NULL))
    g_ptr_array_add(paths, g_strdup(path));
}

/* glob(7) below the root: DIR is expanded already, PATTERN's components are still to come. */
static gboolean expand(const Root *root, const char *dir, const char *pattern, GPtrArray *paths, GError **error) {
  const gsize length = strcspn(pattern, "/");
  const char *rest = pattern[length] == '/' ? pattern + length + 1 : NULL;
  g_autofree char *component = g_strndup(pattern, length);
  g_auto(GStrv) names = NULL;

  if (strpbrk(component, "*?[") == NULL) {
    g_autofree char *path = g_build_filename(dir, component, NULL);

    if (rest != NULL)
      return expand(root, path, rest, paths, error);
    g_ptr_array_add(paths, g_steal_pointer(&path));
    return TRUE;
  }
  if (tree_means_regular_file(root, dir))
    return TRUE;
  names = tree_list(root, dir, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_build_filename(dir, *name, NULL);

    if (fnmatch(component, *name, FNM_PERIOD) != 0)
      continue;
    if (rest == NULL)
      g_ptr_array_add(paths, g_steal_pointer(&path));
    else if (!expand(root, path, rest, paths, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean include(const Root *root, const char *pattern, unsigned depth, SshdConfig *config, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *absolute = pattern[0] == '/' ? g_strdup(pattern) : g_build_filename("/etc/ssh", pattern, NULL);

  if (depth >= INCLUDE_DEPTH)
    return TRUE;
  if (!expand(root, "/", absolute + 1, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!read_file(root, g_ptr_array_index(paths, i), depth + 1, config, error))
      return FALSE;
  return TRUE;
}

static gboolean read_line(const Root *root, const char *line, unsigned depth, SshdConfig *config, GError **error) {
  g_autofree char *keyword = take_keyword(&line);
  g_autofree char *argument = NULL;

  if (keyword == NULL)
    return TRUE;
  argument = next_argument(&line);
  if (argument == NULL)
    return TRUE;
  if (g_ascii_strcasecmp(keyword, "HostKey") == 0)
    add_path(config->host_keys, argument);
  else if (g_ascii_strcasecmp(keyword, "HostCertificate") == 0)
    add_path(config->certificates, argument);
  else if (g_ascii_strcasecmp(keyword, "Include") == 0)
    while (argument != NULL) {
      if (!include(root, argument, depth, config, error))
        return FALSE;
      g_free(argument);
      argument = next_argument(&line);
    }
  return TRUE;
}

static gboolean read_file(const Root *root, const char *path, unsigned depth, SshdConfig *config, GError **error) {
  g_autoptr(GBytes) content = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  gsize size = 0;

  if (!tree_means_regular_file(root, path))
    return TRUE;
  if (!tree_read(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL || g_bytes_get_size(content) == 0)
    return TRUE;
  text = g_strndup(bytes_text(content, &size), g_bytes_get_size(content));
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (!read_line(root, *line, depth, config, error))
      return FALSE;
  return TRUE;
}

SshdConfig *sshd_config_read(const Root *root, GError **error) {
  SshdConfig *config = sshd_config_new();
  const char *path = "/etc/ssh/sshd_config";

  if (!tree_means_regular_file(root, path))
    path = "/usr/etc/ssh/sshd_config";
  if (read_file(root, path, 0, config, error))
    return config;
  sshd_config_free(config);
  return NULL;
}
