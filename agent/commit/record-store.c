/* record-store.c - the record written without a transaction */
#include "record-store.h"

#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "checks.h"

static const char *const paths[] = {RI_RECORD_FILE, RI_RECORD_COPY_FILE, NULL};

gboolean record_check(const Root *root, GError **error) {
  return checks_files(root, paths, error);
}

gboolean record_store(const Root *root, const char *text, GError **error) {
  for (gsize i = 0; paths[i] != NULL; i++) {
    int result = root_file_write(root, paths[i], text, strlen(text), 0600);
    if (result < 0)
      return ri_error_errno(error, result, "%s: writing the record", paths[i]);
  }
  return TRUE;
}
