/* sshd-config.c - the host keys and certificates that sshd is told to use (sshd_config(5)) */
#include "sshd-config.h"

#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"

/* sshd itself refuses deeper ones (SERVCONF_MAX_DEPTH). */
enum { INCLUDE_DEPTH = 16 };

/* The line that is read. */
typedef struct {
  const Root *root;
  const char *file;
  unsigned line;
  unsigned depth;
} Place;

static gboolean read_file(const Root *root, const char *path, unsigned depth, SshdConfig *config, GError **error);

static void sshd_path_free(SshdPath *path) {
  g_free(path->path);
  g_free(path->where);
  g_free(path);
}

static SshdConfig *sshd_config_new(void) {
  SshdConfig *config = g_new0(SshdConfig, 1);

  config->host_keys = g_ptr_array_new_with_free_func((GDestroyNotify)sshd_path_free);
  config->certificates = g_ptr_array_new_with_free_func((GDestroyNotify)sshd_path_free);
  return config;
}

void sshd_config_free(SshdConfig *config) {
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
 * escapes quotes and itself, and outside quotes a blank; "#" at the beginning of an argument starts a comment. A quote
 * that is not closed ends with the line: sshd refuses the file then. NULL at the line's end; the caller frees. */
static char *next_argument(const char **position) {
  const char *at = *position + strspn(*position, blanks);
  char quote = '\0';

  if (*at == '\0' || *at == '#')
    return NULL;
  GString *argument = g_string_new(NULL);
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
  return g_string_free(argument, FALSE);
}

/* A name without a directory is taken from the directory in which sshd was started: "/", for a service. "none" is none.
 */
static void add_path(GPtrArray *paths, const char *name, const Place *place) {
  g_autofree char *path = g_path_is_absolute(name) ? g_strdup(name) : g_strconcat("/", name, NULL);

  if (*name == '\0' || strcmp(name, "none") == 0)
    return;
  for (guint i = 0; i < paths->len; i++)
    if (strcmp(((const SshdPath *)paths->pdata[i])->path, path) == 0)
      return;
  SshdPath *added = g_new0(SshdPath, 1);
  added->path = g_steal_pointer(&path);
  added->where = g_strdup_printf("%s:%u", place->file, place->line);
  g_ptr_array_add(paths, added);
}

static gboolean include(const Place *place, const char *pattern, SshdConfig *config, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *absolute = pattern[0] == '/' ? g_strdup(pattern) : g_build_filename("/etc/ssh", pattern, NULL);

  if (place->depth >= INCLUDE_DEPTH)
    return TRUE;
  if (!tree_glob(place->root, absolute, paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!read_file(place->root, g_ptr_array_index(paths, i), place->depth + 1, config, error))
      return FALSE;
  return TRUE;
}

static gboolean read_line(const Place *place, const char *line, SshdConfig *config, GError **error) {
  g_autofree char *keyword = take_keyword(&line);

  if (keyword == NULL)
    return TRUE;
  g_autofree char *argument = next_argument(&line);
  if (argument == NULL)
    return TRUE;
  if (g_ascii_strcasecmp(keyword, "HostKey") == 0)
    add_path(config->host_keys, argument, place);
  else if (g_ascii_strcasecmp(keyword, "HostCertificate") == 0)
    add_path(config->certificates, argument, place);
  else if (g_ascii_strcasecmp(keyword, "Include") == 0)
    while (argument != NULL) {
      if (!include(place, argument, config, error))
        return FALSE;
      g_free(argument);
      argument = next_argument(&line);
    }
  return TRUE;
}

static gboolean read_file(const Root *root, const char *path, unsigned depth, SshdConfig *config, GError **error) {
  g_autoptr(GBytes) content = NULL;
  g_auto(GStrv) lines = NULL;
  Place place = {root, path, 1, depth};
  gsize size = 0;

  if (!tree_read_file(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL || g_bytes_get_size(content) == 0)
    return TRUE;
  g_autofree char *text = g_strndup(bytes_text(content, &size), g_bytes_get_size(content));
  lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++, place.line++)
    if (!read_line(&place, *line, config, error))
      return FALSE;
  return TRUE;
}

/* What is said on sshd's command line -------------------------------------------------------------------------------*/

/* sshd(8): a letter with an argument, which is the rest of the word or the next one. */
static gboolean take_option(const Place *place, char letter, const char *argument, SshdConfig *config, GError **error) {
  if (letter == 'h')
    add_path(config->host_keys, argument, place);
  if (letter == 'c')
    add_path(config->certificates, argument, place);
  if (letter == 'o')
    return read_line(place, argument, config, error);
  return letter != 'f' || read_file(place->root, argument, place->depth + 1, config, error);
}

static gboolean read_options(const Place *place, const char *text, SshdConfig *config, GError **error) {
  g_autofree char *word = NULL;

  while ((word = next_argument(&text)) != NULL) {
    const char *letter = *word == '-' ? word + 1 + strspn(word + 1, "46DGTVdeiqrRt") : "";
    if (*letter != '\0' && strchr("CEbcfghkopu", *letter) != NULL) {
      g_autofree char *next = letter[1] == '\0' ? next_argument(&text) : g_strdup(letter + 1);
      if (next != NULL && !take_option(place, *letter, next, config, error))
        return FALSE;
    }
    g_free(g_steal_pointer(&word));
  }
  return TRUE;
}

/* Of "SSHD_OPTS='-h KEY'", which the unit hands to sshd, and of "ExecStart=/usr/sbin/sshd -D -h KEY". NULL: neither. */
static char *options_of(const char *line) {
  static const char *const variables[] = {"OPTIONS", "SSHD_OPTS", "SSHD_OPTIONS", NULL};
  const char *rest = line;
  g_autofree char *key = take_keyword(&rest);
  g_autofree char *value = g_strstrip(g_strdup(rest));
  const gsize length = strlen(value);

  if (key == NULL)
    return NULL;
  if (strcmp(key, "ExecStart") == 0) {
    const char *path = value;
    g_autofree char *program = next_argument(&path);
    return program != NULL && g_str_has_suffix(program, "/sshd") ? g_strdup(path) : NULL;
  }
  if (!g_strv_contains(variables, key))
    return NULL;
  if (length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0])
    return g_strndup(value + 1, length - 2);
  return g_steal_pointer(&value);
}

static gboolean read_option_file(const Root *root, const char *path, SshdConfig *config, GError **error) {
  g_autoptr(GBytes) content = NULL;
  Place place = {root, path, 1, 0};

  if (!tree_read_file(root, path, &content, NULL, error))
    return FALSE;
  if (content == NULL)
    return TRUE;
  g_autofree char *text = bytes_dup(content);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++, place.line++) {
    g_autofree char *options = options_of(*line);
    if (options != NULL && !read_options(&place, options, config, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean read_option_files(const Root *root, SshdConfig *config, GError **error) {
  static const char *const patterns[] = {"/etc/default/ssh",
                                         "/etc/default/sshd",
                                         "/etc/sysconfig/ssh",
                                         "/etc/sysconfig/sshd",
                                         "/etc/systemd/system/ssh*.service",
                                         "/etc/systemd/system/ssh*.service.d/*.conf"};
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob_all(root, patterns, G_N_ELEMENTS(patterns), paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!read_option_file(root, paths->pdata[i], config, error))
      return FALSE;
  return TRUE;
}

SshdConfig *sshd_config_read(const Root *root, GError **error) {
  SshdConfig *config = sshd_config_new();
  const char *path = "/etc/ssh/sshd_config";

  if (!tree_means_regular_file(root, path))
    path = "/usr/etc/ssh/sshd_config";
  if (read_file(root, path, 0, config, error) && read_option_files(root, config, error))
    return config;
  sshd_config_free(config);
  return NULL;
}
