/* address-detection.c - NetworkManager's own look for an IPv4 address before it uses it, left out for a moment */
#include "address-detection.h"

#include <string.h>

#include "base/error.h"
#include "base/names.h"
#include "base/root-file.h"
#include "nm-configuration.h"

/* The default changed in one of the releases between 1.42 and 1.52. */
enum { MINOR_WITHOUT = 42 };

static gboolean detects_by_default(NmSession *session) {
  const char *version = nm_client_get_version(session->client);
  char *dot = NULL;
  guint64 major = version != NULL ? g_ascii_strtoull(version, &dot, 10) : 0;

  return major > 1 || (major == 1 && *dot == '.' && g_ascii_strtoull(dot + 1, NULL, 10) > MINOR_WITHOUT);
}

/* NULL: none of them can be named in a list. */
static char *drop_in_text(const GPtrArray *interfaces) {
  GString *text =
      g_string_new("# Written by reset-identity while it activates profiles that keep their cards' addresses.\n"
                   "[connection-reset-identity]\nmatch-device=");
  gsize empty = text->len;

  for (guint i = 0; i < interfaces->len; i++)
    if (strpbrk(interfaces->pdata[i], ",;\\ \t") == NULL)
      g_string_append_printf(text, "interface-name:=%s,", (const char *)interfaces->pdata[i]);
  if (text->len == empty) {
    (void)g_string_free(text, TRUE);
    return NULL;
  }
  g_string_append(text, "\nipv4.dad-timeout=0\n");
  return g_string_free(text, FALSE);
}

gboolean address_detection_suspend(const Root *root, NmSession *session, const GPtrArray *interfaces, GError **error) {
  g_autofree char *text = detects_by_default(session) ? drop_in_text(interfaces) : NULL;

  if (text == NULL)
    return TRUE;
  int r = root_file_write(root, RI_ADDRESSES_FILE, text, strlen(text), 0644);
  if (r < 0)
    return ri_error_errno(error, r, "%s cannot be written", RI_ADDRESSES_FILE);
  if (nm_configuration_reload(error))
    return TRUE;
  (void)address_detection_resume(root, NULL);
  return FALSE;
}

gboolean address_detection_resume(const Root *root, GError **error) {
  int r = root_file_remove(root, RI_ADDRESSES_FILE);

  if (r < 0)
    return ri_error_errno(
        error, r, "%s cannot be removed: remove it, or NetworkManager does not look whether an address is taken",
        RI_ADDRESSES_FILE);
  return r == 0 || nm_configuration_reload(error);
}
