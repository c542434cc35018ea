/* glob.h - simple globs, held against hundreds of names.
 *
 * fnmatch(3) takes both to wide characters first and g_pattern_match_simple() compiles the glob, each time: together
 * they were a tenth of a plan. They are for globs of other people's, and for brackets.
 */
#pragma once

#include <glib.h>

/* glob_fits: all of TEXT is as GLOB has it, up to GLOB's end or its "|": "*" any bytes, "?" one. */
gboolean glob_fits(const char *glob, const char *text);
