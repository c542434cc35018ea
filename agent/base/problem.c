/* problem.c - the words that go with a negative errno in the libc-only rooms */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

int problem_set(Problem *problem, int error, const char *format, ...) {
  va_list arguments;

  if (problem == NULL)
    return error;
  va_start(arguments, format);
  (void)vsnprintf(problem->text, sizeof problem->text, format, arguments);
  va_end(arguments);
  return error;
}
