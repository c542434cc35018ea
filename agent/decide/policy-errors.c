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

/* The next one of *ITEMS, or the one that says "more", or NULL: there was that one. Errors: -ENOMEM. */
static int next_of(PolicyError **items, size_t *count, PolicyError **next) {
  *next = NULL;
  if (*items == NULL)
    *items = calloc(POLICY_ERRORS_LISTED + 1, sizeof **items);
  if (*items == NULL)
    return -ENOMEM;
  if (*count <= POLICY_ERRORS_LISTED)
    *next = &(*items)[(*count)++];
  return 0;
}

int policy_error_add(PolicyErrors *errors, const char *file, unsigned line, const char *where, const char *format,
                     ...) {
  PolicyError *error;
  va_list arguments;
  int r = next_of(&errors->items, &errors->count, &error);

  if (r < 0 || error == NULL)
    return r;
  set_error(error, file, line, where);
  if (errors->count > POLICY_ERRORS_LISTED) {
    (void)snprintf(error->text, sizeof error->text, "more errors from here on: fix the ones above first");
    return 0;
  }
  va_start(arguments, format);
  (void)vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return 0;
}

int policy_warning_add(PolicyErrors *errors, const char *file, unsigned line, const char *where, const char *format,
                       ...) {
  PolicyError *warning;
  va_list arguments;
  int r = next_of(&errors->warnings, &errors->n_warnings, &warning);

  if (r < 0 || warning == NULL)
    return r;
  set_error(warning, file, line, where);
  va_start(arguments, format);
  (void)vsnprintf(warning->text, sizeof warning->text, format, arguments);
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

/* qsort(3) is not stable everywhere; these are at most 200. */
static void sort(PolicyError *items, size_t count, const PolicyFiles *files) {
  for (size_t i = 1; i < count; i++) {
    PolicyError moving = items[i];
    size_t to = i;

    for (; to > 0 && comes_before(&moving, &items[to - 1], files); to--)
      items[to] = items[to - 1];
    items[to] = moving;
  }
}

void policy_errors_sort(PolicyErrors *errors, const PolicyFiles *files) {
  /* The one that says "more" stays the last. */
  sort(errors->items, errors->count > POLICY_ERRORS_LISTED ? POLICY_ERRORS_LISTED : errors->count, files);
  sort(errors->warnings, errors->n_warnings, files);
}

void policy_errors_clear(PolicyErrors *errors) {
  free(errors->items);
  free(errors->warnings);
  *errors = (PolicyErrors){.items = NULL};
}
