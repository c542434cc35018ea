/* error.c - the one GError domain of the GLib rooms, with a code a caller can act on */
#include "error.h"

#include <errno.h>
#include <stdarg.h>

G_DEFINE_QUARK(reset - identity - error - quark, ri_error)

/* What to do, where the cause alone tells. */
static const char *cure(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return ": make room there";
  case EROFS:
    return ": mount it writable";
  case ENOTDIR:
    return ": a directory is needed there";
  case ELOOP:
    return ": one of them leads back to itself, replace it";
  case EIO:
    return ": the kernel's messages say more (dmesg)";
  default:
    return "";
  }
}

gboolean ri_error(GError **error, RiError code, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_propagate_error(error, g_error_new_valist(RI_ERROR, (int)code, format, arguments));
  va_end(arguments);
  return FALSE;
}

gboolean ri_error_errno(GError **error, int negative_errno, const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *lead = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_set_error(error, RI_ERROR, RI_ERROR_FAILED, "%s: %s%s", lead, g_strerror(-negative_errno), cure(-negative_errno));
  return FALSE;
}

gboolean ri_error_pass(GError **error, GError *cause) {
  g_propagate_error(error, cause);
  return FALSE;
}

gboolean ri_error_append(GError **error, const char *format, ...) {
  g_autofree char *message = (*error)->message;
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *more = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  (*error)->message = g_strconcat(message, more, NULL);
  return FALSE;
}
