/* keyfile-text.h - set, replace or remove keys of a GKeyFile text and leave every other byte as it is.
 *
 * GKeyFile's line rules: only `#` starts a comment, blanks around key and `=` do not count, the last duplicate of a key
 * wins, groups of one name are one group, a line may end in CR LF. Values are raw (GKeyFile's escapes stay escaped). A
 * text that GKeyFile refuses is refused here with its message.
 */
#pragma once

#include <glib.h>

typedef struct KeyfileText KeyfileText;

/* keyfile_load: what GKeyFile, as NetworkManager asks it, makes of BYTES. */
GKeyFile *keyfile_load(GBytes *bytes, GError **error);

KeyfileText *keyfile_text_parse(GBytes *bytes, GError **error);
/* keyfile_text_load: and what GKeyFile made of it to see whether it takes it, for who asks libnm next; the caller frees
 * *LOADED, which is NULL where it is refused. */
KeyfileText *keyfile_text_load(GBytes *bytes, GKeyFile **loaded, GError **error);
/* keyfile_text_copy: to be changed; ORIGINAL stays as it is, and as long as the copy is there. */
KeyfileText *keyfile_text_copy(const KeyfileText *original);
void keyfile_text_free(KeyfileText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyfileText, keyfile_text_free)

/* keyfile_text_get: raw value that is in effect, or NULL. The caller frees. */
char *keyfile_text_get(const KeyfileText *text, const char *group, const char *key);
gboolean keyfile_text_has_group(const KeyfileText *text, const char *group);
/* Distinct names in order of first appearance, NULL-terminated; the caller frees with g_strfreev. */
char **keyfile_text_groups(const KeyfileText *text);
char **keyfile_text_keys(const KeyfileText *text, const char *group);

/* keyfile_text_foreach: every value in effect, in the order of the lines, counted from 1. FUNCTION may set the very key
 * that it is called for, and change nothing else. Linear, however large the text. */
typedef void (*KeyfileTextFunction)(const char *group, const char *key, const char *value, guint line, gpointer data);
void keyfile_text_foreach(const KeyfileText *text, KeyfileTextFunction function, gpointer data);

/* keyfile_text_set: replace the value in effect; a key that is not there goes behind the group's last key, a group that
 * is not there to the end of the text. Line end and blanks around `=` follow the neighbours. */
void keyfile_text_set(KeyfileText *text, const char *group, const char *key, const char *value);
/* keyfile_text_remove: all duplicates of the key, whole lines; comments stay. Returns whether it was there. */
gboolean keyfile_text_remove(KeyfileText *text, const char *group, const char *key);
/* keyfile_text_replace: all of OLD_KEYS (NULL-terminated; every duplicate, whole lines) make room for PAIRS (key,
 * value, key, value, ..., NULL), which stand where the first of them stood; where none did, behind the group's last
 * key. Returns whether one did. */
gboolean keyfile_text_replace(KeyfileText *text, const char *group, const char *const *old_keys,
                              const char *const *pairs);
GBytes *keyfile_text_bytes(const KeyfileText *text);
