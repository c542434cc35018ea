/* json.h - writing JSON, and reading back the strings of an object that we wrote.
 *
 * Only what --json and last.json need: objects, arrays, strings, numbers, booleans, null. Strings that are no UTF-8 are
 * written with the replacement character, so that the output is always valid.
 */
#pragma once

#include <glib.h>

typedef struct {
  GString *text;
  gboolean comma; /* the next value in this container needs one before it */
} Json;

void json_init(Json *json);
/* json_finish: the text with a final newline, owned by the caller; the writer is empty afterwards. */
char *json_finish(Json *json);

/* KEY is NULL inside arrays and for the outermost value. */
void json_object(Json *json, const char *key);
void json_object_end(Json *json);
void json_array(Json *json, const char *key);
void json_array_end(Json *json);
/* VALUE NULL is written as null. */
void json_string(Json *json, const char *key, const char *value);
/* An empty VALUE is written as null too: "there is none". */
void json_string_or_null(Json *json, const char *key, const char *value);
void json_number(Json *json, const char *key, gint64 value);
void json_boolean(Json *json, const char *key, gboolean value);
void json_null(Json *json, const char *key);
/* An array of STRINGS (NULL: none). */
void json_strings(Json *json, const char *key, const GPtrArray *strings);
/* TEXT is JSON already; what somebody else may have written was asked about first (json_is_object). */
void json_raw(Json *json, const char *key, const char *text);

/* json_member_string: the string member KEY of the outermost object of TEXT (written by this module), or NULL. The
 * caller frees. */
char *json_member_string(const char *text, const char *key);

/* json_is_object: TEXT is one JSON object (RFC 8259) and nothing else. */
gboolean json_is_object(const char *text);
