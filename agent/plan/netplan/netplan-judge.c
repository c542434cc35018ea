/* netplan-judge.c - what netplan's own parser says of a set of files */
#include "netplan-judge.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/each.h"
#include "base/error.h"
#include "base/program.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/netplan/netplan-program.h"

enum { JUDGE_S = 30, OPEN_DIRECTORIES = 16 };

gboolean netplan_judge_is_own(const Root *root) {
  const char *judge = netplan_program();
  g_autofree char *ours = NULL;
  gsize size = 0;

  if (judge == NULL || !g_file_get_contents(judge, &ours, &size, NULL))
    return TRUE;
  for (const char *const *path = netplan_program_paths; *path != NULL; path++) {
    g_autoptr(GBytes) own = NULL;
    gsize own_size = 0;

    if (!tree_read_file(root, *path, &own, NULL, NULL) || own == NULL)
      continue;
    const char *bytes = bytes_text(own, &own_size);
    return own_size == size && memcmp(bytes, ours, size) == 0;
  }
  return TRUE;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where) {
  return remove(path);
}

static void remove_copy(const char *directory) {
  (void)nftw(directory, remove_entry, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* The files hold passwords: in memory where there is a /run, and nobody else's to open. */
static char *make_directory(GError **error) {
  static const char *const parents[] = {"/run", "/tmp"};

  for (gsize i = 0; i < G_N_ELEMENTS(parents); i++) {
    g_autofree char *name = g_build_filename(parents[i], "reset-identity-netplan-XXXXXX", NULL);
    if (g_mkdtemp_full(name, 0700) != NULL)
      return g_steal_pointer(&name);
  }
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "no directory for a copy of netplan's files in /run or /tmp: %s",
              g_strerror(errno));
  return NULL;
}

/* All in one directory: which file hides which is settled, and the order of their names is the order of reading. */
static gboolean write_copy(const NetplanEdit *edit, gboolean after, const char *directory, GError **error) {
  g_autofree char *parent = g_build_filename(directory, "etc/netplan", NULL);

  if (g_mkdir_with_parents(parent, 0700) < 0)
    return ri_error(error, RI_ERROR_FAILED, "%s: %s", parent, g_strerror(errno));
  list_each (const NetplanFile *, file, edit->files) {
    if (file->is_new && !after)
      continue;
    g_autofree char *path = g_build_filename(parent, file->name, NULL);
    g_autoptr(GBytes) content = after && file->text != NULL ? yaml_text_bytes(file->text) : g_bytes_ref(file->bytes);
    gsize size = 0;
    const char *text = bytes_text(content, &size);

    if (!g_file_set_contents(path, text, (gssize)size, error))
      return FALSE;
    /* Others can be kept from them by the directory alone, but netplan looks at the file. */
    (void)chmod(path, 0600);
  }
  return TRUE;
}

/* Netplan's words, about the files where they lie. Only what is wrong and where: below it netplan quotes the line,
 * which may be a password's. */
static char *words_of(const GError *refusal, const char *directory) {
  g_autofree char *lead = g_strconcat(directory, "/etc/netplan/", NULL);
  g_auto(GStrv) lines = g_strsplit(refusal->message, "\n", -1);
  const char *command = lines[0] != NULL ? strstr(lines[0], directory) : NULL;
  const char *said = command != NULL ? strstr(command, ": ") : NULL;

  for (char **line = lines; *line != NULL; line++) {
    const char *at = strstr(*line, lead);
    if (at != NULL)
      return g_strdup(at + strlen(directory));
  }
  /* Warnings, of keys that are deprecated, stand before it. */
  for (char **line = lines; *line != NULL; line++) {
    const char *at = strstr(*line, "ERROR: ");
    if (at != NULL)
      return g_strdup(at);
  }
  return g_strdup(said != NULL ? said + 2 : refusal->message);
}

static gboolean ask(const NetplanEdit *edit, gboolean after, const char *program, const char *directory, char **refusal,
                    GError **error) {
  const char *const arguments[] = {program, "--root-dir", directory, NULL};
  g_autoptr(GError) said = NULL;

  if (!write_copy(edit, after, directory, error))
    return FALSE;
  if (!program_run(arguments, JUDGE_S, NULL, &said))
    *refusal = words_of(said, directory);
  return TRUE;
}

gboolean netplan_judge(const NetplanEdit *edit, gboolean after, char **refusal, GError **error) {
  /* Its parser and what it makes of it, in one program; `netplan get` would be Python for the same parser. */
  const char *program = netplan_program();

  *refusal = NULL;
  if (program == NULL)
    return TRUE;
  g_autofree char *directory = make_directory(error);
  if (directory == NULL)
    return FALSE;
  gboolean asked = ask(edit, after, program, directory, refusal, error);
  remove_copy(directory);
  return asked;
}
