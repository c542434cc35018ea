/* list.h - lists of strings that are put together: GPtrArrays of char*. */
#pragma once

#include <glib.h>

/* list_add_once: TEXT, taken over, behind LIST where it is not among it yet; NULL: nothing. */
void list_add_once(GPtrArray *list, char *text);
/* list_say: the same of a text that is made here: reasons of an edit, in words that an admin would sign. */
void list_say(GPtrArray *list, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* list_strv: its strings in LIST's place, NULL-terminated; the caller frees with g_strfreev. */
char **list_strv(GPtrArray *list);
/* list_join: with SEPARATOR between them; of a LIST of none, or that is NULL, "". The caller frees. */
char *list_join(const GPtrArray *list, const char *separator);
