/* policy-errors.c - the errors of a policy, collected until all are known */
#include "policy-errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void set_error(PolicyError *error, const char *file, unsigned line, const char *where) {
  *error = (PolicyError){.file = file, .line = line};
  (void)snprintf(error->where, sizeof error->where, "%s", where);
}

int policy_error_add(PolicyErrors *errors, const char *file, unsigned line, const char *where, const char *format,
                     ...) {
  PolicyError *error;
  va_list arguments;

  if (errors->items == NULL)
    errors->items = calloc(POLICY_ERRORS_LISTED + 1, sizeof *errors->items);
  if (errors->items == NULL)
    return -ENOMEM;
  if (errors->count > POLICY_ERRORS_LISTED)
    return 0;
  error = &errors->items[errors->count++];
  set_error(error, file, line, where);
  if (errors->count > POLICY_ERRORS_LISTED) {
    (void)snprintf(error->text, sizeof error->text, "more errors from here on: mend the ones above first");
    return 0;
  }
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return 0;
}

static size_t file_index(const PolicyFiles *files, const char *path) {
  size_t index = 0;

  while (index < files->count && files->items[index].path != path)
    index++;
  return index;
}

static bool comes_before(const PolicyError *a, const PolicyError *b, const PolicyFiles *files) {
  size_t file_a = file_index(files, a->file), file_b = file_index(files, b->file);

  return file_a != file_b ? file_a < file_b : a->line < b->line;
}

void policy_errors_sort(PolicyErrors *errors, const PolicyFiles *files) {
  /* The one that says "more" stays the last. qsort(3) is not stable everywhere; these are at most 200. */
  size_t count = errors->count > POLICY_ERRORS_LISTED ? POLICY_ERRORS_LISTED : errors->count;

  for (size_t i = 1; i < count; i++) {
    PolicyError moving = errors->items[i];
    size_t to = i;

    for (; to > 0 && comes_before(&moving, &errors->items[to - 1], files); to--)
      errors->items[to] = errors->items[to - 1];
    errors->items[to] = moving;
  }
}

void policy_errors_clear(PolicyErrors *errors) {
  free(errors->items);
  *errors = (PolicyErrors){.items = NULL};
}
