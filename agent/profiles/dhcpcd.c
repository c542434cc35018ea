/* dhcpcd.c - static addresses in dhcpcd.conf and in connman's service files */
#include <string.h>

#include "base/list.h"
#include "base/tree.h"
#include "static-address.h"

/* Several blanks are one. */
static char **words_of(const char *line) {
  g_auto(GStrv) words = g_strsplit_set(line, " \t=", -1);
  GPtrArray *kept = g_ptr_array_new();

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add(kept, g_strdup(*word));
  return list_strv(kept);
}

/* `static ip_address=A/P` below `interface X` or `profile X`; also `inform`, which takes the address as given. */
static gboolean read_dhcpcd(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *interface = NULL;

  if (!text_file_joined_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    g_auto(GStrv) words = words_of(lines[i]);
    guint count = g_strv_length(words);
    if (count < 2)
      continue;
    if (strcmp(words[0], "interface") == 0) {
      g_free(interface);
      interface = g_strdup(words[1]);
    } else if (strcmp(words[0], "inform") == 0) {
      static_addresses_add(found, path, i + 1, interface, words[1], FALSE);
    } else if (count > 2 && strcmp(words[0], "static") == 0 &&
               (strcmp(words[1], "ip_address") == 0 || strcmp(words[1], "ip6_address") == 0)) {
      static_addresses_add(found, path, i + 1, interface, words[2], FALSE);
    }
  }
  return TRUE;
}

gboolean dhcpcd_read(const Root *root, GPtrArray *found, GError **error) {
  return read_dhcpcd(root, "/etc/dhcpcd.conf", found, error) &&
         read_dhcpcd(root, "/usr/local/etc/dhcpcd.conf", found, error);
}

static gboolean read_connman(const Root *root, const char *path, GPtrArray *found, GError **error) {
  g_auto(GStrv) lines = NULL;

  if (!text_file_lines(root, path, &lines, error))
    return FALSE;
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
    const char *value;
    g_autofree char *key = text_file_key(lines[i], &value);
    if (g_strcmp0(key, "IPv4") == 0 || g_strcmp0(key, "IPv6") == 0 || g_strcmp0(key, "IPv4.local_address") == 0 ||
        g_strcmp0(key, "IPv6.local_address") == 0)
      static_addresses_add(found, path, i + 1, NULL, value, FALSE);
  }
  return TRUE;
}

/* NAME.config files, and a directory with `settings` for each service. */
gboolean connman_read(const Root *root, GPtrArray *found, GError **error) {
  static const char directory[] = "/var/lib/connman";
  g_auto(GStrv) names = tree_list(root, directory, error);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    gboolean is_service = g_str_has_prefix(*name, "ethernet_") || g_str_has_prefix(*name, "wifi_");
    if (!is_service && !g_str_has_suffix(*name, ".config"))
      continue;
    g_autofree char *path = g_build_filename(directory, *name, is_service ? "settings" : NULL, NULL);
    if (!read_connman(root, path, found, error))
      return FALSE;
  }
  return names != NULL;
}
