/* line-diff.h - two texts compared line by line. */
#pragma once

#include <glib.h>

/* line_diff: the hunks of a unified diff, three lines of context, appended to OUT. What a terminal would not show as it
 * is (bytes that are not UTF-8, control characters) is written as \xE9. */
void line_diff(const char *old, gsize old_size, const char *new, gsize new_size, GString *out);

/* line_diff_follow: of LINES (guint, from 1), lines of OLD, each becomes the line of NEW that it is: the same one, else
 * the one that took its place, by its first word and by its order. */
void line_diff_follow(const char *old, gsize old_size, const char *new, gsize new_size, GArray *lines);
