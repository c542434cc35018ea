/* connection-uuid.h - the UUIDs of profiles, which NetworkManager takes in either case and may have in small letters
 * itself (1.42 does, 1.30 does not).
 */
#pragma once

#include <glib.h>

/* Two names of one profile; NULL is none, not even its own. */
static inline gboolean connection_uuid_equal(const char *a, const char *b) {
  return a != NULL && b != NULL && g_ascii_strcasecmp(a, b) == 0;
}
