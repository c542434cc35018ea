/* line-diff.h - two texts compared line by line. */
#pragma once

#include <glib.h>

/* line_diff: the hunks of a unified diff, three lines of context, appended to OUT. What a terminal would not show as it
 * is (bytes that are not UTF-8, control characters) is written as \xE9. */
void line_diff(const char *old, gsize old_size, const char *new, gsize new_size, GString *out);
