/* policy-errors.h - the errors of a policy, collected until all are known. */
#pragma once

#include "observe/policy-files.h"

typedef struct {
  const char *file; /* borrowed */
  unsigned line;    /* 0: the file as a whole */
  char where[160];  /* "section.key" */
  char text[320];
} PolicyError;

typedef struct {
  PolicyError *items;
  size_t count;
  PolicyError *warnings; /* what is valid and seldom meant */
  size_t n_warnings;
} PolicyErrors;

/* So many are listed; a last one says that there are more. */
enum { POLICY_ERRORS_LISTED = 200 };

/* policy_error_add: one error at FILE (borrowed) and LINE; WHERE is "section.key". Returns 0, or -ENOMEM: an error that
 * cannot be kept must not make a bad policy look good. */
int policy_error_add(PolicyErrors *errors, const char *file, unsigned line, const char *where, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* policy_warning_add: the same for a warning. */
int policy_warning_add(PolicyErrors *errors, const char *file, unsigned line, const char *where, const char *format,
                       ...) __attribute__((format(printf, 5, 6)));

/* policy_errors_sort: errors and warnings in the order of FILES, then by line, then as they were found. */
void policy_errors_sort(PolicyErrors *errors, const PolicyFiles *files);

void policy_errors_clear(PolicyErrors *errors);
