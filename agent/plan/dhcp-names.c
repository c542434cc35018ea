/* dhcp-names.c - DHCP clients that are told to send the template's name */
#include "dhcp-names.h"

#include <string.h>

#include "base/bytes.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "renaming.h"

/* Does this line, from its first byte that is no blank, say what name is sent? */
typedef gboolean (*LineTest)(const char *line, gsize length);

static gboolean starts_with_word(const char *line, gsize length, const char *word) {
  const gsize size = strlen(word);

  return length > size && strncmp(line, word, size) == 0 && g_ascii_isspace(line[size]);
}

static gboolean is_dhclient_name(const char *line, gsize length) {
  static const char *const statements[] = {"append", "default", "prepend", "send", "supersede"};

  for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
    if (starts_with_word(line, length, statements[i]))
      return g_strstr_len(line, (gssize)length, "host-name") != NULL ||
             g_strstr_len(line, (gssize)length, "fqdn.fqdn") != NULL;
  return FALSE;
}

static gboolean is_dhcpcd_name(const char *line, gsize length) {
  return starts_with_word(line, length, "hostname");
}

static GBytes *rewrite(const Renaming *renaming, GBytes *old, LineTest names) {
  gsize size = 0;
  const char *text = bytes_text(old, &size);
  const char *end = text + size;
  GString *out = g_string_new(NULL);

  for (const char *line = text; line < end;) {
    const char *newline = memchr(line, '\n', (gsize)(end - line));
    const char *stop = newline == NULL ? end : newline + 1;
    const char *first = line;

    while (first < stop && g_ascii_isspace(*first))
      first++;
    if (names(first, (gsize)(stop - first)))
      renaming_text(renaming, line, stop, out);
    else
      g_string_append_len(out, line, stop - line);
    line = stop;
  }
  return g_string_free_to_bytes(out);
}

static gboolean rename_in(const PlanContext *context, const char *step, const char *path, const Renaming *renaming,
                          LineTest names, Plan *plan, GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_means_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  if (old == NULL || g_bytes_get_size(old) == 0)
    return TRUE;
  content = rewrite(renaming, old, names);
  plan_write(plan, step, resolved, old, content, "the DHCP client sent the template's name");
  return TRUE;
}

gboolean dhcp_names_plan(const PlanContext *context, const char *step, Plan *plan, GError **error) {
  static const char *const dhclient[] = {"/etc/dhcp/dhclient.conf", "/etc/dhclient.conf"};
  Renaming renaming = {0};
  gboolean planned = TRUE;

  if (!renaming_init(&renaming, context->identity))
    return TRUE;
  for (gsize i = 0; planned && i < G_N_ELEMENTS(dhclient); i++)
    planned = rename_in(context, step, dhclient[i], &renaming, is_dhclient_name, plan, error);
  planned = planned && rename_in(context, step, "/etc/dhcpcd.conf", &renaming, is_dhcpcd_name, plan, error);
  renaming_clear(&renaming);
  return planned;
}
