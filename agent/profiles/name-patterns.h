/* name-patterns.h - patterns of NICs' names and slots (fnmatch(3)), and what they lose where a NIC is called otherwise
 * now. */
#pragma once

#include <glib.h>

#include "decide/nic-map.h"

/* name_patterns_lost: the present names of the NICs that some of PATTERNS fitted by the names that they had, and none
 * fits now; a whole name follows by itself, and one that a "!" or "&" makes more of is none of them. NULL-terminated;
 * the caller frees with g_strfreev. */
char **name_patterns_lost(const NicMap *map, const char *const *patterns);

/* path_patterns_lost: the same of their ID_PATHs (id-path.h). */
char **path_patterns_lost(const NicMap *map, const char *const *patterns);

/* Either of them. */
typedef char **(*PatternsLost)(const NicMap *map, const char *const *patterns);
