/* step-dhcp.c - DHCP leases, identifiers and names sent that are the template's */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "dhcp-names.h"
#include "steps.h"

#define STEP "dhcp"
#define NM_STATE_DIR "/var/lib/NetworkManager"

/* The template's DHCP state: a lease asks for the template's address, a DUID and a secret key are its identity. */
typedef struct {
  const char *dir;
  const char *prefix;          /* of the file's name; NULL: any */
  const char *const *suffixes; /* NULL: PREFIX is the whole name */
  EditFlags flags;
  const char *why;
} Stale;

static const char *const nm_suffixes[] = {".lease", NULL};
static const char *const lease_suffixes[] = {".lease", ".leases", ".lease6", NULL};

/* NetworkManager: "<plugin>[6]-<UUID>-<interface>.lease". dhclient: the files of the client only, since a DHCP server's
 * dhcpd.leases lies in the same directory. systemd-networkd keeps its leases in /run. */
static const Stale stale[] = {
    {NM_STATE_DIR, NULL, nm_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {NM_STATE_DIR, "secret_key", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
    {"/var/lib/dhcp", "dhclient", lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/dhclient", NULL, lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/dhcpcd", NULL, lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/dhcpcd", "duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/var/lib/dhcpcd", "secret", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
    {"/etc", "dhcpcd.duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/etc", "dhcpcd.secret", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
};

static gboolean remove_file(const PlanContext *context, Plan *plan, const char *path, const Stale *entry,
                            GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;
  Edit *edit;

  if (!tree_is_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  edit = plan_remove(plan, STEP, resolved, old, entry->why);
  if (edit != NULL)
    edit->flags |= entry->flags | EDIT_VOLATILE; /* its owner makes a new one */
  return TRUE;
}

static gboolean is_stale(const Stale *entry, const char *name) {
  if (entry->prefix != NULL && !g_str_has_prefix(name, entry->prefix))
    return FALSE;
  for (const char *const *suffix = entry->suffixes; *suffix != NULL; suffix++)
    if (g_str_has_suffix(name, *suffix))
      return TRUE;
  return FALSE;
}

static gboolean remove_stale(const PlanContext *context, Plan *plan, const Stale *entry, GError **error) {
  g_auto(GStrv) names = NULL;

  if (entry->suffixes == NULL) {
    g_autofree char *path = g_build_filename(entry->dir, entry->prefix, NULL);

    return remove_file(context, plan, path, entry, error);
  }
  names = tree_list(context->root, entry->dir, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_build_filename(entry->dir, *name, NULL);

    if (is_stale(entry, *name) && !remove_file(context, plan, path, entry, error))
      return FALSE;
  }
  return TRUE;
}

/* `timestamps` breaks autoconnect ties and `seen-bssids` speeds up Wi-Fi: both know a profile by its UUID only. */
static gboolean carry_over(const PlanContext *context, Plan *plan, const char *path, const char *group,
                           GError **error) {
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autoptr(KeyfileText) text = NULL;
  g_autoptr(GError) refused = NULL;
  g_autofree char *resolved = NULL;

  if (g_hash_table_size(context->identity->connection_uuids) == 0 || !tree_is_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  if (old == NULL)
    return TRUE;
  text = keyfile_text_parse(old, &refused);
  if (text == NULL) {
    plan_warn(plan, "%s is left alone, since it cannot be read: %s. NetworkManager writes it anew.", resolved,
              refused->message);
    return TRUE;
  }
  g_auto(GStrv) uuids = keyfile_text_keys(text, group);
  for (char **uuid = uuids; uuids != NULL && *uuid != NULL; uuid++) {
    g_autofree char *small = g_ascii_strdown(*uuid, -1);
    const char *new_uuid = g_hash_table_lookup(context->identity->connection_uuids, small);
    if (new_uuid != NULL)
      (void)keyfile_text_rename(text, group, *uuid, new_uuid);
  }
  content = keyfile_text_bytes(text);
  Edit *edit =
      plan_write(plan, STEP, resolved, old, content, "NetworkManager's state of each profile follows its new UUID");
  if (edit != NULL)
    edit->flags |= EDIT_VOLATILE;
  return TRUE;
}

/* The successor's MAC in the case of the old text; NULL when WORD is no MAC of a card that was replaced. */
static char *successor_mac(const PlanContext *context, const char *word, gsize length) {
  g_autofree char *text = g_strndup(word, length);
  char mac[NIC_MAC_TEXT];
  const NicSuccession *succession;
  gboolean upper = FALSE;

  if (mac_canonical(text, mac) < 0)
    return NULL;
  succession = nic_map_by_mac(context->nic_map, mac);
  if (succession == NULL || succession->present == NULL || strcmp(succession->present->mac, mac) == 0)
    return NULL;
  for (const char *byte = text; *byte != '\0'; byte++)
    upper = upper || g_ascii_isupper(*byte);
  return upper ? g_ascii_strup(succession->present->mac, -1) : g_strdup(succession->present->mac);
}

/* no-auto-default.state: one device per line, a bare MAC or with "mac:" in front: NetworkManager makes no "Wired
 * connection 1" for it. */
static GBytes *replace_macs(const PlanContext *context, GBytes *old) {
  gsize size = 0;
  const char *text = bytes_text(old, &size);
  const char *end = text + size;
  GString *out = g_string_new(NULL);

  while (text < end) {
    const char *newline = memchr(text, '\n', (gsize)(end - text));
    const char *stop = newline == NULL ? end : newline;
    const char *word = stop - text > 4 && strncmp(text, "mac:", 4) == 0 ? text + 4 : text;
    g_autofree char *mac = successor_mac(context, word, (gsize)(stop - word));

    g_string_append_len(out, text, word - text);
    if (mac != NULL)
      g_string_append(out, mac);
    else
      g_string_append_len(out, word, stop - word);
    if (newline != NULL)
      g_string_append_c(out, '\n');
    text = newline == NULL ? end : newline + 1;
  }
  return g_string_free_to_bytes(out);
}

static gboolean follow_macs(const PlanContext *context, Plan *plan, GError **error) {
  static const char path[] = NM_STATE_DIR "/no-auto-default.state";
  g_autoptr(GBytes) old = NULL;
  g_autoptr(GBytes) content = NULL;
  g_autofree char *resolved = NULL;

  if (context->nic_map == NULL || !tree_is_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  if (old == NULL || g_bytes_get_size(old) == 0)
    return TRUE;
  content = replace_macs(context, old);
  Edit *edit = plan_write(plan, STEP, resolved, old, content, "cards without an automatic profile: the new ones");
  if (edit != NULL)
    edit->flags |= EDIT_VOLATILE;
  return TRUE;
}

gboolean step_dhcp(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(stale); i++)
    if (!remove_stale(context, plan, &stale[i], error))
      return FALSE;
  return carry_over(context, plan, NM_STATE_DIR "/timestamps", "timestamps", error) &&
         carry_over(context, plan, NM_STATE_DIR "/seen-bssids", "seen-bssids", error) &&
         follow_macs(context, plan, error) && dhcp_names_plan(context, STEP, plan, error);
}
