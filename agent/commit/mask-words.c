/* mask-words.c - secrets that stand among other words, in files that are no profiles: DHCP clients', kernel command
 * lines, scripts */
#include <string.h>

#include "diff.h"

/* What is kept stands in the first group of each. A name ends where its value begins, so that no long line is gone
 * through more than once. */
static const char *const patterns[] = {
    /* cifspass=, rd.iscsi.password=, "wpa_psk" = : psk-flags= says where a secret is kept, not what it is */
    "((?:passw(?:or)?d|passphrase|secret|psk|cifspass|(?<![a-z])pass)[\\w.-]*(?<!-flags)[ \\t]*=[ \\t]*)"
    "(?:\"[^\"\\n]*\"|'[^'\\n]*'|[^\\s;\"']+)",
    /* dhclient.conf: key NAME { algorithm hmac-md5; secret XXX; } */
    "(\\bsecret[ \\t]+)(?:\"[^\"\\n]*\"|[^\\s;\"]+)(?=[ \\t]*;)",
    /* dhcpcd.conf; wpa_passphrase NETWORK PASSPHRASE */
    "(^[ \\t]*authtoken[ \\t]+|\\bwpa_passphrase[ \\t]+)[^\\r\\n]+",
    /* netroot=iscsi:USER:PASSWORD@..., http://USER:PASSWORD@... */
    "((?:root=iscsi:|://))[^\\s@\"'/]+(?=@)",
};

static char *mask_one(const char *pattern, const char *text, gsize size) {
  g_autoptr(GRegex) regex =
      g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);

  return regex != NULL ? g_regex_replace(regex, text, (gssize)size, 0, "\\1<hidden>", 0, NULL) : NULL;
}

char *diff_mask_words(const char *text, gsize size, gsize *masked_size) {
  char *masked = g_strndup(text, size);

  for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
    char *next = mask_one(patterns[i], masked, strlen(masked));
    g_free(masked);
    masked = next != NULL ? next : g_strdup("<hidden>\n");
  }
  *masked_size = strlen(masked);
  return masked;
}
