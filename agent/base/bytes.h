/* bytes.h - the text in a GBytes. */
#pragma once

#include <glib.h>
#include <string.h>

/* bytes_text: the SIZE bytes (may be NULL) of BYTES, its own and without a NUL behind them. Never NULL, as
 * g_bytes_get_data() is for no bytes: no sum may be made of a NULL, nor memchr() be asked about it. */
static inline const char *bytes_text(GBytes *bytes, gsize *size) {
  const char *text = g_bytes_get_data(bytes, size);

  return text != NULL ? text : "";
}

/* bytes_dup: a C string of it. */
static inline char *bytes_dup(GBytes *bytes) {
  gsize size = 0;
  const char *text = bytes_text(bytes, &size);

  return g_strndup(text, size);
}

/* bytes_take: TEXT, taken over, as bytes. */
static inline GBytes *bytes_take(char *text) {
  return g_bytes_new_take(text, strlen(text));
}
