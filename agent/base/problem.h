/* problem.h - the words that go with a negative errno in the libc-only rooms.
 *
 * Functions of observe/ and decide/ return 0 (or a count) or a negative errno. Where the number alone
 * would leave a reader guessing, they also fill a Problem: path, cause, what to do.
 */
#pragma once

typedef struct {
  char text[512]; /* one sentence without a final newline; empty when nothing was said */
} Problem;

/* problem_set: write a printf-formatted sentence into PROBLEM (NULL is allowed and ignored).
 * Returns ERROR (a negative errno) so that a caller can `return problem_set(...)`. */
int problem_set(Problem *problem, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
