/* ifcfg-follow.c - what in the files of /etc/sysconfig/network-scripts is the template's follows to the clone */
#include "ifcfg-follow.h"

#include <string.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/tree-entry.h"
#include "base/tree.h"
#include "plan/fixed-identity.h"
#include "plan/renames/scanner.h"
#include "profiles/ifcfg/ifcfg-keys.h"
#include "profiles/name-patterns.h"

/* sysconfig.txt of initscripts; nm-settings-ifcfg-rh(5). IFCFG_COMMON_FILE has the same and the last ones. */
static const FollowedKey table[] = {
    {NULL, "*_UUID|SECONDARY_UUIDS", RENAME_UUID, NULL},
    {NULL, "PHYSDEV|MASTER|BRIDGE|TEAM_MASTER|OVS_BRIDGE|VRF", RENAME_UUID | RENAME_NIC | RENAME_OWN_NAME, NULL},
    {NULL, "DEVICE|BOND_IFACES|ETHTOOL_OPTS|MATCH_INTERFACE_NAME|GATEWAYDEV|IPV6_DEFAULTDEV",
     RENAME_NIC | RENAME_OWN_NAME, NULL},
    {NULL, "IPV6_DEFAULTGW", RENAME_NIC, "%"},
    {NULL, "BONDING_OPTS", RENAME_NIC, "primary="},
    {NULL, "BONDING_OPTS", RENAME_NIC, "active_slave="},
    {NULL, "BONDING_OPTS", RENAME_MAC, "ad_actor_system="},
    {NULL, "HWADDR|MACADDR|BRIDGE_MACADDR|HWADDR_BLACKLIST", RENAME_MAC, NULL},
    {NULL, "TEAM_CONFIG", RENAME_NIC | RENAME_ADDRESS | RENAME_MAC, "\""},
    {NULL, "TEAM_PORT_CONFIG", RENAME_ADDRESS, "\""},
    {NULL, "MATCH_PATH", RENAME_BUS_PATH, NULL},
    {NULL, "SRCADDR|MY_OUTER_IPADDR|IPV6TUNNELIPV4LOCAL|IPV6TO4_IPV4ADDR|DNS*", RENAME_ADDRESS, NULL},
    {NULL, "ROUTING_RULE*", RENAME_ADDRESS, "from "},
    {NULL, "ROUTING_RULE*", RENAME_NIC, "if "}, /* iif and oif */
    {NULL, "DHCP_HOSTNAME|DHCP_FQDN|DHCPV6_HOSTNAME|HOSTNAME", RENAME_HOST, NULL},
    {NULL, "DHCP_CLIENT_ID|DHCPV6_DUID", RENAME_HOST | RENAME_MAC, NULL},
    {NULL, "IEEE_8021X_IDENTITY|IEEE_8021X_ANON_IDENTITY", RENAME_HOST, "host/"},
};

typedef struct {
  const PlanContext *context;
  const char *path;
  ShellText *edited;
  GPtrArray *reasons; /* NULL: nobody asks */
  Plan *plan;
} Following;

static void say(const Token *token, const char *word, const Mention *mention, gpointer data) {
  const Following *following = data;

  if (following->reasons == NULL)
    return;
  if (mention->rename->kind == RENAME_UUID && mention->rename->of != NULL)
    list_say(following->reasons, "%s follows %s's new UUID", token->key, mention->rename->of);
  else if (mention->rename->kind == RENAME_UUID)
    list_say(following->reasons, "%s follows a new UUID", token->key);
  else
    list_say(following->reasons, "%s %s becomes %s", token->key, word, mention->replacement);
}

static void warn_of_fixed_id(const Following *following, const char *key, const char *value, guint line) {
  if ((strcmp(key, "DHCP_CLIENT_ID") != 0 && strcmp(key, "DHCPV6_DUID") != 0) ||
      !fixed_dhcp_id(following->context, value))
    return;
  plan_warn(following->plan,
            "%s:%u: %s=%s is a fixed identity towards DHCP servers; every clone has the same: remove the line.",
            following->path, line, key, value);
}

/* A MAC address that no NIC has had or has. */
static void warn_of_strange_mac(const Following *following, const char *key, const char *value) {
  const gboolean binds = strcmp(key, "HWADDR") == 0;

  if ((!binds && strcmp(key, "MACADDR") != 0 && strcmp(key, "BRIDGE_MACADDR") != 0) ||
      !strange_mac(following->context, value))
    return;
  if (binds)
    plan_warn(following->plan,
              "%s: HWADDR=%s is no NIC of this machine, nor of the recorded one: it does not come up here.",
              following->path, value);
  else if (following->context->verdict == VERDICT_CLONE)
    plan_warn(following->plan, "%s: %s=%s" EVERY_CLONES_MAC, following->path, key, value);
}

/* The connection's own UUID is chosen, not followed; a value of several lines is not edited. */
static void follow_value(const char *key, const char *value, guint line, gpointer data) {
  Following *following = data;
  const Token token = {.key = key, .value = value, .size = strlen(value), .line = line};

  if (strcmp(key, "UUID") == 0 || strchr(value, '\n') != NULL)
    return;
  g_autofree char *followed =
      scanner_value(following->context->renames, table, G_N_ELEMENTS(table), &token, say, following);
  if (followed != NULL) {
    shell_text_set(following->edited, key, followed);
    return;
  }
  warn_of_fixed_id(following, key, value, line);
  warn_of_strange_mac(following, key, value);
}

/* MATCH_INTERFACE_NAME=eth* where eth0 is ens192 now. */
static void follow_patterns(const Following *following, const ShellText *text, const char *key, PatternsLost lost_of) {
  g_autofree char *old = ifcfg_value(text, key);
  g_autofree char *now = ifcfg_value(following->edited, key);
  g_auto(GStrv) patterns = g_strsplit_set(old != NULL ? old : "", " \t,", -1);
  g_auto(GStrv) lost = lost_of(following->context->nic_map, (const char *const *)patterns);
  g_autofree char *values = g_strjoinv(" ", lost);
  g_autofree char *longer = now != NULL ? g_strdup_printf("%s %s", now, values) : NULL;

  if (*lost == NULL || now == NULL)
    return;
  shell_text_set(following->edited, key, longer);
  if (following->reasons != NULL)
    list_say(following->reasons, "%s no longer fits all that it did: %s", key, values);
}

void ifcfg_follow(const PlanContext *context, const char *path, const ShellText *text, ShellText *edited,
                  GPtrArray *reasons, Plan *plan) {
  Following following = {.context = context, .path = path, .edited = edited, .reasons = reasons, .plan = plan};

  shell_text_foreach(text, follow_value, &following);
  follow_patterns(&following, text, "MATCH_INTERFACE_NAME", name_patterns_lost);
  follow_patterns(&following, text, "MATCH_PATH", path_patterns_lost);
}

typedef struct {
  const PlanContext *context;
  const char *path;
  const ShellText *text, *edited;
  const char *whole; /* the edited text */
  Plan *plan;
} Leftover;

/* A line that a later one overrides is not followed, and may be gone with it. */
static void warn_of_token(const Token *token, gpointer data) {
  const Leftover *leftover = data;
  const gboolean counts = token->key != NULL && shell_text_line(leftover->text, token->key) == token->line;
  g_autofree char *final = counts ? shell_text_get(leftover->edited, token->key) : NULL;

  if (counts && shell_text_line(leftover->edited, token->key) == 0)
    return;
  scanner_warn(leftover->context->renames, table, counts ? G_N_ELEMENTS(table) : 0, leftover->path, token,
               final != NULL ? final : leftover->whole, leftover->plan);
}

void ifcfg_follow_warn(const PlanContext *context, const char *path, GBytes *bytes, const ShellText *text,
                       const ShellText *edited, Plan *plan) {
  g_autoptr(GBytes) after = shell_text_bytes(edited);
  g_autofree char *whole = bytes_dup(after);
  Leftover leftover = {.context = context, .path = path, .text = text, .edited = edited, .whole = whole, .plan = plan};

  tokens_read(bytes, tokens_of_assignments, warn_of_token, &leftover);
}

/* Companions -------------------------------------------------------------------------------------------------------*/

/* In the words of ip(8); in ADDRESS0= files OPTIONS0 has the same words. */
static const FollowedKey words_of_ip[] = {
    {NULL, "*", RENAME_NIC, "dev "},
    {NULL, "*", RENAME_NIC, "if "}, /* iif and oif */
    {NULL, "*", RENAME_ADDRESS, "src "},
    {NULL, "*", RENAME_ADDRESS, "from "},
};

/* Of what a secret says nothing is shown. */
static void warn_of_secret(const Token *token, gpointer data) {
  const Leftover *leftover = data;
  gsize at = 0;
  Mention mention;

  if (!renames_next(leftover->context->renames, RENAME_ALL, token->value, token->size, &at, &mention))
    return;
  mention_clear(&mention);
  plan_warn(leftover->plan, "%s:%u: the secret holds a value of the template's; this line is not changed: check it.",
            leftover->path, token->line);
}

static gboolean scan_secrets(const PlanContext *context, const char *path, Plan *plan, GError **error) {
  Leftover leftover = {.context = context, .path = path, .plan = plan};
  g_autoptr(GBytes) content = NULL;

  if (!tree_read_file(context->root, path, &content, NULL, error))
    return FALSE;
  if (content != NULL)
    tokens_read(content, tokens_of_lines, warn_of_secret, &leftover);
  return TRUE;
}

/* What the network scripts run of the admin's, and an older place of routes. */
static const char *const scripts[] = {"/sbin/ifup-pre-local", "/sbin/ifup-local", "/sbin/ifdown-pre-local",
                                      "/sbin/ifdown-local", "/etc/sysconfig/static-routes"};

gboolean ifcfg_follow_companions(const PlanContext *context, const char *step, Plan *plan, GError **error) {
  const ScannedFormat routes = {.step = step,
                                .reader = tokens_of_lines,
                                .table = words_of_ip,
                                .n_table = G_N_ELEMENTS(words_of_ip),
                                .why = "what names a NIC or an address of the machine follows to the clone"};
  const ScannedFormat named = {.step = step, .reader = tokens_of_lines};
  static const char *const followed[] = {"route-*", "route6-*", "rule-*", "rule6-*"};
  g_auto(GStrv) names = tree_list(context->root, IFCFG_DIR, error);

  if (names == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(followed); i++)
    if (!scanner_directory(context, &routes, IFCFG_DIR, followed[i], plan, error))
      return FALSE;
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *path = g_build_filename(IFCFG_DIR, *name, NULL);
    const gboolean unread = g_str_has_prefix(*name, "ifcfg-") && !ifcfg_is_read_name(*name);

    if (g_str_has_prefix(*name, "keys-") && !scan_secrets(context, path, plan, error))
      return FALSE;
    if (unread && !scanner_file(context, &named, path, plan, error))
      return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
    if (!scanner_file(context, &named, scripts[i], plan, error))
      return FALSE;
  return TRUE;
}
