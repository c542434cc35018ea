/* step-dhcp.c - DHCP leases, identifiers and names sent that are the template's */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/fixed-identity.h"
#include "plan/plan-tree.h"
#include "plan/renames/scanner.h"
#include "plan/steps.h"

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
static const char *const xml_suffixes[] = {".xml", NULL};

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
    {"/var/lib/dhcp3", "dhclient", lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/dhcpcd5", NULL, lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/dhcpcd5", "duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/var/lib/dhcpcd5", "secret", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
    {"/var/db/dhcpcd", NULL, lease_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/db/dhcpcd", "duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/var/db/dhcpcd", "secret", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
    {"/var/lib/dhcpv6", "dhcp6c_duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/var/lib/wicked", "lease-", xml_suffixes, EDIT_PLAIN, "a DHCP lease of the template"},
    {"/var/lib/wicked", "duid.xml", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/var/lib/wicked", "iaid.xml", NULL, EDIT_PLAIN, "the template's DHCP association identifiers"},
    {"/etc", "dhcpcd.duid", NULL, EDIT_PLAIN, "the template's DHCP unique identifier"},
    {"/etc", "dhcpcd.secret", NULL, EDIT_SECRET, "the template's key of stable-privacy addresses"},
};

/* Its owner makes a new one. */
static gboolean remove_file(const PlanContext *context, Plan *plan, const char *path, const Stale *entry,
                            GError **error) {
  return !tree_is_regular_file(context->root, path) ||
         plan_remove_file(plan, context->root, STEP, path, entry->flags | EDIT_VOLATILE, entry->why, NULL, error);
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

/* `timestamps` breaks autoconnect ties and `seen-bssids` speeds up Wi-Fi: both know a profile by its UUID only.
 * `no-auto-default.state`: for these NICs NetworkManager makes no "Wired connection 1". */
static const FollowedKey state_keys[] = {{NULL, "*", RENAME_UUID | RENAME_MAC | RENAME_NIC, NULL}};

static const ScannedFormat state = {.step = STEP,
                                    .reader = tokens_of_lines,
                                    .table = state_keys,
                                    .n_table = G_N_ELEMENTS(state_keys),
                                    .flags = EDIT_VOLATILE,
                                    .why = "NetworkManager's state of each profile and NIC follows"};

/* dhclient.conf(5) and dhclient-options(5). */
static const FollowedKey dhclient_keys[] = {
    {NULL, "* host-name|* fqdn.*", RENAME_HOST, NULL},
    {NULL, "* dhcp-client-identifier|* dhcp6.client-id", RENAME_HOST | RENAME_MAC, NULL},
    {NULL, "interface", RENAME_NIC, NULL},
};

static const ScannedFormat dhclient = {.step = STEP,
                                       .reader = tokens_of_dhclient,
                                       .table = dhclient_keys,
                                       .n_table = G_N_ELEMENTS(dhclient_keys),
                                       .why = "the DHCP client said that it is the template"};

/* dhcpcd.conf(5). */
static const FollowedKey dhcpcd_keys[] = {
    {NULL, "hostname", RENAME_HOST, NULL},
    {NULL, "clientid", RENAME_HOST | RENAME_MAC, NULL},
    {NULL, "interface|allowinterfaces|denyinterfaces|ia_pd", RENAME_NIC, NULL},
    {NULL, "duid", RENAME_MAC, NULL},
};

static const ScannedFormat dhcpcd = {.step = STEP,
                                     .reader = tokens_of_lines,
                                     .table = dhcpcd_keys,
                                     .n_table = G_N_ELEMENTS(dhcpcd_keys),
                                     .why = "the DHCP client said that it is the template"};

static const char *const dhcpcd_files[] = {"/etc/dhcpcd.conf", "/usr/local/etc/dhcpcd.conf"};

static const ScannedFormat scripts = {.step = STEP, .reader = tokens_of_lines};

static const ScannedPlace scanned[] = {
    {&state, NM_STATE_DIR, "timestamps"},
    {&state, NM_STATE_DIR, "seen-bssids"},
    {&state, NM_STATE_DIR, "no-auto-default.state"},
    {&dhclient, "/etc/dhcp", "dhclient*.conf"},
    {&dhclient, "/etc", "dhclient*.conf"},
    {&dhcpcd, "/etc", "dhcpcd.conf"},
    {&dhcpcd, "/usr/local/etc", "dhcpcd.conf"},
    {&scripts, "/etc/dhcp", "dhclient-*-hooks"},
    {&scripts, "/etc", "dhclient-*-hooks"},
    {&scripts, "/etc", "dhcpcd.*-hook"},
    {&scripts, "/etc/dhcp/dhclient-enter-hooks.d", "*"},
    {&scripts, "/etc/dhcp/dhclient-exit-hooks.d", "*"},
    {&scripts, "/etc/dhcp/dhclient.d", "*"},
};

enum { INCLUDE_DEPTH = 8 };

static void note_include(const Token *token, gpointer data) {
  g_autofree char *value = g_strndup(token->value, token->size);
  const char *path = g_strstrip(g_strdelimit(value, "\"", ' '));

  if (g_strcmp0(token->key, "include") == 0 && g_path_is_absolute(path))
    g_ptr_array_add(data, g_strdup(path));
}

/* dhclient.conf(5): `include "FILE";`, wherever that lies. */
static gboolean scan_includes(const PlanContext *context, const char *path, guint depth, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) included = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GBytes) content = NULL;

  if (depth == INCLUDE_DEPTH)
    return TRUE;
  if (!tree_read_file(context->root, path, &content, NULL, error))
    return FALSE;
  if (content != NULL)
    tokens_read(content, tokens_of_dhclient, note_include, included);
  for (guint i = 0; i < included->len; i++)
    if (!scanner_file(context, &dhclient, included->pdata[i], plan, error) ||
        !scan_includes(context, included->pdata[i], depth + 1, plan, error))
      return FALSE;
  return TRUE;
}

static gboolean scan_all_includes(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, "/etc/dhcp/dhclient*.conf", paths, error) ||
      !tree_glob(context->root, "/etc/dhclient*.conf", paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++)
    if (!scan_includes(context, paths->pdata[i], 0, plan, error))
      return FALSE;
  return TRUE;
}

/* dhclient-ens3.conf is read for ens3 only. */
static gboolean warn_of_names(const PlanContext *context, const char *directory, Plan *plan, GError **error) {
  g_auto(GStrv) names = tree_list(context->root, directory, error);

  for (char **name = names; name != NULL && *name != NULL; name++) {
    const char *dash = g_str_has_prefix(*name, "dhclient") ? strchr(*name, '-') : NULL;

    if (dash == NULL || !g_str_has_suffix(*name, ".conf"))
      continue;
    g_autofree char *nic = g_strndup(dash + 1, strlen(dash + 1) - strlen(".conf"));
    const Rename *rename = renames_lookup(context->renames, RENAME_NIC, nic);
    if (rename != NULL)
      plan_warn(plan, "%s/%s is for the NIC %s, which is %s now: rename the file.", directory, *name, nic,
                rename->new_value != NULL ? rename->new_value : "another, nobody can say which,");
  }
  return names != NULL;
}

/* A value of `duid` or `clientid` that neither says how to make one nor is made of a NIC's address or the host name. */
static gboolean is_fixed_id(const PlanContext *context, const char *value) {
  static const char *const words[] = {"", "ll", "lt", "llt", "en", "uuid", NULL};
  g_autofree char *lower = g_ascii_strdown(value, -1);
  const char *host = context->identity->hostname;

  for (size_t i = 0; i < context->facts->nics.count; i++)
    if (g_str_has_suffix(lower, context->facts->nics.items[i].mac))
      return FALSE;
  for (guint i = 0; context->nic_map != NULL && i < context->nic_map->items->len; i++) {
    const Nic *present = g_array_index(context->nic_map->items, NicSuccession, i).present;
    if (present != NULL && g_str_has_suffix(lower, present->mac))
      return FALSE;
  }
  return !g_strv_contains(words, lower) && (*host == '\0' || strstr(lower, host) == NULL);
}

typedef struct {
  const PlanContext *context;
  const char *path;
  Plan *plan;
} DhclientFile;

/* What the scanner has named already is not named again. */
static void warn_of_request(const PlanContext *context, const char *path, guint line, const char *what,
                            const char *address, Plan *plan) {
  if (fixed_dhcp_request(context, address) && renames_lookup(context->renames, RENAME_ADDRESS, address) == NULL)
    plan_warn(plan,
              "%s:%u: %s asks DHCP servers for the address %s, and every clone asks for the same: remove the line.",
              path, line, what, address);
}

/* The hardware's address is each machine's own. */
static void warn_of_fixed_statement(const Token *token, gpointer data) {
  const DhclientFile *file = data;
  g_autofree char *value = g_strndup(token->value, token->size);
  const char *said = g_strstrip(g_strdelimit(value, "\"=;", ' '));
  const char *key = token->key;

  if (key != NULL && g_str_has_suffix(key, " dhcp-requested-address"))
    warn_of_request(file->context, file->path, token->line, key, said, file->plan);
  if (key == NULL || (!g_str_has_suffix(key, " dhcp-client-identifier") && !g_str_has_suffix(key, " dhcp6.client-id") &&
                      strcmp(key, "default-duid") != 0))
    return;
  if (strstr(said, "hardware") == NULL && strchr(said, '(') == NULL && is_fixed_id(file->context, said))
    plan_warn(file->plan,
              "%s:%u: %s is a fixed identity towards DHCP servers; every clone has the same: remove the statement.",
              file->path, token->line, key);
}

static gboolean warn_of_dhclient_ids(const PlanContext *context, Plan *plan, GError **error) {
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

  if (!tree_glob(context->root, "/etc/dhcp/dhclient*.conf", paths, error) ||
      !tree_glob(context->root, "/etc/dhclient*.conf", paths, error))
    return FALSE;
  for (guint i = 0; i < paths->len; i++) {
    g_autoptr(GBytes) old = NULL;
    g_autofree char *resolved = NULL;

    if (!tree_means_regular_file(context->root, paths->pdata[i]))
      continue;
    if (!tree_read(context->root, paths->pdata[i], &old, &resolved, error))
      return FALSE;
    DhclientFile file = {context, resolved, plan};
    const Edit *edit = plan_find(plan, resolved);
    tokens_read(edit != NULL && edit->content != NULL ? edit->content : old, tokens_of_dhclient,
                warn_of_fixed_statement, &file);
  }
  return TRUE;
}

/* Without a value dhcpcd makes a DUID and keeps it: that of the template has been removed. */
static void free_line_of_id(const PlanContext *context, const char *path, guint number, char **line, Plan *plan) {
  const char *start = *line + strspn(*line, " \t");
  const gsize key = strcspn(start, " \t\r");
  const char *value = start + key + strspn(start + key, " \t");
  g_autofree char *said = g_strndup(value, strcspn(value, " \t\r#"));
  const gboolean is_duid = key == strlen("duid") && strncmp(start, "duid", key) == 0;
  const gboolean is_client = key == strlen("clientid") && strncmp(start, "clientid", key) == 0;

  if (key == strlen("request") && strncmp(start, "request", key) == 0)
    warn_of_request(context, path, number, "request", said, plan);
  if ((!is_duid && !is_client) || !is_fixed_id(context, said))
    return;
  if (is_client) {
    plan_warn(plan,
              "%s:%u: clientid %s is a fixed identity towards DHCP servers; every clone has the same: remove the line.",
              path, number, said);
    return;
  }
  char *free_line = g_strdup_printf("%.*s%s", (int)(start + key - *line), *line, value + strlen(said));
  g_free(*line);
  *line = free_line;
}

static gboolean free_fixed_ids(const PlanContext *context, const char *path, Plan *plan, GError **error) {
  static const char why[] = "a DUID that is written down is the template's";
  g_autoptr(GBytes) old = NULL;
  g_autofree char *resolved = NULL;

  if (!tree_means_regular_file(context->root, path))
    return TRUE;
  if (!tree_read(context->root, path, &old, &resolved, error))
    return FALSE;
  Edit *edit = plan_find(plan, resolved);
  g_autofree char *text = bytes_dup(edit != NULL && edit->content != NULL ? edit->content : old);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    free_line_of_id(context, resolved, i + 1, &lines[i], plan);
  char *joined = g_strjoinv("\n", lines);
  g_autoptr(GBytes) content = bytes_take(joined);
  if (edit != NULL && strcmp(joined, text) != 0)
    plan_amend(edit, content, why);
  else if (edit == NULL)
    (void)plan_write(plan, STEP, resolved, old, content, why);
  return TRUE;
}

gboolean step_dhcp(const PlanContext *context, Plan *plan, GError **error) {
  for (gsize i = 0; i < G_N_ELEMENTS(stale); i++)
    if (!remove_stale(context, plan, &stale[i], error))
      return FALSE;
  if (!scanner_places(context, scanned, G_N_ELEMENTS(scanned), plan, error))
    return FALSE;
  for (gsize i = 0; context->verdict == VERDICT_CLONE && i < G_N_ELEMENTS(dhcpcd_files); i++)
    if (!free_fixed_ids(context, dhcpcd_files[i], plan, error))
      return FALSE;
  if (context->verdict == VERDICT_CLONE && !warn_of_dhclient_ids(context, plan, error))
    return FALSE;
  return scan_all_includes(context, plan, error) && warn_of_names(context, "/etc/dhcp", plan, error) &&
         warn_of_names(context, "/etc", plan, error);
}
