/* list.c - lists of strings that are put together */
#include "list.h"

#include <stdarg.h>

void list_add_once(GPtrArray *list, char *text) {
  if (text == NULL || g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
    g_free(text);
  else
    g_ptr_array_add(list, text);
}

void list_say(GPtrArray *list, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  list_add_once(list, g_strdup_vprintf(format, arguments));
  va_end(arguments);
}

char **list_strv(GPtrArray *list) {
  g_ptr_array_add(list, NULL);
  return (char **)g_ptr_array_free(list, FALSE);
}

char *list_join(const GPtrArray *list, const char *separator) {
  GString *text = g_string_new(NULL);

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_string_append_printf(text, "%s%s", i > 0 ? separator : "", (const char *)list->pdata[i]);
  return g_string_free(text, FALSE);
}
