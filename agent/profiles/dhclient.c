/* dhclient.c - addresses that dhclient.conf gives a NIC whatever a server says */
#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "profiles/text/tokens.h"
#include "static-address.h"

typedef struct {
  const char *path;
  GPtrArray *found;
  char *interface; /* of the block that is read; NULL: none yet */
} Reading;

/* `alias` adds an address to the lease's; `lease` is what is taken where no server answers. */
static void take_token(const Token *token, gpointer data) {
  Reading *reading = data;
  g_autofree char *value = g_strndup(token->value, token->size);

  if (token->group == NULL || (strcmp(token->group, "alias") != 0 && strcmp(token->group, "lease") != 0)) {
    g_clear_pointer(&reading->interface, g_free);
    return;
  }
  if (g_strcmp0(token->key, "interface") == 0) {
    g_free(reading->interface);
    reading->interface = g_strdup(g_strstrip(g_strdelimit(value, "\"", ' ')));
  } else if (g_strcmp0(token->key, "fixed-address") == 0 || g_strcmp0(token->key, "fixed-address6") == 0) {
    static_addresses_add(reading->found, reading->path, token->line, reading->interface, value, FALSE);
  }
}

static gboolean read_file(const Root *root, const char *path, GPtrArray *found, GError **error) {
  Reading reading = {.path = path, .found = found};
  g_autoptr(GBytes) content = NULL;
  gsize size = 0;

  if (!tree_means_regular_file(root, path))
    return TRUE;
  if (!tree_read(root, path, &content, NULL, error))
    return FALSE;
  const char *text = content != NULL ? bytes_text(content, &size) : "";
  tokens_of_dhclient(text, size, take_token, &reading);
  g_free(reading.interface);
  return TRUE;
}

gboolean dhclient_read(const Root *root, GPtrArray *found, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(root, "/etc/dhcp/dhclient*.conf", paths, error) ||
      !tree_glob(root, "/etc/dhclient*.conf", paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!read_file(root, paths->pdata[i], found, error))
      return FALSE;
  return TRUE;
}
