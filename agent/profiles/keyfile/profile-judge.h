/* profile-judge.h - libnm as the judge of an edited profile: it reads old and new bytes, and what differs must be just
 * what the edit names. Nothing is ever written by libnm. */
#pragma once

#include <glib.h>

/* What libnm made of a profile that it accepts, and of what it ignores in it. */
typedef struct JudgedProfile JudgedProfile;

/* profile_judge_read: BYTES as the profile PATH; NULL with libnm's words in *ERROR: NetworkManager would not load it.
 */
JudgedProfile *profile_judge_read(GBytes *bytes, const char *path, GError **error);
/* profile_judge_loaded: the same of what GKeyFile has read. */
JudgedProfile *profile_judge_loaded(GKeyFile *keyfile, const char *path, GError **error);
void judged_profile_free(JudgedProfile *judged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JudgedProfile, judged_profile_free)

/* judged_profile_connection: libnm's own, borrowed. */
struct _NMConnection *judged_profile_connection(const JudgedProfile *judged);

/* profile_judge_accepts: would NetworkManager load BYTES as the profile PATH? Else FALSE with its words in *ERROR. */
gboolean profile_judge_accepts(GBytes *bytes, const char *path, GError **error);

/* profile_judge_allow: add to PROPERTIES the names ("setting.property") under which libnm may show a change of KEY in
 * GROUP of a keyfile. */
void profile_judge_allow(GHashTable *properties, const char *group, const char *key);

/* profile_judge_compare: NEW_BYTES for the profile PATH, of which OLD_JUDGED was read. Only PROPERTIES (a set of char*)
 * may differ, and nothing that was read before may be ignored now. Errors: RI_ERROR_FAILED with PATH and the property.
 */
gboolean profile_judge_compare(const JudgedProfile *old_judged, GBytes *new_bytes, const char *path,
                               GHashTable *properties, GError **error);
