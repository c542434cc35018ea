/* record-store.c - the record written without a transaction */
#include "record-store.h"

#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "base/tree-entry.h"
#include "checks.h"

static const char *const paths[] = {RI_RECORD_FILE, RI_RECORD_COPY_FILE, NULL};

gboolean record_check(const Root *root, GError **error) {
  return checks_files(root, paths, error);
}

static gboolean store(const Root *root, const char *path, const char *text, GError **error) {
  int result = root_file_write(root, path, text, strlen(text), 0600);

  return result >= 0 || ri_error_errno(error, result, "%s: writing the record", path);
}

gboolean record_store(const Root *root, const char *text, GError **error) {
  for (gsize i = 0; paths[i] != NULL; i++)
    if (!store(root, paths[i], text, error))
      return FALSE;
  return TRUE;
}

static gboolean is_stored(const Root *root, const char *path, const char *text) {
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_read_file(root, path, &content, NULL, NULL) || content == NULL)
    return FALSE;
  const char *bytes = g_bytes_get_data(content, &size);
  return size == strlen(text) && memcmp(bytes, text, size) == 0;
}

gboolean record_settle(const Root *root, const char *text, GPtrArray *warnings, GError **error) {
  const gboolean none = tree_is_directory(root, paths[0]) && tree_is_directory(root, paths[1]);

  for (gsize i = 0; paths[i] != NULL; i++) {
    if (!none && tree_is_directory(root, paths[i]))
      g_ptr_array_add(warnings, g_strdup_printf("%s: a regular file is expected there, and it is a directory; this "
                                                "copy of the record is not written: move it away",
                                                paths[i]));
    else if (!is_stored(root, paths[i], text) && !store(root, paths[i], text, error))
      return FALSE;
  }
  return TRUE;
}
