/* error.c - the one GError domain of the GLib rooms, with a code a caller can act on */
#include "error.h"

#include <stdarg.h>

G_DEFINE_QUARK(reset - identity - error - quark, ri_error)

gboolean ri_error_errno(GError **error, int negative_errno, const char *format, ...) {
  g_autofree char *lead = NULL;
  va_list arguments;

  va_start(arguments, format);
  lead = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s", lead, g_strerror(-negative_errno));
  return FALSE;
}
