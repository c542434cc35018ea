/* history-files.c - history/N on the disk */
#include "history-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/names.h"
#include "decide/verdict.h"
#include "directories.h"
#include "stage.h"
#include "state.h"

/* An entry that is on its way out: renamed first, so that no half of one is ever listed. */
#define LEAVING_PREFIX "leaving-"
enum { KEPT_OF_A_KIND = 3 };

static gboolean parse_number(const char *name, unsigned *number) {
  guint64 value = 0;

  if (!g_ascii_string_to_unsigned(name, 10, 1, G_MAXINT, &value, NULL) || name[0] == '0')
    return FALSE;
  *number = (unsigned)value;
  return TRUE;
}

static int compare_descending(gconstpointer a, gconstpointer b) {
  unsigned first = *(const unsigned *)a, second = *(const unsigned *)b;

  return first < second ? 1 : first > second ? -1 : 0;
}

/* A stream of its own: the fd of a caller keeps its place. */
static DIR *open_stream(int directory) {
  int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

  if (stream == NULL && fd >= 0)
    (void)close(fd);
  return stream;
}

GArray *history_numbers(int history) {
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
  g_autoptr(DIR) stream = open_stream(history);
  struct dirent *entry;
  unsigned number;

  while (stream != NULL && (entry = readdir(stream)) != NULL)
    if (parse_number(entry->d_name, &number))
      g_array_append_val(numbers, number);
  g_array_sort(numbers, compare_descending);
  return numbers;
}

gboolean history_forget(int entry, const Manifest *manifest, GError **error) {
  for (guint i = 0; i < manifest->edits->len; i++) {
    const ManifestEdit *edit = g_ptr_array_index(manifest->edits, i);
    g_autofree char *name = g_strdup_printf("old/%u", i);
    if ((edit->flags & EDIT_FORGET_OLD) == 0 || edit->old_sha256 == NULL)
      continue;
    if (unlinkat(entry, name, 0) < 0 && errno != ENOENT)
      return ri_error_errno(error, -errno, "%s: removing the old secret (%s)", edit->path, name);
  }
  return TRUE;
}

gboolean history_add(int state, unsigned *number, GError **error) {
  g_autoptr(GArray) numbers = NULL;
  int result = state_make_history(state);

  if (result < 0)
    return ri_error_errno(error, result, RI_HISTORY_DIR);
  autofd history = openat(state, HISTORY_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (history < 0)
    return ri_error_errno(error, -errno, RI_HISTORY_DIR);
  numbers = history_numbers(history);
  *number = numbers->len > 0 ? g_array_index(numbers, unsigned, 0) + 1 : 1;
  g_autofree char *name = g_strdup_printf("%u", *number);
  if (renameat(state, TRANSACTION_NAME, history, name) < 0)
    return ri_error_errno(error, -errno, RI_HISTORY_DIR "/%s: moving " RI_TRANSACTION_DIR " there", name);
  return TRUE;
}

/* What an earlier run was about to remove when it ended. */
static void remove_leaving(int history) {
  g_autoptr(DIR) stream = open_stream(history);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  struct dirent *entry;

  while (stream != NULL && (entry = readdir(stream)) != NULL)
    if (g_str_has_prefix(entry->d_name, LEAVING_PREFIX))
      g_ptr_array_add(names, g_strdup(entry->d_name));
  for (guint i = 0; i < names->len; i++)
    (void)directories_remove_tree(history, names->pdata[i]);
}

static void remove_entry(int history, const char *name) {
  g_autofree char *leaving = g_strconcat(LEAVING_PREFIX, name, NULL);

  if (renameat(history, name, history, leaving) == 0)
    (void)directories_remove_tree(history, leaving);
}

/* NULL: a damaged entry, which is neither counted nor removed: it is somebody's evidence. */
static Manifest *read_entry(int history, const char *name) {
  autofd entry = openat(history, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  return entry >= 0 ? manifest_read(entry, MANIFEST_COMMITTED, RI_HISTORY_DIR, NULL) : NULL;
}

/* What was met so far, the newest first. */
typedef struct {
  GHashTable *undone; /* numbers of runs */
  unsigned n_identities, n_undone, n_others;
} Tidying;

/* New NICs get the machine's own addresses: it stays who it was. */
static gboolean changed_identity(const TransactionInfo *info) {
  return strcmp(info->kind, "apply") == 0 && strcmp(info->verdict, verdict_name(VERDICT_REWIRED)) != 0;
}

/* What an undo undid it says for as long as that is there, and pushes nothing out. An apply that is undone pushes out
 * none that stands: that one is what the next undo brings back. */
static gboolean is_beyond(Tidying *tidying, int history, unsigned number, const TransactionInfo *info) {
  g_autofree char *undone = g_strdup_printf("%u", info->undoes);
  unsigned *count = &tidying->n_others;

  if (strcmp(info->kind, "undo") == 0)
    return faccessat(history, undone, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
  if (g_hash_table_contains(tidying->undone, GUINT_TO_POINTER(number)))
    count = &tidying->n_undone;
  else if (changed_identity(info))
    count = &tidying->n_identities;
  return ++*count > KEPT_OF_A_KIND;
}

/* An undo goes after what it undid: else that would be taken for a run that stands. */
static void tidy_entries(int history, const GArray *numbers, gboolean undos) {
  g_autoptr(GHashTable) undone = g_hash_table_new(NULL, NULL);
  Tidying tidying = {.undone = undone};

  for (guint i = 0; i < numbers->len; i++) {
    const unsigned number = g_array_index(numbers, unsigned, i);
    g_autofree char *name = g_strdup_printf("%u", number);
    g_autoptr(Manifest) manifest = read_entry(history, name);
    const gboolean is_undo = manifest != NULL && strcmp(manifest->info.kind, "undo") == 0;

    if (is_undo)
      (void)g_hash_table_add(undone, GUINT_TO_POINTER(manifest->info.undoes));
    if (manifest != NULL && is_undo == undos && is_beyond(&tidying, history, number, &manifest->info))
      remove_entry(history, name);
  }
}

void history_tidy(int state) {
  autofd history = openat(state, HISTORY_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autoptr(GArray) numbers = NULL;

  if (history < 0)
    return;
  remove_leaving(history);
  numbers = history_numbers(history);
  if (numbers->len <= KEPT_OF_A_KIND)
    return; /* cheap for the many runs that find everything tidy: no manifest is read */
  tidy_entries(history, numbers, FALSE);
  tidy_entries(history, numbers, TRUE);
}
